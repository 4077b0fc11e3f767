"""Read XML of strangers: no DOCTYPE, no entities, no depth without end, nothing fetched."""

import codecs
from collections.abc import Mapping
from xml.parsers import expat

from studyhub.media.previews import refused

DEEPEST = 256
_DAMAGED = "This document is damaged: one of its parts cannot be read."

# The transitional and the strict form of a namespace mean the same.
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/package/2006/relationships": "relations",
}


class Handler:
    """What happens while a part is read. Names are ``w:p``; attributes likewise."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Some characters inside an element."""


def read_xml(data: bytes, handler: Handler, most: int) -> int:
    """Read a part from beginning to end, and say how many elements it had.

    Raises Invalid if it is not plain, safe XML, or has more elements than ``most``.
    """
    limits = _Limits(handler, most)
    limits.read(_as_utf_8(data))
    return limits.count


class _Limits:
    """The parser with its limits, around a handler."""

    def __init__(self, handler: Handler, most: int) -> None:
        self.count = 0
        self._handler = handler
        self._most = most
        self._depth = 0

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._handler.text
        try:
            parser.Parse(data, True)  # noqa: FBT003 - all of it; the parser takes no names
        except expat.ExpatError:
            raise refused(_DAMAGED) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self.count += 1
        if self._depth > DEEPEST:
            raise refused("This document is nested too deeply to be one of a text program.")
        if self.count > self._most:
            raise refused("This document is too large to be a transcript.")
        short = {_short(key): value for key, value in attributes.items()}
        self._handler.start(_short(name), short)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(_short(name))


def _refuse_doctype(*_: object) -> None:
    raise refused("This document declares a document type, which text programs never do.")


def _short(name: str) -> str:
    space, blank, local = name.rpartition(" ")
    return f"{_PREFIXES.get(space, '?')}:{local}" if blank else local


def _as_utf_8(data: bytes) -> bytes:
    """The bytes in UTF-8, which the parser is told to expect whatever the part claims."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        raise refused(_DAMAGED) from None
