"""What one person made of a text: which stretches of turns became which.

Two neighbours that were only reworded are two changes. A new turn binds itself to a reworded
neighbour (a turn was split), and a turn that is gone to both neighbours (turns were joined).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studyhub.domain.turns import Turn


@dataclass(frozen=True)
class Change:
    """What one side made of ``base[start:end]``; an empty stretch is where turns were added."""

    start: int
    end: int
    turns: tuple[Turn, ...]


def changes_of(base: Sequence[Turn], side: Sequence[Turn]) -> list[Change]:
    """The changes of a side in the order of ``base``, none touching another."""
    kept = {turn.id: place for place, turn in enumerate(base)}
    order = [kept[turn.id] for turn in side if turn.id in kept]
    if order != sorted(order):
        # Nobody can move turns in the workspace; if it happens, the whole text is one change.
        return [Change(0, len(base), tuple(side))]
    return _grouped(base, *_by_place(base, side, kept))


def _by_place(
    base: Sequence[Turn], side: Sequence[Turn], kept: Mapping[str, int]
) -> tuple[dict[int, Turn], list[list[Turn]]]:
    """The turns that survive, by their place in base, and the new ones before each place."""
    surviving: dict[int, Turn] = {}
    added: list[list[Turn]] = [[] for _ in range(len(base) + 1)]
    gap = 0
    for turn in side:
        if turn.id in kept:
            gap = kept[turn.id] + 1
            surviving[kept[turn.id]] = turn
        else:
            added[gap].append(turn)
    return surviving, added


def _grouped(
    base: Sequence[Turn], surviving: Mapping[int, Turn], added: Sequence[Sequence[Turn]]
) -> list[Change]:
    changes: list[Change] = []
    bound = False
    for place, was in enumerate(base):
        if added[place]:
            _extend(changes, Change(place, place, tuple(added[place])), bound=bound)
            bound = True
        now = surviving.get(place)
        if now == was:
            bound = False
            continue
        # Two neighbours that were only reworded stay two changes; a turn that is gone was
        # joined to its neighbour, or may have been.
        joins = bool(added[place]) or now is None or (bound and _gone(changes[-1], surviving))
        change = Change(place, place + 1, (now,) if now else ())
        _extend(changes, change, bound=bound and joins)
        bound = True
    if added[-1]:
        _extend(changes, Change(len(base), len(base), tuple(added[-1])), bound=bound)
    return changes


def _gone(change: Change, surviving: Mapping[int, Turn]) -> bool:
    return change.end - 1 not in surviving


def _extend(changes: list[Change], change: Change, *, bound: bool) -> None:
    if bound:
        last = changes.pop()
        change = Change(last.start, change.end, last.turns + change.turns)
    changes.append(change)
