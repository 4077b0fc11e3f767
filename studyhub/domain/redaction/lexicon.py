"""The word lists that the engine reads, each once, and what they say of a word.

Where they come from and under which licences: data/SOURCES.md.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

_DATA = files("studyhub.domain.redaction") / "data"


@cache
def cue_words(section: str) -> frozenset[str]:
    """A list of data/cues.txt by its heading. A heading that is not there raises KeyError."""
    return _cues()[section]


@cache
def either(section: str) -> str:
    """A list of data/cues.txt as one pattern, longest first; ``_`` is a blank or a hyphen."""
    ordered = sorted(cue_words(section), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace("_", "[ -]") for word in ordered) + ")"


@cache
def _cues() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    heading = ""
    for line in (_DATA / "cues.txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("["):
            heading = line.strip("[]")
            found[heading] = set()
        elif not line.startswith("#"):
            found.setdefault(heading, set()).update(line.split())
    return {name: frozenset(words) for name, words in found.items()}


# How speech is written down without apostrophes: theyll, shouldve, whos.
_CLIPPED = (
    "s",
    "ll",
    "ve",
    "d",
    "re",
    "nt",
    "'s",
    "'ll",
    "'ve",
    "'d",
    "'re",
    "n't",
    "ing",
    "ed",
)
_PREFIXES = cue_words("lexicon prefixes")
_SPEECH = cue_words("lexicon speech")

# First names that are words of every day as well; other such words are no names here.
NAMES_LIKE_WORDS = cue_words("lexicon names like words")


def read_list(name: str) -> frozenset[str]:
    """One list of data/, a value a line, folded."""
    return frozenset((_DATA / f"{name}.txt").read_text(encoding="utf-8").split("\n")) - {""}


@cache
def common_words() -> frozenset[str]:
    """Words that everybody uses."""
    return read_list("words_common") | _SPEECH


@cache
def all_words() -> frozenset[str]:
    """Words that a dictionary of usual size has."""
    return common_words() | read_list("words_rare")


@cache
def given_names() -> frozenset[str]:
    """First names met in the United Kingdom."""
    return read_list("given_names")


@cache
def surnames() -> frozenset[str]:
    """Family names met in the United Kingdom."""
    return read_list("surnames")


@cache
def places() -> frozenset[str]:
    """Cities, towns and villages of the United Kingdom and Ireland, hyphens as blanks."""
    return frozenset(name.replace("-", " ") for name in read_list("places")) - {"city", "town"}


@cache
def place_openings() -> frozenset[str]:
    """The first words of places of more than one word."""
    return frozenset(name.split()[0] for name in places() if " " in name)


@cache
def places_abroad() -> frozenset[str]:
    """Large cities elsewhere."""
    return frozenset(name.replace("-", " ") for name in read_list("places_abroad"))


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """A first name and what people of that name are called."""
    found: dict[str, set[str]] = {}
    for line in (*read_list("nicknames"), *read_list("nicknames_british")):
        name, *others = line.split()
        found.setdefault(name, set()).update(others)
    return {name: frozenset(others) for name, others in found.items()}


@cache
def full_names() -> dict[str, frozenset[str]]:
    """What people are called, and the first names that it may stand for."""
    found: dict[str, set[str]] = {}
    for name, others in nicknames().items():
        for other in others:
            found.setdefault(other, set()).add(name)
    return {short: frozenset(names) for short, names in found.items()}


@cache
def bare(word: str) -> str:
    """A folded word without accents: the lists have none."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@cache
def is_ordinary(word: str) -> bool:
    """Say whether a folded word is one of the language, also as clipped speech writes it."""
    if word in all_words():
        return True
    if "-" in word:
        return all(part in _PREFIXES or is_ordinary(part) for part in word.split("-") if part)
    return any(
        word.endswith(tail)
        and word.removesuffix(tail) in all_words()
        and len(word) > len(tail) + 1
        for tail in _CLIPPED
    )


def is_given(word: str) -> bool:
    """Say whether a folded word is a first name; of a double name, its first half."""
    plain = bare(word)
    return any(
        part in given_names() and (part not in common_words() or part in NAMES_LIKE_WORDS)
        for part in (plain, plain.partition("-")[0])
    )


def is_place(name: str) -> bool:
    """Say whether folded words, joined by single blanks, name a place below a region."""
    plain = bare(name).replace("-", " ")
    return plain in places() or plain in places_abroad()
