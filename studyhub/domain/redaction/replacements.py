"""The words that stand instead of a name: one for an entity, none for two, none that tells."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studyhub.domain.redaction.lexicon import cue_words, is_ordinary
from studyhub.domain.redaction.normal import is_unseen, plain
from studyhub.domain.redaction.register import one_slip
from studyhub.domain.redaction.sounds import sound_of
from studyhub.domain.redaction.spans import Known

OWN_LABEL = "[participant]"

_DEFAULT = {
    "PERSON": "Name",
    "PLACE": "Place",
    "ORG": "Organisation",
    "ROLE": "Role",
    "DATE": "Date",
    "AGE": "Age",
    "CONTACT": "Contact",
    "ID": "Reference",
    "URL": "Web address",
    "OTHER_QUASI": "Detail",
}
_MARKED = re.compile(r"\[[^\[\]\n]+\]")
_KINDS = ("exact", "token", "nickname", "initials")
_SOUND = 3
_LONG = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a replacement cannot be taken. ``code`` is for programs, ``says`` for people."""

    code: str
    says: str


def numbered(
    entities: Iterable[tuple[str, str]], taken: Mapping[str, str] | None = None
) -> dict[str, str]:
    """``[Name 1]`` and so on for each entity in order; what ``taken`` names keeps its words."""
    named = dict(taken or {})
    used = {folded(words) for words in named.values()}
    counts: Counter[str] = Counter()
    for entity, category in entities:
        while entity not in named:
            counts[category] += 1
            words = f"[{_DEFAULT[category]} {counts[category]}]"
            if folded(words) not in used:
                named[entity] = words
                used.add(folded(words))
    return named


def folded(replacement: str) -> str:
    """A replacement as it is compared with others: case and brackets do not tell two apart."""
    return plain(replacement.strip("[] "))


def problems_of(
    replacement: str, surfaces: Iterable[str], known: Known, taken: Iterable[str] = ()
) -> list[Problem]:
    """Everything that speaks against a replacement (invariants 6, 7 and 11).

    ``surfaces`` are the words that it stands for, ``taken`` the replacements of all others.
    """
    found: list[Problem] = []
    if not _MARKED.fullmatch(replacement) or not all(map(_is_shown, replacement)):
        found.append(Problem("marks", "Write it in square brackets, once, on one line."))
    if folded(replacement) in {folded(words) for words in taken}:
        found.append(Problem("taken", "Another name of the study has this replacement."))
    words = [plain(word) for word in re.split(r"[\s-]+", replacement.strip("[] "))]
    if _is_known(" ".join(words), words, known):
        found.append(Problem("register", "This is, holds or sounds like a name of the study."))
    found.extend(_near(replacement, words, list(surfaces)))
    return found


def _is_shown(sign: str) -> bool:
    return sign.isprintable() and not is_unseen(sign)


def _is_known(whole: str, words: list[str], known: Known) -> bool:
    if any(known(kind, whole) for kind in _KINDS):
        return True
    runs = {
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
    }
    return any(
        known(kind, run) for run in sorted(runs) for kind in _KINDS if _tells(run)
    ) or any(known("sound", sound_of(word)) for word in words if _tells(word))


def _tells(word: str) -> bool:
    """A word that describes (town, nurse) is no name, though a register may hold it."""
    return bool(word) and (" " in word or not word.isdecimal()) and not _describes(word)


def _describes(word: str) -> bool:
    return word in _PLAIN_WORDS


_PLAIN_WORDS = frozenset(
    word for default in _DEFAULT.values() for word in default.casefold().split()
) | cue_words("replacements plain words")


def _near(replacement: str, words: list[str], surfaces: list[str]) -> list[Problem]:
    found: list[Problem] = []
    originals = [plain(word) for surface in surfaces for word in re.split(r"[\s-]+", surface)]
    telling = [word for word in words if _tells(word)]
    if any(_alike(word, original) for word in telling for original in originals if original):
        found.append(Problem("alike", "It holds or sounds like the words it stands for."))
    names = {word[0] for word in _pseudonyms(replacement)}
    if names & {original[0] for original in originals if original}:
        found.append(Problem("initial", "It keeps an initial of the name."))
    return found


def _alike(word: str, original: str) -> bool:
    if word == original or (len(word) >= _LONG and one_slip(word, original)):
        return True
    code = sound_of(word)
    return len(code) >= _SOUND and code == sound_of(original)


def _pseudonyms(replacement: str) -> list[str]:
    """Capitalised words that describe nothing, and lone letters: an invented name."""
    words = re.findall(r"[^\W\d_]+", replacement)
    return [
        plain(word)
        for word in words
        if word[0].isupper() and (len(word) == 1 or not _is_description(plain(word)))
    ]


def _is_description(word: str) -> bool:
    return _describes(word) or is_ordinary(word)
