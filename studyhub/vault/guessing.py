"""Say whether a new password is one that somebody who guesses would try early.

What is well known (common words and phrases, rows of the keyboard, repeats, the person's and
the study's own names) is taken out; what is left must still be worth eight characters. No rule
asks for capitals, digits or signs.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

SHORTEST = 15
LONGEST = 1024
# Above this nothing fits into LONGEST bytes any more, and folding may take hours.
MOST_CHARACTERS = 4 * LONGEST

_LEFT_OVER = 8
_SHORTEST_WORD = 4
_SHORTEST_OWN_WORD = 3
_SHORTEST_WALK = 4
_RICH_SCRIPT = 0x2E80  # from here on one character says about as much as two letters

_LOOKALIKES = str.maketrans("01345789@$!", "oleastbgasi")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
_WALKS = _ROWS + tuple(row[::-1] for row in _ROWS)

_TOO_SHORT = "Use at least 15 characters: four unrelated words are good, and easy to remember."
_TOO_LONG = "This is too long to keep: use less than a page."
_ODD = "This holds characters that cannot be stored."
_REPEATS = "This repeats a short piece. Use something longer that does not repeat."
_KNOWN = "This is among the passwords that are tried first. Four unrelated words are better."
_OWN = "Too much of this is your own name or the study's. Four unrelated words are better."


def is_weak(password: str, context: Iterable[str] = ()) -> str | None:
    """Why this password is refused, in words for the person; nothing when it may be kept.

    ``context`` are the person's login and name and the study's: what others know anyway.
    """
    wrong_size = _wrong_size(password)
    if wrong_size is not None:
        return wrong_size
    if _repeats(password):
        return _REPEATS
    if _worth(password, _common_words()) < _LEFT_OVER:
        return _KNOWN
    if _worth(password, _own_words(context) | _common_words()) < _LEFT_OVER:
        return _OWN
    return None


def _wrong_size(password: str) -> str | None:
    if len(password) > MOST_CHARACTERS:
        return _TOO_LONG
    try:
        size = len(unicodedata.normalize("NFC", password).encode())
    except UnicodeEncodeError:
        return _ODD
    if size < SHORTEST:
        return _TOO_SHORT
    return _TOO_LONG if size > LONGEST else None


def _repeats(password: str) -> bool:
    """Whether a piece too short to be a password makes up all of it, again and again."""
    text = password.casefold()
    period = next(n for n in range(1, len(text) + 1) if text.startswith(text[n:]))
    return period <= len(text) // 2 and len(text[:period].encode()) < SHORTEST


def _worth(password: str, words: frozenset[str]) -> int:
    """How much is left of a password without what is well known, in characters."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    read_as_letters = folded.translate(_LOOKALIKES)
    signs = {c for c in folded if not c.isalnum() and not c.isspace()}
    left = min(
        (_left_over(_plain(text), words) for text in (folded, read_as_letters)), key=_weight
    )
    return _weight(left) + sum(_weight_of(sign) for sign in signs)


def _left_over(text: str, words: frozenset[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, " ")
    return "".join(_without_walks(piece) for piece in text.split())


def _without_walks(text: str) -> str:
    """Drop what runs along the alphabet, the digits or the keyboard."""
    kept, start = "", 0
    while start < len(text):
        end = start + _SHORTEST_WALK
        if not _is_walk(text[start:end]):
            kept, start = kept + text[start], start + 1
            continue
        while end < len(text) and _is_walk(text[start : end + 1]):
            end += 1
        start = end
    return kept


def _is_walk(text: str) -> bool:
    return len(text) >= _SHORTEST_WALK and any(text in walk for walk in _WALKS)


def _weight(text: str) -> int:
    # The same character again and again is worth two.
    return min(sum(map(_weight_of, text)), 2 * sum(map(_weight_of, set(text))))


def _weight_of(character: str) -> int:
    return 2 if ord(character) >= _RICH_SCRIPT else 1


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _own_words(context: Iterable[str]) -> frozenset[str]:
    folded = [unicodedata.normalize("NFKC", text).casefold() for text in context]
    pieces = {_plain(piece) for text in folded for piece in (text, *_pieces(text))}
    return frozenset(piece for piece in pieces if len(piece) >= _SHORTEST_OWN_WORD)


def _pieces(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


@cache
def _common_words() -> frozenset[str]:
    path = files("studyhub.vault").joinpath("data", "common_passwords.txt")
    lines = path.read_text("utf-8").casefold().splitlines()
    words = {_plain(line) for line in lines if not line.startswith("#")}
    return frozenset(word for word in words if len(word) >= _SHORTEST_WORD)
