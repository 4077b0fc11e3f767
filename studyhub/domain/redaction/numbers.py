"""Numbers as people say them: single digits in a row, years, ages."""

import re

UNITS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS = {
    word: number * 10
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_TEN = 10
DIGITS = {word: str(number) for word, number in UNITS.items() if number < _TEN} | {
    **dict.fromkeys(("oh", "o", "nought", "nil"), "0")
}
TIMES = {"double": 2, "treble": 3, "triple": 3}

_TEEN = "|".join(word for word, number in UNITS.items() if number >= _TEN)
_ONE = "|".join(word for word, number in UNITS.items() if 0 < number < _TEN)
_TENS = "|".join(TENS)
# 10 to 99 in words.
PAIR = rf"(?:(?:{_TENS})(?:[ -](?:{_ONE}))?|{_TEEN})"
# 1 to 99 in words or figures.
AGE_NUMBER = rf"(?:{PAIR}|{_ONE}|\d{{1,2}}|a hundred(?: and (?:{_ONE}))?)"
# A year that is said: twenty nineteen, nineteen oh four, two thousand and six.
SPOKEN_YEAR = (
    rf"(?:(?:nineteen|twenty)[ -](?:{PAIR}|oh[ -](?:{_ONE}))"
    rf"|two thousand(?: and)?(?: (?:{PAIR}|{_ONE}))?)"
)
FIGURE_YEAR = r"(?:(?:19|20)\d\d)"
YEAR = rf"(?:{FIGURE_YEAR}|{SPOKEN_YEAR})"

_SAID = re.compile(r"[a-z]+|\d+")


def digits_said(words: str) -> str:
    """Digits of a row of number words: ``oh double seven`` is ``077``. Others are passed by.

    ``nine hundred`` is ``900``; two-figure words stand for their two figures.
    """
    out: list[str] = []
    times = 1
    for word in _SAID.findall(words.casefold()):
        if word in TIMES:
            times = TIMES[word]
            continue
        if word == "hundred":
            out.append("00")
        out.extend([_figures(word)] * times)
        times = 1
    return "".join(out)


def _figures(word: str) -> str:
    if word.isdecimal():
        return word
    if word in DIGITS:
        return DIGITS[word]
    number = UNITS.get(word, TENS.get(word))
    return "" if number is None else str(number)
