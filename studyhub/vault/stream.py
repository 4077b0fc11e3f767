"""Sealed objects (SHO1): write one whole, and everything of the `stream_…` modules for others.

Folders, names, locks and interrupted uploads are the business of `blobs`.
"""

from collections.abc import Iterable
from contextlib import closing

from studyhub.vault.stream_files import write_all
from studyhub.vault.stream_format import (
    WRITTEN,
    Bytes,
    Context,
    ObjectKey,
    new_header,
    open_header,
)
from studyhub.vault.stream_reader import Reader
from studyhub.vault.stream_upload import Upload
from studyhub.vault.stream_writer import Root, Sealed, SegmentWriter, writable_shape

__all__ = ["Context", "ObjectKey", "Reader", "Sealed", "Upload", "seal_stream"]


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
