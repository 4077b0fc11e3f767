"""How many people came how far by a date, and how those left who came no further.

Everybody is counted once in every box up to the furthest that they reached, and once among the
exits of that one: so each box is the sum of its exits and the next (invariant 89). Those who
wrote of their own accord count as approached.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from studyhub.domain.words import WORDS

# Analysis is counted by label, never by person: the diagram of people ends at the releases.
BOXES: tuple[str, ...] = WORDS["flow_boxes"][:-1]
EXITS: tuple[str, ...] = WORDS["flow_exits"]
WAITING = "waiting"

_EARLY = frozenset(BOXES[: BOXES.index("consented")])
_ENDS_PLANS = frozenset(BOXES[: BOXES.index("interviewed")])
_BEFORE_TEXT = frozenset(BOXES[: BOXES.index("transcribed")])
# Where a withdrawal of each scope ends somebody's way. The others end nobody's.
WITHDRAWN_FROM: Mapping[str, frozenset[str]] = {
    "all": frozenset(BOXES),
    "transcript": frozenset(BOXES),
    "audio": _BEFORE_TEXT - _ENDS_PLANS,
    "further_participation": _ENDS_PLANS,
    "identity": _ENDS_PLANS,
    "contact": _EARLY,
}
# In which boxes the others can be the end; the order of ``EXITS`` says which of several counts.
LEFT_FROM: Mapping[str, frozenset[str]] = {
    "bounced": frozenset({"approached"}),
    "no_reply": _EARLY,
    "opted_out": _EARLY,
    "declined": _EARLY,
    "ineligible": _EARLY,
    "lapsed": _EARLY,
    "refused": frozenset({"informed"}),
    "no_show": frozenset({"consented"}),
    "ended_early": frozenset({"interviewed"}),
    "not_recorded": frozenset({"interviewed"}),
}
# Exits that end when the person is heard of again.
_UNTIL_HEARD = frozenset(LEFT_FROM) - {"ended_early", "not_recorded"}


@dataclass(frozen=True)
class Leaving:
    """How and when somebody left, in which boxes it counts, and until when if it was undone."""

    how: str
    at: datetime
    where: frozenset[str]
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Say whether it was so at that instant."""
        return self.at <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Way:
    """One person's way: when each box was reached first, how they left, when they wrote."""

    reached: Mapping[str, datetime]
    left: tuple[Leaving, ...] = ()
    heard: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Box:
    """One box: how many came so far, and how those left who came no further."""

    name: str
    n: int
    exits: Mapping[str, int] = field(default_factory=dict)


def flow(ways: Iterable[Way], at: datetime) -> list[Box]:
    """Every box at an instant, from approached to released."""
    came: Counter[str] = Counter()
    went: dict[str, Counter[str]] = {name: Counter() for name in BOXES}
    for way in ways:
        furthest = furthest_by(way, at)
        if furthest is None:
            continue
        came.update(BOXES[: BOXES.index(furthest) + 1])
        went[furthest][exit_by(way, furthest, at)] += 1
    return [
        Box(name, came[name], {how: went[name][how] for how in EXITS if went[name][how]})
        for name in BOXES
    ]


def furthest_by(way: Way, at: datetime) -> str | None:
    """The furthest box reached by then; none before anything happened."""
    return next((name for name in reversed(BOXES) if _is_reached(way, name, at)), None)


def _is_reached(way: Way, name: str, at: datetime) -> bool:
    return name in way.reached and way.reached[name] <= at


def exit_by(way: Way, box: str, at: datetime) -> str:
    """How somebody who came so far had left by then; ``waiting`` for who may still go on."""
    found = {
        each.how
        for each in way.left
        if box in each.where and each.holds(at) and not _is_over(way, each, box, at)
    }
    if "withdrawn" in found:
        return "withdrawn"
    return next((how for how in EXITS if how in found), WAITING)


def _is_over(way: Way, leaving: Leaving, box: str, at: datetime) -> bool:
    """Whether the person came back: wrote again, or went a step further after they left."""
    if leaving.how not in _UNTIL_HEARD:
        return False
    later = (*(when for when in way.heard if when <= at), way.reached[box])
    return any(leaving.at < when for when in later)


def is_balanced(boxes: list[Box]) -> bool:
    """Each box is the sum of its exits and the next one; nothing follows the last."""
    following = [*(box.n for box in boxes[1:]), 0]
    return all(
        box.n == sum(box.exits.values()) + next_
        for box, next_ in zip(boxes, following, strict=True)
    )
