"""Suggestions and what people make of them, as plain values: taken in whole or refused whole.

A mark never grows over another. A larger one takes in smaller ones wholly inside it, so that
no half of an address stays readable; a partial overlap is refused, on the page and here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from studyhub.domain.errors import Invalid
from studyhub.domain.redaction.paper import Place, place_at
from studyhub.domain.redaction.spans import DIRECT, Decided, Decision
from studyhub.domain.words import CATEGORIES

SUGGESTED = "suggested"
STATES = (SUGGESTED, *(str(each) for each in Decided))
# Why something that looks like an identifier may stay.
REASONS = ("ordinary_word", "public_figure", "hypothetical", "too_common", "other")
REMOVED = "[removed]"
MOST_MARKS = 20_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ENTITY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORDS = re.compile(r"\[[^\[\]\r\n\t]{1,120}\]")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NUMBER = re.compile(r"\b\d{1,3}\b")
_GENERAL = {
    "PERSON": "[person]",
    "PLACE": "[place]",
    "ORG": "[organisation]",
    "ROLE": "[professional role]",
    "CONTACT": "[contact removed]",
    "ID": "[number removed]",
    "URL": "[web address removed]",
    "OTHER_QUASI": "[detail omitted]",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One place of the text and what became of it. ``surface`` is what stands there.

    ``by`` and ``at`` are empty until a person decided. ``note`` is the code of a reason,
    ``words`` what stands there instead when this one place has words of its own.
    """

    id: str
    start: int
    end: int
    category: str
    entity: str
    state: str = SUGGESTED
    surface: str = ""
    note: str = ""
    words: str = ""
    detector: str = "hand"
    reason: str = ""
    score: float = 1.0
    ask: bool = False
    by: str = ""
    at: str = ""

    @property
    def is_open(self) -> bool:
        """Nobody decided yet."""
        return self.state == SUGGESTED

    @property
    def masks(self) -> bool:
        """The words there are replaced."""
        return self.state not in (SUGGESTED, Decided.REJECT)

    @property
    def is_direct(self) -> bool:
        """It names a person by itself."""
        return self.category in DIRECT


@dataclass(frozen=True)
class Change:
    """What a page sends: marks as they should be now, and ids of those that are gone."""

    marks: Sequence[Mark]
    removed: frozenset[str] = frozenset()


def take_in(
    text: str, places: Sequence[Place], kept: Sequence[Mark], change: Change
) -> list[Mark]:
    """The marks after a change, in the order of the text. Raises Invalid and takes nothing.

    Who decided and when stands in the marks that changed already.
    """
    fresh = {
        mark.id: replace(mark, surface=text[mark.start : mark.end]) for mark in change.marks
    }
    for mark in fresh.values():
        _check(mark, text, places)
    stay = [
        mark
        for mark in kept
        if mark.id not in fresh
        and mark.id not in change.removed
        and not any(_inside(mark, larger) for larger in fresh.values())
    ]
    marks = sorted([*stay, *fresh.values()], key=lambda one: (one.start, one.end, one.id))
    if any(following.start < one.end for one, following in pairwise(marks)):
        raise Invalid({"marks": "Part of this is marked already. Change that mark instead."})
    if len(marks) > MOST_MARKS:
        raise Invalid({"marks": f"A text has at most {MOST_MARKS:,} marks."})
    return marks


def uncovered(before: Sequence[Mark], after: Sequence[Mark]) -> bool:
    """Say whether a place that was marked before has no mark at all now."""
    places = {(mark.start, mark.end) for mark in after}
    return any(
        not any(mark.start < end and start < mark.end for start, end in places)
        for mark in before
        if (mark.start, mark.end) not in places
    )


def _inside(mark: Mark, larger: Mark) -> bool:
    return larger.start <= mark.start and mark.end <= larger.end


def _check(mark: Mark, text: str, places: Sequence[Place]) -> None:
    if not _ID.fullmatch(mark.id) or not _ENTITY.fullmatch(mark.entity):
        raise Invalid({"id": "A mark and its entity have ids."})
    if mark.state not in STATES or mark.category not in CATEGORIES:
        raise Invalid({"state": "That is no decision, or no kind of identifier."})
    if not 0 <= mark.start < mark.end <= len(text) or not place_at(
        places, mark.start, mark.end
    ):
        raise Invalid({"marks": "A mark lies within the words of one turn."})
    if mark.note and mark.note not in REASONS:
        raise Invalid({"note": "Choose a reason from the list."})
    if mark.state == Decided.REJECT and mark.is_direct and not mark.note:
        raise Invalid({"note": "Say why a name, number or address may stay."})
    if mark.state == Decided.EDIT and not _WORDS.fullmatch(mark.words):
        raise Invalid({"words": "Write what stands there, in square brackets."})


def decision_of(mark: Mark, vocabulary: Mapping[str, str]) -> Decision:
    """A decided mark as what ``apply`` takes; ``vocabulary`` is entity to replacement.

    Raises Invalid for a suggestion, or an entity that has no replacement yet.
    """
    if mark.is_open:
        raise Invalid({"marks": "A suggestion is not decided yet."})
    return Decision(
        *(mark.start, mark.end, mark.category, mark.state, mark.surface, mark.entity),
        replacement=_replacement(mark, vocabulary),
        reason=mark.note,
        by=mark.by,
        at=mark.at,
    )


def _replacement(mark: Mark, vocabulary: Mapping[str, str]) -> str:
    match mark.state:
        case Decided.REJECT:
            return ""
        case Decided.EDIT:
            return mark.words
        case Decided.SUPPRESS:
            return REMOVED
        case Decided.GENERALISE:
            return general_words(mark.category, mark.surface)
    found = vocabulary.get(mark.entity)
    if not found:
        raise Invalid({"entity": "What stands for this is not chosen yet."})
    return found


def general_words(category: str, surface: str) -> str:
    """What stands for a place that is only made less exact: a year, a band of ten years."""
    if category == "DATE":
        year = _YEAR.search(surface)
        exact = year is not None and year[0] == surface.strip()
        return f"[{year[0]}]" if year and not exact else "[date omitted]"
    if category == "AGE":
        age = _NUMBER.search(surface)
        tens = int(age[0]) // 10 * 10 if age else 0
        return f"[aged {tens} to {tens + 9}]" if age else "[age omitted]"
    return _GENERAL[category]
