"""Dates in forms that identify, and the ages of persons.

Not: weekdays, bare months, hours, "last year".
"""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.lexicon import either
from studyhub.domain.redaction.numbers import AGE_NUMBER, FIGURE_YEAR, PAIR, SPOKEN_YEAR, YEAR
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\b"
)
_DAY_WORD = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|"
    r"thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|"
    r"(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|"
    r"twentieth|thirtieth)"
)
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_DAY_WORD})"
_FEAST = (
    r"(?:Christmas(?: Eve| Day)?|Boxing Day|New Year's (?:Eve|Day)|New Year|Good Friday|"
    r"Easter(?: Sunday| Monday)?|Hallowe'?en|Bonfire Night|Mothering Sunday|"
    r"St [A-Z]\w+'s Day|Eid|Diwali|Pancake Day)"
)
_SEASON = r"(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ww]inter|Easter|Christmas)"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"

_COUNTED = either("times counted")

# Above this a form is written as it stands, capitals and all.
_EXACT = 0.9
_DATES = tuple(
    (score, re.compile(rule, re.IGNORECASE if score < _EXACT else 0))
    for score, rule in (
        (0.97, r"\b\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b"),
        (0.89, rf"\b(?:{_WEEKDAY},? )?(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? {YEAR})?"),
        (
            0.89,
            rf"\b{_MONTH} (?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?|{_DAY_WORD})\b(?:,? {YEAR})?"
            rf"(?! ?{_COUNTED})",
        ),
        (0.89, rf"\b{_MONTH},? (?:of )?(?:{YEAR}|'\d\d)\b"),
        (0.89, rf"\b{_SEASON}(?: of)? {YEAR}\b"),
        (0.89, rf"\b{_FEAST},? (?:of |in )?{YEAR}\b"),
        (0.89, rf"\b{SPOKEN_YEAR}\b"),
        (0.92, rf"(?<![\d£/,.-]){FIGURE_YEAR}\b(?![/,]\d|-\d|%| (?:pounds|people|calls|quid))"),
        (0.91, r"(?<=\bin )'\d\d\b|(?<=\bsince )'\d\d\b|\b(?:19|20)\d0s\b"),
        (
            0.6,
            rf"(?<=\bon the )(?:{_DAY_WORD}|\d{{1,2}}(?:st|nd|rd|th))\b"
            rf"(?! {either('times not a day')})",
        ),
    )
)
_NO_YEAR_AFTER = re.compile(rf" {either('times year units')}(?!\w)", re.IGNORECASE)
_LEADS = re.compile(r"(?:the |Tuesday )", re.IGNORECASE)

_STILL = rf"(?: {either('times about')})*"
_FOUND = rf"(?P<found>{AGE_NUMBER})\b"
_WRITTEN = rf"(?P<found>{PAIR}|\d\d)"
_AGES = tuple(
    (score, re.compile(rule, 0 if cased else re.IGNORECASE))
    for score, cased, rule in (
        (0.9, False, rf"\b{either('times is aged')}{_STILL} {_FOUND}"),
        (0.85, False, rf"\b{either('times persons')} (?:of|aged|at) {_FOUND}"),
        (0.8, False, rf"\b{_FOUND} years? old\b"),
        (
            *(0.7, False),
            rf"\b{either('times life events')} at "
            rf"(?P<found>{PAIR}|\d\d|three|four|five|six|seven|eight|nine)\b",
        ),
        (
            *(0.7, False),
            rf"\bmy {either('times relatives')}(?:'s| is|s| was){_STILL} {_FOUND}",
        ),
        (0.7, True, rf"\b[A-Z][\w'-]+, {_WRITTEN}(?=[,.])"),
        (0.7, True, rf"\b[A-Z][\w'-]+(?:'s| is| was){_STILL} {_WRITTEN}(?=[,.;!?])"),
        (0.6, True, rf"\b(?:my|her|his) age[.,] (?P<found>(?i:{PAIR})|\d\d)\b"),
        (0.6, True, rf"\b(?:19|20)\d\d, (?P<found>{PAIR})(?=[.])"),
    )
)
_NOT_AGE_AFTER = re.compile(
    rf"[ -](?:{_COUNTED}|year[ -])(?!\w)|[ -]years? (?!old)|-", re.IGNORECASE
)


def find_times(text: Text) -> Iterator[Span]:
    """Dates that identify, and ages."""
    for score, rule in _DATES:
        for found in rule.finditer(text.plain):
            if _NO_YEAR_AFTER.match(text.plain, found.end()):
                continue
            start = found.start()
            lead = _LEADS.match(found[0])
            start += lead.end() if lead and lead[0].casefold() == "the " else 0
            yield Span(
                start, found.end(), "DATE", score, "pattern", "A date that can be looked up."
            )
    for score, rule in _AGES:
        for found in rule.finditer(text.plain):
            several = _NOT_AGE_AFTER.match(text.plain, found.end("found"))
            if not several and found["found"].casefold() != "one":
                yield Span(*found.span("found"), "AGE", score, "pattern", "Somebody's age.")
