"""Suggest what may identify a person in a text. The same input gives the same suggestions.

Detectors see the normalised text; what they say is put back onto the stored one, trimmed to
whole words, one suggestion a place.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from studyhub.domain.redaction.capitals import find_capitals
from studyhub.domain.redaction.labels import find_labels
from studyhub.domain.redaction.linking import propagate
from studyhub.domain.redaction.organisations import find_organisations
from studyhub.domain.redaction.patterns import find_patterns
from studyhub.domain.redaction.protect import health_words
from studyhub.domain.redaction.register import Register, find_register, recognise_contact
from studyhub.domain.redaction.resolving import resolve, without
from studyhub.domain.redaction.roles import find_roles
from studyhub.domain.redaction.spans import Decision, Entry, Known, Span, nobody
from studyhub.domain.redaction.spoken import find_spoken
from studyhub.domain.redaction.times import find_times
from studyhub.domain.redaction.uncased import find_uncased
from studyhub.domain.redaction.words import Text, read

Detector = Callable[[Text], Iterable[Span]]

DETECTORS: tuple[Detector, ...] = (
    find_labels,
    find_patterns,
    find_spoken,
    find_times,
    find_capitals,
    find_uncased,
    find_organisations,
    find_roles,
)
_LOOKED_UP = frozenset({"CONTACT", "ID", "URL"})
# These tell a person after a title from a term that is written the same.
_SEES_TITLES = frozenset({"capitals", "uncased", "label"})


def suggest(
    stored: str,
    known: Known = nobody,
    own: Sequence[Entry] = (),
    accepted: Iterable[tuple[str, str, str]] = (),
    others: Sequence[Detector] = (),
) -> list[Span]:
    """Every suggestion for a text, in its order, offsets of the stored text.

    ``own`` is the register of this participant in clear, ``accepted`` names (words, category,
    entity) that people accepted anywhere in the study, ``others`` further detectors (models).
    """
    text = read(stored)
    register = Register(known, own)
    found = list(_detected(text, register, others))
    names = [*accepted, *_told(text, found)]
    found.extend(propagate(text, names))
    named = {_folded(text, span) for span in found if span.detector in _SEES_TITLES}
    chosen = [
        span
        for span in resolve(found, text.plain)
        if _folded(text, span) not in health_words() - named or span.category in _LOOKED_UP
    ]
    return [_put_back(text, span) for span in chosen]


def _detected(text: Text, register: Register, others: Sequence[Detector]) -> Iterator[Span]:
    yield from find_register(text, register)
    for detector in (*DETECTORS, *others):
        for span in detector(text):
            words = text.plain[span.start : span.end]
            looked_up = span.category in _LOOKED_UP
            yield recognise_contact(span, words, register) if looked_up else span


def _told(text: Text, found: Iterable[Span]) -> Iterator[tuple[str, str, str]]:
    """Names sure enough to be looked for at other places of the same text."""
    for span in found:
        if (
            span.category in {"PERSON", "PLACE", "ORG"}
            and not span.ask
            and span.detector != "label"
        ):
            yield text.plain[span.start : span.end], span.category, span.entity


def _folded(text: Text, span: Span) -> str:
    return text.plain[span.start : span.end].casefold()


def _put_back(text: Text, span: Span) -> Span:
    start, end = text.normal.origin(span.start, span.end)
    return replace(span, start=start, end=end)


def rerun(suggestions: Iterable[Span], decisions: Sequence[Decision]) -> list[Span]:
    """What a new run adds to what people decided: only places that nobody has decided on.

    A decision is never changed. Of a suggestion that reaches beyond one, the rest is offered.
    """
    added: list[Span] = []
    for span in suggestions:
        rest = [span]
        for decision in decisions:
            rest = [p for part in rest for p in without(part, decision.start, decision.end)]
        added.extend(rest)
    return added
