"""Take a backup while the installation runs: database, objects, keystore, in that order.

In that order every row finds its key; a key destroyed meanwhile is gone from that keystore, or
the ledger destroys it again. All is written into a folder that gets its name at the end: what a
failure leaves is no backup.
"""

import json
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Corrupt, HouseRuleBroken, NoSpace, WrongState
from studyhub.domain.vocabulary import INSTANCE, Act
from studyhub.store.copies import snapshot
from studyhub.store.keys import SealedObject
from studyhub.vault import backups
from studyhub.vault.blobs import file_of
from studyhub.vault.files import flush_folder, full_disk_is_no_space, rename, write_new
from studyhub.vault.heads import Head, instant_text
from studyhub.vault.ledger import LedgerEnd, ledger_end
from studyhub.workflows.kernel import Hub, Work, action, operator_desk
from studyhub.workflows.record import end_of, newest

KEY_FILES = ("pepper", "mailer", "mailer.pub", "server", "log", "log.pub", "backup.pub")


@dataclass(frozen=True)
class ObjectRow:
    """What the record knows of the file of an object."""

    id: UUID
    store_name: str
    size: int
    root: bytes | None


@dataclass
class Objects:
    """The object files of a backup: how many and how large, and those there were none of.

    ``gone`` were destroyed while the backup was taken; ``wrong`` are missing or were changed.
    """

    count: int = 0
    size: int = 0
    shared: int = 0
    gone: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """A finished backup: bytes of its sealed parts, its files, and where the record ended."""

    folder: Path
    backup_id: UUID
    database: int
    objects: Objects
    keystore: int
    head: Head


def make(hub: Hub, folder: Path, *, earlier: Path | None = None) -> Made:
    """Take a backup into a new folder. Raises WrongState, NoSpace.

    Object files that an earlier backup has are shared with it by hard links, where both lie on
    one file system: object files never change.
    """
    folder = folder.absolute()
    shared = backups.read_list(earlier.absolute()).folder if earlier else None
    if shared and shared.instance_id != hub.settings.instance_id:
        raise WrongState(f"{earlier} is a backup of another installation")
    with _new_folder(folder) as part:
        made = _fill(hub, backups.Folder(part, hub.settings.instance_id, uuid4()), shared)
        rename(part, folder)
        flush_folder(folder.parent)
    note_made(operator_desk(hub), made)
    return Made(folder, made.backup_id, made.database, made.objects, made.keystore, made.head)


@action(Act.BACKUP_MAKE)
def note_made(work: Work, made: Made) -> None:
    """Record that a backup was taken, and where the record stood in it."""
    work.claim_all(f"backup:{made.backup_id}")
    work.note(count=made.objects.count, size=made.head.size, digest=made.head.digest.hex())


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder beside, for as long as it is not finished; removed when anything fails."""
    part = folder.with_name(folder.name + backups.UNFINISHED)
    if folder.exists():
        raise WrongState(f"{folder} exists already: a backup is never written over anything")
    try:
        with full_disk_is_no_space():
            part.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise WrongState(
            f"{part} is left of a backup that did not finish: delete it, unless one is running"
        ) from None
    try:
        yield part
    except NoSpace:
        shutil.rmtree(part, ignore_errors=True)
        raise NoSpace(f"the disk of {folder} is full. Nothing was left there") from None
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _fill(hub: Hub, folder: backups.Folder, shared: backups.Folder | None) -> Made:
    public, settings = hub.key_files.backup_public, hub.settings
    aside = settings.tmp / f"{folder.backup_id}.part"
    with snapshot(hub.sessions.engine, aside) as taken:
        database = folder.seal(backups.DATABASE, taken.chunks(), taken.length, public)
        rows, head = finished_objects(taken.session), _head(taken.session)
        told: dict[str, Any] = {"engine": taken.engine, "schema": taken.schema}
    objects = _copy_objects(hub, rows, folder, shared)
    ledger = _ledger(hub)
    image = hub.keystore.image()
    keystore = folder.seal(backups.KEYSTORE, [image], len(image), public)
    keys = _key_files(hub)
    folder.seal(backups.KEYS, [keys], len(keys), public)
    told |= {
        "program": version("studyhub"),
        "made_at": instant_text(hub.now()),
        "head": {"size": head.size, "digest": head.digest.hex()},
        "ledger": {"lines": ledger.lines, "digest": ledger.digest},
        "objects": {"count": objects.count, "size": objects.size},
        "gone": objects.gone,
        "wrong": objects.wrong,
    }
    folder.finish(told, hub.key_files.log)
    return Made(folder.path, folder.backup_id, database.size, objects, keystore.size, head)


def _ledger(hub: Hub) -> LedgerEnd:
    """Where the ledger ends. It begins now if it has not yet: a restore will ask for it."""
    path = hub.settings.erasure_ledger
    if not path.exists():
        if hub.keystore.destroyed():
            raise Corrupt(f"the ledger of erasures is missing: {path}. Put it back first")
        write_new(path, b"")
    return ledger_end(path)


def _head(session: Session) -> Head:
    last = newest(session, INSTANCE)
    if last is None:
        raise HouseRuleBroken("an installation without a record")
    return end_of(last)


def _key_files(hub: Hub) -> bytes:
    """The settings and the key files but the one that opens backups."""
    settings = hub.settings
    wanted = {"config.toml": settings.config}
    wanted |= {f"keys/{name}": settings.keys / name for name in KEY_FILES}
    files = {name: b64encode(path.read_bytes()).decode() for name, path in wanted.items()}
    return json.dumps({"v": 1, "files": files}, sort_keys=True).encode()


# -- objects ------------------------------------------------------------------------


def finished_objects(session: Session) -> list[ObjectRow]:
    """Every object that has its file."""
    wanted = (
        select(SealedObject.id, SealedObject.store_name, SealedObject.size, SealedObject.root)
        .where(SealedObject.root.is_not(None), SealedObject.gone_at.is_(None))
        .order_by(SealedObject.id)
    )
    return [ObjectRow(*row) for row in session.execute(wanted)]


def _copy_objects(
    hub: Hub, rows: list[ObjectRow], folder: backups.Folder, shared: backups.Folder | None
) -> Objects:
    found = Objects()
    for row in rows:
        name, target = row.store_name, folder.object_file(row.store_name)
        if shared and backups.share_file(shared.object_file(name), target, row.size):
            found.shared += 1
        elif not _copy(hub, row, target):
            (found.wrong if _still_there(hub, row.id) else found.gone).append(name)
            continue
        found.count += 1
        found.size += row.size
    return found


def _copy(hub: Hub, row: ObjectRow, target: Path) -> bool:
    """Copy an object's file, unless it is missing or is not the one its row knows."""
    source = file_of(hub.settings.objects, row.store_name)
    try:
        copied = backups.copy_file(source, target)
    except FileNotFoundError:
        return False
    if copied.root != row.root:
        target.unlink()
        return False
    return True


def _still_there(hub: Hub, object_id: UUID) -> bool:
    """Whether the installation still counts on a file: otherwise it was destroyed meanwhile."""
    with hub.sessions.reading.begin() as session:
        row = session.get(SealedObject, object_id)
        return row is not None and row.gone_at is None
