"""When something of a participant's course happened, where only the record says it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.transcripts import Transcript


def decided_at(session: Session, expression_id: UUID) -> datetime | None:
    """When somebody last decided about an expression."""
    return session.scalar(
        select(func.max(Event.at)).where(
            Event.subject == f"expression:{expression_id}", Event.outcome == "done"
        )
    )


def texts_of(
    session: Session, study: UUID, one: UUID | None
) -> Iterator[tuple[UUID, str, datetime]]:
    """Who has a text that was typed or released, which of both, and when: of one, or of all."""
    wanted = (
        select(Transcript.id, Transcript.state, Interview.participant_id)
        .join(Interview, Interview.id == Transcript.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(Participant.study_id == study, Transcript.state != "raw_draft")
    )
    if one is not None:
        wanted = wanted.where(Participant.id == one)
    rows = session.execute(wanted).all()
    if not rows:
        return
    typed = _when(session, study, Act.TRANSCRIPT_VERIFY)
    released = _when(session, study, Act.RELEASE_MAKE)
    for text, state, person in rows:
        if text in typed:
            yield person, "transcribed", typed[text]
        if state == "released" and text in released:
            yield person, "released", released[text]


def _when(session: Session, study: UUID, act: Act) -> dict[UUID, datetime]:
    """The last time that this was done to each text."""
    wanted = (
        select(Event.subject, func.max(Event.at))
        .where(Event.act == act, Event.chain == study, Event.outcome == "done")
        .group_by(Event.subject)
    )
    return {UUID(told.partition(":")[2]): at for told, at in session.execute(wanted)}
