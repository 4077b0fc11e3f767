"""Names in text written with capitals: runs of capitalised words that nothing else explains."""

from collections.abc import Iterator
from dataclasses import dataclass

from studyhub.domain.redaction.cues import (
    BROAD_PEOPLES,
    CALENDAR,
    COMPASS,
    COUNTED,
    COUNTRIES,
    ORG_HEADS,
    PEOPLES,
    PLACE_BEFORE,
    PLACE_FIRM,
    SAYS,
    STREET_HEADS,
    TITLES,
)
from studyhub.domain.redaction.lexicon import (
    all_words,
    common_words,
    is_given,
    is_ordinary,
    is_place,
    place_openings,
    surnames,
)
from studyhub.domain.redaction.protect import health_words, protected_words
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text, Word

_SMALL = frozenset("i a an the o oh ok okay".split())
_PUBLIC = CALENDAR | COUNTRIES | BROAD_PEOPLES | _SMALL
_LINKS = frozenset("of for".split())
_OPENERS = frozenset(
    "you we i it they he she that the this there be not my our your his her their a an and but so "
    "then when if because as at in on from with for to by of or like well yes no oh dear poor old "
    "is was are do did does have has had can could would will should may might what who where "
    "which how why after before since even just only also though although while whereas unless "
    "now here once ask tell call thank thanks hello hi bye sorry okay big little young dear "
    "miss mr mrs all some every each another both half most".split()
)
_ADDRESSED = frozenset("you we i it they he she that the this there be not".split())
_MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring capitalised words: the first and the last, by index."""

    first: int
    last: int


def find_capitals(text: Text) -> Iterator[Span]:
    """Persons, places and organisations by their capitals."""
    index = 0
    while index < len(text.words):
        run = _place_with_small_words(text, index) or _run(text, index)
        if run is None:
            index += 1
            continue
        span = _judge(text, run)
        if span:
            yield span
        index = run.last + 1


def _place_with_small_words(text: Text, index: int) -> Run | None:
    """A town of several words, some of them small: Stow on the Wold."""
    word = text.words[index]
    if not word.capital or word.lower or word.label:
        return None
    for size in (4, 3):
        name = _joined(text, index, size)
        if name and text.words[index + size - 1].capital:
            return Run(index, index + size - 1)
    return None


def _run(text: Text, index: int) -> Run | None:
    if not _may_open(text, index):
        return None
    last = index
    while last - index < _MOST_WORDS:
        after = last + 1
        if text.gap(last) in {" ", "-"} and _continues(text, after):
            last = after
        elif text.gap(last) == "'s " and _continues(text, after) and _heads(text, after):
            last = after
        elif text.gap(last) == " " and text.fold(after) in _LINKS and _linked(text, after):
            last = after + 1
        else:
            break
    return Run(index, last)


def _heads(text: Text, index: int) -> bool:
    return text.fold(index) in ORG_HEADS | STREET_HEADS


def _linked(text: Text, link: int) -> bool:
    return text.gap(link) == " " and _continues(text, link + 1)


def _may_open(text: Text, index: int) -> bool:
    """Say whether a name may begin with this word."""
    word = text.words[index]
    if not word.capital or word.lower or word.label or word.fold in _SMALL:
        return False
    if word.fold in TITLES and not word.opens:
        return False
    if word.fold in TITLES or (word.fold in CALENDAR and not _named_month(text, index)):
        return False
    return not word.opens or _opens_as_name(text, index)


def _named_month(text: Text, index: int) -> bool:
    """A month that is somebody's name: April said, July Mbeki."""
    follows = text.words[index + 1] if index + 1 < len(text.words) else None
    surname = follows is not None and follows.capital and text.gap(index) == " "
    if surname and follows and not is_ordinary(follows.fold) and follows.fold not in _PUBLIC:
        return True
    return is_given(text.fold(index)) and text.after(index) in SAYS - {"was", "is", "and", "had"}


def _opens_as_name(text: Text, index: int) -> bool:
    """A sentence may begin with any word: a name there is unknown, or has a cue."""
    word = text.words[index]
    after = text.words[index + 1] if index + 1 < len(text.words) else None
    beside = after is not None and text.gap(index) in {" ", "-"}
    if word.acronym:
        return word.fold not in all_words()
    if not is_ordinary(word.fold):
        return True
    if is_given(word.fold) and text.after(index) in SAYS and word.fold not in _ADDRESSED:
        return True
    if beside and after and after.capital and after.fold not in _SMALL:
        strange = not is_ordinary(after.fold) or is_place(after.fold)
        name = is_given(word.fold) and strange
        return name or _is_place_run(text, index) or _opens_as_thing(word.fold, after)
    return False


def _opens_as_thing(fold: str, after: Word) -> bool:
    """Two capitals where a sentence opens: the second has no other reason."""
    if fold in _OPENERS or after.fold in COUNTED or after.opens:
        return False
    if after.fold in ORG_HEADS | STREET_HEADS:
        return True
    known = {after.fold, fold} & (protected_words() | _PUBLIC | PEOPLES)
    return not known and is_ordinary(after.fold) and not is_given(after.fold)


def _is_place_run(text: Text, index: int) -> bool:
    return any(_joined(text, index, size) is not None for size in (4, 3, 2))


def _joined(text: Text, index: int, size: int) -> str | None:
    """The place that so many words name, written with or without hyphens."""
    words = text.words[index : index + size]
    if len(words) < size or words[0].fold.split("-")[0] not in place_openings():
        return None
    if any(text.gap(index + step) not in {" ", "-"} for step in range(size - 1)):
        return None
    name = " ".join(word.fold for word in words)
    return name if is_place(name) else None


def _continues(text: Text, index: int) -> bool:
    if index >= len(text.words):
        return False
    word = text.words[index]
    if not word.capital or word.label or word.opens or word.fold in {"i", "i'm", "i've", "i'd", "i'll"}:
        return False
    return word.fold not in CALENDAR and (word.fold not in TITLES or word.fold == "major")


def _judge(text: Text, run: Run) -> Span | None:
    words = text.words[run.first : run.last + 1]
    for verdict in (_protected, _place, _thing, _person, _rest):
        found = verdict(text, run, words)
        if found is not None:
            return found if found.category else None
    return None


def _make(words: tuple[Word, ...], category: str, score: float, reason: str, **more: bool) -> Span:
    return Span(words[0].start, words[-1].end, category, score, "capitals", reason, **more)


_NOTHING = Span(0, 0, "", 0, "", "")


def _protected(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    """Health, law, and what everybody knows by name."""
    folds = [word.fold for word in words]
    titled = text.before(run.first) in TITLES
    if all(fold in _PUBLIC or fold in protected_words() for fold in folds):
        if titled or (is_given(folds[0]) and folds[0] not in health_words() and len(folds) > 1):
            return None
        return _NOTHING
    if len(words) > 1 and all(fold in health_words() or is_ordinary(fold) for fold in folds):
        health = sum(fold in health_words() for fold in folds)
        counted = folds[-1] in COUNTED or folds[0] in COUNTED
        return _NOTHING if counted or (health * 2 >= len(folds) and not _headed(folds)) else None
    return None


def _headed(folds: list[str]) -> bool:
    return folds[-1] in ORG_HEADS


def _place(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    folds = [word.fold for word in words]
    name = " ".join(folds)
    if text.before(run.first) in TITLES:
        return None
    if folds[-1] in STREET_HEADS and len(words) > 1:
        return _make(words, "PLACE", 0.85, "A street, a building or a spot.")
    if is_place(name) and not (is_given(folds[0]) and text.before(run.first) not in PLACE_BEFORE):
        return _make(words, "PLACE", 0.9, "A town or a village.")
    compass = folds[0] in COMPASS and len(words) > 1
    if compass and (is_place(" ".join(folds[1:])) or folds[-1] in COUNTRIES):
        return _make(words, "PLACE", 0.8, "A part of a county or of a town.")
    return None


def _thing(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    folds = [word.fold for word in words]
    heads = [fold in ORG_HEADS for fold in folds]
    if len(words) > 1 and any(heads) and not all(is_ordinary(f) and f in protected_words() for f in folds):
        return _make(words, "ORG", 0.8, "An organisation or a service.")
    if words[0].acronym and len(words) == 1:
        if folds[0] in protected_words() or any(sign.isdigit() for sign in folds[0]):
            return _NOTHING
        return _make(words, "ORG", 0.7, "Letters that stand for a name.")
    return None


def _person(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    folds = [word.fold for word in words]
    titled = text.before(run.first) in TITLES
    if titled:
        return _make(words, "PERSON", 0.95, "A name after a title.")
    if is_given(folds[0]) and (len(words) > 1 or not words[0].opens or not is_ordinary(folds[0])):
        score = 0.6 if is_ordinary(folds[0]) and len(words) == 1 else 0.9
        return _make(words, "PERSON", score, "A first name.")
    if is_given(folds[0]):
        return _make(words, "PERSON", 0.6, "A first name where a sentence opens.", ask=True)
    if folds[-1] in surnames() and not is_ordinary(folds[-1]):
        return _make(words, "PERSON", 0.75, "A family name.")
    return None


def _rest(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    folds = [word.fold for word in words]
    before = text.before(run.first)
    if len(words) == 1 and folds[0] in PEOPLES:
        return _make(words, "OTHER_QUASI", 0.5, "A nationality that may single out.", ask=True)
    if all(fold in _PUBLIC | PEOPLES for fold in folds):
        return _NOTHING
    strange = any(fold not in common_words() and not _is_clipped(fold) for fold in folds)
    if before in PLACE_FIRM and strange:
        return _make(words, "PLACE", 0.7, "A name after a word of place.")
    if strange and before != "the":
        category = "PERSON" if len(words) < 3 and before != "at" else "ORG"  # noqa: PLR2004 - most names
        return _make(words, category, 0.7, "A name that no dictionary has.")
    if strange:
        return _make(words, "ORG", 0.6, "A name that no dictionary has.")
    return _ordinary(text, run, words)


def _ordinary(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    """Words of the language with capitals: a name of something, or emphasis."""
    before = text.before(run.first)
    if len(words) > 1 and before in {"at", "from", "with", "called", "by", "in", "for"}:
        return _make(words, "ORG", 0.5, "Ordinary words with capitals.", ask=True)
    if len(words) == 1 and words[0].fold not in COUNTED and _is_named_after(text, run.first):
        return _make(words, "ORG", 0.45, "An ordinary word with a capital.", ask=True)
    if len(words) > 1 and words[0].fold not in COUNTED and words[-1].fold not in COUNTED:
        return _make(words, "ORG", 0.4, "Ordinary words with capitals.", ask=True)
    return None


def _is_named_after(text: Text, index: int) -> bool:
    """At Brook, from the Echo, in the Argus."""
    before = text.before(index)
    if before in {"at", "from"}:
        return True
    return before == "the" and text.before(index - 1) in {"in", "at", "from", "to", "on", "by"}


def _is_clipped(fold: str) -> bool:
    return is_ordinary(fold) and fold not in all_words()
