"""A text as turns and words: who speaks, where a sentence opens, what lacks capitals."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from studyhub.domain.redaction.lexicon import bare
from studyhub.domain.redaction.normal import Normal, normalise

_WORD = re.compile(r"[^\W_]+(?:['\-&][^\W_]+)*")
_LINE = re.compile(r"[^\n]+")
_LABEL = re.compile(r"[ \[(]*([^\W\d_][\w.' \-]{0,30}?)[\])]?:(?=\s)")
_GENERIC = re.compile(
    r"(?:int|interviewer|interviewee|inter|i|r|q|a|p|m|f|s|v|participant|respondent|moderator|"
    r"facilitator|researcher|speaker|resp|part|transcriber|male|female|man|woman|date|place|"
    r"time|location|interview|duration|note|notes|both|all|unknown|observer|chair|"
    r"[a-z]\d{1,3}|(?:interviewer|participant|interview|speaker|respondent|resp|int) ?\d{1,3})"
)
_OPENS = frozenset('.?!:"\n')
_AT_LEAST = 3
_FEW = 5


@dataclass(frozen=True, slots=True)
class Word:
    """One word without its possessive. ``opens`` if a sentence begins with it."""

    start: int
    end: int
    text: str
    fold: str
    opens: bool
    lower: bool
    label: bool

    @property
    def capital(self) -> bool:
        """Say whether it begins with a capital."""
        return self.text[0].isupper()

    @property
    def acronym(self) -> bool:
        """Say whether it is written in capitals throughout."""
        return len(self.text) > 1 and self.text.isupper()


@dataclass(frozen=True)
class Text:
    """A text ready to be searched; offsets are those of ``normal.text``."""

    normal: Normal

    @property
    def plain(self) -> str:
        """The characters that are searched."""
        return self.normal.text

    @cached_property
    def labels(self) -> tuple[tuple[int, int], ...]:
        """Where a speaker's label stands at the head of a line."""
        return tuple(_labels_of(self.plain))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Every word in order."""
        return tuple(_words_of(self.plain, self.labels))

    @cached_property
    def always_capital(self) -> frozenset[str]:
        """Folded words met more than once, and never without their capital."""
        counts = Counter(word.fold for word in self.words if word.capital and not word.label)
        small = {word.fold for word in self.words if not word.capital}
        return frozenset(fold for fold, times in counts.items() if times > 1) - small

    def gap(self, index: int) -> str:
        """What stands between a word and the next."""
        if index + 1 >= len(self.words):
            return "\n"
        return self.plain[self.words[index].end : self.words[index + 1].start]

    def fold(self, index: int) -> str:
        """The folded word at a place, or nothing beyond the ends."""
        return self.words[index].fold if 0 <= index < len(self.words) else ""

    def before(self, index: int) -> str:
        """The folded word before, if nothing but a blank stands between."""
        joined = index > 0 and self.gap(index - 1) in {" ", "  "}
        return self.fold(index - 1) if joined else ""

    def after(self, index: int) -> str:
        """The folded word after, if nothing but a blank stands between."""
        return self.fold(index + 1) if self.gap(index) in {" ", "  "} else ""


def read(stored: str, *, markup: bool = True) -> Text:
    """Prepare a stored text for searching, without what looks like markup or with it."""
    return Text(normalise(stored, markup=markup))


def is_generic(label: str) -> bool:
    """Say whether a speaker's label names a part in the talk and no person."""
    return _GENERIC.fullmatch(label.casefold().strip()) is not None


def _labels_of(text: str) -> list[tuple[int, int]]:
    """Labels with a colon, and in machine transcripts the few words that open most lines."""
    lines = list(_LINE.finditer(text))
    found = [_LABEL.match(text, line.start(), line.end()) for line in lines]
    marked = [label.span(1) for label in found if label]
    if len(marked) >= _AT_LEAST:
        return marked
    firsts = [_WORD.search(text, line.start(), line.end()) for line in lines]
    spoken = [first for first in firsts if first]
    usual = Counter(first[0] for first in spoken)
    often = {word for word, times in usual.most_common(_FEW) if times >= _AT_LEAST}
    if sum(first[0] in often for first in spoken) < len(spoken) * 0.8:
        return []
    return [first.span() for first in spoken if first[0] in often]


def _words_of(text: str, labels: tuple[tuple[int, int], ...]) -> list[Word]:
    words: list[Word] = []
    heads = dict(labels)
    label_ends = 0
    lower = False
    for found in _WORD.finditer(text):
        start, end = found.span()
        between = text[words[-1].end : start] if words else "\n"
        if "\n" in between:
            lower = _is_lower(text, heads.get(start, start))
        if start in heads:
            label_ends = heads[start]
        label = start < label_ends
        opens = not words or words[-1].label or any(sign in between for sign in _OPENS)
        end -= 2 if found[0][-2:].casefold() == "'s" and end - start > len("'s") else 0
        written = text[start:end]
        words.append(Word(start, end, written, bare(written.casefold()), opens, lower, label))
    return words


def _is_lower(text: str, start: int) -> bool:
    """Say whether a paragraph is written without capitals, as machines write speech."""
    stop = text.find("\n", start)
    line = text[start : stop if stop >= 0 else len(text)]
    return not any(sign.isupper() for sign in line)
