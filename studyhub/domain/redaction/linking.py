"""Which mentions are one entity, and where an entity stands that nobody pointed at.

Entities of the register keep their identifier; the others are numbered in the order in which
they are met, so that the same texts give the same numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from studyhub.domain.redaction.cues import MONTHS, TITLES
from studyhub.domain.redaction.lexicon import (
    bare,
    common_words,
    cue_words,
    is_given,
    is_ordinary,
    nicknames,
)
from studyhub.domain.redaction.normal import plain
from studyhub.domain.redaction.sounds import sound_of
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.variants import nicknames_of
from studyhub.domain.redaction.words import Text

_NAMED = frozenset({"PERSON", "PLACE", "ORG"})
_SOUND = 3
_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """One place of one text: what stands there and what it was taken for."""

    text: str
    words: str
    category: str
    entity: str = ""


def link(mentions: Sequence[Mention]) -> list[str]:
    """An entity for each mention: the register's, or a number made here.

    A person's mention joins one of the same transcript before one of another; a lone first
    name joins the full name that holds it, a pet form the name it comes from.
    """
    groups: list[list[Mention]] = []
    by_key: dict[tuple[str, str], int] = {}
    order = sorted(range(len(mentions)), key=lambda i: (-_size(mentions[i]), i))
    place: dict[int, int] = {}
    for index in order:
        mention = mentions[index]
        key = _key(mention)
        found = by_key.get(key)
        if found is None and mention.category in _NAMED and not mention.entity:
            found = _fitting(mention, groups)
        if found is None:
            found = len(groups)
            groups.append([])
        by_key[key] = found
        groups[found].append(mention)
        place[index] = found
    return _names(mentions, groups, place)


def _size(mention: Mention) -> int:
    return len(mention.words.split()) + (10 if mention.entity else 0)


def _key(mention: Mention) -> tuple[str, str]:
    if mention.entity:
        return ("entity", mention.entity)
    words = plain(mention.words)
    lone = mention.category == "PERSON" and " " not in words
    scope = mention.text if lone or mention.category not in _NAMED else ""
    return (f"{mention.category}{scope}", words)


def _fitting(mention: Mention, groups: Sequence[Sequence[Mention]]) -> int | None:
    here, elsewhere = None, None
    for number, group in enumerate(groups):
        if group[0].category != mention.category:
            continue
        if any(one.text == mention.text and same(one, mention) for one in group):
            here = number if here is None else here
        elif mention.category != "PERSON" and any(same(one, mention) for one in group):
            elsewhere = number if elsewhere is None else elsewhere
    return here if here is not None else elsewhere


def same(one: Mention, other: Mention) -> bool:
    """Say whether two mentions of one kind may be one entity: part of, pet form, like sound."""
    left, right = _tokens(one), _tokens(other)
    if not left or not right:
        return False
    if one.category != "PERSON":
        return left == right or (set(right) < set(left) and not all(map(_usual, right)))
    if set(right) <= set(left):
        return True
    if len(right) > 1 or not left:
        return len(left) == len(right) and all(map(_alike, left, right))
    return _alike(left[0], right[0])


def _usual(word: str) -> bool:
    return word in common_words()


def _tokens(mention: Mention) -> tuple[str, ...]:
    words = [bare(plain(word)) for word in mention.words.replace("-", " ").split()]
    return tuple(word for word in words if word not in TITLES and word)


def _alike(name: str, other: str) -> bool:
    """One first name and another form of it."""
    if name == other:
        return True
    if other in nicknames().get(name, ()) or name in nicknames().get(other, ()):
        return True
    short, long = sorted((name, other), key=len)
    if len(short) >= _PREFIX and long.startswith(short):
        return True
    code = sound_of(name)
    return len(code) >= _SOUND and code == sound_of(other)


def _names(
    mentions: Sequence[Mention], groups: Sequence[Sequence[Mention]], place: Mapping[int, int]
) -> list[str]:
    names: dict[int, str] = {}
    count = 0
    out: list[str] = []
    for index in range(len(mentions)):
        group = place[index]
        if group not in names:
            known = next((one.entity for one in groups[group] if one.entity), "")
            count += not known
            names[group] = known or f"new-{count}"
        out.append(names[group])
    return out


_NOT_AFTER = cue_words("linking not after")
_MONTH_BEFORE = cue_words("linking month before")


def propagate(text: Text, names: Iterable[tuple[str, str, str]]) -> Iterator[Span]:
    """Propose every other mention of accepted entities: (words, category, entity) each.

    Whole names anywhere; of persons also first name and family name alone. A word of the
    language counts only as a name would be written there.
    """
    wanted = _wanted(names)
    longest = max((len(key) for key in wanted), default=0)
    for index in range(len(text.words)):
        for size in range(min(longest, len(text.words) - index), 0, -1):
            key = tuple(word.fold for word in text.words[index : index + size])
            if key in wanted and _stands(text, index, size, wanted[key]):
                name = wanted[key]
                first, last = text.words[index], text.words[index + size - 1]
                score = 0.5 if name.pet else 0.55
                yield Span(
                    first.start, last.end, name.category, score, "linking", _SAYS, name.entity
                )
                break


_SAYS = "The same name as at another place."


@dataclass(frozen=True, slots=True)
class _Name:
    category: str
    entity: str
    pet: bool = False


def _wanted(names: Iterable[tuple[str, str, str]]) -> dict[tuple[str, ...], _Name]:
    """What to look for: whole names, their parts, pet forms. Of two, the first given counts."""
    sure: dict[tuple[str, ...], _Name] = {}
    pets: dict[tuple[str, ...], _Name] = {}
    for words, category, entity in names:
        folds = tuple(bare(word.casefold().removesuffix("'s")) for word in words.split())
        sure.setdefault(folds, _Name(category, entity))
        if category != "PERSON":
            continue
        for fold in folds:
            if len(fold) > 1 and fold not in TITLES:
                sure.setdefault((fold,), _Name(category, entity))
        if is_given(folds[0]):
            for pet in nicknames_of(folds[0]):
                pets.setdefault((pet,), _Name(category, entity, pet=True))
    return pets | sure


def _stands(text: Text, index: int, size: int, name: _Name) -> bool:
    """Say whether the words there may be the name, and not words of the language."""
    words = text.words[index : index + size]
    apart = any(text.gap(index + step) not in {" ", "-", ", "} for step in range(size - 1))
    month = words[0].fold in MONTHS and size == 1 and text.before(index) in _MONTH_BEFORE
    if apart or month:
        return False
    if not all(is_ordinary(word.fold) for word in words) or words[0].label:
        return words[0].capital or words[0].lower
    if words[0].lower:
        return not name.pet and (size > 1 or _stands_lower(text, index))
    if not all(word.capital for word in words):
        return False
    if words[0].opens and size == 1:
        return not name.pet and text.after(index) not in _NOT_AFTER
    return not words[0].acronym or name.category == "ORG"


_AFTER_NAME = cue_words("linking after name")


def _stands_lower(text: Text, index: int) -> bool:
    before = text.before(index)
    if before in _ARTICLES or (text.fold(index) in MONTHS and before in _MONTH_BEFORE):
        return False
    if text.fold(index) not in common_words() or text.after(index) in _AFTER_NAME:
        return True
    beside = text.before(index) in _BESIDE or index == 0 or text.words[index - 1].label
    return beside and text.fold(index) not in _MODALS


_ARTICLES = cue_words("uncased articles")
_BESIDE = cue_words("uncased beside")
_MODALS = frozenset({"will", "may"})
