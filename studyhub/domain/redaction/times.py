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

_STILL = (
    r"(?: (?:only|just|nearly|about|now|still|just turned|coming up|going on|getting on for|like|"
    r"barely|maybe|um|er|around))*"
)
_PEOPLE = r"(?:boy|girl|man|woman|lad|lady|lass|kid|child|person|son|daughter|twins?|fella|bloke|baby)"
_AGES = tuple(
    (score, re.compile(rule, 0 if cased else re.IGNORECASE))
    for score, cased, rule in (
        (
            *(0.9, False),
            rf"\b(?:I'm|I am|I was|im|he's|she's|he is|she is|hes|shes|he was|she was|who's|who is|who was|"
            rf"whos|wasn't|isn't|aged|at the age of|turned|turning|(?:I|he|she)'d have been|(?:I|he|she)'d be|"
            rf"(?:I|he|she)'ll be|(?:he|she|i)d be|(?:he|she|i)ll be|was only|were only|must have been|"
            rf"must be|mustve been|we were|they were|when){_STILL} (?P<found>{AGE_NUMBER})\b",
        ),
        (0.85, False, rf"\b{_PEOPLE} (?:of|aged|at) (?P<found>{AGE_NUMBER})\b"),
        (0.8, False, rf"\b(?P<found>{AGE_NUMBER}) years? old\b"),
        (
            *(0.7, False),
            rf"\b(?:went in|came out|left|joined|started|married|pregnant|died|came|came to us|arrived|"
            rf"moved|retired|school|widowed|lost him|lost her|had her|had him|job|child|killed himself) at "
            rf"(?P<found>{PAIR}|\d\d|three|four|five|six|seven|eight|nine)\b",
        ),
        (
            *(0.7, False),
            rf"\bmy (?:son|daughter|husband|wife|mum|dad|brother|sister|youngest|eldest|oldest|nan|mother|"
            rf"father|partner)(?:'s| is|s| was){_STILL} (?P<found>{AGE_NUMBER})\b",
        ),
        (0.7, True, rf"\b[A-Z][\w'-]+, (?P<found>{PAIR}|\d\d)(?=[,.])"),
        (
            0.7,
            True,
            rf"\b[A-Z][\w'-]+(?:'s| is| was){_STILL} (?P<found>{PAIR}|\d\d)(?=[,.;!?])",
        ),
        (0.6, True, rf"\b(?:my|her|his) age[.,] (?P<found>(?i:{PAIR})|\d\d)\b"),
        (0.6, True, rf"\b(?:19|20)\d\d, (?P<found>{PAIR})(?=[.])"),
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
            several = _NOT_AGE_AFTER.match(text.plain, found.end("found"))
            if not several and found["found"].casefold() != "one":
                yield Span(*found.span("found"), "AGE", score, "pattern", "Somebody's age.")
