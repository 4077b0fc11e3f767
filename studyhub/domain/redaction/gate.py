"""Look once more before a text leaves: what is known and still in it, and where.

Texts are looked at by name: body, labels, title, file name, properties of the document,
comments, tracked changes, headers. What stands in none of them cannot be seen here.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from studyhub.domain.redaction.cues import CALENDAR
from studyhub.domain.redaction.lexicon import bare, cue_words, is_ordinary
from studyhub.domain.redaction.patterns import find_patterns
from studyhub.domain.redaction.protect import protected_words
from studyhub.domain.redaction.register import Register, find_register, recognise_contact
from studyhub.domain.redaction.spans import DIRECT, Span
from studyhub.domain.redaction.spoken import find_spoken
from studyhub.domain.redaction.words import Text, read

BODY = "body"
_LONG = 6
_PART = re.compile(r"[A-Z]?[^\W\dA-Z_]+|[A-Z]+(?![a-z])|\d+")
_FIXED = frozenset({"CONTACT", "ID", "URL"})
_ADDRESS = 0.95


@dataclass(frozen=True, slots=True)
class Leak:
    """Something known that still stands in a text: where, and what it is, never the words.

    ``direct`` cannot be overridden. ``is_word`` says that the same letters are a word of the
    language: there, and only there, somebody may have settled that it is no name.
    """

    where: str
    start: int
    end: int
    category: str
    detector: str
    reason: str
    direct: bool
    is_word: bool


@dataclass(frozen=True, slots=True)
class Surface:
    """Words that a masked entity had anywhere in the study."""

    words: str
    category: str
    entity: str = ""


def leaks(
    texts: Mapping[str, str], register: Register, surfaces: Iterable[Surface] = ()
) -> list[Leak]:
    """Everything known that stands in the texts, in order of text and place.

    Register values and their forms, original words of masked entities (also in lower case,
    possessive, or run together), and whatever has the form of an address, a number, a link.
    """
    wanted = _pattern_of(surfaces)
    found: list[Leak] = []
    for where, stored in texts.items():
        text = read(stored, markup=False)
        spans = [*_seen(text, register), *_surfaces(text, wanted)]
        found.extend(_leak(where, text, span) for span in _once(spans))
    return found


def blocking(
    found: Iterable[Leak], settled: Mapping[str, Collection[tuple[int, int]]] | None = None
) -> list[Leak]:
    """Leaks that remain without the places where somebody rejected a word of the language.

    ``settled`` are such places by name of the text, rejected with a reason. A name that is no
    word of the language is never settled.
    """
    places = settled or {}
    return [
        leak
        for leak in found
        if not (leak.is_word and (leak.start, leak.end) in places.get(leak.where, ()))
    ]


def passes(found: Iterable[Leak], overruled: Collection[Leak] = ()) -> bool:
    """Say whether the text may leave: nothing direct in it, the rest overruled."""
    return all(not leak.direct and leak in overruled for leak in found)


def _seen(text: Text, register: Register) -> Iterator[Span]:
    yield from find_register(text, register)
    yield from _run_together(text, register)
    for span in (*find_patterns(text), *find_spoken(text)):
        if span.category in _FIXED:
            yield recognise_contact(span, text.plain[span.start : span.end], register)
        elif span.score >= _ADDRESS:
            yield span


def _run_together(text: Text, register: Register) -> Iterator[Span]:
    """Names without a blank between, as in names of files: HelenMarsh2."""
    for word in text.words:
        parts = list(_PART.finditer(word.text))
        if len(parts) < 2:  # noqa: PLR2004 - one part is the word itself
            continue
        for part in parts:
            token = part[0].casefold()
            hit = register.find("token", token)
            if hit and not is_ordinary(token):
                start, end = word.start + part.start(), word.start + part.end()
                yield Span(
                    *(start, end, hit.category, 0.9, "register", "A known name run together."),
                    entity=hit.entity,
                )


@dataclass(frozen=True, slots=True)
class _Wanted:
    anywhere: re.Pattern[str] | None
    as_name: re.Pattern[str] | None
    of: Mapping[str, Surface]


def _pattern_of(surfaces: Iterable[Surface]) -> _Wanted:
    of: dict[str, Surface] = {}
    anywhere: dict[str, int] = {}
    as_name: dict[str, int] = {}
    for surface in surfaces:
        for words in _parts(surface):
            key = _squeezed(words)
            of.setdefault(key, replace(surface, words=words))
            lone = " " not in words and _is_word(words.casefold())
            into = as_name if lone else anywhere
            into[_flexible(words)] = -len(key)
    return _Wanted(_joined(anywhere), _joined(as_name), of)


def _parts(surface: Surface) -> list[str]:
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", bare(surface.words))
    whole = [" ".join(words)] if words else []
    if surface.category != "PERSON" or len(words) < 2:  # noqa: PLR2004 - a lone word is whole
        return whole
    return whole + [word for word in words if len(word) > 1 and word not in _SMALL]


_SMALL = cue_words("uncased never")


def _is_word(fold: str) -> bool:
    """Say whether the letters are a word of the language, a month, or a term."""
    return is_ordinary(fold) or fold in CALENDAR or fold in protected_words()


def _folds(words: str) -> list[str]:
    return [word.casefold() for word in words.split()]


def _squeezed(words: str) -> str:
    return "".join(sign for sign in bare(words.casefold()) if sign.isalnum())


def _flexible(words: str) -> str:
    """Words with any blank, stroke or point between, or none if they are long."""
    parts = [re.escape(part) for part in re.split(r"[\s'-]+", words) if part]
    pattern = r"[\s_.,'\-]*".join(parts) if len(parts) > 1 else parts[0]
    if len(_squeezed(words)) >= _LONG and not all(map(_is_word, _folds(words))):
        return pattern
    return rf"(?<![^\W_]){pattern}(?![^\W_])"


def _joined(patterns: Mapping[str, int]) -> re.Pattern[str] | None:
    ordered = sorted(patterns, key=lambda pattern: (patterns[pattern], pattern))
    return re.compile("|".join(ordered), re.IGNORECASE) if ordered else None


def _surfaces(text: Text, wanted: _Wanted) -> Iterator[Span]:
    searched = _without_accents(text.plain)
    for found in wanted.anywhere.finditer(searched) if wanted.anywhere else ():
        if not _inside_word(searched, *found.span()):
            yield _span(*found.span(), wanted.of[_squeezed(found[0])])
    lower = [(word.start, word.end) for word in text.words if word.lower]
    for found in wanted.as_name.finditer(searched) if wanted.as_name else ():
        start, end = found.span()
        if found[0][0].isupper() or any(a <= start < b for a, b in lower):
            yield _span(start, end, wanted.of[_squeezed(found[0])])


def _inside_word(plain: str, start: int, end: int) -> bool:
    """Say whether a longer word of the language only happens to hold these letters."""
    while start > 0 and plain[start - 1].isalpha():
        start -= 1
    while end < len(plain) and plain[end].isalpha():
        end += 1
    return plain[start:end].islower() and is_ordinary(plain[start:end])


def _without_accents(plain: str) -> str:
    """The same length, so that places stay what they are."""
    if plain.isascii():
        return plain
    return "".join(bare(sign)[:1] or sign for sign in plain)


def _span(start: int, end: int, surface: Surface) -> Span:
    says = "Words that are masked elsewhere."
    return Span(start, end, surface.category, 1.0, "surface", says, surface.entity)


def _once(spans: Sequence[Span]) -> list[Span]:
    """Each place once: what lies within a longer span is not said again.

    But a name within a detail is: the detail may be overruled, and the name may not.
    """
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, -s.score, s.start, s.category)):
        if not any(_says_all(one, span) for one in chosen):
            chosen.append(span)
    return sorted(chosen, key=lambda span: (span.start, span.end))


def _says_all(one: Span, inner: Span) -> bool:
    inside = one.start <= inner.start and inner.end <= one.end
    return inside and (_is_direct(one) or not _is_direct(inner))


def _is_direct(span: Span) -> bool:
    return span.category in DIRECT or span.detector == "pattern"


def _leak(where: str, text: Text, span: Span) -> Leak:
    start, end = text.normal.origin(span.start, span.end)
    words = [
        word.casefold() for word in re.findall(r"[^\W_]+", text.plain[span.start : span.end])
    ]
    return Leak(
        *(where, start, end, span.category, span.detector, span.reason),
        direct=_is_direct(span),
        is_word=span.detector != "pattern" and all(map(_is_word, words)),
    )
