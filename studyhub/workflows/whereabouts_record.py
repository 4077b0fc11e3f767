"""When something of a participant's course happened, where only the record says it.

Of one participant, or of everybody in a study with one look at the record for each act.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview, Slot
from studyhub.store.people import Expression
from studyhub.store.transcripts import Transcript

R = TypeVarTuple("R")


def decided(session: Session, study: UUID, one: UUID | None) -> dict[UUID, datetime]:
    """When somebody last decided about an expression, by its id."""
    mine = None
    if one is not None:
        rows = select(Expression.id).where(Expression.participant_id == one)
        mine = [f"expression:{each}" for each in session.scalars(rows)]
    deciding = (Act.EXPRESSION_TRIAGE, Act.EXPRESSION_DECIDE)
    return _last_done(session, study, deciding, mine)


def offered(session: Session, study: UUID, one: UUID | None) -> dict[UUID, datetime]:
    """Since when the person has times to choose from, by interview."""
    return _of_slots(session, study, one, func.min(Slot.offered_at))


def agreed(session: Session, study: UUID, one: UUID | None) -> dict[UUID, datetime]:
    """When the person chose a time, or a recruiter planned one with them, by interview."""
    mine = None if one is None else [f"participant:{one}"]
    planned = _last_done(session, study, (Act.INTERVIEW_PLAN,), mine)
    held = select(Interview.id, Interview.participant_id).join(
        Participant, Participant.id == Interview.participant_id
    )
    found = {
        row_id: planned[person]
        for row_id, person in session.execute(_of(held, study, one))
        if person in planned
    }
    return found | _of_slots(session, study, one, func.max(Slot.chosen_at))


def texts_of(
    session: Session, study: UUID, one: UUID | None
) -> Iterator[tuple[UUID, str, datetime]]:
    """Who has a text that was typed or released, which of both, and when."""
    wanted = (
        select(Transcript.id, Transcript.state, Interview.participant_id)
        .join(Interview, Interview.id == Transcript.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(Transcript.state != "raw_draft")
    )
    rows = session.execute(_of(wanted, study, one)).all()
    if not rows:
        return
    mine = None if one is None else [f"transcript:{text}" for text, _, _ in rows]
    typed = _last_done(session, study, (Act.TRANSCRIPT_VERIFY,), mine)
    released = _last_done(session, study, (Act.RELEASE_MAKE,), mine)
    for text, state, person in rows:
        if text in typed:
            yield person, "transcribed", typed[text]
        if state == "released" and text in released:
            yield person, "released", released[text]


def _of_slots(
    session: Session, study: UUID, one: UUID | None, at: ColumnElement[Any]
) -> dict[UUID, datetime]:
    wanted = (
        select(Slot.interview_id, at)
        .join(Interview, Interview.id == Slot.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .group_by(Slot.interview_id)
    )
    told = session.execute(_of(wanted, study, one))
    return {row_id: found for row_id, found in told if found}


def _of(wanted: Select[*R], study: UUID, one: UUID | None) -> Select[*R]:
    """Only what is of one participant, or of anybody in a study."""
    wanted = wanted.where(Participant.study_id == study)
    return wanted if one is None else wanted.where(Participant.id == one)


def _last_done(
    session: Session, study: UUID, acts: tuple[Act, ...], subjects: list[str] | None
) -> dict[UUID, datetime]:
    """The last time that any of these acts was done, by the id of its subject."""
    wanted = (
        select(Event.subject, func.max(Event.at))
        .where(Event.act.in_(acts), Event.chain == study, Event.outcome == "done")
        .group_by(Event.subject)
    )
    if subjects is not None:
        wanted = wanted.where(Event.subject.in_(subjects))
    return {UUID(told.partition(":")[2]): at for told, at in session.execute(wanted)}
