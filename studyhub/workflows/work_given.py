"""Whether a recording is given to somebody to work on, by itself or by its transcript."""

from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from studyhub.domain.errors import NotPermitted
from studyhub.store.interviews import Recording
from studyhub.store.transcripts import Assignment, Transcript
from studyhub.workflows.kernel import Work


def given_to(membership_id: UUID | None) -> ColumnElement[bool]:
    """The condition on assignments that they are this member's and go on."""
    return (Assignment.membership_id == membership_id) & Assignment.ended_at.is_(None)


def need_assigned(work: Work, row: Recording) -> None:
    """NotPermitted unless the recording, or its transcript, is given to this member now."""
    of_transcript = select(Transcript.id).where(Transcript.recording_id == row.id)
    found = work.session.scalar(
        select(Assignment.id).where(
            given_to(work.actor.membership_id),
            or_(
                Assignment.recording_id == row.id,
                Assignment.transcript_id.in_(of_transcript),
            ),
        )
    )
    if found is None:
        raise NotPermitted("this recording is given to somebody else")
