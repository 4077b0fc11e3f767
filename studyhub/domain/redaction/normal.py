"""A text as detectors read it, and the way back to where each letter stands in the stored one.

Accents composed, quotes straight, blanks plain. Time marks and tags become blanks: they are
never searched, but they keep their offsets.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u0060\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u00a0\u2007\u202f\u2009\t", " "),
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u2012\u2013\u2014", "-"),
    }
)
# Signs that stand for nothing, beside those that Unicode calls formats.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Letters of other scripts that look like ours; only in a word that also has ours.
_ALIKE = str.maketrans(
    "аекморстухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅαικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aekmopctyxijshdqwABEKMHOPCTYXIJSaikvoptuxABEZHIKMNOPTYX",
)
_LETTERS = re.compile(r"[^\W\d_]+")
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


def normalise(stored: str, *, markup: bool = True) -> Normal:
    """Write a text the one way in which it is searched, with its map of offsets.

    Without ``markup`` nothing is taken for a tag or a time: everything is searched.
    """
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(stored):
        for sign in _composed(stored[start:end]):
            if sign.isascii() or not is_unseen(sign):
                signs.append(sign)
                starts.append(start)
                ends.append(end)
    text = "".join(signs)
    if not text.isascii():
        text = _LETTERS.sub(_in_one_script, text)
    text = _MARKUP.sub(_blank, text) if markup else text
    return Normal(text, tuple(starts), tuple(ends))


def _composed(cluster: str) -> str:
    """A character with its accents as one; what no letter has, like a stroke, goes."""
    composed = unicodedata.normalize("NFC", cluster).translate(_STRAIGHT)
    if len(composed) > 1 and unicodedata.name(composed[0], "").startswith("LATIN"):
        return composed[0]
    return composed


def _in_one_script(found: re.Match[str]) -> str:
    word = found[0]
    return word.translate(_ALIKE) if any(sign.isascii() for sign in word) else word


@cache
def is_unseen(sign: str) -> bool:
    """Say whether nothing is shown where a sign stands."""
    return unicodedata.category(sign) == "Cf" or _UNSEEN.fullmatch(sign) is not None


def _blank(found: re.Match[str]) -> str:
    """As many blanks; what follows a tag begins anew."""
    return "\n" if found[0] == ">" else " " * len(found[0])


def _clusters(stored: str) -> list[tuple[int, int]]:
    """Each character with the accents that follow it."""
    if stored.isascii():
        return [(place, place + 1) for place in range(len(stored))]
    found: list[tuple[int, int]] = []
    for place, sign in enumerate(stored):
        if found and (unicodedata.combining(sign) or unicodedata.category(sign) == "Me"):
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
    return "".join(sign for sign in kept if not _is_dropped(sign))


def _is_dropped(sign: str) -> bool:
    return unicodedata.category(sign).startswith("P") or is_unseen(sign)
