"""Make an installation again from a backup, without anything that was erased since.

Into an empty folder, and as long as the mark lies there no command uses it. Keys that the
ledger of erasures lists are never written, and files that nothing opens any more are left out.
"""

import json
import shutil
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from studyhub import config
from studyhub.config import RESTORING, Settings
from studyhub.domain.errors import Corrupt, Invalid, NoSpace, WrongState
from studyhub.domain.vocabulary import INSTANCE, Act
from studyhub.store import copies, schema
from studyhub.store.db import Sessions, make_sessions
from studyhub.store.keys import DataKey, SealedObject
from studyhub.store.users import Study
from studyhub.vault import backups
from studyhub.vault.blobs import file_of
from studyhub.vault.files import flush_folder, full_disk_is_no_space, write_new
from studyhub.vault.keys import KeyFiles
from studyhub.vault.ledger import Destruction, LedgerEnd, add_to_ledger, read_on_from
from studyhub.vault.shred import Keystore
from studyhub.workflows.backups import KEY_FILES, ObjectRow, finished_objects
from studyhub.workflows.erasing_files import write_anew
from studyhub.workflows.kernel import Hub, Work, action, operator_desk
from studyhub.workflows.replaying import cut_pointers, empty_again

LONGEST_REASON = 200
AT_ONCE = 500
_MAY_LIE_THERE = {"README.md", "erasures.log"}


@dataclass(frozen=True)
class Wanted:
    """What the operator gives for a restore: a ledger, or the reason why there is none."""

    folder: Path
    instance: Path
    backup_key: bytes = field(repr=False)
    ledger: Path | None = None
    reason: str = ""
    database: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class PutBack:
    """An installation that lies there again, but may not be used before this is recorded.

    ``replayed`` are the shred keys that were in the backup and stay destroyed; ``gone`` the
    files that nothing opens any more.
    """

    wanted: Wanted
    settings: Settings
    backup: backups.Listed
    replayed: list[UUID]
    listed: int
    gone: list[str]


def put_back(wanted: Wanted) -> PutBack:
    """Fill an empty folder, and an empty database, from a backup.

    Whatever fails, the folder is empty again; after a kill the mark lies there, and the next
    restore begins anew. Raises WrongState, NotFound, Corrupt, NoSpace.
    """
    _need_ledger_or_reason(wanted)
    backup = backups.read_list(wanted.folder.absolute())
    _begin(wanted.instance.absolute())
    try:
        with full_disk_is_no_space():
            return _put_back(wanted, backup)
    except NoSpace:
        _clear(wanted.instance)
        raise NoSpace(
            f"the disk of {wanted.instance} is full. Nothing was left there"
        ) from None
    except BaseException:
        _clear(wanted.instance)
        raise


def _put_back(wanted: Wanted, backup: backups.Listed) -> PutBack:
    settings = _settings(wanted, backup)
    backup.check(KeyFiles(settings.keys).log_public)
    listed = _erasures(wanted, backup, settings)
    _database(wanted, backup, settings)
    keystore = Keystore(settings.keystore)
    image = backup.folder.whole(backups.KEYSTORE, wanted.backup_key)
    replayed = keystore.restore(image, listed)
    sessions = make_sessions(settings.database)
    try:
        schema.upgrade(sessions.engine)
        gone = _objects(backup, settings, sessions)
    finally:
        sessions.engine.dispose()
    return PutBack(wanted, settings, backup, replayed, len(listed), gone)


def finish(hub: Hub, done: PutBack) -> None:
    """Give the ledger its place and record the restore; only then it may be used."""
    _place_ledger(hub, done.wanted.ledger)
    with hub.sessions.reading.begin() as session:
        studies = list(session.scalars(select(Study.id).order_by(Study.slug)))
    for chain in (*studies, INSTANCE):
        note_restored(operator_desk(hub, chain), done)
    cut_pointers(hub, done.replayed)
    write_anew(hub)
    (done.settings.instance / RESTORING).unlink()
    flush_folder(done.settings.instance)


@action(Act.BACKUP_RESTORE)
def note_restored(work: Work, done: PutBack) -> None:
    """Record in every chain how much stayed destroyed, or why there was no ledger.

    With it the rows under these keys are emptied, and files that were left out are marked.
    """
    work.claim_all(f"backup:{done.backup.folder.backup_id}")
    work.note(count=len(done.replayed), size=done.listed)
    if done.wanted.reason:
        work.note(reason=done.wanted.reason)
    if work.study == INSTANCE:
        return
    for start in range(0, len(done.gone), AT_ONCE):
        some = SealedObject.store_name.in_(done.gone[start : start + AT_ONCE])
        mine = select(SealedObject).where(some, SealedObject.study_id == work.study)
        for row in work.session.scalars(mine):
            row.gone_at = work.now
    work.note(item=empty_again(work, done.replayed))


# -- before anything is written -----------------------------------------------------


def _need_ledger_or_reason(wanted: Wanted) -> None:
    if wanted.ledger and wanted.reason:
        raise WrongState("give a ledger, or the reason why there is none: not both")
    if not wanted.ledger and not wanted.reason:
        raise WrongState(
            "without the ledger of erasures, people who were erased would come back: give it"
            " with --ledger FILE. If it is lost, --accept-missing-ledger REASON records that"
        )
    if len(wanted.reason) > LONGEST_REASON or not wanted.reason.isprintable():
        raise Invalid({"reason": f"Give a reason in one line of {LONGEST_REASON} characters."})


def _begin(instance: Path) -> None:
    """Mark an empty folder; one that is marked already is emptied first."""
    if (instance / RESTORING).exists():
        _clear(instance)
    there = {path.name for path in instance.iterdir()} if instance.exists() else set()
    if there - _MAY_LIE_THERE:
        raise WrongState(f"{instance} is not empty: nothing is restored over anything")
    config.make_folders(instance)
    write_new(instance / RESTORING, b"")
    flush_folder(instance)


def _clear(instance: Path) -> None:
    """Remove what a restore has written, the mark last of all: the folder was empty before."""
    for path in instance.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in {RESTORING, *_MAY_LIE_THERE}:
            path.unlink()
    (instance / RESTORING).unlink(missing_ok=True)


# -- keys and settings --------------------------------------------------------------


def _settings(wanted: Wanted, backup: backups.Listed) -> Settings:
    instance = wanted.instance.absolute()
    (instance / "keys").mkdir(mode=0o700)
    files = json.loads(backup.folder.whole(backups.KEYS, wanted.backup_key))["files"]
    if files.keys() != {"config.toml", *(f"keys/{name}" for name in KEY_FILES)}:
        raise Corrupt("the part keys of the backup is not one")
    for name, content in files.items():
        write_new(instance / name, b64decode(content), _mode(name))
    if wanted.database:
        config.name_database(instance, wanted.database)
    settings = config.read(instance)
    if settings.instance_id != backup.folder.instance_id:
        raise Corrupt("the part keys of the backup is that of another installation")
    return settings


def _mode(name: str) -> int:
    if name == "config.toml":
        return 0o600
    return 0o444 if name.endswith(".pub") else 0o400


# -- the ledger ---------------------------------------------------------------------


def _erasures(wanted: Wanted, backup: backups.Listed, settings: Settings) -> list[Destruction]:
    """What was destroyed, by a ledger that goes on from where it was at the backup."""
    kept = settings.erasure_ledger
    if wanted.ledger is None:
        if kept.exists():
            raise WrongState(f"there is a ledger: give it with --ledger {kept}")
        return []
    known = LedgerEnd(**backup.told["ledger"])
    listed = read_on_from(wanted.ledger, known)
    if kept.exists() and kept.read_bytes() != wanted.ledger.read_bytes():
        raise WrongState(f"{kept} is another ledger than the one given: look which is right")
    return listed


def _place_ledger(hub: Hub, given: Path | None) -> None:
    """The ledger goes on where the settings name it; a lost one begins with what is known."""
    kept = hub.settings.erasure_ledger
    if given is None:
        destroyed = hub.keystore.destroyed()
        if destroyed:
            add_to_ledger(kept, destroyed, hub.now())
    elif not kept.exists():
        write_new(kept, given.read_bytes())
        flush_folder(kept.parent)


# -- database and objects -----------------------------------------------------------


def _database(wanted: Wanted, backup: backups.Listed, settings: Settings) -> None:
    engine, told = copies.engine_of(settings.database), backup.told
    if told["engine"] != engine:
        raise WrongState(f"the backup is of {told['engine']}, the database of {engine}")
    copies.require_empty(settings.database)
    with backup.folder.opened(backups.DATABASE, wanted.backup_key) as pieces:
        copies.put_back(settings.database, told["schema"], pieces)


def _objects(backup: backups.Listed, settings: Settings, sessions: Sessions) -> list[str]:
    """Copy every file that can still be opened; the names of those that cannot."""
    with sessions.reading.begin() as session:
        rows = finished_objects(session)
        wanted = select(SealedObject.store_name, DataKey.shred_id).join(
            DataKey, DataKey.id == SealedObject.data_key_id
        )
        shreds = {row.store_name: row.shred_id for row in session.execute(wanted)}
    living = Keystore(settings.keystore).keys(set(shreds.values()))
    gone, wrong = set(backup.told["gone"]), set(backup.told["wrong"])
    gone |= {row.store_name for row in rows if shreds[row.store_name] not in living}
    for row in rows:
        if row.store_name not in gone | wrong:
            _copy(backup.folder, settings, row)
    return sorted(gone & {row.store_name for row in rows})


def _copy(folder: backups.Folder, settings: Settings, row: ObjectRow) -> None:
    name = row.store_name
    target = file_of(settings.objects, name)
    try:
        copied = backups.copy_file(folder.object_file(name), target)
    except FileNotFoundError:
        raise Corrupt(f"the object {name} is missing in the backup") from None
    if (copied.size, copied.root) != (row.size, row.root):
        raise Corrupt(f"the object {name} was changed in the backup")
