"""Turn bytes into text: find the encoding out loud, never by trying until something fits."""

import codecs
import re

from studyhub.media.previews import refused

MOST_LINES = 500_000
_STRANGE = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


def decode(data: bytes) -> tuple[str, str]:
    """The text with LF line ends, and a note if the encoding had to be worked out.

    Marked files are what they say. Unmarked ones are UTF-8 if every byte fits, UTF-16 if every
    other byte is empty, else Windows-1252. Raises Invalid if none of them fits.
    """
    text, note = _decoded(data)
    if _STRANGE.search(text):
        raise refused("This is not a text file: it holds characters no text has.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_LINES:
        raise refused(f"This has more than {MOST_LINES:,} lines, which is the most.")
    return text, note


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding, name in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, name), ""
    halves = _looks_like_utf_16(data)
    if halves:
        return _strictly(data, halves, "UTF-16"), "Read as UTF-16, which the file does not say."
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        text = _strictly(data, "cp1252", "UTF-8 or Windows-1252")
        return text, "Read as Windows-1252 since it is not UTF-8. Look at accents and quotes."


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise refused(f"This text is not valid {name}.") from None


def _looks_like_utf_16(data: bytes) -> str | None:
    """Text of Western languages has a zero in most second bytes; other text has none at all."""
    start = data[:1000]
    zeros = [start[place::2].count(0) for place in (0, 1)]
    if len(data) % 2 or min(zeros) or max(zeros) * 4 < len(start):
        return None
    return "utf-16-be" if zeros[0] else "utf-16-le"
