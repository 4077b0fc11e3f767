"""What a run of capitalised words is taken for: person, place, organisation, or nothing."""

from dataclasses import dataclass

from studyhub.domain.redaction.cues import (
    BROAD_PEOPLES,
    CALENDAR,
    CALLED,
    COMPASS,
    COUNTED,
    COUNTRIES,
    KIN,
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
    cue_words,
    is_given,
    is_ordinary,
    is_place,
    surnames,
)
from studyhub.domain.redaction.protect import health_words, protected_words
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text, Word

PUBLIC = CALENDAR | COUNTRIES | BROAD_PEOPLES | cue_words("capitals small")


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring capitalised words: the first and the last, by index."""

    first: int
    last: int


def judge(text: Text, run: Run) -> Span | None:
    words = text.words[run.first : run.last + 1]
    """What a run of capitalised words is taken for, if for anything."""
    for verdict in (_protected, _place, _thing, _person, _rest):
        found = verdict(text, run, words)
        if found is not None:
            return found if found.category else None
    return None


def _make(
    words: tuple[Word, ...], category: str, score: float, reason: str, *, ask: bool = False
) -> Span:
    return Span(words[0].start, words[-1].end, category, score, "capitals", reason, ask=ask)


_NOTHING = Span(0, 0, "", 0, "", "")


def _protected(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    """Health, law, and what everybody knows by name."""
    folds = [word.fold for word in words]
    titled = text.before(run.first) in TITLES
    if all(fold in PUBLIC or _is_protected(fold) for fold in folds):
        if titled or (is_given(folds[0]) and folds[0] not in health_words() and len(folds) > 1):
            return None
        return _NOTHING
    if len(words) > 1 and all(fold in health_words() or is_ordinary(fold) for fold in folds):
        health = sum(fold in health_words() for fold in folds)
        counted = folds[-1] in COUNTED or folds[0] in COUNTED
        return (
            _NOTHING if counted or (health * 2 >= len(folds) and not _headed(folds)) else None
        )
    return None


def _is_protected(fold: str) -> bool:
    return fold in protected_words() or fold.removesuffix("s") in protected_words()


def _headed(folds: list[str]) -> bool:
    return folds[-1] in ORG_HEADS


def _place(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    folds = [word.fold for word in words]
    name = " ".join(folds)
    if text.before(run.first) in TITLES:
        return None
    if folds[-1] in STREET_HEADS and len(words) > 1:
        return _make(words, "PLACE", 0.85, "A street, a building or a spot.")
    if len(words) > 1 and is_place(folds[0]) and not is_place(name) and not is_given(folds[0]):
        return _make(words, "ORG", 0.7, "A town, and what is there.")
    if is_place(name) and not (
        is_given(folds[0]) and text.before(run.first) not in PLACE_BEFORE
    ):
        return _make(words, "PLACE", 0.9, "A town or a village.")
    compass = folds[0] in COMPASS and len(words) > 1
    if compass and (is_place(" ".join(folds[1:])) or folds[-1] in COUNTRIES):
        return _make(words, "PLACE", 0.8, "A part of a county or of a town.")
    return None


def _thing(_text: Text, _run: Run, words: tuple[Word, ...]) -> Span | None:
    folds = [word.fold for word in words]
    heads = [fold in ORG_HEADS for fold in folds]
    if (
        len(words) > 1
        and any(heads)
        and not all(is_ordinary(f) and f in protected_words() for f in folds)
    ):
        return _make(words, "ORG", 0.8, "An organisation or a service.")
    if words[0].acronym and len(words) == 1:
        if folds[0] in protected_words() or any(sign.isdigit() for sign in folds[0]):
            return _NOTHING
        return _make(words, "ORG", 0.7, "Letters that stand for a name.")
    return None


def _person(text: Text, run: Run, words: tuple[Word, ...]) -> Span | None:
    folds = [word.fold for word in words]
    titled = text.before(run.first) in TITLES
    if len(words[0].text) == 1 and len(words) == 1 and not titled:
        return _NOTHING
    if titled:
        return _make(words, "PERSON", 0.95, "A name after a title.")
    if is_given(folds[0]) and (
        len(words) > 1 or not words[0].opens or not is_ordinary(folds[0])
    ):
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
    if all(fold in PUBLIC | PEOPLES for fold in folds):
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
    named = before in {"at", "from", "with", "called", "by", "in", "for"}
    if len(words) > 1 and (named or _is_named_after(text, run.first)):
        return _make(words, "ORG", 0.5, "Ordinary words with capitals.", ask=True)
    if len(words) == 1 and words[0].fold not in COUNTED and _is_named_after(text, run.first):
        return _make(words, "ORG", 0.45, "An ordinary word with a capital.", ask=True)
    if len(words) == 1 and _is_introduced(text, run.first):
        return _make(words, "PERSON", 0.6, "A word where a name is told.")
    told = text.after(run.last) in SAYS or before in _MEETS
    if len(words) == 1 and told and words[0].fold in text.always_capital:
        return _make(words, "PERSON", 0.5, "An ordinary word, always with a capital.")
    if len(words) > 1 and text.after(run.last) in SAYS:
        return _make(words, "ORG", 0.4, "Ordinary words with capitals.", ask=True)
    return None


_MEETS = cue_words("capitals meets")


def _is_introduced(text: Text, index: int) -> bool:
    """My cousin Cob, they call her Moo, her surname was Quill."""
    before, earlier = text.before(index), text.before(index - 1)
    if before in {"her", "him", "me", "us", "them"}:
        return earlier.startswith("call")
    if before in {"is", "was"}:
        return earlier in {"name", "surname", "nickname"}
    return before in CALLED or (
        before in KIN and earlier in {"my", "his", "her", "our", "their"}
    )


def _is_named_after(text: Text, index: int) -> bool:
    """At Brook, from the Echo, in the Argus."""
    before = text.before(index)
    if before in {"at", "from", "on"}:
        return True
    article = text.words[index - 1] if index else None
    if before == "the" and article and article.capital and not article.opens:
        return True
    return before == "the" and text.before(index - 1) in {"in", "at", "from", "to", "on", "by"}


def _is_clipped(fold: str) -> bool:
    return is_ordinary(fold) and fold not in all_words()
