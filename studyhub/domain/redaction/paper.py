"""The text that is de-identified: every turn after the part of who speaks, never after a name.

Decisions count characters of exactly this text. Speakers are named by their part, so that the
release act has one word to fill in, the participant's label, and no name can hide in a label.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from studyhub.domain.errors import Invalid
from studyhub.domain.redaction.applying import apply
from studyhub.domain.redaction.spans import Decision
from studyhub.domain.redaction.words import is_generic
from studyhub.domain.turns import Body, plain_text

PARTICIPANT = "Participant"
INTERVIEWER = "Interviewer"
_LIKE_A_LABEL = re.compile(r"p ?\d+|participant.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words of a turn stand in the text: without its label and the blanks after."""

    turn_id: str
    start: int
    end: int


def text_of(body: Body) -> str:
    """The text on which decisions are made."""
    return plain_text(with_parts(body))


def with_parts(body: Body, label: str = "") -> Body:
    """The same turns under parts: the participant's ``label`` or a placeholder for it."""
    named: list[str] = []
    for speaker in body.speakers:
        named.append(_part(speaker.role, speaker.label, label, named))
    speakers = [
        replace(one, label=part) for one, part in zip(body.speakers, named, strict=True)
    ]
    return replace(body, speakers=tuple(speakers))


def _part(role: str, shown: str, label: str, taken: Sequence[str]) -> str:
    if role == "participant":
        return label or PARTICIPANT
    keeps = is_generic(shown) and not _LIKE_A_LABEL.fullmatch(shown)
    if keeps:
        return shown
    if role == "interviewer":
        return INTERVIEWER
    number = 1
    while f"Speaker {number}" in taken:
        number += 1
    return f"Speaker {number}"


def places_of(body: Body) -> tuple[Place, ...]:
    """Where the words of each turn stand in ``text_of``."""
    labels = with_parts(body).labels
    places: list[Place] = []
    at = 0
    for turn in body.turns:
        head = f"{labels[turn.speaker]}: "
        line = f"{head}{turn.text}".rstrip()
        start = at + min(len(head), len(line))
        places.append(Place(turn.id, start, at + len(line)))
        at += len(line) + 2  # the end of the line, and the blank line
    return tuple(places)


def place_at(places: Sequence[Place], start: int, end: int) -> Place | None:
    """The turn whose words hold a whole place; None if it crosses into another or a label."""
    return next((one for one in places if one.start <= start < end <= one.end), None)


def output_of(body: Body, decisions: Iterable[Decision], label: str = "") -> Body:
    """The body as it is released: each decision applied within its turn, parts as speakers.

    Its plain text is ``apply`` of the whole text. Raises Invalid for a decision that does not
    lie in the words of one turn, or that ``apply`` refuses.
    """
    places = places_of(body)
    by_turn: dict[str, list[Decision]] = {}
    for decision in decisions:
        place = place_at(places, decision.start, decision.end)
        if place is None:
            raise Invalid({"decisions": "A decision lies within the words of one turn."})
        by_turn.setdefault(place.turn_id, []).append(_moved(decision, -place.start))
    turns = [
        replace(turn, text=apply(turn.text, by_turn.get(turn.id, ()), label))
        for turn in body.turns
    ]
    return replace(with_parts(body, label), turns=tuple(turns))


def labelled(released: Body, label: str) -> Body:
    """An output made without a label, with the label as the participant's part."""
    speakers = [
        replace(one, label=label) if one.role == "participant" else one
        for one in released.speakers
    ]
    return replace(released, speakers=tuple(speakers))


def _moved(decision: Decision, by: int) -> Decision:
    return replace(decision, start=decision.start + by, end=decision.end + by)
