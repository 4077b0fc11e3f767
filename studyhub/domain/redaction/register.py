"""Recognise what the study knows: names, employers, towns, addresses, in every generated form.

Everybody's values through ``known``; this participant's also in clear, with small slips.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from studyhub.domain.redaction.lexicon import (
    all_words,
    bare,
    common_words,
    cue_words,
    is_ordinary,
)
from studyhub.domain.redaction.normal import plain
from studyhub.domain.redaction.numbers import digits_said
from studyhub.domain.redaction.protect import protected_words
from studyhub.domain.redaction.sounds import sound_of
from studyhub.domain.redaction.spans import Entry, Hit, Known, Span
from studyhub.domain.redaction.variants import forms_of, national_digits
from studyhub.domain.redaction.words import Text, Word

_MOST_WORDS = 6
_FUZZY = 5
_SOUNDING = 4
_WHOLE, _PART, _LIKE = 0.99, 0.93, 0.75
_REASONS = {
    "exact": "The register knows this.",
    "token": "Part of a name in the register.",
    "nickname": "A pet form of a name in the register.",
    "initials": "Initials of something in the register.",
    "sound": "Sounds like a name in the register.",
    "slip": "Spelt nearly like a name of this participant.",
}
_PARTS = frozenset({"token", "nickname", "initials"})
_JOINS = frozenset({" ", "-", ". ", "'", "  ", "\n", ".", ", "})


@dataclass(frozen=True)
class Register:
    """What is known: everybody's fingerprints, and this participant's values in clear."""

    known: Known
    own: Sequence[Entry] = ()
    _forms: dict[tuple[str, str], Hit] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        forms: dict[tuple[str, str], Hit] = {}
        for entry in self.own:
            for form in forms_of(entry.category, entry.value):
                forms.setdefault(form, Hit(entry.entity, entry.category))
        object.__setattr__(self, "_forms", forms)

    def find(self, kind: str, value: str) -> Hit | None:
        """Whose this is, if anybody's; this participant comes first."""
        return self._forms.get((kind, value)) or self.known(kind, value)

    def like(self, kind: str, token: str) -> Hit | None:
        """Whose part or likeness a word is; of others only that it is somebody's.

        First names and pet forms are shared: a person decides whether this is the one.
        """
        if kind == "slip":
            return self.slip(token)
        value = sound_of(token) if kind == "sound" else token
        hit = self._forms.get((kind, value)) if value else None
        if hit and kind != "sound":
            return hit
        other = hit or (self.known(kind, value) if value else None)
        return Hit("", other.category) if other else None

    def slip(self, word: str) -> Hit | None:
        """A name of this participant that differs in one letter, of five letters or more."""
        for (kind, value), hit in self._forms.items():
            if kind == "token" and len(value) >= _FUZZY and one_slip(value, word):
                return hit
        return None


def one_slip(one: str, other: str) -> bool:
    """Say whether one letter was changed, dropped, added, or two neighbours swapped."""
    if one == other or abs(len(one) - len(other)) > 1 or one[:1] != other[:1]:
        return False
    head = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if head is None:
        return True
    short, long = sorted((one[head:], other[head:]), key=len)
    if len(short) < len(long):
        return short == long[1:]
    return short[1:] == long[1:] or (short[:2] == long[1::-1] and short[2:] == long[2:])


def find_register(text: Text, register: Register) -> Iterator[Span]:
    """Every place where the register recognises words, the longest form first."""
    index = 0
    while index < len(text.words):
        found = _phrase(text, index, register)
        if found:
            size, span = found
            yield span
            index += size
            continue
        span_of_word = _word(text, index, register)
        if span_of_word:
            yield span_of_word
        index += 1


def _phrase(text: Text, index: int, register: Register) -> tuple[int, Span] | None:
    for size in range(_reach(text, index), 0, -1):
        words = text.words[index : index + size]
        tokens = [plain_word(word.text) for word in words]
        spaced = " ".join(tokens)
        hit = register.find("exact", spaced) or register.find("exact", _with_blanks(spaced))
        if hit is None and all(len(token) == 1 for token in tokens):
            hit = register.find("initials", "".join(tokens)) if size > 1 else None
        if hit and (size > 1 or _may_be_name(text, index)):
            end = words[-1].end + (2 if _is_saints(text, words) else 0)
            return size, _span(words[0].start, end, hit, "exact", _WHOLE)
    return None


def _is_saints(text: Text, words: Sequence[Word]) -> bool:
    """St Anne's: there the possessive belongs to the name."""
    return words[0].fold == "st" and text.plain.startswith("'s", words[-1].end)


def _reach(text: Text, index: int) -> int:
    size = 1
    while size < _MOST_WORDS and text.gap(index + size - 1) in _JOINS:
        size += 1
    return min(size, len(text.words) - index)


def _with_blanks(value: str) -> str:
    return " ".join(bare(value).replace("-", " ").split())


@cache
def plain_word(word: str) -> str:
    """``plain`` of a single word, remembered."""
    return plain(word)


def _word(text: Text, index: int, register: Register) -> Span | None:
    word = text.words[index]
    token = plain_word(word.text)
    for kind, may in _KINDS:
        if not may(text, index):
            continue
        hit = register.like(kind, token)
        if hit:
            score = _PART if kind in _PARTS else _LIKE
            return _span(word.start, word.end, hit, kind, score)
    return _hyphenated(word, register)


def _hyphenated(word: Word, register: Register) -> Span | None:
    for part in word.fold.split("-") if "-" in word.fold else ():
        hit = register.find("token", part)
        if hit and not is_ordinary(part):
            return _span(word.start, word.end, hit, "token", _PART)
    return None


def _span(start: int, end: int, hit: Hit, kind: str, score: float) -> Span:
    return Span(start, end, hit.category, score, "register", _REASONS[kind], hit.entity)


def _may_be_name(text: Text, index: int) -> bool:
    """Say whether a word that is also one of the language may be a name where it stands."""
    word = text.words[index]
    if word.label or word.fold not in all_words():
        return True
    if word.lower:
        return word.fold not in common_words() or text.before(index) not in _ARTICLES
    return word.capital


_ARTICLES = cue_words("register articles")


def _is_short_form(text: Text, index: int) -> bool:
    word = text.words[index]
    return (word.capital or word.lower) and (
        word.fold not in all_words() or (word.capital and not word.opens) or word.label
    )


def _is_initials(text: Text, index: int) -> bool:
    word = text.words[index]
    return word.text.isupper() and len(word.text) > 1


def _is_strange(text: Text, index: int) -> bool:
    word = text.words[index]
    return (
        len(word.fold) >= _SOUNDING
        and not is_ordinary(word.fold)
        and word.fold not in protected_words()
        and (word.capital or word.lower)
    )


def _is_long_and_strange(text: Text, index: int) -> bool:
    return len(text.words[index].fold) >= _FUZZY and _is_strange(text, index)


_KINDS: tuple[tuple[str, Callable[[Text, int], bool]], ...] = (
    ("token", _may_be_name),
    ("nickname", _is_short_form),
    ("initials", _is_initials),
    ("sound", _is_strange),
    ("slip", _is_long_and_strange),
)


def recognise_contact(span: Span, words: str, register: Register) -> Span:
    """Say whose address or number a pattern found, if the register knows."""
    hit = register.find("mail", mail_said(words)) if span.category == "CONTACT" else None
    digits = national_digits(words) or digits_said(words)
    hit = hit or (register.find("digits", digits) if digits else None)
    said = digits_said(words)
    hit = hit or (register.find("digits", said) if said else None)
    if hit is None:
        return span
    return Span(
        span.start, span.end, span.category, _WHOLE, span.detector, span.reason, hit.entity
    )


def mail_said(words: str) -> str:
    """The address of words: ``x dot y at z dot org`` is ``x.y@z.org``."""
    said = f" {words.casefold()} ".replace(" all one word", "")
    for word, sign in _SIGNS:
        said = said.replace(f" {word} ", sign)
    return "".join(said.split())


_SIGNS = (("at", "@"), ("dot", "."), ("hyphen", "-"), ("dash", "-"), ("underscore", "_"))
