"""Telephone numbers, references, addresses of mail and web as they are said aloud."""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.lexicon import cue_words
from studyhub.domain.redaction.numbers import DIGITS, PAIR, TIMES, digits_said
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text

_DIGIT = "|".join(sorted([*DIGITS, *TIMES], key=len, reverse=True))
_NUMBER = re.compile(
    rf"\b(?:plus |\+ ?)?(?:(?:{_DIGIT}|hundred|{PAIR}|\d{{1,15}})\b[ ,.-]{{0,2}}){{4,}}",
    re.IGNORECASE,
)
_PHONE_LENGTH = range(9, 16)
_ID_LENGTH = 6
_CUE = re.compile(
    r"\b(?:number|reference|ref|case|record|registration|account|id|code|complaint|claim|"
    r"membership|policy|incident|datix|nhs|hospital|service|badge|collar)\b",
    re.IGNORECASE,
)
_CUE_WITHIN = 80

_END = (
    r"(?:com|org|net|uk|co|ac|gov|example|nhs|me|info|edu|eu|io|scot|wales|cymru|london|tv|ie)"
)
_JOIN = r"(?:dot|hyphen|dash|underscore|slash|forward slash|point)"
_DOTTED = re.compile(rf"\b(?:dot|point) {_END}\b(?:,? {_JOIN} \w+)*", re.IGNORECASE)
_LOCAL = re.compile(rf"[\w'+-]+(?: {_JOIN} [\w'+-]+)*,? at $", re.IGNORECASE)
_BEFORE = 90
_STOPS = cue_words("spoken stops")
_MOST_WORDS = 4


def find_spoken(text: Text) -> Iterator[Span]:
    """Spoken numbers, addresses of mail and addresses of the web."""
    yield from _numbers(text)
    yield from _addresses(text)


def _numbers(text: Text) -> Iterator[Span]:
    for found in _NUMBER.finditer(text.plain):
        stretch = found[0].rstrip(" ,.-")
        digits = digits_said(stretch)
        start, end = found.start(), found.start() + len(stretch)
        if not any(sign.isalpha() for sign in stretch):
            continue
        if digits[:1] == "0" and len(digits) in _PHONE_LENGTH:
            yield Span(start, end, "CONTACT", 0.95, "spoken", "A telephone number said aloud.")
        elif len(digits) >= _ID_LENGTH and _cued(text.plain, start):
            yield Span(start, end, "ID", 0.9, "spoken", "A reference said aloud.")


def _cued(plain: str, start: int) -> bool:
    return _CUE.search(plain, max(0, start - _CUE_WITHIN), start) is not None


def _addresses(text: Text) -> Iterator[Span]:
    last = 0
    for found in _DOTTED.finditer(text.plain):
        if found.start() < last:
            continue
        start, mail = _opening(text.plain, found.start(), last)
        last = found.end()
        if mail:
            yield Span(start, last, "CONTACT", 0.97, "spoken", "An e-mail address said aloud.")
        elif start < found.start():
            yield Span(start, last, "URL", 0.9, "spoken", "A web address said aloud.")


def _opening(plain: str, dot: int, floor: int) -> tuple[int, bool]:
    """Where the address begins whose ending stands at ``dot``, and whether it is of mail."""
    head = plain[max(floor, dot - _BEFORE, plain.rfind("\n", 0, dot) + 1) : dot]
    base = dot - len(head)
    domain = re.search(rf"\bat ((?:[\w'-]+ ?){{1,{_MOST_WORDS}}}(?:{_JOIN} [\w'-]+ ?)*)$", head)
    local = _LOCAL.search(head[: domain.start() + 3]) if domain else None
    if domain and local:
        begin = local.start()
        if local[0].startswith("word"):
            begin = _left_of(head, head.rfind("all one word"), _MOST_WORDS)
        return base + begin, True
    return base + _left_of(head, len(head), _MOST_WORDS - 1), False


def _left_of(head: str, end: int, most: int) -> int:
    """Go back over at most so many words, up to one that is never part of an address."""
    begin = end
    for word in reversed(list(re.finditer(r"[\w'.-]+", head[:end]))[-most:] if most else []):
        if word[0].casefold() in _STOPS:
            break
        if word[0].casefold() != "and" or begin == end:
            begin = word.start()
    return begin
