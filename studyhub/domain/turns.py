"""The text of one interview as turns: who spoke, when, what; and the one form it is kept in.

The kept form has one line per speaker and one per turn, fields set apart by tabs, so that two
people's work compares and merges turn by turn. The page of the workspace reads and writes the
same form. Nothing is ever changed in place: every change gives a new body.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from studyhub.domain.errors import Invalid

MOST_TURNS = 100_000
MOST_CHARACTERS = 20_000_000
LONGEST_LABEL = 60
LONGEST_SOUND_MS = 100 * 3600 * 1000
SPEAKER_ROLES = ("interviewer", "participant", "other")

# What a line cannot hold: tabs, everything some reader takes for the end of a line, and what
# XML 1.0 has no way to write (a release must fit into a Word document).
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]",
)
_BREAK = re.compile("[\t\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_UNRESOLVED = re.compile(r"\[inaudible[^\[\]]*\]|\(\?\)")
_NUMBER = re.compile(r"[0-9]{1,9}")

_SPEAKER_FIELDS = 4
_TURN_FIELDS = 5


@dataclass(frozen=True)
class Speaker:
    """One voice. ``label`` is what the text shows before each turn."""

    id: str
    role: str
    label: str


@dataclass(frozen=True)
class Turn:
    """What one speaker said before the next one did. Times in milliseconds of the recording."""

    id: str
    speaker: str
    start_ms: int | None
    end_ms: int | None
    text: str


@dataclass(frozen=True)
class Body:
    """A whole text: its speakers and its turns in their order."""

    speakers: tuple[Speaker, ...]
    turns: tuple[Turn, ...]

    @cached_property
    def labels(self) -> dict[str, str]:
        """The label of each speaker by id."""
        return {speaker.id: speaker.label for speaker in self.speakers}


@dataclass(frozen=True)
class Unresolved:
    """A place somebody still has to listen to. Offsets count code points in the turn."""

    turn_id: str
    start: int
    end: int


def fitting(text: str) -> str:
    """The same text without line breaks, tabs and characters that a turn cannot hold."""
    first, *others = _BREAK.split(text)
    if others:
        # By parts, since a pattern for blanks around a break takes hours on a million blanks.
        *between, last = others
        inner = [part.strip(" ") for part in between]
        parts = [first.rstrip(" "), *filter(None, inner), last.lstrip(" ")]
        first = " ".join(parts)
    return _UNFIT.sub("", first)


def write(body: Body) -> str:
    """The kept form. Raises Invalid if the body breaks a rule: nothing unreadable is kept."""
    check(body)
    lines = [f"#\t{one.id}\t{one.role}\t{one.label}" for one in body.speakers]
    lines += [
        f"{turn.id}\t{turn.speaker}\t{_time(turn.start_ms)}\t{_time(turn.end_ms)}\t{turn.text}"
        for turn in body.turns
    ]
    return "\n".join(lines)


def canonical(body: Body) -> bytes:
    """What is sealed and hashed: the kept form in UTF-8. Equal bodies give equal bytes."""
    return write(body).encode()


def read(kept: str | bytes) -> Body:
    """The body behind a kept form. Raises Invalid, naming the line, if it is none."""
    text = _decoded(kept)
    if len(text) > MOST_CHARACTERS:
        raise Invalid({"text": "This text is too long to be kept."})
    speakers: list[Speaker] = []
    turns: list[Turn] = []
    for number, line in enumerate(text.split("\n") if text else [], 1):
        fields = line.split("\t")
        if fields[0] == "#" and len(fields) == _SPEAKER_FIELDS:
            speakers.append(Speaker(*fields[1:]))
        elif len(fields) == _TURN_FIELDS:
            id_, speaker, start, end, said = fields
            turns.append(Turn(id_, speaker, _moment(start, number), _moment(end, number), said))
        else:
            raise Invalid({"text": f"Line {number} is neither a speaker nor a turn."})
    body = Body(tuple(speakers), tuple(turns))
    check(body)
    return body


def _decoded(kept: str | bytes) -> str:
    try:
        return kept if isinstance(kept, str) else kept.decode()
    except UnicodeDecodeError:
        raise Invalid({"text": "This text is not in UTF-8."}) from None


def _time(moment: int | None) -> str:
    return "" if moment is None else str(moment)


def _moment(written: str, number: int) -> int | None:
    if not written:
        return None
    if not _NUMBER.fullmatch(written):
        raise Invalid({"text": f"Line {number} has a time that is not in milliseconds."})
    return int(written)


def check(body: Body) -> None:
    """Raise Invalid unless ids are unique, speakers known, times in order and lines whole."""
    problem = next(_problems(body), None)
    if problem:
        raise Invalid({"text": problem})


def _problems(body: Body) -> Iterator[str]:
    if len(body.turns) > MOST_TURNS:
        yield f"A text has at most {MOST_TURNS:,} turns."
    yield from _twice((one.id for one in body.speakers), "speaker")
    yield from _twice((turn.id for turn in body.turns), "turn")
    for speaker in body.speakers:
        yield from _speaker_problems(speaker)
    for turn in body.turns:
        yield from _turn_problems(turn, body.labels)


def _twice(ids: Iterable[str], thing: str) -> Iterator[str]:
    repeated = [id_ for id_, times in Counter(ids).items() if times > 1]
    if repeated:
        yield f"Two {thing}s have the same id."


def _speaker_problems(speaker: Speaker) -> Iterator[str]:
    if not _ID.fullmatch(speaker.id):
        yield "The id of a speaker is 1 to 40 letters, digits, - or _."
    if speaker.role not in SPEAKER_ROLES:
        yield f"A speaker is one of: {', '.join(SPEAKER_ROLES)}."
    label = speaker.label
    if not label or label != label.strip() or len(label) > LONGEST_LABEL:
        yield f"The name shown for a speaker has 1 to {LONGEST_LABEL} characters."
    if ":" in label or _UNFIT.search(label):
        yield "The name shown for a speaker has no colon, tab or line break."


def _turn_problems(turn: Turn, known: dict[str, str]) -> Iterator[str]:
    if not _ID.fullmatch(turn.id):
        yield "The id of a turn is 1 to 40 letters, digits, - or _."
    if turn.speaker not in known:
        yield "A turn names a speaker who is not in the list."
    if _UNFIT.search(turn.text):
        yield "A turn is one line of plain text."
    for moment in (turn.start_ms, turn.end_ms):
        if moment is not None and not 0 <= moment <= LONGEST_SOUND_MS:
            yield "A time lies between 0 and 100 hours."
    if turn.start_ms is not None and turn.end_ms is not None and turn.end_ms < turn.start_ms:
        yield "A turn ends before it starts."


def plain_text(body: Body, *, times: bool = False) -> str:
    """The text as people read it: ``Label: words``, a blank line between turns, LF at the end.

    Offsets of codings and quotes count code points in exactly this text (without times).
    """
    return "".join(paragraph + "\n" for paragraph in _spaced(paragraphs(body, times=times)))


def _spaced(lines: Sequence[str]) -> Iterator[str]:
    for index, line in enumerate(lines):
        yield f"\n{line}" if index else line


def paragraphs(body: Body, *, times: bool = False) -> list[str]:
    """One paragraph per turn that begins with the label; with ``times``, with the time."""
    return [_paragraph(turn, body.labels[turn.speaker], times=times) for turn in body.turns]


def _paragraph(turn: Turn, label: str, *, times: bool) -> str:
    said = f"{label}: {turn.text}".rstrip()
    return f"[{clock(turn.start_ms)}] {said}" if times and turn.start_ms is not None else said


def clock(moment_ms: int) -> str:
    """A moment of the recording as hours, minutes and seconds, rounded down."""
    minutes, seconds = divmod(moment_ms // 1000, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def count_words(text: str) -> int:
    """Words as everybody counts them: stretches between blanks."""
    return len(text.split())


def words_by_speaker(body: Body) -> dict[str, int]:
    """How many words each speaker said, by speaker id; labels are not counted."""
    counts = dict.fromkeys(body.labels, 0)
    for turn in body.turns:
        counts[turn.speaker] += count_words(turn.text)
    return counts


def unresolved(body: Body) -> list[Unresolved]:
    """Every ``[inaudible …]`` and ``(?)`` still in the text, in its order."""
    return [
        Unresolved(turn.id, found.start(), found.end())
        for turn in body.turns
        for found in _UNRESOLVED.finditer(turn.text)
    ]


def rename(body: Body, speaker_id: str, label: str, role: str | None = None) -> Body:
    """The same text with one speaker under another label, and role if given, everywhere."""
    renamed = tuple(
        replace(one, label=label, role=role or one.role) if one.id == speaker_id else one
        for one in body.speakers
    )
    changed = replace(body, speakers=renamed)
    check(changed)
    return changed


def likely_role(label: str) -> Literal["interviewer", "participant", "other"]:
    """What a label usually stands for. Only ever a proposal to be confirmed."""
    word = label.casefold().strip()
    if word in {"interviewer", "int", "i", "moderator", "facilitator", "researcher"}:
        return "interviewer"
    if re.fullmatch(r"(participant|respondent|interviewee|p|r|res|resp)( ?[0-9]{1,3})?", word):
        return "participant"
    return "other"
