"""Prompts, not masks: work and circumstances that may single a person out.

A role asks when it stands in the frame of one person's post ("I'm the … at …", "the … of …",
"the …, Anna,") or is rare in itself.
"""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.lexicon import either
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_POST = either("roles posts")
_RARE = either("roles rare")
_STOPS = rf"{either('roles stops')}\b"
_STOP = rf"(?!{_STOPS})"
_WORD = rf"{_STOP}[\w'-]+"
_WORDS = rf"(?:{_WORD} ){{0,3}}"
_ROLE = rf"{_WORDS}{_POST}(?: {_POST})?\b"
_OF = rf"(?:the |a |an |our )?{_WORD}(?: {_WORD}){{0,3}}"
_TAIL = rf"(?: (?:of|at|in|for|on) {_OF}(?=[,.;:?!\n]| {_STOPS}|$))"
_SOME = r"(?:the |a |an |as a |as the |our )"
_END = r"(?![\w'-])"
_MINE = "What this person does: with the rest it may single them out."
_HELD = "A post that one person holds."

_RULES = tuple(
    (score, says, re.compile(rule, re.IGNORECASE))
    for score, says, rule in (
        (
            *(0.6, _MINE),
            rf"\b(?:I'm|I am|I was|I've been|im|I became|I work as|you're|youre)"
            rf"(?: also| now| actually)? {_SOME}?(?P<role>{_ROLE}{_TAIL}?){_END}",
        ),
        (
            *(0.45, _HELD),
            rf"\b(?:he's|she's|hes|shes|he was|she was|who's|who was|been|theres|there's|"
            rf"wrote to|called|she became|he became|works as|worked as|said to|showed it to|"
            rf"married to) {_SOME}(?P<role>{_ROLE}{_TAIL})",
        ),
        (0.45, _HELD, rf"\b(?:the|our) (?P<role>{_WORDS}{_POST} (?:of|at the) {_OF}){_END}"),
        (
            *(0.5, "Few people do this."),
            rf"\b(?P<role>(?:(?:retired|former|ex) )?{_RARE}{_TAIL}?){_END}",
        ),
        (
            0.5,
            "Few people do this.",
            rf"\ban? (?P<role>(?:{_WORD} ){{1,2}}{_RARE}{_TAIL}?){_END}",
        ),
    )
)
# The name beside it begins with a capital: these are read as they are written.
_NAMED = re.compile(rf"\b(?:[Tt]he|[Oo]ur) (?P<role>{_ROLE}), (?=[A-Z][\w'-]+[,.])")
_ONLY = re.compile(
    rf"\b(?P<role>(?:only|first|youngest|oldest|longest[- ]serving) "
    rf"(?!{either('roles not singled')}\b)(?:[\w'-]+ ){{1,6}}?(?:ever [\w' ]*here|ever \w+|"
    rf"(?:in|on) the (?:\w+ )?[\w']+|here|in [A-Z]\w+|at [A-Z]\w+))"
)


def find_roles(text: Text) -> Iterator[Span]:
    """Posts, firsts and onlies, each to be looked at."""
    for score, says, rule in _RULES:
        for found in rule.finditer(text.plain):
            yield Span(*found.span("role"), "ROLE", score, "roles", says, ask=True)
    for found in _NAMED.finditer(text.plain):
        says = "A post, and the name of who holds it."
        yield Span(*found.span("role"), "ROLE", 0.55, "roles", says, ask=True)
    for found in _ONLY.finditer(text.plain):
        says = "A first or an only."
        yield Span(*found.span("role"), "OTHER_QUASI", 0.5, "roles", says, ask=True)
