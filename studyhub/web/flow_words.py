"""The flow of participants in words, and as the drawing that a page or a file shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from studyhub.domain.flow import Box
from studyhub.web.frame import Step

NAMES = {
    "approached": "Approached",
    "interested": "Interested",
    "informed": "Informed",
    "consented": "Consented",
    "interviewed": "Interviewed",
    "recorded": "Recorded",
    "transcribed": "Transcribed",
    "released": "Released",
}
EXITS = {
    "bounced": "letter came back",
    "no_reply": "no reply",
    "opted_out": "wants no letters",
    "declined": "said no",
    "ineligible": "not eligible",
    "lapsed": "not heard of again",
    "refused": "did not sign",
    "no_show": "did not come",
    "ended_early": "ended early, nothing recorded",
    "not_recorded": "not recorded",
    "withdrawn": "withdrew",
}
# What those who may still go on wait for, box by box.
WAITS = {
    "approached": "waiting for a reply",
    "interested": "to be screened or informed",
    "informed": "considering",
    "consented": "interview to come",
    "interviewed": "recording awaited",
    "recorded": "being transcribed",
    "transcribed": "being de-identified or read",
    "released": "open to analysts",
}

_WIDE, _GAP, _LINE, _EDGE = 700, 20, 20, 8
_HIGH = 52  # of a box with one line


@dataclass(frozen=True)
class Exit:
    """How many of a box left so, in words, and where it stands in the drawing."""

    words: str
    n: int
    y: int


@dataclass(frozen=True)
class Drawn:
    """One box with its exits, and where it stands."""

    name: str
    n: int
    y: int
    high: int
    exits: tuple[Exit, ...]
    below: int | None

    @property
    def side(self) -> int:
        """How high the box of the exits is."""
        return max(_HIGH, len(self.exits) * _LINE + 2 * _EDGE)


@dataclass(frozen=True)
class Drawing:
    """The whole diagram. ``says`` has the same numbers for those who do not see it."""

    boxes: tuple[Drawn, ...]
    wide: int
    high: int
    says: str


def exit_words(box: str, how: str) -> str:
    """How somebody left a box, or what they wait for there."""
    return EXITS.get(how) or WAITS[box]


def steps(boxes: Sequence[Box]) -> list[Step]:
    """The strip of a first screen; empty while nobody was approached."""
    if not boxes or not boxes[0].n:
        return []
    share = 100 / boxes[0].n
    return [
        Step(
            NAMES[box.name],
            box.n,
            round(box.n * share, 1),
            [f"{n} {exit_words(box.name, how)}" for how, n in box.exits.items()],
        )
        for box in boxes
    ]


def drawing(boxes: Sequence[Box]) -> Drawing:
    """Lay the boxes out from top to bottom, each beside its exits."""
    drawn, y = [], 2
    for box in boxes:
        lines = len(box.exits)
        high = max(_HIGH, lines * _LINE + 2 * _EDGE)
        first = y + (high - lines * _LINE) // 2 + 15
        exits = tuple(
            Exit(exit_words(box.name, how), n, first + place * _LINE)
            for place, (how, n) in enumerate(box.exits.items())
        )
        is_last = box is boxes[-1]
        below = None if is_last else y + high + _GAP
        drawn.append(Drawn(NAMES[box.name], box.n, y, _HIGH, exits, below))
        y += high + _GAP
    says = ", ".join(f"{box.n} {NAMES[box.name].lower()}" for box in boxes)
    return Drawing(tuple(drawn), _WIDE, y - _GAP + 2, says)
