"""The headers of resumable uploads (tus 1.0.0) and of ranges (RFC 9110, 14); no storage.

What a sender or a browser asks for in, what is answered out. A header that cannot be read is
400; a range that makes no sense is ignored, as the RFC says.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")
CHUNK_TYPE = "application/offset+octet-stream"
MISMATCH = "460 Checksum Mismatch"
MOST_AT_ONCE = 4 * 1024 * 1024  # of a range without an end

_NUMBER = re.compile(r"[0-9]{1,19}")
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*", re.IGNORECASE)


# -- tus -------------------------------------------------------------------------------


def number(headers: Headers, name: str) -> int:
    """A header that holds a count of bytes. Raises BadRequest."""
    found = headers.get(name, "")
    if not _NUMBER.fullmatch(found):
        raise BadRequest(f"{name} is missing or no number")
    return int(found)


def moment(at: datetime) -> str:
    """An instant as ``Upload-Expires`` has it."""
    return format_datetime(at, usegmt=True)


@dataclass(frozen=True)
class Checksum:
    """What the sender says that a chunk adds up to."""

    algorithm: str
    digest: bytes

    @classmethod
    def of(cls, headers: Headers) -> "Checksum | None":
        """The one that was sent, if any. Raises BadRequest, also for one we do not know."""
        if "Upload-Checksum" not in headers:
            return None
        algorithm, _, sent = headers["Upload-Checksum"].partition(" ")
        try:
            digest = base64.b64decode(sent.strip(), validate=True)
        except binascii.Error:
            raise BadRequest("Upload-Checksum is not base64") from None
        if algorithm not in ALGORITHMS:
            raise BadRequest("Upload-Checksum names no algorithm that is known here")
        return cls(algorithm, digest)


class Counted:
    """The pieces of a body on their way, counted and added up."""

    def __init__(
        self, pieces: Iterable[bytes], length: int | None, sum_: Checksum | None
    ) -> None:
        self._pieces = pieces
        self._length = length
        self._sum = sum_
        self._digest = hashlib.new(sum_.algorithm, usedforsecurity=False) if sum_ else None
        self.arrived = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.arrived += len(piece)
            if self._digest is not None:
                self._digest.update(piece)
            yield piece

    @property
    def is_whole(self) -> bool:
        """Whether as much came as was announced: a server may not tell of a cut."""
        return self._length is None or self.arrived == self._length

    def agrees(self) -> bool:
        """Whether the whole came and adds up to what the sender says."""
        told, found = self._sum, self._digest
        return self.is_whole and (
            told is None or (found is not None and found.digest() == told.digest)
        )


# -- ranges ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """Bytes from ``start`` up to, not including, ``stop``."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def content_range(self, length: int) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{length}"


class Beyond(Exception):
    """A range that begins behind the end: 416."""


def asked_part(asked: str | None, length: int) -> Part | None:
    """The one range that is asked for; None where the whole is to be sent.

    Several ranges, another unit and nonsense are answered with the whole. A range without an
    end gets a first part of it. Raises Beyond.
    """
    found = _RANGE.fullmatch(asked or "")
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return _suffix(int(last), length)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= length:
        raise Beyond
    stop = int(last) + 1 if last else start + MOST_AT_ONCE
    return Part(start, min(stop, length))


def _suffix(wanted: int, length: int) -> Part:
    if not wanted or not length:
        raise Beyond
    return Part(max(0, length - wanted), length)


def still_the_same(if_range: str | None, tag: str) -> bool:
    """Whether a range may be sent: no condition, or this very entity (a date never is)."""
    return if_range is None or if_range.strip() == tag
