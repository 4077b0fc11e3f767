"""Six transcripts are typed, freed of identifiers by one person and released by another."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from studyhub.domain.redaction.marks import Change, Mark
from studyhub.workflows import (
    deidentification,
    deidentification_gate,
    deidentification_marks,
    deidentification_reading,
    releases,
    transcripts,
    transcripts_import,
)
from studyhub.workflows.deidentification_marks import Sent, Workbench
from studyhub.workflows.transcripts_import import Document, Voice
from tests.founding.people import INTERVIEWS, SIX, Person
from tests.makers import Study, assigned, give_to_read

ORDINARY = {"Oh.", "Gosh.", "Goodness."}  # whole turns, which an engine takes for names
VOICES = {
    "D01": ("INT", "P1"),
    "D04": ("I", "R"),
    "D06": ("INT", "P6"),
    "D07": ("I", "R"),
    "D09": ("Q", "A"),
    "D12": ("INT", "P12"),
}


def typed(study: Study, person: Person, transcript_id: UUID) -> None:
    """Tess imports what she typed elsewhere and says that it is complete."""
    asks, tells = VOICES[person.text]
    voices = {
        asks: Voice("Interviewer", "interviewer"),
        tells: Voice("Participant", "participant"),
    }
    document = Document(person.interview, "txt")
    transcripts_import.take_in(study.tess, transcript_id, document, voices, rev=0)
    transcripts.verify(study.tess, transcript_id, rev=1)


def freed_of_identifiers(study: Study, person: Person, transcript_id: UUID) -> None:
    """Tess takes every suggestion, marks by hand what was missed, and hands the text in."""
    deidentification.deidentify(study.tess, transcript_id)
    while fresh := list(open_or_missed(look(study, transcript_id), person)):
        bench = look(study, transcript_id)
        sent = Sent(bench.rev, str(uuid4()), 1, Change(fresh))
        deidentification_marks.decide(study.tess, transcript_id, sent)
    deidentification.propose(study.tess, transcript_id)


def look(study: Study, transcript_id: UUID) -> Workbench:
    return deidentification_marks.consider(study.tess, transcript_id)


def open_or_missed(bench: Workbench, person: Person) -> Iterator[Mark]:
    """Suggestions that nobody decided; else what the annotation names and no mark covers."""
    suggested = [_decided(mark, person) for mark in bench.marks if mark.is_open]
    yield from suggested
    if suggested:
        return
    covered = {at for mark in bench.marks for at in range(mark.start, mark.end)}
    entities: dict[str, str] = {}
    for gold in annotated(person):
        for found in re.finditer(rf"(?<!\w){re.escape(gold['text'])}(?!\w)", bench.text):
            if not covered & set(range(*found.span())):
                covered |= set(range(*found.span()))
                entity = entities.setdefault(gold["entity_id"], str(uuid4()))
                made = Mark(f"h-{found.start()}", *found.span(), gold["category"], entity)
                yield replace(made, state="accept")


def _decided(mark: Mark, person: Person) -> Mark:
    """Taken, but for what is a word of the language."""
    if mark.surface in ORDINARY:
        return replace(mark, state="reject", note="ordinary_word")
    return replace(mark, state="accept")


def annotated(person: Person) -> list[dict[str, Any]]:
    """What must not be read in the release, longest first, as its annotator marked it."""
    told = json.loads((INTERVIEWS / f"{person.text}.json").read_text())
    spans = [each for each in told["spans"] if not each["speaker_label"]]
    return sorted(spans, key=lambda each: -len(each["text"]))


def the_others_are_released(
    study: Study, held: dict[Person, UUID], labels: dict[Person, str]
) -> None:
    """Typed and freed of names by Tess, released by Ravi, in another order than they came."""
    made = {person: assigned(study, held[person]) for person in SIX[1:]}
    for person, transcript_id in made.items():
        typed(study, person, transcript_id)
        freed_of_identifiers(study, person, transcript_id)
        give_to_read(study, transcript_id)
    for person in (SIX[4], SIX[2], SIX[5], SIX[1], SIX[3]):
        labels[person] = released(study, made[person])


def released(study: Study, transcript_id: UUID) -> str:
    """Ravi reads it a second time, the leak gate finds nothing, and Ravi releases it."""
    ravi = study.ravi
    deidentification_reading.review(ravi, transcript_id)
    answers = dict.fromkeys(deidentification_reading.INTRUDERS, "no")
    deidentification_reading.doubt(ravi, transcript_id, [], answers)
    allowed_by_the_investigator(study, transcript_id)
    deidentification_reading.clear(ravi, transcript_id)
    return releases.make(ravi, transcript_id)


def allowed_by_the_investigator(study: Study, transcript_id: UUID) -> None:
    """What the leak gate still finds names nobody: four ewes are as many as a child's years."""
    found = deidentification_gate.check(study.petra, transcript_id).found.leaks
    for leak in (each.leak for each in found):
        place = {"where": leak.where, "start": leak.start, "end": leak.end}
        deidentification_gate.overrule(study.petra, transcript_id, **place, reason="other")
