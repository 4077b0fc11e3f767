"""Keys, bytes and files for the tests of sealed objects."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from studyhub.domain import errors
from studyhub.vault.blobs import Blobs
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.vault.stream_reader import Reader
from studyhub.vault.stream_writer import Sealed, seal_stream

SMALL = 12  # log2 of the smallest segment: makes objects of several segments small
SEGMENT = 1 << SMALL
FULL = SEGMENT + 28


def new_key(**changed: object) -> ObjectKey:
    """A key for a new object; `changed` replaces parts of its context."""
    context = Context(uuid4(), uuid4(), "recording", "recording", 1)
    return ObjectKey(os.urandom(32), uuid4(), uuid4(), replace(context, **changed))


def with_context(key: ObjectKey, **changed: object) -> ObjectKey:
    return replace(key, context=replace(key.context, **changed))


def pieces(data: bytes, size: int = 1000) -> Iterator[bytes]:
    """The bytes as they may arrive: in pieces that fit nothing."""
    for at in range(0, len(data), size):
        yield data[at : at + size]


def seal(path: Path, key: ObjectKey, plain: bytes, log2: int = SMALL) -> Sealed:
    with path.open("w+b", buffering=0) as file:
        return seal_stream(file.fileno(), key, pieces(plain), len(plain), log2=log2)


def opened(path: Path, key: ObjectKey) -> bytes:
    with Reader(path, key) as reader:
        return reader.whole()


def bytes_before_refusal(path: Path, key: ObjectKey) -> bytes:
    """What leaves a reader of this file before it refuses, as it must."""
    left: list[bytes] = []
    with pytest.raises(errors.Corrupt):
        read_onto(left, path, key)
    return b"".join(left)


def read_onto(left: list[bytes], path: Path, key: ObjectKey) -> None:
    with Reader(path, key) as reader:
        left.extend(reader.range(0, reader.length))


def blobs_in(folder: Path, floor: int = 0) -> Blobs:
    for name in ("objects", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    return Blobs(folder / "objects", folder / "tmp", floor)


def left_in(folder: Path) -> set[str]:
    """The files that lie there, by name."""
    return {path.name for path in folder.rglob("*") if path.is_file()}
