"""A text as detectors read it, and the way back to where each letter stands in the stored one.

Accents composed, quotes straight, blanks plain. Time marks and tags become blanks: they are
never searched, but they keep their offsets.
"""

import re
import unicodedata
from dataclasses import dataclass

_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u0060\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u00a0\u2007\u202f\u2009\t", " "),
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u2012\u2013\u2014", "-"),
    }
)
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_MARKUP = re.compile(
    rf"\[?\b{_TIME}\]?(?:[ ]*-->[ ]*{_TIME}[^\n]*)?(?=[ \n]|$)|^WEBVTT[^\n]*"
    r"|</?[a-z]+(?:\.[\w.]+)?[ ]?|>",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Normal:
    """The text to search. Its character ``i`` is ``stored[starts[i]:ends[i]]``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where a place of this text stands in the stored one."""
        return self.starts[start], self.ends[end - 1]


def normalise(stored: str) -> Normal:
    """Write a text the one way in which it is searched, with its map of offsets."""
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(stored):
        composed = unicodedata.normalize("NFC", stored[start:end]).translate(_STRAIGHT)
        for sign in composed:
            if sign not in _INVISIBLE:
                signs.append(sign)
                starts.append(start)
                ends.append(end)
    text = _MARKUP.sub(_blank, "".join(signs))
    return Normal(text, tuple(starts), tuple(ends))


def _blank(found: re.Match[str]) -> str:
    """As many blanks; what follows a tag begins anew."""
    return "\n" if found[0] == ">" else " " * len(found[0])


def _clusters(stored: str) -> list[tuple[int, int]]:
    """Each character with the accents that follow it."""
    if stored.isascii():
        return [(place, place + 1) for place in range(len(stored))]
    found: list[tuple[int, int]] = []
    for place, sign in enumerate(stored):
        if found and unicodedata.combining(sign):
            found[-1] = (found[-1][0], place + 1)
        else:
            found.append((place, place + 1))
    return found


def plain(value: str) -> str:
    """Write a name the one way in which it is compared (vault.md 4.4).

    NFKC, case-folded, straight quotes, no possessive, no punctuation, single blanks.
    """
    folded = unicodedata.normalize("NFKC", value).casefold().translate(_STRAIGHT)
    return " ".join(filter(None, map(_letters, folded.split())))


def _letters(word: str) -> str:
    while word and unicodedata.category(word[-1]).startswith("P"):
        word = word[:-1]
    kept = word.removesuffix("'s")
    return "".join(sign for sign in kept if not unicodedata.category(sign).startswith("P"))
