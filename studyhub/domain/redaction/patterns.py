"""What has a fixed form: addresses, telephone numbers, postcodes, references.

Sources: BS 7666 for postcodes, Ofcom's numbering plan for telephone numbers, the NHS data
dictionary for the check digit of the NHS number, HMRC's manual for National Insurance numbers.
"""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_STREET = (
    r"(?:[Rr]oad|[Ss]treet|[Ll]ane|[Aa]venue|[Cc]lose|[Dd]rive|[Cc]rescent|[Tt]errace|[Gg]ardens|"
    r"[Gg]rove|[Pp]lace|[Ss]quare|[Cc]ourt|[Ww]ay|[Hh]ill|[Rr]ow|[Mm]ews|[Pp]arade|[Ww]alk|[Rr]ise|"
    r"[Gg]reen|[Vv]iew|[Pp]ark|[Yy]ard|[Ww]harf|[Qq]uay)"
)

# category, score, what it is, pattern; earlier lines win where two find the same place.
_RULES: tuple[tuple[str, float, str, str], ...] = (
    (
        "CONTACT",
        0.99,
        "An e-mail address.",
        r"(?<![\w.'+%-])[\w.'+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}",
    ),
    (
        *("URL", 0.98, "A web address."),
        r"(?:https?://|www\.)[^\s<>\"]*[\w/]"
        r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.(?:co\.uk|org\.uk|ac\.uk|gov\.uk|nhs\.uk|com|org|net|example|info|scot|wales|cymru)\b(?:/[\w/#?=&.-]*[\w/])?",
    ),
    ("CONTACT", 0.95, "A handle.", r"(?<![\w.])@\w{2,30}\b"),
    (
        *("PLACE", 0.97, "An address."),
        rf"\b\d{{1,4}}[a-zA-Z]?,? (?:[A-Z][\w'-]+ ){{1,3}}{_STREET}\b(?:,? {_POSTCODE})?",
    ),
    ("PLACE", 0.95, "A postcode.", rf"\b{_POSTCODE}\b"),
    (
        *("CONTACT", 0.95, "A telephone number."),
        r"(?<![\w/.-])(?:\+ ?44 ?(?:\(0\) ?)?|\(?0)\d(?:[ -]?\(?\d\)?){7,10}(?![\w/])",
    ),
    (
        *("CONTACT", 0.9, "An extension or a bleep."),
        r"\b(?:[Bb]leep|[Ee]xtension|[Ee]xt|[Pp]ager)\.? ?(?:number )?\d{3,6}\b",
    ),
    (
        "ID",
        0.95,
        "A National Insurance number.",
        r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
    ),
    ("ID", 0.9, "A reference of letters and figures.", r"\b[A-Z]{1,4}[-/]?\d{5,10}\b"),
    ("ID", 0.9, "A reference of figures and strokes.", r"\b\d{2,6}/[A-Z]{1,6}/\d{2,8}\b"),
    (
        "ID",
        0.85,
        "A registration mark.",
        r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b|\b[A-Z]\d{2,3} ?[A-Z]{3}\b",
    ),
)
_COMPILED = tuple(
    (category, score, says, re.compile(rule)) for category, score, says, rule in _RULES
)

_TEN = re.compile(r"(?<![\d/.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d/])")
_LONG = re.compile(r"(?<![\w/.£-])\d{5,12}(?![\w/%])")
_CUED = re.compile(
    r"\b(?:number|reference|ref|case|record|registration|service|account|datix|id|pin|badge|"
    r"collar|hospital|membership)\b[^.?!\n]{0,40}?\s"
    r"(?=(?P<found>[A-Z]{0,3}[-/]?\d[\d/ -]{2,12}\d))",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"\b(?:reg|registration|number)[ -]?(?:plate|mark)?\b[^.\n]{0,25}?"
    r"(?P<found>\b[A-Z]{1,3}\d{1,4} ?[A-Z]{1,3}\b)"
)


_DIGIT = r"(?:one|two|three|four|five|six|seven|eight|nine|oh)"
_ROAD = re.compile(
    rf"\bthe (?:(?P<road>[AMB]\d{{1,4}})\b|[abm] (?P<said>{_DIGIT}(?: {_DIGIT}){{0,3}})\b)"
)


def find_patterns(text: Text) -> Iterator[Span]:
    """Everything of a fixed form."""
    for category, score, says, rule in _COMPILED:
        for found in rule.finditer(text.plain):
            yield Span(*found.span(), category, score, "pattern", says)
    yield from _numbers(text.plain)
    for found in _ROAD.finditer(text.plain):
        place = found.span("road" if found["road"] else "said")
        yield Span(*place, "PLACE", 0.5, "pattern", "The number of a road.", ask=True)
    for found in _PLATE.finditer(text.plain):
        yield Span(*found.span("found"), "ID", 0.9, "pattern", "A registration mark.")


def _numbers(plain: str) -> Iterator[Span]:
    for found in _TEN.finditer(plain):
        if is_nhs_number(found[0]):
            yield Span(
                *found.span(), "ID", 0.99, "pattern", "An NHS number: its check digit is right."
            )
    for found in _LONG.finditer(plain):
        yield Span(*found.span(), "ID", 0.8, "pattern", "A long number.")
    for found in _CUED.finditer(plain):
        yield Span(*found.span("found"), "ID", 0.85, "pattern", "A number called a reference.")


def is_nhs_number(written: str) -> bool:
    """Check the last of ten figures: modulus 11, weights ten to two (NHS data dictionary)."""
    figures = [int(sign) for sign in written if sign.isdecimal()]
    if len(figures) != 10:  # noqa: PLR2004 - the length of the number itself
        return False
    rest = (
        11
        - sum(
            weight * figure
            for weight, figure in zip(range(10, 1, -1), figures[:9], strict=True)
        )
        % 11
    )
    return rest % 11 == figures[9] and len(set(figures)) > 1
