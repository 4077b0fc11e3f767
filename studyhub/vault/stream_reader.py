"""Open a sealed object: its end first, then any range, one segment in memory."""

import os
from collections.abc import Iterator
from pathlib import Path

from studyhub.domain import errors
from studyhub.vault.files import read_into, root_of_file
from studyhub.vault.stream_format import (
    HEADER,
    OVERHEAD,
    Mark,
    ObjectKey,
    Segments,
    Shape,
    open_header,
)

NOTHING = -1


class SegmentOpener:
    """Opens single segments of one file, and keeps the one it opened last."""

    def __init__(self, descriptor: int, segments: Segments, shape: Shape) -> None:
        self._descriptor = descriptor
        self._segments = segments
        self._shape = shape
        self._room = memoryview(bytearray(min(shape.segment, shape.length) + OVERHEAD))
        self._held = (NOTHING, b"")

    def open(self, index: int) -> bytes:
        """The plaintext of one segment. Raises Corrupt."""
        if index != self._held[0]:
            sealed = self._room[: self._shape.plain_size(index) + OVERHEAD]
            read_into(self._descriptor, self._shape.start(index), sealed)
            mark = Mark.LAST if index == self._shape.last else Mark.INNER
            self._held = index, self._segments.open(index, mark, sealed)
        return self._held[1]


class Reader:
    """One sealed object, open for reading; use it as a context, and in one thread at a time.

    Opening it checks the header, the key and the last segment. Raises Corrupt for whatever is
    not exactly the object that the key stands for, and for a file that is not there.
    """

    def __init__(self, path: Path, key: ObjectKey) -> None:
        self._descriptor = _open(path)
        try:
            shape, segments = _begin(self._descriptor, key)
            self._opener = SegmentOpener(self._descriptor, segments, shape)
            self._opener.open(shape.last)
        except BaseException:
            self.close()
            raise
        self._shape = shape

    @property
    def length(self) -> int:
        """Bytes of plaintext."""
        return self._shape.length

    def range(self, start: int, stop: int) -> Iterator[bytes]:
        """The plaintext from `start` up to, not including, `stop`, a segment at a time.

        No byte of a segment leaves before the segment has proved genuine. Raises Corrupt.
        """
        if not 0 <= start <= stop <= self.length:
            raise errors.HouseRuleBroken("a range reaches outside its object")
        return self._pieces(start, stop)

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        while start < stop:
            index, skip = divmod(start, self._shape.segment)
            piece = self._opener.open(index)[skip : skip + stop - start]
            start += len(piece)
            yield piece

    def whole(self) -> bytes:
        """Everything at once, for objects known to be small."""
        return b"".join(self.range(0, self.length))

    def root(self) -> bytes:
        """SHA-256 of the file as it lies there, to be compared with the one in its row."""
        return root_of_file(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise errors.Corrupt("the file of an object is missing") from None


def _begin(descriptor: int, key: ObjectKey) -> tuple[Shape, Segments]:
    segments = read_header(descriptor, key)
    return Shape.of_file(os.fstat(descriptor).st_size, segments.log2), segments


def read_header(descriptor: int, key: ObjectKey) -> Segments:
    """What opens the segments of this file. Raises Corrupt."""
    header = bytearray(HEADER)
    read_into(descriptor, 0, memoryview(header))
    return open_header(bytes(header), key)
