"""A transcript as plain paragraphs, and back: for typing in a form without script.

Each paragraph is one turn and begins with who speaks, perhaps after the time: ``[00:01:05]
Participant: words``. Turns that were not touched keep their ids and exact times.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import count

from studyhub.domain import turns
from studyhub.domain.turns import Body, Speaker, Turn

_TIME = re.compile(r"\[([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])\]\s*")
_NAMED = re.compile(r"([^\W_][^:\[\]\t]{0,59}?)\s?:(?:\s+|$)")


def as_plain(body: Body) -> str:
    """The whole text as somebody types it, a blank line between turns."""
    return "\n\n".join(turns.paragraphs(body, times=True))


@dataclass(frozen=True)
class _Said:
    """One paragraph taken apart."""

    start_ms: int | None
    label: str
    text: str


def from_plain(typed: str, before: Body) -> Body:
    """What was typed as turns, on the text it began as. Raises Invalid as ``turns`` does."""
    lines = [turns.fitting(line).strip() for line in typed.splitlines()]
    paragraphs = [line for line in lines if line]
    fresh = _fresh_ids(before)
    speakers = list(before.speakers)
    made: list[Turn] = []
    for paragraph, was in _pairs(paragraphs, before):
        if was is not None and paragraph == _shown(was, before):
            made.append(was)
            continue
        said = _taken_apart(paragraph)
        speaker = _speaker(said.label, speakers, made)
        made.append(_turn(said, speaker, was, fresh))
    changed = Body(tuple(speakers), tuple(made))
    turns.check(changed)
    return changed


def _pairs(paragraphs: Sequence[str], before: Body) -> Iterator[tuple[str, Turn | None]]:
    """Each paragraph with the turn it was, as far as that can be told."""
    was = [line.strip() for line in turns.paragraphs(before, times=True)]
    matcher = SequenceMatcher(None, was, list(paragraphs), autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        for place, paragraph in enumerate(paragraphs[c:d]):
            known = tag in ("equal", "replace") and a + place < b
            yield paragraph, before.turns[a + place] if known else None


def _shown(turn: Turn, before: Body) -> str:
    return turns.paragraphs(Body(before.speakers, (turn,)), times=True)[0].strip()


def _taken_apart(paragraph: str) -> _Said:
    start, rest = None, paragraph
    timed = _TIME.match(paragraph)
    if timed:
        hours, minutes, seconds = (int(part) for part in timed.groups())
        start, rest = ((hours * 60 + minutes) * 60 + seconds) * 1000, paragraph[timed.end() :]
    named = _NAMED.match(rest)
    label, text = (named[1].strip(), rest[named.end() :]) if named else ("", rest)
    return _Said(start, label, text)


def _speaker(label: str, speakers: list[Speaker], made: Sequence[Turn]) -> str:
    """Who is meant: a known name, a new one, or whoever spoke before."""
    known = {one.label: one.id for one in speakers}
    if label in known:
        return known[label]
    if not label:
        return made[-1].speaker if made else _first(speakers)
    ids = {one.id for one in speakers}
    new = next(f"s{number}" for number in count(1) if f"s{number}" not in ids)
    speakers.append(Speaker(new, turns.likely_role(label), label))
    return new


def _first(speakers: list[Speaker]) -> str:
    if not speakers:
        speakers.append(Speaker("s1", "other", "Speaker"))
    return speakers[0].id


def _fresh_ids(before: Body) -> Iterator[str]:
    taken = {turn.id for turn in before.turns}
    return (f"p{number:04d}" for number in count(1) if f"p{number:04d}" not in taken)


def _turn(said: _Said, speaker: str, was: Turn | None, fresh: Iterator[str]) -> Turn:
    if was is None:
        return Turn(next(fresh), speaker, said.start_ms, None, said.text)
    shown = None if was.start_ms is None else was.start_ms // 1000 * 1000
    if said.start_ms == shown:
        return replace(was, speaker=speaker, text=said.text)
    end = was.end_ms
    fits = end is not None and (said.start_ms is None or said.start_ms <= end)
    end = end if fits else None
    return replace(was, speaker=speaker, start_ms=said.start_ms, end_ms=end, text=said.text)
