"""Organisations whose kind is written small: Zelah surgery, the county court, a men's group.

In text without capitals the name before the kind is a place, an unknown word, or both.
"""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.cues import COMPASS, COUNTRIES
from studyhub.domain.redaction.lexicon import common_words, cue_words, is_ordinary, is_place
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_SMALL_HEADS = cue_words("organisations small heads")
_BEFORE_HEAD = cue_words("organisations before head")
_COUNTY = cue_words("organisations county")
_PROMPTS = re.compile(
    r"\b(?P<found>(?:(?:wo)?men's|mens|womens|dads'?|mums'?|fathers'|mothers'|veterans'?|carers'|"
    r"survivors'|bereavement|farmers'|young farmers'?) (?:charity|group|shed|choir|network)"
    r"(?: in [A-Z]\w+)?)"
    r"|\bthe (?P<area>(?:city|county|borough|parish|district) council)\b"
)
_LOOK_BACK = 3


def find_organisations(text: Text) -> Iterator[Span]:
    """Names that end in a kind of organisation, written small, and prompts for groups."""
    for index, word in enumerate(text.words):
        if word.fold in _SMALL_HEADS and not word.capital and not word.label:
            first = _first_of(text, index)
            if first < index:
                start = text.words[first].start
                yield Span(start, word.end, "ORG", 0.7, "organisations", "A name and its kind.")
        if word.fold in _FIRM_HEADS and word.lower and not word.label:
            first = _first_lower(text, index)
            if first < index:
                start, says = text.words[first].start, "Words before a kind of organisation."
                yield Span(start, word.end, "ORG", 0.45, "organisations", says, ask=True)
        if word.fold in COMPASS and text.after(index) in _COUNTY:
            end = text.words[index + 1].end
            says = "A part of a county."
            yield Span(word.start, end, "PLACE", 0.7, "organisations", says)
    for found in _PROMPTS.finditer(text.plain):
        kind = "found" if found["found"] else "area"
        says = "A group that few people belong to."
        yield Span(*found.span(kind), "ORG", 0.4, "organisations", says, ask=True)


def _first_lower(text: Text, head: int) -> int:
    """In text without capitals: up to two words before, none of them too general."""
    first = head
    while first > 0 and head - first < _LOOK_BACK - 1 and _joins(text, first - 1):
        if text.fold(first - 1) in _GENERAL:
            break
        first -= 1
    return first


_FIRM_HEADS = cue_words("organisations firm heads")
_GENERAL = cue_words("organisations general")


def _first_of(text: Text, head: int) -> int:
    """Where the name before a head begins; the head itself if there is none."""
    first = head
    while first > 0 and head - first < _LOOK_BACK and _joins(text, first - 1):
        if not _is_part(text, first - 1, named=first < head):
            break
        first -= 1
    named = any(_is_name(text, place) for place in range(first, head))
    while first < head and text.fold(first) in {"and", "the"}:
        first += 1
    return first if named else head


def _joins(text: Text, index: int) -> bool:
    return text.gap(index) in {" ", "'s "} and not text.words[index].label


def _is_part(text: Text, index: int, *, named: bool) -> bool:
    fold = text.fold(index)
    if fold in _BEFORE_HEAD or _is_name(text, index):
        return True
    before = _is_name(text, index - 1) if index else False
    return named and fold == "and" and before


def _is_name(text: Text, index: int) -> bool:
    word = text.words[index]
    if word.fold in _COUNTY | COUNTRIES:
        return True
    if word.lower:
        return (is_place(word.fold) and word.fold not in common_words()) or (
            len(word.fold) > _LOOK_BACK and word.fold.isalpha() and not is_ordinary(word.fold)
        )
    strange = not word.opens or not is_ordinary(word.fold) or is_place(word.fold)
    return word.capital and strange and len(word.fold) > 1
