"""What becomes of an interview of the demonstration: recording, text, second reading, release.

Each function is a piece of a story, as in ``demonstration_people``.
"""

from base64 import b64encode
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from studyhub.domain import upload_metadata
from studyhub.domain.redaction.marks import Change
from studyhub.store.transcripts import Transcript
from studyhub.workflows import (
    assignments,
    deidentification,
    deidentification_marks,
    deidentification_reading,
    releases,
    transcripts,
    transcripts_import,
    uploads,
)
from studyhub.workflows.assignments import Gift
from studyhub.workflows.deidentification_marks import Sent
from studyhub.workflows.deidentification_reading import Doubt
from studyhub.workflows.demonstration_people import Person, Piece, interviewed
from studyhub.workflows.demonstration_props import sound_of, words_of
from studyhub.workflows.demonstration_stage import Stage
from studyhub.workflows.transcripts_import import Document, Voice

VOICES = {
    "Interviewer": Voice("Interviewer", "interviewer"),
    "Participant": Voice("Participant", "participant"),
}
# What the transcriber leaves in one text, and the second reader finds.
LEFT = "the only chaplain that the two hospitals in Wexcombe share"


def recorded(stage: Stage, person: Person) -> Piece:
    """The interviewer sends the recording on the same day. Returns the interview's id."""
    interview_id = yield from interviewed(stage, person)
    yield stage.clock.later(0, "17:45")
    ivan, sound = stage.desk("ivan"), sound_of(words_of(person.file))
    said = {"interview": str(interview_id), "filetype": "audio/wav"}
    header = ",".join(
        f"{key} {b64encode(word.encode()).decode()}" for key, word in said.items()
    )
    upload_id, _ = uploads.start(ivan, upload_metadata.read(header), len(sound))
    uploads.append(ivan, uploads.find(ivan, upload_id), 0, [sound])
    return interview_id


def given(stage: Stage, person: Person) -> Piece:
    """The PI gives the interview to the transcriber. Returns the transcript's id."""
    interview_id = yield from recorded(stage, person)
    yield stage.clock.later(1, "09:20")
    duties = ("transcribe", "deidentify")
    gift = Gift("interview", interview_id, stage.member("tess"), duties)
    assignments.give(stage.desk("petra"), gift)
    with stage.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(Transcript.id).where(Transcript.interview_id == interview_id)
        ).one()


def typed(stage: Stage, person: Person) -> Piece:
    """The transcriber takes in what a program typed, to listen to it again."""
    transcript_id = yield from given(stage, person)
    yield stage.clock.later(1, "11:00")
    document = Document(words_of(person.file), "txt")
    transcripts_import.take_in(stage.desk("tess"), transcript_id, document, VOICES, rev=0)
    return transcript_id


def checked(stage: Stage, person: Person) -> Piece:
    """The transcriber has listened to all of it."""
    transcript_id = yield from typed(stage, person)
    yield stage.clock.later(0, "16:40")
    transcripts.verify(stage.desk("tess"), transcript_id, rev=1)
    return transcript_id


def handed_in(stage: Stage, person: Person, *, leaves: str = "") -> Piece:
    """The transcriber takes out what was suggested, but for the words that she ``leaves``."""
    transcript_id = yield from checked(stage, person)
    yield stage.clock.later(1, "10:10")
    tess = stage.desk("tess")
    deidentification.deidentify(tess, transcript_id)
    decide_all(stage, transcript_id, leaves)
    yield stage.clock.later(0, "12:20")
    deidentification.propose(stage.desk("tess"), transcript_id)
    yield stage.clock.later(0, "14:00")
    gift = Gift("transcript", transcript_id, stage.member("ravi"), ("review",))
    assignments.give(stage.desk("petra"), gift)
    return transcript_id


def decide_all(stage: Stage, transcript_id: UUID, leaves: str = "") -> None:
    """Accept what is suggested, until nothing new is: a name tells of others like it."""
    tess, seq = stage.desk("tess"), 0
    while True:
        shown = deidentification_marks.consider(tess, transcript_id)
        fresh = [mark for mark in shown.marks if mark.is_open]
        if not fresh:
            return
        at = shown.text.find(leaves) if leaves else len(shown.text)
        spared = range(at, at + len(leaves))
        decided = [
            replace(mark, state="reject", note="ordinary_word")
            if mark.start in spared
            else replace(mark, state="accept")
            for mark in fresh
        ]
        seq += 1
        sent = Sent(shown.rev, f"demonstration-{seq}", seq, Change(decided))
        deidentification_marks.decide(tess, transcript_id, sent)


def released(stage: Stage, person: Person) -> Piece:
    """Somebody else reads it, finds nobody in it and releases it."""
    transcript_id = yield from handed_in(stage, person)
    yield stage.clock.later(2, "10:00")
    ravi = stage.desk("ravi")
    deidentification_reading.review(ravi, transcript_id)
    answers = dict.fromkeys(deidentification_reading.INTRUDERS, "no")
    deidentification_reading.doubt(ravi, transcript_id, [], answers)
    yield stage.clock.later(0, "10:30")
    deidentification_reading.clear(stage.desk("ravi"), transcript_id)
    yield stage.clock.later(0, "10:40")
    releases.make(stage.desk("ravi"), transcript_id)
    return transcript_id


def returned(stage: Stage, person: Person) -> Piece:
    """The second reader finds a place that gives the person away, and sends the text back."""
    transcript_id = yield from handed_in(stage, person, leaves=LEFT)
    yield stage.clock.later(2, "11:00")
    ravi = stage.desk("ravi")
    shown = deidentification_reading.review(ravi, transcript_id)
    number, said = next(
        (number, turn.text)
        for number, turn in enumerate(shown.turns, 1)
        if "chaplain" in turn.text
    )
    words = said.partition(",")[0]
    note = "There is one person of whom this is true. Perhaps: I work in hospitals."
    doubt = Doubt(number, 0, len(words), words, ("colleague", "local"), "certain", note)
    answers = dict.fromkeys(deidentification_reading.INTRUDERS, "no") | {"colleague": "yes"}
    deidentification_reading.doubt(ravi, transcript_id, [doubt], answers)
    yield stage.clock.later(0, "11:25")
    deidentification_reading.send_back(stage.desk("ravi"), transcript_id, reason="quality")
    return transcript_id
