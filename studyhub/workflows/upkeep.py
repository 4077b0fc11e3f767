"""Keep the instance in order: look at everything, and clear away what is left behind."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import delete, func, select, union
from sqlalchemy.orm import Session

from studyhub.domain.errors import Held
from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import Approval, DocumentVersion
from studyhub.store.keys import DataKeyGrant, File
from studyhub.workflows import (
    inspect_chains,
    inspect_database,
    inspect_files,
    inspect_keys,
    stored_files,
)
from studyhub.workflows.findings import Check, look
from studyhub.workflows.kernel import Hub

__all__ = ["Check", "checks", "expire_grants", "forget_files", "sweep"]

FILES_WAIT = timedelta(days=1)


def checks(hub: Hub, *, full: bool = False) -> list[Check]:
    """Look at everything, one finding each. ``full`` reads every object and page through."""
    looks: dict[str, Callable[[Hub], str]] = {
        "settings": inspect_files.settings,
        "file modes": inspect_files.modes,
        "key files": inspect_files.key_files,
        "backup key": inspect_files.backup_key,
        "schema": inspect_database.newest_schema,
        "triggers": inspect_database.triggers,
        "references": partial(inspect_database.references, full=full),
        "keystore": inspect_keys.shred_keys,
        "ledger": inspect_files.ledger,
        "signatures": inspect_keys.signatures,
        "chains": inspect_chains.chains,
        "heads": inspect_chains.signed_in_time,
        "studies": inspect_chains.owners,
        "erasures": inspect_database.erasures,
        "objects": partial(inspect_files.objects, full=full),
        "unfinished uploads": inspect_files.unfinished,
        "free space": inspect_files.space,
        "mail": inspect_files.way_out,
        "letters in doubt": inspect_database.doubtful_letters,
        "letters waiting": inspect_database.waiting_letters,
        "worker": inspect_files.worker,
    }
    return [look(name, partial(inspect, hub)) for name, inspect in looks.items()]


def sweep(hub: Hub) -> int:
    """Remove what is left behind, and say how much: uploads given up, sittings, old counts.

    Also files that were sent for an approval and are kept with none. Object files without a
    row are listed by ``checks`` and never removed.
    """
    removed = _discard_uploads(hub)
    removed += hub.sittings.sweep(hub.now()) + hub.throttles.sweep(hub.now())
    return removed + expire_grants(hub) + forget_files(hub)


def expire_grants(hub: Hub) -> int:
    """Delete the grants whose end has passed; the policy refuses them from that instant."""
    over = DataKeyGrant.ends_at <= hub.now()
    with hub.sessions.reading.begin() as session:
        count = session.scalar(select(func.count()).where(over)) or 0
    if count:
        with hub.sessions.writing.begin() as session:
            session.execute(delete(DataKeyGrant).where(over))
    return count


def forget_files(hub: Hub) -> int:
    """Delete what was sent to be kept with an approval, and a day later is with none."""
    sent = select(Event.subject).where(
        Event.act == Act.APPROVAL_UPLOAD,
        Event.outcome == "done",
        Event.at <= hub.now() - FILES_WAIT,
    )
    with hub.sessions.reading.begin() as session:
        old = {UUID(each.partition(":")[2]) for each in session.scalars(sent)}
        old &= set(session.scalars(select(File.id)))
        left = old - _linked(session)
    return sum(_forget(hub, each) for each in left)


def _linked(session: Session) -> set[UUID]:
    used = union(select(Approval.letter_id), select(DocumentVersion.file_id))
    return {each for each in session.scalars(used) if each is not None}


def _forget(hub: Hub, file_id: UUID) -> bool:
    with hub.sessions.writing.begin() as session:
        # Whoever links it locks it first, so it is asked again once nobody can.
        locked = select(File.id).where(File.id == file_id).with_for_update()
        if session.scalar(locked) is None or file_id in _linked(session):
            return False
        session.execute(delete(File).where(File.id == file_id))
    return True


def _discard_uploads(hub: Hub) -> int:
    removed = 0
    for object_id in inspect_files.abandoned(hub):
        try:
            stored_files.blobs(hub).discard(UUID(object_id), patience=0)
        except Held:  # somebody has just gone on with it
            continue
        removed += 1
    return removed
