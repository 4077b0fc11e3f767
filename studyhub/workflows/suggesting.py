"""Let the engine look at a transcript, with what the study's register recognises.

Runs again only when the register or the engine changed since. A new run adds places that nobody
has marked and never touches a decision (invariants 13 and 20).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import func, select

from studyhub.domain.redaction import paper
from studyhub.domain.redaction.engine import rerun, suggest
from studyhub.domain.redaction.linking import Mention, link
from studyhub.domain.redaction.marks import Mark
from studyhub.domain.redaction.normal import plain
from studyhub.domain.redaction.register import Register
from studyhub.domain.redaction.spans import (
    ENGINE_VERSION,
    Decision,
    Entry,
    Known,
    Span,
)
from studyhub.store.transcripts import RegisterEntry
from studyhub.workflows.entities import Vocabulary
from studyhub.workflows.kernel import Work
from studyhub.workflows.marks_kept import Kept
from studyhub.workflows.recognising import own_entries, recogniser


@dataclass(frozen=True)
class WhatIsKnown:
    """Everybody's names by their prints, and this participant's values in clear."""

    known: Known
    own: Sequence[Entry]

    @property
    def register(self) -> Register:
        """The same as the engine takes it."""
        return Register(self.known, self.own)


def what_is_known(work: Work, kept: Kept, vocabulary: Vocabulary) -> WhatIsKnown:
    """Open what this member may know of the register. Refused where it was not given."""
    own = own_entries(work, kept.opened.participant_id, vocabulary.merged)
    return WhatIsKnown(recogniser(work, vocabulary.merged), [entry for _, entry in own])


def with_suggestions(work: Work, kept: Kept, vocabulary: Vocabulary) -> Kept:
    """The marks with everything that the engine adds to them now."""
    stamp = _stamp(work, kept)
    if stamp == kept.seen:
        return kept
    known = what_is_known(work, kept, vocabulary)
    kept = of_known_entities(kept, vocabulary, known.known)
    spans = suggest(kept.text, known.known, known.own)
    added = _added(kept, rerun(spans, [_as_decision(mark) for mark in kept.marks]))
    marks = sorted([*kept.marks, *added], key=lambda mark: (mark.start, mark.end))
    return replace(kept, marks=tuple(marks), seen=stamp)


def of_known_entities(kept: Kept, vocabulary: Vocabulary, known: Known) -> Kept:
    """The same marks; what got a name in another text meanwhile is of that entity here too."""
    unnamed = {mark.entity for mark in kept.marks if not vocabulary.of(mark.entity)}
    found: dict[str, str] = {}
    for mark in kept.marks:
        if mark.entity in unnamed - {kept.own_entity}:
            hit = known("exact", plain(mark.surface))
            if hit is not None and hit.entity:
                found.setdefault(mark.entity, hit.entity)
    marks = (replace(mark, entity=found.get(mark.entity, mark.entity)) for mark in kept.marks)
    return replace(kept, marks=tuple(marks))


def _stamp(work: Work, kept: Kept) -> str:
    """What the last run saw: the engine, the text, and what the register held."""
    count, newest = work.session.execute(
        select(func.count(), func.max(RegisterEntry.made_at)).where(
            RegisterEntry.study_id == work.study
        )
    ).one()
    told = f"{ENGINE_VERSION}|{kept.version_id}|{count}|{newest}"
    return sha256(told.encode()).hexdigest()[:16]


def _as_decision(mark: Mark) -> Decision:
    return Decision(mark.start, mark.end, mark.category, mark.state, mark.surface)


def _added(kept: Kept, spans: Iterable[Span]) -> list[Mark]:
    """Suggestions as marks, each linked to the entity it seems to mention."""
    places, text = kept.places, kept.text
    fresh = [span for span in spans if paper.place_at(places, span.start, span.end)]
    mentions = [Mention("", mark.surface, mark.category, mark.entity) for mark in kept.marks]
    mentions += [
        Mention("", text[span.start : span.end], span.category, span.entity) for span in fresh
    ]
    entities: dict[str, str] = {}
    made: list[Mark] = []
    for span, entity in zip(fresh, link(mentions)[len(kept.marks) :], strict=True):
        known = entity if not entity.startswith("new-") else ""
        entities.setdefault(entity, known or str(uuid4()))
        made.append(
            Mark(
                *(f"m-{uuid4().hex[:12]}", span.start, span.end, span.category),
                entity=entities[entity],
                surface=text[span.start : span.end],
                detector=span.detector,
                reason=span.reason,
                score=span.score,
                ask=span.ask,
            )
        )
    return made
