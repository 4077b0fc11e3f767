"""What consent allows, written onto the releases of a person: analysis never looks it up.

Called in the same act as whatever changed it. It needs nobody's key: the shred key of the
person's release side leads to the data keys under it, and these to the releases (datamodel.md
1, rules 3 to 5). ``use_until`` says until when what is written here is known to hold.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain import consent
from studyhub.domain.consent_history import History
from studyhub.domain.vocabulary import Act, Side
from studyhub.store.consent import Participant
from studyhub.store.keys import DataKey
from studyhub.store.releases import Release
from studyhub.store.users import Proposal
from studyhub.store.withdrawals import Hold
from studyhub.vault.threads import person_behind, release_threads, shreds_of
from studyhub.workflows.consent_history_rows import history_of
from studyhub.workflows.holding import is_held
from studyhub.workflows.kernel import Work

REPORTED = "identifier_reported"
USE, QUOTES, SHARING = "anon_use", "quotes", "data_sharing"


def refresh(work: Work, participant_id: UUID) -> None:
    """Write what is allowed now onto every release of one person."""
    shred_id = shreds_of(work.hub.keystore, participant_id).get(Side.RELEASE)
    if shred_id is not None:
        _write(work, participant_id, releases_under(work.session, shred_id))


def refresh_all(work: Work) -> int:
    """The same for everybody in the study, after something that concerns all. How many."""
    threads = release_threads(work.hub.keystore)
    people = work.session.scalars(
        select(Participant.id).where(
            Participant.study_id == work.study, Participant.id.in_(sorted(threads))
        )
    ).all()
    for participant_id in people:
        shred_id = threads[participant_id]
        _write(work, participant_id, releases_under(work.session, shred_id))
    return len(people)


def releases_under(session: Session, shred_id: UUID) -> list[Release]:
    """The releases whose data keys lie under a shred key, newest number first."""
    return list(
        session.scalars(
            select(Release)
            .join(DataKey, DataKey.id == Release.data_key_id)
            .where(DataKey.shred_id == shred_id)
            .order_by(Release.number.desc())
            .with_for_update(of=Release)
        )
    )


def releases_of(work: Work, participant_id: UUID) -> list[Release]:
    """Every release of one person, newest number first."""
    shred_id = shreds_of(work.hub.keystore, participant_id).get(Side.RELEASE)
    return releases_under(work.session, shred_id) if shred_id else []


def person_of(work: Work, release: Release) -> UUID | None:
    """Whose text a release is, for acts that must reach their holds; never shown."""
    key = work.session.get(DataKey, release.data_key_id) if release.data_key_id else None
    return person_behind(work.hub.keystore, key.shred_id) if key else None


def is_reported(session: Session, release_id: UUID) -> bool:
    """Whether a report about a release waits for somebody to take it up."""
    wanted = select(Proposal.id).where(
        Proposal.act == Act.RELEASE_REPORT,
        Proposal.subject == f"release:{release_id}",
        Proposal.outcome.is_(None),
    )
    return session.scalar(wanted.limit(1)) is not None


def close_report_holds(work: Work, participant_id: UUID) -> None:
    """End the holds that a report led to; every other hold stays."""
    rows = work.session.scalars(
        select(Hold).where(
            Hold.participant_id == participant_id,
            Hold.cause == REPORTED,
            Hold.closed_at.is_(None),
        )
    )
    for row in rows:
        row.closed_at = work.now
    work.session.flush()


def _write(work: Work, participant_id: UUID, releases: Iterable[Release]) -> None:
    kept = [row for row in releases if row.state != "erased"]
    if not kept:
        return
    work.session.flush()
    history = history_of(work.session, participant_id)
    held = is_held(work.session, participant_id, "release")
    for row in kept:
        row.held = held or is_reported(work.session, row.id)
        row.quotes_ok = _allowed(work, participant_id, history, QUOTES)
        row.sharing_ok = _allowed(work, participant_id, history, SHARING)
        row.use_until = _until(history, row.use_until, work.now)


def _allowed(work: Work, participant_id: UUID, history: History, code: str) -> bool:
    stops = {QUOTES: "quotes", SHARING: "sharing"}[code]
    return _opens(history, code, work.now) and not is_held(work.session, participant_id, stops)


def _opens(history: History, code: str, at: datetime) -> bool:
    return consent.in_force(history, code, at, at).opens


def _until(history: History, before: datetime | None, now: datetime) -> datetime | None:
    """The next instant at which an answer changes by itself; a past one if it may not be used.

    Without a new row, an answer changes only where a consent expires or all must sign again.
    """
    if not _opens(history, USE, now):
        return before if before is not None and before <= now else now
    told = _answers(history, now)
    return next((at for at in _turns(history, now) if _answers(history, at) != told), None)


def _answers(history: History, at: datetime) -> list[bool]:
    return [_opens(history, code, at) for code in (USE, QUOTES, SHARING)]


def _turns(history: History, now: datetime) -> list[datetime]:
    expiring = (record.expires_at for record in history.records)
    asking = (version.reconsent_from for version in history.versions.values())
    return sorted({at for at in (*expiring, *asking) if at is not None and at > now})
