"""Keep decisions where they belong after somebody corrected the text, or say which got lost.

A decision moves with its words if they and their neighbours are unchanged; nothing is guessed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from studyhub.domain.redaction.spans import Decision

_PIECE = re.compile(r"\w+|\W")
# Beyond this much change between the first and the last difference nothing in between is kept.
_MOST_PIECES = 20_000


@dataclass(frozen=True, slots=True)
class Anchored:
    """Decisions at their new places, and those whose words were changed: decide again."""

    kept: tuple[Decision, ...]
    lost: tuple[Decision, ...]


def reanchor(decisions: Iterable[Decision], old: str, new: str) -> Anchored:
    """Move decisions made for ``old`` to ``new``. None is moved to other words than its own."""
    kept: list[Decision] = []
    lost: list[Decision] = []
    same = _unchanged(old, new)
    for decision in decisions:
        moved = _moved(decision, same)
        if moved and new[moved.start : moved.end] == decision.surface == _at(old, decision):
            kept.append(moved)
        else:
            lost.append(decision)
    return Anchored(tuple(kept), tuple(lost))


def _at(text: str, decision: Decision) -> str:
    return text[decision.start : decision.end]


def _moved(decision: Decision, same: list[tuple[int, int, int]]) -> Decision | None:
    for start, end, by in same:
        if start <= decision.start and decision.end <= end:
            return replace(decision, start=decision.start + by, end=decision.end + by)
    return None


def _unchanged(old: str, new: str) -> list[tuple[int, int, int]]:
    """Stretches of the old text that stand in the new one: start, end, how far they moved."""
    olds, news = _PIECE.findall(old), _PIECE.findall(new)
    head = _shared(olds, news)
    tail = _shared(olds[head:][::-1], news[head:][::-1])
    length = sum(map(len, olds[:head]))
    blocks = [(0, length, 0)]
    middle_old, middle_new = olds[head : len(olds) - tail], news[head : len(news) - tail]
    if len(middle_old) + len(middle_new) <= _MOST_PIECES:
        blocks += _within(middle_old, middle_new, length)
    ending = sum(map(len, olds[len(olds) - tail :]))
    blocks.append((len(old) - ending, len(old), len(new) - len(old)))
    return [block for block in blocks if block[1] > block[0]]


def _shared(olds: list[str], news: list[str]) -> int:
    count = 0
    for old, new in zip(olds, news, strict=False):
        if old != new:
            break
        count += 1
    return count


def _within(olds: list[str], news: list[str], base: int) -> list[tuple[int, int, int]]:
    old_at, new_at = _offsets(olds, base), _offsets(news, base)
    matcher = SequenceMatcher(a=olds, b=news, autojunk=False)
    return [
        (old_at[block.a], old_at[block.a + block.size], new_at[block.b] - old_at[block.a])
        for block in matcher.get_matching_blocks()
    ]


def _offsets(pieces: list[str], base: int) -> list[int]:
    offsets = [base]
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    return offsets
