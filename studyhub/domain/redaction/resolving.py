"""One suggestion a place, out of all that detectors say; neighbours stay two, never one."""

import re
from bisect import bisect_right, insort
from collections.abc import Iterable
from itertools import islice, takewhile

from studyhub.domain.redaction.spans import Span

_EDGE = re.compile(r"[^\W_]")
_FIRM = frozenset({"CONTACT", "ID", "URL", "DATE"})
_SURE = 0.8
_KNOWN = 0.9
_NAMES = frozenset({"ORG", "PLACE"})
_LOOSE = re.compile(
    r"^(?:(?:and|of|at|in|for|on|the|a|an|to|with|by|from)\b\W*)+|(?:\W*\b(?:and|of|at|in|for|on|the|a|an|to|with|by|from))+\W*$",
    re.IGNORECASE,
)


def resolve(spans: Iterable[Span], plain: str) -> list[Span]:
    """Choose among overlapping spans, in the order of the text.

    What the register or a fixed form knows keeps its words, then persons, then the longer; of
    two that cross, the other keeps what is left over. Two entities never become one span.
    """
    chosen: list[Span] = []
    for span in sorted(_without_inner_places(set(spans)), key=_order):
        rest = [span]
        for other in _touching(chosen, span):
            rest = [piece for part in rest for piece in without(part, other.start, other.end)]
        whole = rest == [span]
        pieces = rest if whole else [cut for part in rest for cut in _trim(part, plain)]
        # What is left of a post is its first words; what follows the place in it is loose.
        for piece in pieces[:1] if span.category == "ROLE" else pieces:
            insort(chosen, piece, key=_start)
    return chosen


def _start(span: Span) -> int:
    return span.start


def _touching(chosen: list[Span], span: Span) -> list[Span]:
    """Those of the chosen, which are in order and apart, that share a place with a span."""
    first = max(bisect_right(chosen, span.start, key=_start) - 1, 0)
    return list(takewhile(lambda other: other.start < span.end, islice(chosen, first, None)))


def _without_inner_places(spans: set[Span]) -> list[Span]:
    """Without the towns that are part of a longer name: the town's club, its bishop."""
    longer = [span for span in spans if span.category in {"ORG", "ROLE"}]
    return [
        span
        for span in spans
        if span.category != "PLACE" or not any(_within(span, other) for other in longer)
    ]


def _within(span: Span, other: Span) -> bool:
    shorter = span.end - span.start < other.end - other.start
    return shorter and other.start <= span.start and span.end <= other.end


def _order(span: Span) -> tuple[int, int, float, int, str, str]:
    sure = span.entity or (span.detector == "register" and span.score >= _KNOWN)
    person = span.category == "PERSON" and span.score >= _SURE
    ranks = (bool(sure) or span.category in _FIRM, person, True)
    rank = ranks.index(True)
    return (rank, span.start - span.end, -span.score, span.start, span.category, span.detector)


def without(span: Span, start: int, end: int) -> list[Span]:
    """What is left of a span outside a place: nothing, one piece or two."""
    if end <= span.start or start >= span.end:
        return [span]
    pieces = ((span.start, start), (end, span.end))
    return [_cut(span, left, right) for left, right in pieces if right > left]


def _cut(span: Span, start: int, end: int) -> Span:
    return Span(
        start, end, span.category, span.score, span.detector, span.reason, span.entity, span.ask
    )


def _trim(span: Span, plain: str) -> list[Span]:
    """A left-over piece without loose words at its edges; nothing if no other word is in it."""
    words = plain[span.start : span.end]
    owned = 2 if words.startswith("'s") else 0
    found = [match.start() for match in _EDGE.finditer(words, owned)]
    if not found:
        return []
    start, end = span.start + found[0], span.start + found[-1] + 1
    bare = _LOOSE.sub("", plain[start:end])
    if not bare or plain[start:end].casefold() == "s":
        return []
    start += plain[start:end].index(bare)
    if span.category in _NAMES and " " not in bare and bare.islower():
        return []
    return [_cut(span, start, start + len(bare))]
