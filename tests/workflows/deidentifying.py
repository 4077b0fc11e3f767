"""What tests of de-identification share: a text given to Tess and Ravi, and decisions on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain import turns
from studyhub.domain.redaction.marks import Change, Mark
from studyhub.domain.saving import Save
from studyhub.domain.turns import Body, Speaker, Turn
from studyhub.store.db import Sessions
from studyhub.store.transcripts import RegisterEntry, Transcript, TranscriptVersion
from studyhub.workflows import (
    assignments,
    deidentification,
    deidentification_marks,
    deidentification_reading,
    transcripts,
    transcripts_saving,
)
from studyhub.workflows.assignments import Gift
from studyhub.workflows.deidentification_marks import Sent
from studyhub.workflows.deidentification_reading import INTRUDERS
from tests.makers import Clock, Study, approved_study, enrolled, interviewed, new_instance
from tests.staged import Staged, copied, staged_as

SAID = (
    ("s1", "Thank you for coming, Grace. How did you begin?"),
    ("s2", "Maureen Tolley asked me. Maureen founded Lantern House in Yeovil."),
    ("s1", "And who can people ring?"),
    (
        "s2",
        "Ring me on 07700 900123. Helen Marsh was there too, "
        "in lower case helen marsh. [laughs]",
    ),
    ("s2", "We talked about PTSD, and then Kay Denise came."),
)
SPEAKERS = (
    Speaker("s1", "interviewer", "Interviewer"),
    Speaker("s2", "participant", "Participant"),
)


@contextmanager
def begun_on(kind: str, clock: Clock) -> Iterator[tuple[Study, object]]:
    """A study in which Tess has just begun to de-identify ``SAID``, and the transcript."""
    stage = _staged_begun(kind)
    study, made = stage.made
    with copied(stage, clock) as hub:
        clock.at = study.clock.at
        yield replace(study, hub=hub, clock=clock), made


@cache
def _staged_begun(kind: str) -> Staged[tuple[Study, object]]:
    return staged_as("deidentifying", kind, _make_begun)


def _make_begun(sessions: Sessions, folder: Path) -> tuple[Study, object]:
    clock = Clock()
    study = enrolled(new_instance(sessions, folder, clock), clock)
    approved_study(study)
    return study, begun(study)


def body_of(said=SAID):
    """Turns of who said what."""
    lines = [
        Turn(f"t{number}", speaker, None, None, text)
        for number, (speaker, text) in enumerate(said, 1)
    ]
    return Body(SPEAKERS, tuple(lines))


def transcript_of(study, interview_id):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(Transcript.id).where(Transcript.interview_id == interview_id)
        ).one()


def give(study, interview_id, login, *duties):
    to = study.membership_id(login)
    assignments.give(study.petra, Gift("interview", interview_id, to, duties))


def typed(study, said=SAID, *, participant_id=None):
    """An interview was held, Tess typed it and checked it, Ravi will read it."""
    interview_id = interviewed(study, participant_id)
    give(study, interview_id, "tess", "transcribe", "deidentify")
    give(study, interview_id, "ravi", "review")
    made = transcript_of(study, interview_id)
    type_in(study, made, said)
    transcripts.verify(study.tess, made, rev=1)
    return made


def type_in(study, made, said, *, rev=0):
    text = turns.write(body_of(said))
    transcripts_saving.save(study.tess, made, Save(rev, text, str(uuid4()), 1))


def begun(study, said=SAID, **more):
    made = typed(study, said, **more)
    deidentification.deidentify(study.tess, made)
    return made


def look(study, made, desk=None):
    return deidentification_marks.consider(desk or study.tess, made)


def send(study, made, *marks, rev=None, removed=(), words=None, client=None, seq=1, desk=None):
    desk = desk or study.tess
    base = look(study, made, desk).rev if rev is None else rev
    change = Change(marks, frozenset(removed))
    sent = Sent(base, client or str(uuid4()), seq, change, words or {})
    return deidentification_marks.decide(desk, made, sent)


def hand_mark(text, words, category="PERSON", *, entity=None, state="accept", **more):
    """A mark by hand over the first place of some words."""
    start = text.index(words)
    made = Mark(f"h-{start}", start, start + len(words), category, entity or str(uuid4()))
    return replace(made, state=state, **more)


def accepted(marks, state="accept", **more):
    return [replace(mark, state=state, **more) for mark in marks if mark.is_open]


def decide_all(study, made):
    """Accept every suggestion, also those that come of what was accepted."""
    while fresh := accepted(look(study, made).marks):
        send(study, made, *fresh)


def propose(study, made):
    return deidentification.propose(study.tess, made)


def proposed(study, said=SAID, **more):
    made = begun(study, said, **more)
    decide_all(study, made)
    deidentification.propose(study.tess, made)
    return made


def answer_no(study, made, desk=None):
    desk = desk or study.ravi
    deidentification_reading.review(desk, made)
    answers = dict.fromkeys(INTRUDERS, "no")
    deidentification_reading.doubt(desk, made, [], answers)


def row_of(study, made):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(Transcript, made)
        session.expunge(found)
        return found


def versions(study, made):
    with study.hub.sessions.reading.begin() as session:
        rows = session.scalars(
            select(TranscriptVersion)
            .where(TranscriptVersion.transcript_id == made)
            .order_by(TranscriptVersion.made_at)
        ).all()
        session.expunge_all()
        return rows


def entries(study, source):
    with study.hub.sessions.reading.begin() as session:
        return len(
            session.scalars(
                select(RegisterEntry.id).where(RegisterEntry.source == source)
            ).all()
        )


def mark_of(bench, words):
    return next(mark for mark in bench.marks if mark.surface == words)


def entity_of(bench, words):
    wanted = mark_of(bench, words).entity
    return next(entity for entity in bench.entities if entity.id == wanted)


def uuid_of(bench, words):
    return UUID(mark_of(bench, words).entity)
