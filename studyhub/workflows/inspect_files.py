"""Look at the instance folder: settings, modes, keys, objects, room and what lies about."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from secrets import SystemRandom

from sqlalchemy import select

from studyhub.config import load
from studyhub.domain.errors import Corrupt, NotFound
from studyhub.store.interviews import Upload
from studyhub.store.keys import SealedObject
from studyhub.vault.ledger import read_ledger
from studyhub.vault.primitives import public_of, signing_public_of
from studyhub.workflows.findings import Wrong, some
from studyhub.workflows.kernel import Hub
from studyhub.workflows.stored_files import blobs

SEEN = "worker.seen"  # the worker writes it in every round
ABANDONED = timedelta(hours=24)
SAMPLE = 20

_OPEN_TO_OTHERS = 0o077


def settings(hub: Hub) -> str:
    """The settings can be read again, and nobody else can."""
    load(hub.settings.instance)
    return str(hub.settings.config)


def modes(hub: Hub) -> str:
    """Nothing that holds secrets or letters is open to others."""
    found = hub.settings
    closed = (found.instance, found.config, found.objects, found.tmp, found.outbox)
    kept = (found.keystore, found.sessions, found.erasure_ledger)
    loose = [str(path) for path in (*closed, *kept) if _is_loose(path)]
    loose += [str(path) for path in found.outbox.iterdir() if _is_loose(path)]
    if loose:
        raise Wrong(f"open to others: {some(loose)}. Run: chmod go-rwx PATH")
    return "closed to others"


def _is_loose(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & _OPEN_TO_OTHERS)


def key_files(hub: Hub) -> str:
    """All key files are there, whole, closed to others, and their halves fit."""
    keys = hub.key_files
    keys.check()
    single = (keys.pepper, keys.server, keys.backup_public)  # reading one checks it
    if public_of(keys.mailer) != keys.mailer_public:
        raise Corrupt("mailer.pub does not belong to mailer")
    if signing_public_of(keys.log) != keys.log_public:
        raise Corrupt("log.pub does not belong to log")
    return f"complete: two pairs, {len(single)} single keys"


def backup_key(hub: Hub) -> str:
    """Whether the key that opens backups was moved away; until then only a warning."""
    if not hub.key_files.holds_backup_key:
        return "kept elsewhere"
    return "warning: keys/backup is still on this machine. Move it to a safe place"


def ledger(hub: Hub) -> str:
    """The ledger of erasures is whole, and no key that it lists has come back."""
    try:
        listed = [line.shred_id for line in read_ledger(hub.settings.erasure_ledger)]
    except NotFound as missing:
        if hub.keystore.destroyed():
            raise Wrong(f"{missing}, and keys were destroyed") from None
        return "nothing was destroyed yet"
    living = hub.keystore.keys(listed)
    if living:
        raise Wrong(f"{len(living)} destroyed keys are back: replay the ledger")
    return f"{len(listed)} destructions"


def objects(hub: Hub, *, full: bool) -> str:
    """Every object's file is there; the roots of a sample, or of all, are the recorded ones."""
    rows, stored = _objects(hub), set(blobs(hub).stored_names())
    lost = [name for name in rows if name not in stored]
    if lost:
        raise Wrong(f"files of objects are missing: {some(lost)}")
    checked = list(rows) if full else _sample(list(rows))
    bad = [name for name in checked if blobs(hub).root_of(name) != rows[name]]
    if bad:
        raise Wrong(f"files of objects were changed: {some(bad)}")
    strangers = sorted(stored - _every_name(hub))
    told = f"{len(rows)} files, {len(checked)} read through"
    return told + (f"; files without a row: {some(strangers)}" if strangers else "")


def _objects(hub: Hub) -> dict[str, bytes]:
    """The finished objects by the name of their file, with the recorded root."""
    wanted = select(SealedObject.store_name, SealedObject.root).where(
        SealedObject.root.is_not(None), SealedObject.gone_at.is_(None)
    )
    with hub.sessions.reading.begin() as session:
        return {row.store_name: row.root for row in session.execute(wanted)}


def _every_name(hub: Hub) -> set[str]:
    with hub.sessions.reading.begin() as session:
        return set(session.scalars(select(SealedObject.store_name)))


def _sample(names: list[str]) -> list[str]:
    return SystemRandom().sample(names, min(SAMPLE, len(names)))


def unfinished(hub: Hub) -> str:
    """Uploads that were given up are removed by the sweep."""
    left = len(list(abandoned(hub)))
    return f"{left} to sweep" if left else "none left"


def abandoned(hub: Hub) -> Iterator[str]:
    """Parts of uploads that are older than a day and that no living upload will go on with."""
    with hub.sessions.reading.begin() as session:
        living = set(
            session.scalars(
                select(Upload.object_id).where(
                    Upload.state == "receiving", Upload.expires_at > hub.now()
                )
            )
        )
    for object_id in blobs(hub).parts_older_than(hub.now() - ABANDONED):
        if object_id not in living:
            yield str(object_id)


def least_free(hub: Hub) -> int:
    """How many bytes are free where the least is: the folders may lie on several disks."""
    found = hub.settings
    folders = (found.instance, found.objects, found.tmp)
    return min(shutil.disk_usage(folder).free for folder in folders)


def space(hub: Hub) -> str:
    """There is room above the floor below which nothing may be uploaded."""
    free = least_free(hub)
    if free < hub.settings.free_space_floor:
        raise Wrong(f"only {free // 2**20} MB are free, below free_space_floor_mb")
    return f"{free // 2**20} MB free"


def way_out(hub: Hub) -> str:
    """Letters leave by a mail server; in clear only where nobody else can come."""
    waiting = len(list(hub.settings.outbox.glob("*.eml")))
    if hub.settings.smtp_url is None:
        if not hub.settings.insecure_loopback:
            raise Wrong("no smtp_url is set, so no letter leaves this instance")
        return f"demonstration: {waiting} letters in clear in outbox/"
    if waiting:
        raise Wrong(f"{waiting} letters lie in clear in outbox/: delete them")
    return "by mail server"


def worker(hub: Hub) -> str:
    """When the worker was last seen; a warning, since pages are served without it."""
    seen = last_seen(hub)
    if seen is None:
        return "warning: has not run yet. Run: studyhub worker"
    return f"seen {seen:%Y-%m-%d %H:%M} UTC"


def last_seen(hub: Hub) -> datetime | None:
    """When the worker last wrote that it lives."""
    try:
        return datetime.fromisoformat((hub.settings.instance / SEEN).read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
