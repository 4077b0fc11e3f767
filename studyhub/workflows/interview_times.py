"""When times were offered for an interview, and when one was agreed: by rows and the record."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.interviews import Interview, Slot


def offered_at(session: Session, row: Interview) -> datetime | None:
    """Since when the person has times to choose from."""
    return session.scalar(select(func.min(Slot.offered_at)).where(Slot.interview_id == row.id))


def agreed_at(session: Session, row: Interview) -> datetime | None:
    """When the person chose one, or the recruiter planned one with them."""
    chosen = select(func.max(Slot.chosen_at)).where(Slot.interview_id == row.id)
    planned = select(func.max(Event.at)).where(
        Event.subject == f"participant:{row.participant_id}",
        Event.act == Act.INTERVIEW_PLAN,
        Event.outcome == "done",
    )
    return session.scalar(chosen) or session.scalar(planned)
