"""Names in text written with capitals: runs of capitalised words that nothing else explains."""

from collections.abc import Iterator

from studyhub.domain.redaction.cues import (
    CALENDAR,
    COUNTED,
    ORG_HEADS,
    PEOPLES,
    SAYS,
    STREET_HEADS,
    TITLES,
)
from studyhub.domain.redaction.lexicon import (
    all_words,
    cue_words,
    is_given,
    is_ordinary,
    is_place,
    place_openings,
)
from studyhub.domain.redaction.protect import protected_words
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.verdicts import PUBLIC, Run, judge
from studyhub.domain.redaction.words import Text, Word

_SMALL = cue_words("capitals small")
_LINKS = cue_words("capitals links")
_OPENERS = cue_words("capitals openers")
_MOST_WORDS = 5


def find_capitals(text: Text) -> Iterator[Span]:
    """Persons, places and organisations by their capitals."""
    index = 0
    while index < len(text.words):
        run = _place_with_small_words(text, index) or _run(text, index)
        if run is None:
            index += 1
            continue
        span = judge(text, run)
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
        if (text.gap(last) in {" ", "-"} and _continues(text, after)) or (
            text.gap(last) == "'s " and _continues(text, after) and _heads(text, after)
        ):
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
    if surname and follows and not is_ordinary(follows.fold) and follows.fold not in PUBLIC:
        return True
    return is_given(text.fold(index)) and text.after(index) in SAYS - {
        "was",
        "is",
        "and",
        "had",
    }


def _opens_as_name(text: Text, index: int) -> bool:
    """A sentence may begin with any word: a name there is unknown, or has a cue."""
    word = text.words[index]
    after = text.words[index + 1] if index + 1 < len(text.words) else None
    beside = after is not None and text.gap(index) in {" ", "-"}
    if word.acronym:
        return word.fold not in all_words()
    if not is_ordinary(word.fold):
        return True
    spoken_to = text.gap(index).startswith(",")
    if is_given(word.fold) and (text.after(index) in SAYS or spoken_to):
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
    known = {after.fold, fold} & (protected_words() | PUBLIC | PEOPLES)
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
    if (
        not word.capital
        or word.label
        or word.opens
        or word.fold in {"i", "i'm", "i've", "i'd", "i'll"}
    ):
        return False
    return word.fold not in CALENDAR and (word.fold not in TITLES or word.fold == "major")
