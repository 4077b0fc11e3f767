"""Find times and speakers at the beginning of lines, as transcribers and programs write them.

A label counts as a speaker if it looks like a name, or begins lines often enough. What was
taken for a speaker is always shown; whoever imports can say which labels are meant instead.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_CLOCK = r"(?:([0-9]{1,2})[:.])?([0-9]{1,3})[:.]([0-9]{2})(?:[.,]([0-9]{1,3}))?"
_SPAN = rf"{_CLOCK}(?:\s{{0,9}}(?:-|\u2013|\u2014|-->)\s{{0,9}}{_CLOCK})?"
_STAMP = r"#([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[-.,]([0-9]{1,3}))?#"
_FRONT = re.compile(rf"[\[(]\s{{0,9}}{_SPAN}\s{{0,9}}[\])]\s{{0,9}}|{_STAMP}\s{{0,9}}")
_BARE = re.compile(r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,3}))?\s+(?=\S)")
_END = re.compile(rf"{_STAMP}\Z")
_NAME = r"[^\W_][^:\[\]()<>#\t?!;\"\u201c\u201d\n]{0,59}?"
_COLON = re.compile(
    rf"({_NAME})\s{{0,9}}(?:[\[(]\s{{0,9}}{_CLOCK}\s{{0,9}}[\])]\s{{0,9}})?:(?=\s|$)\s{{0,9}}"
)
_BRACKET = re.compile(r"\[([^\W\d_][\w .'\u2019-]{0,40})\]\s{0,9}:?\s{0,9}(?=\S)")
_HEADER = re.compile(
    r"(\S[^:\n]{0,58}?)(?:\s{2,}|\t)((?:[0-9]{1,2}:)?[0-9]{1,2}:[0-9]{2})\s{0,9}$"
)
_SECONDS = 60
_OFTEN = 3
_MOST_WORDS = 4
_LONGEST_HEADER = 120

# What stands in brackets at the start of a turn without being anybody.
_NOT_PEOPLE = frozenset(
    (
        *("applause", "cough", "coughs", "coughing", "cries", "crosstalk", "crying"),
        *("inaudible", "interruption", "laugh", "laughs", "laughter", "laughing", "music"),
        *("noise", "overlap", "overlapping", "pause", "silence", "sigh", "sighs", "unclear"),
    )
)


@dataclass(frozen=True)
class Start:
    """What the beginning (and end) of a line says; ``text`` is the rest."""

    text: str
    label: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    ends_with_time: bool = False


def milliseconds(
    hours: str | None, minutes: str, seconds: str, parts: str | None
) -> int | None:
    """A written moment in milliseconds, or None if it is no moment (``[12:75]``)."""
    if int(seconds) >= _SECONDS or (hours and int(minutes) >= _SECONDS):
        return None
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((parts or "").ljust(3, "0"))


def take_time(line: str) -> Start:
    """Take ``[mm:ss]``, ``(h:mm:ss)``, ``#hh:mm:ss-d#`` or ``hh:mm:ss`` off a line."""
    line = line.strip()
    start = end = None
    found = _FRONT.match(line) or _BARE.match(line)
    if found:
        start, end = _span(found)
    if found is None or start is None:
        return _take_end(Start(line))
    return _take_end(Start(line[found.end() :].lstrip(), start_ms=start, end_ms=end))


def _span(found: re.Match[str]) -> tuple[int | None, int | None]:
    groups = found.groups()
    moments = [
        milliseconds(*groups[place : place + 4]) if groups[place + 2] else None
        for place in range(0, len(groups), 4)
    ]
    first, second = moments[0], moments[1] if len(moments) > 1 else None
    first = moments[-1] if first is None else first
    return (
        first,
        second if first is not None and second is not None and second >= first else None,
    )


def _take_end(so_far: Start) -> Start:
    """Take the stamp at the end of a turn, as f4 and MAXQDA write it, off the text."""
    text = so_far.text.rstrip()
    found = _END.search(text)
    moment = milliseconds(*found.groups()) if found else None
    if found is None or moment is None:
        return so_far
    return Start(
        so_far.text[: found.start()], None, so_far.start_ms, moment, ends_with_time=True
    )


def take_header(line: str) -> tuple[str, int] | None:
    """The speaker and moment of a line ``Name  mm:ss`` that stands above what was said."""
    found = _HEADER.match(line) if len(line) <= _LONGEST_HEADER else None
    if not found:
        return None
    *before, minutes, seconds = found[2].split(":")
    moment = milliseconds(before[0] if before else None, minutes, seconds, None)
    return None if moment is None else (found[1], moment)


def likely_bare_labels(texts: Sequence[str]) -> list[str]:
    """The few words that nearly all paragraphs begin with, such as ``int`` and ``p3``."""
    counts = Counter(text.partition(" ")[0] for text in texts)
    often = [word for word, times in counts.most_common(_MOST_WORDS) if times >= _OFTEN]
    covered = sum(counts[word] for word in often)
    return often if len(often) > 1 and covered * 10 >= len(texts) * 9 else []


class Labels:
    """The labels of one document that count as speakers."""

    def __init__(self, lines: Iterable[str], given: frozenset[str] | None = None) -> None:
        """Judge the labels of all lines together; ``given`` names the only ones that count."""
        self._colons: Counter[str] = Counter()
        self._brackets: Counter[str] = Counter()
        for line in lines:
            rest = take_time(line).text
            colon, bracket = _COLON.match(rest), _BRACKET.match(rest)
            self._colons.update([colon[1]] if colon else [])
            self._brackets.update([bracket[1]] if bracket else [])
        self._given = given
        # Machines often write no mark after the speaker: then only a person can name them.
        found = self._colons.keys() | self._brackets.keys()
        self._bare = tuple(sorted(given, key=len, reverse=True)) if given else ()
        self._bare = () if found & set(self._bare) else self._bare

    def take(self, line: str) -> Start:
        """Take time and speaker off a line."""
        timed = take_time(line)
        for pattern, accepted in ((_COLON, self._is_speaker), (_BRACKET, self._is_in_brackets)):
            found = pattern.match(timed.text)
            if found and accepted(found[1]):
                inner = found.groups()[1:]
                moment = milliseconds(*inner) if inner and inner[2] else timed.start_ms
                text = timed.text[found.end() :]
                return replace(timed, text=text, label=found[1], start_ms=moment)
        label = next((one for one in self._bare if timed.text.startswith(f"{one} ")), None)
        return (
            replace(timed, text=timed.text[len(label) :].lstrip(), label=label)
            if label
            else timed
        )

    def _is_speaker(self, label: str) -> bool:
        if self._given is not None:
            return label in self._given
        words = label.split()
        if len(words) > _MOST_WORDS:
            return False
        return all(_is_named(word) for word in words) or self._colons[label] >= _OFTEN

    def _is_in_brackets(self, label: str) -> bool:
        if self._given is not None:
            return label in self._given
        if self._brackets[label] < _OFTEN - 1 or set(label.casefold().split()) & _NOT_PEOPLE:
            return False
        return any(letter.isdigit() or letter.isupper() for letter in label)


def _is_named(word: str) -> bool:
    """Say whether a word is written as names are: Kay, P1, 3, O'Neill, A."""
    return word[0].isupper() or word[0].isdigit()
