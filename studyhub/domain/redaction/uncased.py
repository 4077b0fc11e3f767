"""Names in text written without capitals, as machines write speech: words no dictionary has."""

from collections.abc import Iterator

from studyhub.domain.redaction.cues import (
    BROAD_PEOPLES,
    CALENDAR,
    CALLED,
    COUNTRIES,
    FIRM_TITLES,
    KIN,
    MONTHS,
    ORG_HEADS,
    PEOPLES,
    PLACE_FIRM,
    SAYS,
    TITLES,
    TOWNS_LIKE_WORDS,
)
from studyhub.domain.redaction.lexicon import (
    NAMES_LIKE_WORDS,
    common_words,
    cue_words,
    is_given,
    is_ordinary,
    is_place,
    place_openings,
    surnames,
)
from studyhub.domain.redaction.protect import protected_words
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_PUBLIC = CALENDAR | COUNTRIES | PEOPLES | BROAD_PEOPLES
_SHORTEST = 3
_BEFORE_PLACE = PLACE_FIRM | {
    "at",
    "to",
    "down",
    "up",
    "outside",
    "over",
    "of",
    "and",
    "towards",
}
_PLACE_REACH = (3, 2)


def find_uncased(text: Text) -> Iterator[Span]:
    """Persons and places in paragraphs without capitals."""
    index = 0
    while index < len(text.words):
        word = text.words[index]
        if not word.lower or word.label:
            index += 1
            continue
        size, span = _at(text, index)
        if span:
            yield span
        index += size
    yield from _virtues(text)


def _virtues(text: Text) -> Iterator[Span]:
    """Names like Faith or Dawn in a text where one of their places leaves no doubt."""
    places: dict[str, list[int]] = {}
    for index, word in enumerate(text.words):
        if word.lower and word.fold in NAMES_LIKE_WORDS and not word.label:
            places.setdefault(word.fold, []).append(index)
    for fold, indices in places.items():
        free = [index for index in indices if text.before(index) not in _NO_VIRTUE]
        if fold in _PLAIN | _MODALS | MONTHS or len(free) < len(indices):
            continue
        if any(_is_certain(text, index) for index in free):
            for index in free:
                yield _span(text, (index, 1), "PERSON", 0.55, "A word that is a name here.")


def _is_certain(text: Text, index: int) -> bool:
    before, after = text.before(index), text.after(index)
    acts = after in _TOLD and (before in _BESIDE or _begins(text, index))
    return acts or before in KIN | TITLES or (_is_strange(after) and not is_place(after))


def _begins(text: Text, index: int) -> bool:
    return index == 0 or text.words[index - 1].label


_NO_VIRTUE = cue_words("uncased articles") | cue_words("uncased no virtue")


def _at(text: Text, index: int) -> tuple[int, Span | None]:
    size = _place_of_words(text, index)
    if size:
        return size, _span(text, (index, size), "PLACE", 0.85, "A town or a village.")
    if _is_street(text, index):
        return 2, _span(text, (index, 2), "PLACE", 0.8, "A street.")
    if _is_town(text, index):
        return 1, _span(text, (index, 1), "PLACE", 0.8, "A town or a village.")
    size = _name(text, index)
    if not size:
        return 1, None
    if text.before(index) in PLACE_FIRM and not is_given(text.fold(index)):
        return size, _span(
            text, (index, size), "PLACE", 0.65, "An unknown word after in or from."
        )
    score = 0.8 if is_given(text.fold(index)) else 0.65
    return size, _span(
        text, (index, size), "PERSON", score, "A name, or a word of no dictionary."
    )


def _span(text: Text, place: tuple[int, int], category: str, score: float, says: str) -> Span:
    index, size = place
    first, last = text.words[index], text.words[index + size - 1]
    return Span(first.start, last.end, category, score, "uncased", says)


def _place_of_words(text: Text, index: int) -> int:
    if text.fold(index) not in place_openings():
        return 0
    for size in _PLACE_REACH:
        folds = [text.fold(index + step) for step in range(size)]
        side_by_side = all(text.gap(index + step) == " " for step in range(size - 1))
        strange = not all(fold in common_words() for fold in folds)
        strange = strange or text.before(index) in PLACE_FIRM
        if side_by_side and is_place(" ".join(folds)) and strange:
            return size
    return 0


def _is_street(text: Text, index: int) -> bool:
    fold = text.fold(index)
    named = _is_strange(fold) or is_given(fold) or fold in surnames() or is_place(fold)
    named = named or text.before(index) in _BEFORE_STREET
    return named and fold not in _NEVER | _NO_STREET and text.after(index) in _STREETS


_BEFORE_STREET = frozenset({"on", "in", "along", "down", "up", "off", "by", "from", "near"})
_NO_STREET = cue_words("uncased before street")
_STREETS = frozenset({"road", "street", "avenue", "lane", "crescent", "terrace", "close"})


def _is_town(text: Text, index: int) -> bool:
    fold = text.fold(index)
    if not is_place(fold) or fold in _PUBLIC:
        return False
    if is_ordinary(fold):
        return fold in TOWNS_LIKE_WORDS and text.before(index) in PLACE_FIRM
    return not is_given(fold) or text.before(index) in _BEFORE_PLACE


def _name(text: Text, index: int) -> int:
    """How many words from here on are a name; none is 0."""
    size = int(_opens_name(text, index))
    while size and text.gap(index + size - 1) == " " and _is_family(text.fold(index + size)):
        size += 1
    if size == 1 and is_given(text.fold(index)) and text.gap(index) == " ":
        size += _is_usual_family(text.fold(index + 1), text.fold(index + 2))
    return size


def _opens_name(text: Text, index: int) -> bool:
    fold = text.fold(index)
    if _is_usual_given(text, index):
        return True
    if fold in _PUBLIC:
        return False
    if _is_strange(fold) or _is_cued(text, index) or _is_plain(text, index):
        return True
    follows = text.fold(index + 1) if text.gap(index) == " " else ""
    named = is_given(fold) and fold not in _TOO_USUAL
    return named and _is_strange(follows) and not is_place(follows)


def _is_plain(text: Text, index: int) -> bool:
    """A first name that is hardly ever another word, or one that does what people do."""
    fold, before, after = text.fold(index), text.before(index), text.after(index)
    if before in _ARTICLES or not is_given(fold):
        return False
    if fold in _PLAIN:
        return True
    return fold not in _NEVER | _MODALS and before in _BESIDE and after in _TOLD


_PLAIN = cue_words("lexicon plain names")
_ARTICLES = cue_words("uncased articles")
_BESIDE = cue_words("uncased beside")
_TOLD = cue_words("uncased told")
_MODALS = frozenset({"will", "may"})


def _is_usual_given(text: Text, index: int) -> bool:
    """May, Will, Mark before a family name, and not as a verb after a pronoun."""
    if not is_given(text.fold(index)) or text.gap(index) != " ":
        return False
    follows = text.fold(index + 1)
    plain_name = text.before(index) not in _PRONOUNS and not is_place(follows)
    return plain_name and _is_strange(follows) and follows not in SAYS


_PRONOUNS = cue_words("uncased pronouns")
_TOO_USUAL = cue_words("uncased too usual")


def _is_usual_family(fold: str, after: str) -> bool:
    """A family name that is also a word: Smith, Bright, Hope."""
    verb = fold in SAYS | _NEVER | _TOO_USUAL or fold in CALENDAR
    return fold in surnames() and not verb and after not in _ARTICLES - {"so", "one", "this"}


def _is_strange(fold: str) -> bool:
    if len(fold) < _SHORTEST or not fold.replace("-", "").replace("'", "").isalpha():
        return False
    public = fold in _PUBLIC or fold in protected_words() or fold in TITLES
    return not public and not is_ordinary(fold)


def _is_family(fold: str) -> bool:
    known = fold in surnames() and fold not in common_words()
    return (_is_strange(fold) or known) and fold not in ORG_HEADS and not is_place(fold)


def _is_cued(text: Text, index: int) -> bool:
    """A first name that is also a word, or any word after a firm title, where a name stands."""
    fold, before, after = text.fold(index), text.before(index), text.after(index)
    if before in FIRM_TITLES and fold not in SAYS and len(fold) >= _SHORTEST:
        return fold not in _NEVER
    if not is_given(fold) or fold in _NEVER or fold in protected_words():
        return False
    called = before in CALLED or (before in KIN and text.fold(index - 2) in _WHOSE)
    return called or (fold not in common_words() and after in SAYS | {"and"})


_WHOSE = cue_words("uncased whose")
_NEVER = cue_words("uncased never")
