"""Interviews, from the appointment to the recording that was sent."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from studyhub.domain import upload_metadata
from studyhub.domain.interviews import Check
from studyhub.store.interviews import Interview, Recording
from studyhub.workflows import interviews, interviews_held, uploads
from studyhub.workflows.interviews import Plan
from studyhub.workflows.interviews_held import Ending
from tests.first_steps import first_step
from tests.makers.cast import Study
from tests.makers.consent import agreed, agreed_on_paper
from tests.makers.ethics import guide_in_use

SOUND = Path(__file__).parents[1] / "media" / "fixtures" / "sound" / "librivox_0870.mp3"


@first_step
def planned(study: Study, participant_id: UUID | None = None, **more: Any) -> UUID:
    """Rita agrees a time in two days with somebody who consents. Returns the interview's id.

    Without a participant somebody new agrees to everything first. ``more``: fields of ``Plan``.
    """
    wanted = {
        "mode": "telephone",
        "interviewer_id": study.membership_id("ivan"),
        "starts_at": study.clock() + timedelta(days=2),
    }
    who = participant_id or agreed(study)
    return interviews.plan(study.rita, who, Plan(**{**wanted, **more})).interview_id


@first_step
def confirmed(study: Study, participant_id: UUID | None = None, **more: Any) -> UUID:
    """Ivan accepted the appointment, and its time has come. Returns the interview's id."""
    interview_id = planned(study, participant_id, **more)
    interviews.confirm(study.ivan, interview_id, relationship="none")
    with study.hub.sessions.reading.begin() as session:
        study.clock.at = session.get_one(Interview, interview_id).planned_at or study.clock.at
    return interview_id


@first_step
def started(
    study: Study, participant_id: UUID | None = None, *, may_record: str = "yes"
) -> UUID:
    """Ivan started the interview. Returns its id."""
    interview_id = confirmed(study, participant_id)
    interviews_held.start(study.ivan, interview_id, Check("yes", may_record))
    return interview_id


@first_step
def interviewed(
    study: Study, participant_id: UUID | None = None, *, may_record: str = "yes"
) -> UUID:
    """Ivan held the whole interview, fifty minutes long. Returns its id."""
    interview_id = started(study, participant_id, may_record=may_record)
    study.clock.advance(minutes=50)
    interviews_held.end(study.ivan, interview_id, as_planned(study))
    return interview_id


def as_planned(study: Study) -> Ending:
    """How an interview ends in which everything went as planned."""
    return Ending("completed", "home", "no", guide_in_use(study))


def said_of(interview_id: UUID, filetype: str = "audio/mpeg") -> str:
    """What a sender says of a recording, as the header of an upload has it."""
    said = {"interview": str(interview_id), "filetype": filetype}
    return ",".join(f"{key} {b64encode(word.encode()).decode()}" for key, word in said.items())


def sent(study: Study, interview_id: UUID, content: bytes, filetype: str = "") -> UUID:
    """Ivan sends a recording, in one piece. Returns its id, which is that of its upload."""
    given = upload_metadata.read(said_of(interview_id, filetype))
    upload_id, _ = uploads.start(study.ivan, given, len(content))
    place = uploads.find(study.ivan, upload_id)
    assert uploads.append(study.ivan, place, 0, [content]) == len(content)
    return upload_id


@first_step
def recorded(study: Study, interview_id: UUID | None = None) -> UUID:
    """Ivan sent seven seconds of real speech, and they were accepted. Returns the recording."""
    return sent(study, interview_id or interviewed(study), SOUND.read_bytes(), "audio/mpeg")


@first_step
def quarantined(study: Study) -> UUID:
    """The same of somebody who signed a paper that nobody verified yet."""
    return recorded(study, interviewed(study, agreed_on_paper(study)))


def person_of(study: Study, recording_id: UUID) -> UUID:
    """Whose recording it is."""
    with study.hub.sessions.reading.begin() as session:
        row = session.get_one(Recording, recording_id)
        return session.get_one(Interview, row.interview_id).participant_id
