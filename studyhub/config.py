"""Settings, read from ``instance/`` and checked before anything is served.

``config.toml`` holds what differs between installations and, for each study, the public half of
its root key: that is what makes a key put into the database by somebody else worthless. Only
these roots are read again when the file changes; all else needs a new start.
"""

import os
import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

KNOWN = frozenset(
    {
        *("instance_id", "database", "bind", "insecure_loopback", "public_url"),
        *("smtp_url", "mail_from", "stop_address", "erasure_ledger", "free_space_floor_mb"),
        *("demonstration", "argon2_memory_kib", "proxy_hops", "roots"),
    }
)


_STOP_ADDRESS = re.compile(r"[a-z0-9._-]{1,20}@[a-z0-9.-]+\.[a-z0-9-]+", re.IGNORECASE)
FOLDERS = ("objects", "tmp", "outbox")
_DATABASE = re.compile(r"\s*\"?database\"?\s*=")
RESTORING = "restore-unfinished"  # lies in the folder until a restore is finished
ARGON2_MEMORY_KIB = 65536  # less only for tests, on loopback


class NotConfigured(Exception):
    """The instance cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations. Paths are absolute."""

    instance: Path
    instance_id: UUID
    database: str = field(repr=False)  # may hold a password, like smtp_url
    bind: str
    insecure_loopback: bool
    public_url: str
    smtp_url: str | None = field(repr=False)
    mail_from: str
    stop_address: str | None  # where mail programs may write to stop letters
    erasure_ledger: Path
    free_space_floor: int  # bytes
    demonstration: bool
    argon2_memory_kib: int
    proxy_hops: int  # how many proxies of ours stand before us; 0 believes no header

    @property
    def keys(self) -> Path:
        return self.instance / "keys"

    @property
    def objects(self) -> Path:
        return self.instance / "objects"

    @property
    def tmp(self) -> Path:
        return self.instance / "tmp"

    @property
    def outbox(self) -> Path:
        return self.instance / "outbox"

    @property
    def keystore(self) -> Path:
        return self.instance / "keystore.db"

    @property
    def sessions(self) -> Path:
        return self.instance / "sessions.db"

    @property
    def config(self) -> Path:
        return self.instance / "config.toml"

    @property
    def mail_domain(self) -> str:
        """The domain that letters come from, and to which reports on them return."""
        return self.mail_from.rpartition("@")[2].rstrip(">")

    @property
    def secure_cookie(self) -> bool:
        """Whether the cookie is ``__Host-sid`` with Secure; false only on loopback."""
        return not self.insecure_loopback

    def root_of(self, study: UUID) -> bytes | None:
        """The public half of a study's root key; studies may be added while we run."""
        now = self.config.stat()
        found = _roots(self.config, (now.st_mtime_ns, now.st_ino, now.st_size)).get(str(study))
        return bytes.fromhex(found) if found else None


def load(instance: Path) -> Settings:
    """Read and check the settings of an instance; raises NotConfigured with what to do."""
    refuse_half_restored(instance)
    return read(instance)


def refuse_half_restored(instance: Path) -> None:
    """Raises NotConfigured where a restore was begun and did not finish."""
    if (instance / RESTORING).exists():
        raise NotConfigured(
            f"a restore into {instance} did not finish. Run studyhub restore once more,"
            " as before: it begins anew"
        )


def read(instance: Path) -> Settings:
    """The same for a restore under way, which alone may look at what is half there."""
    instance = instance.absolute()
    path = instance / "config.toml"
    if not path.is_file():
        raise NotConfigured(f"{path} does not exist. Run: studyhub --instance {instance} init")
    _refuse_loose_modes(instance)
    values = _read(path)
    unknown = sorted(set(values) - KNOWN)
    if unknown:
        raise NotConfigured(f"{path} has settings nobody knows: {', '.join(unknown)}")
    try:
        settings = _settings(instance, values)
    except (KeyError, TypeError, ValueError) as error:
        raise NotConfigured(f"{path} cannot be used: {error!r}") from error
    if settings.insecure_loopback and not is_loopback(settings.bind):
        raise NotConfigured("insecure_loopback is for a loopback address; bind is not one")
    return settings


def create(instance: Path, *, demonstration: bool = False, **given: Any) -> Settings:
    """Make the folders and ``config.toml`` of a new instance; refuses an existing one."""
    instance = instance.absolute()
    path = instance / "config.toml"
    refuse_half_restored(instance)
    if path.exists():
        raise NotConfigured(f"{path} exists already; this instance was set up before")
    make_folders(instance)
    values: dict[str, Any] = {
        "instance_id": str(uuid4()),
        "bind": "127.0.0.1:8000",
        "public_url": "http://127.0.0.1:8000",
        "mail_from": "studyhub@localhost",
        "insecure_loopback": True,
        "demonstration": demonstration,
        **{name: value for name, value in given.items() if value is not None},
    }
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    write_whole(path, "\n".join([*lines, "", "[roots]", ""]).encode())
    return load(instance)


def make_folders(instance: Path) -> None:
    """The folders of an instance, closed to others."""
    for folder in (instance, *(instance / name for name in FOLDERS)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)


def name_database(instance: Path, url: str) -> None:
    """Let the settings of a restored instance name another database."""
    path = instance / "config.toml"
    kept = [line for line in path.read_text().split("\n") if not _DATABASE.match(line)]
    write_whole(path, "\n".join([f"database = {_toml(url)}", *kept]).encode())


def add_root(settings: Settings, study: UUID, root_public: bytes) -> None:
    """Remember the public half of a new study's root; the table ``roots`` stands last."""
    text = settings.config.read_text()
    added = f'{text.rstrip()}\n"{study}" = "{root_public.hex()}"\n'
    write_whole(settings.config, added.encode())


def is_loopback(bind: str) -> bool:
    """Whether a ``HOST:PORT`` is only reachable from this machine."""
    host = urlsplit(f"//{bind}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _settings(instance: Path, values: dict[str, Any]) -> Settings:
    ledger = Path(str(values.get("erasure_ledger", "erasures.log")))
    url = values.get("database", f"sqlite:///{instance / 'studyhub.sqlite3'}")
    memory = int(values.get("argon2_memory_kib", ARGON2_MEMORY_KIB))
    if memory < ARGON2_MEMORY_KIB and not values.get("insecure_loopback", False):
        raise ValueError("a lower argon2_memory_kib is for tests on loopback")
    return Settings(
        instance=instance,
        instance_id=UUID(values["instance_id"]),
        database=str(url),
        bind=str(values["bind"]),
        insecure_loopback=bool(values.get("insecure_loopback", False)),
        public_url=str(values["public_url"]).rstrip("/"),
        smtp_url=values.get("smtp_url"),
        mail_from=str(values["mail_from"]),
        stop_address=_stop_address(values.get("stop_address")),
        erasure_ledger=ledger if ledger.is_absolute() else instance / ledger,
        free_space_floor=int(values.get("free_space_floor_mb", 200)) * 1024 * 1024,
        demonstration=bool(values.get("demonstration", False)),
        argon2_memory_kib=memory,
        proxy_hops=int(values.get("proxy_hops", 0)),
    )


def _stop_address(given: str | None) -> str | None:
    """One plain address with room for a token; reports on letters have one of their own."""
    if given is None:
        return None
    if not _STOP_ADDRESS.fullmatch(given) or given.lower().startswith("bounce@"):
        raise ValueError("stop_address is one short address like stop@study.example")
    return given


@lru_cache(maxsize=8)
def _roots(path: Path, _as_it_is: tuple[int, int, int]) -> dict[str, str]:
    """The roots in the file, read again only when it was written again: each act asks."""
    roots: dict[str, str] = _read(path).get("roots", {})
    return roots


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise NotConfigured(f"{path} is not valid TOML: {error}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by the owner alone."""
    draft = path.with_suffix(".new")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        ) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _toml(value: str | int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _refuse_loose_modes(instance: Path) -> None:
    for path in (instance, instance / "config.toml", instance / "keys"):
        if path.exists() and path.stat().st_mode & 0o077:
            raise NotConfigured(f"{path} is readable by others. Run: chmod go-rwx {path}")
