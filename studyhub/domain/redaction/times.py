"""Dates in forms that identify, and the ages of persons.

Not: weekdays, bare months, hours, "last year".
"""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.numbers import AGE_NUMBER, FIGURE_YEAR, PAIR, SPOKEN_YEAR, YEAR
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\b"
)
_DAY_WORD = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|"
    r"thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|"
    r"(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|"
    r"twentieth|thirtieth)"
)
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_DAY_WORD})"
_FEAST = (
    r"(?:Christmas(?: Eve| Day)?|Boxing Day|New Year's (?:Eve|Day)|New Year|Easter(?: Sunday| Monday)?|"
    r"Good Friday|Hallowe'?en|Bonfire Night|Mothering Sunday|St [A-Z]\w+'s Day|Eid|Diwali|Pancake Day)"
)
_SEASON = r"(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ww]inter|Easter|Christmas)"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"

# Above this a form is written as it stands, capitals and all.
_EXACT = 0.9
_DATES = tuple(
    (score, re.compile(rule, re.IGNORECASE if score < _EXACT else 0))
    for score, rule in (
        (0.97, r"\b\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b"),
        (0.89, rf"\b(?:{_WEEKDAY},? )?(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? {YEAR})?"),
        (
            0.89,
            rf"\b{_MONTH} (?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?|{_DAY_WORD})\b(?:,? {YEAR})?(?! ?(?:years|months|weeks|days|hours|minutes|people|per))",
        ),
        (0.89, rf"\b{_MONTH},? (?:of )?(?:{YEAR}|'\d\d)\b"),
        (0.89, rf"\b{_SEASON}(?: of)? {YEAR}\b"),
        (0.89, rf"\b{_FEAST},? (?:of |in )?{YEAR}\b"),
        (0.89, rf"\b{SPOKEN_YEAR}\b"),
        (0.92, rf"(?<![\d£/,.-]){FIGURE_YEAR}\b(?![/,]\d|-\d|%| (?:pounds|people|calls|quid))"),
        (0.91, r"(?<=\bin )'\d\d\b|(?<=\bsince )'\d\d\b|\b(?:19|20)\d0s\b"),
        (
            0.6,
            rf"(?<=\bon the )(?:{_DAY_WORD}|\d{{1,2}}(?:st|nd|rd|th))\b(?! (?:of|floor|day|time|week|hand|phone|page|ward|one|visit|call|attempt|go|person|thing|year|try|night|morning))",
        ),
    )
)
_NO_YEAR_AFTER = re.compile(
    r" (?:minutes?|hours?|days?|weeks?|months?|years?|people|families|women|men|children|kids|"
    r"pounds|quid|grand|percent|per cent|times|miles|or|of us|of them|pence|calls|patients)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(r"(?:the |Tuesday )", re.IGNORECASE)

_AGES = tuple(
    (score, re.compile(rule, re.IGNORECASE))
    for score, rule in (
        (
            0.9,
            rf"\b(?:I'm|I am|I was|im|he's|she's|he is|she is|hes|shes|he was|she was|who's|who was|whos|wasn't|isn't|aged|at the age of|turned|turning|I'd have been|I'd be|she'd be|he'd be|we were|they were)(?: (?:only|just|nearly|about|now|still|just turned|coming up|going on|getting on for|like|barely|maybe|um))* (?P<found>{AGE_NUMBER})\b(?!-)",
        ),
        (
            0.85,
            rf"\b(?:a|the) (?:boy|girl|man|woman|lad|lady|lass|kid|child|young person|son|daughter|twins?|fella|bloke) (?:of|aged) (?P<found>{AGE_NUMBER})\b",
        ),
        (
            0.85,
            rf"\b(?:twins|boys|girls|brother|sister|baby|lad) (?:of|aged|at) (?P<found>{AGE_NUMBER})\b",
        ),
        (0.8, rf"\b(?P<found>{AGE_NUMBER}) years? old\b"),
        (
            0.7,
            rf"(?<!on )\b(?:went in|came out|left|joined|started|married|pregnant|died|came|came to us|arrived|child|moved|retired|at school|widowed|lost him|lost her|had her|had him|job) at (?P<found>{PAIR}|\d\d|three|four|five|six|seven|eight|nine)\b",
        ),
        (
            0.7,
            r"\bmy (?:son|daughter|husband|wife|mum|dad|brother|sister|youngest|eldest|oldest|nan)(?:'s| is|s) (?P<found>"
            + AGE_NUMBER
            + r")\b",
        ),
    )
)
_NOT_AGE_AFTER = re.compile(
    r"[ -](?:%|per ?cent|o'?clock|oclock|hours?|minutes?|mins?|seconds?|days?|weeks?|months?|miles?|"
    r"times|pounds|quid|grand|people|women|men|children|kids|of (?:us|them|my|our|the|those|these)|"
    r"others?|hundred|thousand|million|percent|stone|foot|inch(?:es)?|feet|more|or|down|points?|"
    r"cases|beds|patients|clients|staff|am|pm|sessions?|nights|evenings|appointments|calls|"
    r"families|one|two|three|four|five|six|seven|eight|nine|minus|past|big|little|small|good|"
    r"different|separate|long|whole|hour|day|week|month|minute|pound|mile|bad|in the queue|to|year[ -])\b|"
    r"[ -]years? (?!old)|-"
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
            if not _NOT_AGE_AFTER.match(text.plain, found.end("found")):
                yield Span(*found.span("found"), "AGE", score, "pattern", "Somebody's age.")
