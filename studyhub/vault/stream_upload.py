"""An upload that may be cut at any moment and resumed without losing an acknowledged byte.

The file holds the header and full segments; the tail beside it holds the rest and says how many
full segments had been acknowledged. A crash between the two leaves more segments than the tail
says: those that open are kept, the first that does not is cut off with all behind it.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from studyhub.domain import errors
from studyhub.vault.files import (
    flush_file,
    flush_folder,
    rename,
    root_of_file,
    write_all,
    write_aside,
)
from studyhub.vault.stream_format import (
    OVERHEAD,
    WRITTEN,
    Bytes,
    Mark,
    ObjectKey,
    Segments,
    Shape,
    new_header,
)
from studyhub.vault.stream_reader import SegmentOpener, read_header
from studyhub.vault.stream_writer import Sealed, SegmentWriter, writable_shape

INDEX = 4  # a tail begins with the number of full segments it belongs behind


def begin_upload(descriptor: int, key: ObjectKey, length: int, *, log2: int = WRITTEN) -> None:
    """Write the header of an upload that will bring `length` bytes. Raises Invalid, NoSpace."""
    writable_shape(length, log2)
    write_all(descriptor, new_header(key, log2))
    flush_file(descriptor)


class Upload:
    """One unfinished upload. Only the holder of its lock may make one (see `blobs`).

    Opening it repairs what a crash left behind and says how many bytes are kept (`offset`).
    Raises Corrupt for a file or tail that this key does not open.
    """

    def __init__(self, descriptor: int, tail: Path, key: ObjectKey, length: int) -> None:
        self._descriptor = descriptor
        self._tail = tail
        self._segments = read_header(descriptor, key)
        self._shape = Shape(length, self._segments.log2)
        self._full, self._leftover = 0, b""
        self._ended = self._has_its_end()
        if not self._ended:
            self._repair()

    @property
    def length(self) -> int:
        """Bytes the upload will have when it is complete."""
        return self._shape.length

    @property
    def offset(self) -> int:
        """Bytes that are kept, whatever happens now."""
        if self._ended:
            return self.length
        return self._full * self._shape.segment + len(self._leftover)

    def append(self, chunks: Iterable[Bytes], agreed: Callable[[], bool] | None = None) -> int:
        """Keep these bytes, and answer the new offset.

        If the sender breaks off, what came is kept, and the sender's error goes on. With
        `agreed` it is kept only if that says so after the last byte: all of it or nothing, and
        then the offset stays. It stays too after Invalid (more than announced) and NoSpace.
        """
        if self._ended:
            return self._take_nothing(chunks)
        writer, ours = self._writer(), False
        try:
            for chunk in chunks:
                ours = True
                writer.write(chunk)
                ours = False
            keep = agreed is None or agreed()
        except BaseException:
            self._leave(writer, keep=agreed is None and not ours)
            raise
        self._leave(writer, keep=keep)
        return self.offset

    def finish(self) -> Sealed:
        """Seal the last segment if that is still to be done; size and root of the whole file.

        The tail stays until the row is committed, so this can be repeated after any crash.
        Raises WrongState while bytes are missing, NoSpace for a full disk.
        """
        if self.offset != self.length:
            raise errors.WrongState("an upload is finished when all its bytes are there")
        if not self._ended:
            self._write_end()
        return Sealed(self._shape.file_size, root_of_file(self._descriptor))

    def _take_nothing(self, chunks: Iterable[Bytes]) -> int:
        if any(len(chunk) for chunk in chunks):
            raise errors.Invalid({"length": "More arrived than was announced."})
        return self.offset

    def _writer(self) -> SegmentWriter:
        """A writer behind the full segments, which has been given the leftover again."""
        os.lseek(self._descriptor, self._shape.start(self._full), os.SEEK_SET)
        writer = SegmentWriter(self._descriptor, self._segments, self._shape, first=self._full)
        writer.write(self._leftover)
        return writer

    def _leave(self, writer: SegmentWriter, *, keep: bool) -> None:
        if keep:
            self._settle(writer)
        else:
            self._roll_back()

    def _settle(self, writer: SegmentWriter) -> None:
        """First the segments, then the tail that acknowledges them: never the other way."""
        try:
            leftover = writer.rest()
            flush_file(self._descriptor)
            record = seal_tail(self._segments, writer.index, leftover)
            rename(write_aside(self._tail, record), self._tail)
        except BaseException:
            self._roll_back()
            raise
        self._full, self._leftover = writer.index, leftover
        if leftover:  # behind an older tail whole segments are found, but nothing else is
            flush_folder(self._tail.parent)

    def _roll_back(self) -> None:
        """Cut off what the tail has not acknowledged."""
        os.ftruncate(self._descriptor, self._shape.start(self._full))

    def _write_end(self) -> None:
        try:
            self._writer().close()
            flush_file(self._descriptor)
        except BaseException:
            self._roll_back()
            raise
        self._ended = True

    def _has_its_end(self) -> bool:
        size = os.fstat(self._descriptor).st_size
        if size > self._shape.file_size:
            raise errors.Corrupt("an upload is longer than it was announced")
        return size == self._shape.file_size and self._opens(self._shape.last)

    def _opens(self, index: int) -> bool:
        try:
            SegmentOpener(self._descriptor, self._segments, self._shape).open(index)
        except errors.Corrupt:
            return False
        return True

    def _repair(self) -> None:
        """Find what is kept, and cut off what a crash left behind it."""
        size = os.fstat(self._descriptor).st_size
        there = self._shape.full_segments(size)
        acknowledged, leftover = read_tail(self._segments, self._tail)
        known = acknowledged if acknowledged <= there else 0
        damaged = (index for index in range(known, there) if not self._opens(index))
        self._full = next(damaged, there)
        self._roll_back()
        if self._full == acknowledged:
            self._leftover = leftover
        else:
            self._settle(self._writer())


def seal_tail(segments: Segments, index: int, plain: bytes) -> bytes:
    """The tail record behind `index` full segments. It never opens as a segment."""
    sealed = bytearray(OVERHEAD + len(plain))
    segments.seal_into(index, Mark.TAIL, plain, memoryview(sealed))
    return index.to_bytes(INDEX, "big") + sealed


def open_tail(segments: Segments, record: bytes) -> tuple[int, bytes]:
    """The number of full segments before the tail, and its plaintext. Raises Corrupt."""
    if len(record) < INDEX + OVERHEAD:
        raise errors.Corrupt("a tail is too short")
    index = int.from_bytes(record[:INDEX], "big")
    return index, segments.open(index, Mark.TAIL, memoryview(record)[INDEX:])


def read_tail(segments: Segments, path: Path) -> tuple[int, bytes]:
    """The tail that lies there; none is an empty one behind no segment. Raises Corrupt."""
    try:
        record = path.read_bytes()
    except FileNotFoundError:
        return 0, b""
    return open_tail(segments, record)
