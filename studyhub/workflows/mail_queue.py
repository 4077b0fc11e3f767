"""The letters that have not left: which are due, how many are, and all of them by code."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from studyhub.domain.recruitment import CANCEL_WHEN
from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.consent import Participant
from studyhub.store.outbox import Letter
from studyhub.workflows.kernel import Hub
from studyhub.workflows.letters import WAITING, is_held

FIRST = "suppression_confirmed"
UNSENT = ("queued", "sending", "deferred")


@dataclass(frozen=True)
class Unsent:
    """One letter that waits, is tried again, or is in doubt. Of the team's own: no code."""

    id: UUID
    participant_code: str | None
    purpose: str
    state: str
    not_before: datetime


def unsent(hub: Hub) -> list[Unsent]:
    """Every letter of every study that has not left, the one that is due first at the top."""
    wanted = (
        select(Letter.id, Participant.code, Letter.purpose, Letter.state, Letter.not_before)
        .outerjoin(Participant, Participant.id == Letter.participant_id)
        .where(Letter.state.in_(UNSENT))
        .order_by(Letter.not_before, Letter.id)
    )
    with hub.sessions.reading.begin() as session:
        return [Unsent(*row) for row in session.execute(wanted)]


def due(hub: Hub) -> list[tuple[UUID, UUID]]:
    """The letters to send now, oldest first, each with the chain that records it."""
    now = hub.now()
    with hub.sessions.reading.begin() as session:
        rows = session.scalars(
            select(Letter)
            .where(Letter.state.in_(WAITING), Letter.not_before <= now)
            # Who wants no more letters is known before the others are sent.
            .order_by(Letter.purpose != FIRST, Letter.not_before, Letter.id)
        ).all()
        return [
            (row.id, row.study_id or INSTANCE)
            for row in rows
            if ends_with_approval(row.purpose) or not is_held(session, row, now)
        ]


def ends_with_approval(purpose: str) -> bool:
    """Whether a lapsed approval takes a letter out; what a person is owed only waits."""
    return "approval_lapsed" in CANCEL_WHEN.get(purpose, ())


def left(hub: Hub) -> int:
    """Letters that are due, deferred or in doubt; those of another day are not counted."""
    with hub.sessions.reading.begin() as session:
        return session.scalar(select(func.count()).where(_unfinished(hub.now()))) or 0


def _unfinished(now: datetime) -> ColumnElement[bool]:
    is_due = (Letter.state == "queued") & (Letter.not_before <= now)
    return or_(Letter.state.in_(("sending", "deferred")), is_due)
