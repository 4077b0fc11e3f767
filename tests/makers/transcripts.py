"""Texts: given out, typed, de-identified, read twice and released."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.redaction.marks import Change, Mark
from studyhub.store.transcripts import Transcript
from studyhub.workflows import (
    assignments,
    deidentification,
    deidentification_marks,
    deidentification_reading,
    releases,
    transcripts,
    transcripts_import,
)
from studyhub.workflows.kernel import Desk
from studyhub.workflows.transcripts_import import Document as ImportDocument
from studyhub.workflows.transcripts_import import Voice
from tests.first_steps import first_step
from tests.makers.cast import Study
from tests.makers.interviews import interviewed

INTERVIEW = (
    Path(__file__).parents[1] / "media/fixtures/synthetic/interview_dev_synthetic.txt"
).read_bytes()


@first_step
def assigned(study: Study, interview_id: UUID | None = None) -> UUID:
    """Petra gave Tess an interview to type and to de-identify. Returns the transcript's id."""
    wanted = interview_id or interviewed(study)
    to, duties = study.membership_id("tess"), ("transcribe", "deidentify")
    gift = assignments.Gift("interview", wanted, to, duties)
    assignments.give(study.petra, gift)
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(Transcript.id).where(Transcript.interview_id == wanted)
        ).one()


@first_step
def transcribed(study: Study, transcript_id: UUID | None = None) -> UUID:
    """Tess imported a short interview and checked it. Returns the transcript's id."""
    made = transcript_id or assigned(study)
    tess = study.tess
    voices = {
        "Interviewer": Voice("Interviewer", "interviewer"),
        "Participant": Voice("Participant", "participant"),
    }
    transcripts_import.take_in(tess, made, ImportDocument(INTERVIEW), voices, rev=0)
    transcripts.verify(tess, made, rev=1)
    return made


@first_step
def deidentified(study: Study, transcript_id: UUID | None = None) -> UUID:
    """Tess replaced everything that was suggested and handed the text in. Returns its id."""
    made = transcript_id or transcribed(study)
    tess = study.tess
    deidentification.deidentify(tess, made)
    while fresh := [each for each in _marks(tess, made) if each.is_open]:
        change = Change([replace(each, state="accept") for each in fresh])
        rev = deidentification_marks.consider(tess, made).rev
        sent = deidentification_marks.Sent(rev, str(uuid4()), 1, change)
        deidentification_marks.decide(tess, made, sent)
    deidentification.propose(tess, made)
    return made


def _marks(desk: Desk, transcript_id: UUID) -> tuple[Mark, ...]:
    return deidentification_marks.consider(desk, transcript_id).marks


@first_step
def read_twice(study: Study, transcript_id: UUID | None = None) -> UUID:
    """Ravi read what Tess handed in and found nobody. Returns the transcript's id."""
    made = transcript_id or deidentified(study)
    give_to_read(study, made)
    ravi = study.ravi
    deidentification_reading.review(ravi, made)
    answers = dict.fromkeys(deidentification_reading.INTRUDERS, "no")
    deidentification_reading.doubt(ravi, made, [], answers)
    deidentification_reading.clear(ravi, made)
    return made


def released(study: Study, transcript_id: UUID | None = None) -> str:
    """Ravi released what he had read. Returns the label that was drawn."""
    made = transcript_id or read_twice(study)
    return releases.make(study.ravi, made)


def give_to_read(study: Study, transcript_id: UUID) -> None:
    """Petra gives a text to Ravi to be read a second time."""
    to = study.membership_id("ravi")
    assignments.give(
        study.petra, assignments.Gift("transcript", transcript_id, to, ("review",))
    )
