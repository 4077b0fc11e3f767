"""What the engine says of a text, and what people say to that: plain values.

Offsets count characters (Unicode code points) of the stored text; the end is not included.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

ENGINE_VERSION = "2"

DIRECT = frozenset({"PERSON", "CONTACT", "ID", "URL"})


class Decided(StrEnum):
    """What a person did with a mention."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"
    GENERALISE = "generalise"
    SUPPRESS = "suppress"


@dataclass(frozen=True, slots=True)
class Span:
    """One place that may identify somebody. ``ask`` marks a prompt: it may be nothing.

    ``score`` is between 0 and 1 and only orders; ``reason`` is a sentence for the screen and
    never holds words of the text. ``entity`` is the register's, if the place was recognised.
    """

    start: int
    end: int
    category: str
    score: float
    detector: str
    reason: str
    entity: str = ""
    ask: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about one place. ``surface`` is what stood there, word for word."""

    start: int
    end: int
    category: str
    act: str
    surface: str
    entity: str = ""
    replacement: str = ""
    reason: str = ""
    by: str = ""
    at: str = ""

    @property
    def masks(self) -> bool:
        """Say whether the words there are replaced; everything but a rejection does."""
        return self.act != Decided.REJECT


@dataclass(frozen=True, slots=True)
class Entry:
    """One value that the register holds of this participant, in clear."""

    entity: str
    category: str
    value: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What the register recognises without being listed: whose, and of which category."""

    entity: str
    category: str


class Known(Protocol):
    """Look a plain value up among the study's fingerprints.

    ``kind`` is one of ``register_prints.kind``: exact token initials nickname spoken digits
    mail sound. The answer is the same for the same value, and None for what is not known.
    """

    def __call__(self, kind: str, value: str) -> Hit | None: ...


def nobody(kind: str, value: str) -> Hit | None:  # noqa: ARG001 - the protocol's own names
    """Know nothing: for a study whose register is empty."""
    return None


def overlap(one: Span | Decision, other: Span | Decision) -> bool:
    """Say whether two places share a character."""
    return one.start < other.end and other.start < one.end
