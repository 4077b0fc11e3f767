"""Seal a stream of known length, segment by segment, and take its root beside that.

Folders, names, locks and interrupted uploads are the business of `blobs`.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256

from studyhub.domain import errors
from studyhub.vault.files import write_all
from studyhub.vault.stream_format import (
    MOST_SEGMENTS,
    OVERHEAD,
    WRITTEN,
    Bytes,
    Mark,
    ObjectKey,
    Segments,
    Shape,
    new_header,
    open_header,
)

# Segments that go to the file in one piece. Beside a second thread that counts them it is
# large, so that the two seldom wait; alone it stays within the cache of the processor.
COUNTED, ALONE = 64, 4


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished object: the size of its file, and the root its row keeps."""

    size: int
    root: bytes


class Root:
    """SHA-256 of everything written, counted in a second thread while the next is sealed."""

    def __init__(self) -> None:
        self._digest = sha256()
        self._thread = ThreadPoolExecutor(max_workers=1)

    def add(self, data: bytes | memoryview) -> Future[None]:
        """Count these bytes; they must not change until the answer is done."""
        return self._thread.submit(self._digest.update, data)

    def digest(self) -> bytes:
        """The root, once everything given has been counted."""
        self.close()
        return self._digest.digest()

    def close(self) -> None:
        self._thread.shutdown()


class Outlet:
    """Gathers sealed segments, writes them in batches and hands each batch to the root.

    With a root two take turns: while one is counted in the second thread, the other fills.
    """

    def __init__(self, descriptor: int, room: int, root: Root | None) -> None:
        self._descriptor = descriptor
        self._root = root
        self._ready = memoryview(bytearray(room))
        self._busy = memoryview(bytearray(room if root else 0))
        self._used = 0
        self._counted: Future[None] | None = None

    def take(self, size: int) -> memoryview:
        """Room for the next segment, to be filled before anything else is called."""
        if self._used + size > len(self._ready):
            self.flush()
        self._used += size
        return self._ready[self._used - size : self._used]

    def flush(self) -> None:
        """Write what was gathered to the file."""
        piece = self._ready[: self._used]
        write_all(self._descriptor, piece)
        if self._root:
            self._count(self._root, piece)
        self._used = 0

    def _count(self, root: Root, piece: memoryview) -> None:
        if self._counted:
            self._counted.result()
        self._counted = root.add(piece)
        self._ready, self._busy = self._busy, self._ready


class SegmentWriter:
    """Seals what it is given into the segments from `first` on, at the end of a file.

    The last segment waits: a whole object ends with `close`, an interrupted one with `rest`.
    """

    def __init__(
        self,
        descriptor: int,
        segments: Segments,
        shape: Shape,
        *,
        first: int = 0,
        root: Root | None = None,
    ) -> None:
        self._segments = segments
        self._shape = shape
        many = min(COUNTED if root else ALONE, shape.last + 1 - first)
        self._outlet = Outlet(descriptor, many * (shape.segment + OVERHEAD), root)
        self._waiting = memoryview(bytearray(min(shape.segment, shape.length)))
        self._filled = 0
        self._room = shape.length - first * shape.segment
        self.index = first

    def write(self, data: Bytes) -> None:
        """Seal these bytes. Raises Invalid if there are more than were announced."""
        rest = memoryview(data)
        if len(rest) > self._room:
            raise errors.Invalid({"length": "More arrived than was announced."})
        self._room -= len(rest)
        while rest:
            if self._must_wait(len(rest)):
                rest = self._hold(rest)
            else:
                self._seal(rest[: self._shape.segment], Mark.INNER)
                rest = rest[self._shape.segment :]

    def _must_wait(self, size: int) -> bool:
        ends = self.index == self._shape.last
        return ends or self._filled > 0 or size < self._shape.segment

    def _hold(self, data: memoryview) -> memoryview:
        """Keep what does not fill a segment yet; answer what is still to be sealed."""
        part = data[: len(self._waiting) - self._filled]
        self._waiting[self._filled : self._filled + len(part)] = part
        self._filled += len(part)
        if self._filled == self._shape.segment and self.index < self._shape.last:
            self._seal(self._waiting, Mark.INNER)
            self._filled = 0
        return data[len(part) :]

    def _seal(self, plain: memoryview, mark: Mark) -> None:
        room = self._outlet.take(len(plain) + OVERHEAD)
        self._segments.seal_into(self.index, mark, plain, room)
        self.index += 1

    def rest(self) -> bytes:
        """Write every full segment; answer the plaintext that did not fill one."""
        self._outlet.flush()
        return bytes(self._waiting[: self._filled])

    def close(self) -> None:
        """Seal the last segment. Raises Invalid if bytes are missing."""
        if self._room:
            raise errors.Invalid({"length": "Less arrived than was announced."})
        self._seal(self._waiting[: self._filled], Mark.LAST)
        self._outlet.flush()


def writable_shape(length: int, log2: int = WRITTEN) -> Shape:
    """The shape of an object of this length. Raises Invalid if no object is that long."""
    shape = Shape(length, log2)
    if length < 0 or shape.last >= MOST_SEGMENTS:
        raise errors.Invalid({"length": "This is not a length that can be kept."})
    return shape


def seal_stream(
    descriptor: int,
    key: ObjectKey,
    chunks: Iterable[Bytes],
    length: int,
    *,
    log2: int = WRITTEN,
) -> Sealed:
    """Write a whole object into an empty file, without flushing it to the disk.

    Raises Invalid if not exactly `length` bytes arrive, NoSpace if the disk is full.
    """
    shape = writable_shape(length, log2)
    header = new_header(key, log2)
    with closing(Root()) as root:
        root.add(header)
        write_all(descriptor, header)
        writer = SegmentWriter(descriptor, open_header(header, key), shape, root=root)
        for chunk in chunks:
            writer.write(chunk)
        writer.close()
        return Sealed(shape.file_size, root.digest())
