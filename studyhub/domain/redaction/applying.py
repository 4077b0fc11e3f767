"""Write the released text: the version with each decided place replaced, and nothing else.

Byte for byte: outside the decided places the text is the version's. Neighbouring places stay
two. Where replacements stand is known from the decisions, never by looking for brackets.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from studyhub.domain.errors import Invalid
from studyhub.domain.redaction.replacements import OWN_LABEL
from studyhub.domain.redaction.spans import Decision, overlap

_MARKED = re.compile(r"\[[^\[\]\r\n]+\]")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a replacement stands in the text that was written."""

    start: int
    end: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Applied:
    """The text that was written, and where its replacements stand, in order."""

    text: str
    placed: tuple[Placed, ...]

    def place_of(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a place of the version stands now; None if a replacement touches it."""
        moved = 0
        for one in self.placed:
            decision = one.decision
            if decision.start < end and start < decision.end:
                return None
            if decision.end <= start:
                moved += (one.end - one.start) - (decision.end - decision.start)
        return start + moved, end + moved


def apply(text: str, decisions: Iterable[Decision], label: str = "") -> str:
    """The text with every masked place replaced; rejected places keep their words.

    ``label`` is the participant's own, which fills its placeholder. Raises Invalid if a
    decision does not fit the text, two overlap, or a replacement is not marked ``[...]``.
    """
    return applied(text, decisions, label).text


def applied(text: str, decisions: Iterable[Decision], label: str = "") -> Applied:
    """``apply``, and where each replacement stands in what was written."""
    masks = masks_of(text, decisions)
    pieces: list[str] = []
    placed: list[Placed] = []
    done = size = 0
    for mask in masks:
        kept, words = text[done : mask.start], _filled(mask, label)
        start = size + len(kept)
        placed.append(Placed(start, start + len(words), mask))
        pieces += [kept, words]
        size, done = start + len(words), mask.end
    pieces.append(text[done:])
    return Applied("".join(pieces), tuple(placed))


def masks_of(text: str, decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that replace something, in order, each checked against the text."""
    ordered = sorted(decisions, key=lambda one: (one.start, one.end))
    masks = [decision for decision in ordered if decision.masks]
    for decision in ordered:
        if not fits(text, decision):
            raise Invalid({"decisions": "A decision does not fit the text it was made for."})
    _refuse_overlap(masks)
    if any(not _MARKED.fullmatch(mask.replacement) for mask in masks):
        raise Invalid({"replacement": "A replacement stands in square brackets, on one line."})
    return masks


def fits(text: str, decision: Decision) -> bool:
    """Say whether the words that were decided on stand where the decision says."""
    inside = 0 <= decision.start < decision.end <= len(text)
    return inside and text[decision.start : decision.end] == decision.surface


def _refuse_overlap(masks: Sequence[Decision]) -> None:
    for one, following in pairwise(masks):
        if overlap(one, following):
            raise Invalid({"decisions": "Two decisions share some words: cut one of them."})


def _filled(mask: Decision, label: str) -> str:
    return f"[{label}]" if label and mask.replacement == OWN_LABEL else mask.replacement
