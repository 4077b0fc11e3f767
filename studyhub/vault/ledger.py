"""The list of destroyed shred keys: no backup copies it, and a restore destroys them again.

One line for each destruction: ``<time> <shred id> <SHA-256 of the previous line>``, the first
after 64 zeros. A line cut short by a power failure is cut off and written again. A damaged list
still takes new lines, since it must not stop an erasure; reading it says that it is damaged.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from studyhub.domain.errors import Corrupt, NotFound
from studyhub.vault.files import flush_folder

_NOTHING = "0" * 64
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class Destruction:
    """One shred key that was destroyed, and when."""

    at: datetime
    shred_id: UUID


@dataclass(frozen=True, slots=True)
class LedgerEnd:
    """How many lines a ledger has, and the digest of the last: another ledger differs."""

    lines: int
    digest: str


def time_text(at: datetime) -> str:
    """Write an instant as ledger and keystore keep it."""
    return at.astimezone(UTC).strftime(_TIME)


def read_ledger(path: Path) -> list[Destruction]:
    """Read every destruction. Raises ``Corrupt`` when a line was changed or taken out."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"there is no ledger of erasures at {path}") from None
    return _destructions(_whole_lines(content))


def ledger_end(path: Path) -> LedgerEnd:
    """Say where the ledger ends now; one that was never begun has no line."""
    try:
        return _end(_whole_lines(path.read_bytes()))
    except FileNotFoundError:
        return _end([])


def read_on_from(path: Path, known: LedgerEnd) -> list[Destruction]:
    """Read a ledger that must go on from a known end.

    Raises ``Corrupt`` also when it was cut since, or when it is that of another history.
    """
    found = read_ledger(path)
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        raise Corrupt("the last line of the ledger of erasures is cut short")
    if _end(_whole_lines(content)[: known.lines]) != known:
        raise Corrupt(
            f"the ledger of erasures does not go on from line {known.lines}, as it was at the "
            "time of the backup: lines are missing, or it is another ledger"
        )
    return found


def add_to_ledger(path: Path, shred_ids: Iterable[UUID], at: datetime) -> None:
    """Add the ids that are not listed yet, and return when they are safely on the disk."""
    with _held(path) as file:
        lines = _whole_lines(file.read())
        listed = {name for line in lines for name in line.split(b" ")[1:2]}
        file.truncate(sum(len(line) + 1 for line in lines))
        file.seek(0, os.SEEK_END)
        previous = _digest(lines[-1]) if lines else _NOTHING
        for shred_id in dict.fromkeys(shred_ids):
            if str(shred_id).encode() not in listed:
                line = f"{time_text(at)} {shred_id} {previous}".encode()
                file.write(line + b"\n")
                previous = _digest(line)
        file.flush()
        os.fsync(file.fileno())


def last_line_of(path: Path, shred_ids: Iterable[UUID]) -> LedgerEnd | None:
    """The ledger up to the last line about one of these; nothing where none is listed."""
    names = {str(shred_id).encode() for shred_id in shred_ids}
    found = None
    if path.exists():
        for number, line in enumerate(_whole_lines(path.read_bytes()), start=1):
            if not names.isdisjoint(line.split(b" ")[1:2]):
                found = LedgerEnd(number, _digest(line))
    return found


@contextmanager
def _held(path: Path) -> Iterator[BinaryIO]:
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_new:
            flush_folder(path.parent)
        yield file


def _end(lines: list[bytes]) -> LedgerEnd:
    return LedgerEnd(len(lines), _digest(lines[-1]) if lines else _NOTHING)


def _whole_lines(content: bytes) -> list[bytes]:
    return content.split(b"\n")[:-1]


def _destructions(lines: Iterable[bytes]) -> list[Destruction]:
    previous, found = _NOTHING, []
    for line in lines:
        found.append(_destruction(line, previous))
        previous = _digest(line)
    return found


def _destruction(line: bytes, previous: str) -> Destruction:
    try:
        time, shred_id, digest = line.decode("ascii").split(" ")
        at = datetime.strptime(time, _TIME).replace(tzinfo=UTC)
        found = Destruction(at, UUID(shred_id))
    except ValueError:
        raise Corrupt("a line of the ledger of erasures cannot be read") from None
    if digest != previous:
        raise Corrupt("a line before this one was changed in the ledger of erasures")
    return found


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest()
