"""When texts came how far, and since when a new form asks everybody again: for the lists."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import Document, DocumentVersion, Participant
from studyhub.store.interviews import Interview
from studyhub.store.transcripts import Transcript

_REACHED = {Act.TRANSCRIPT_VERIFY: "transcribed", Act.RELEASE_MAKE: "released"}


def text_times(session: Session, study: UUID) -> Iterator[tuple[UUID, str, datetime]]:
    """Whose text was checked or released, and when: the record says it, by transcript alone."""
    people: dict[str, UUID] = {
        f"transcript:{transcript_id}": participant_id
        for transcript_id, participant_id in session.execute(
            select(Transcript.id, Interview.participant_id)
            .join(Interview, Interview.id == Transcript.interview_id)
            .join(Participant, Participant.id == Interview.participant_id)
            .where(Participant.study_id == study)
        )
    }
    lines = session.execute(
        select(Event.act, Event.subject, Event.at).where(
            Event.chain == study, Event.act.in_(_REACHED), Event.outcome == "done"
        )
    )
    for act, subject, at in lines:
        if subject in people:
            yield people[subject], _REACHED[Act(act)], at


def asked_again(session: Session, study: UUID, now: datetime) -> datetime:
    """Since when the newest form is in use that everybody has to sign again."""
    wanted = (
        select(func.max(DocumentVersion.use_from))
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(
            Document.study_id == study,
            Document.kind == "consent_form",
            DocumentVersion.reconsent == "all_active",
            DocumentVersion.use_from <= now,
        )
    )
    return session.scalar(wanted) or now
