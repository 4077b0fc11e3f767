"""Small steps on files that survive a power cut, and what a full disk is called."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from studyhub.domain import errors

FULL = {errno.ENOSPC, errno.EDQUOT}
PIECE = 1 << 20


@contextmanager
def full_disk_is_no_space() -> Iterator[None]:
    """A full disk or an exhausted quota becomes NoSpace; a broken disk stays an OSError."""
    try:
        yield
    except OSError as problem:
        if problem.errno in FULL:
            raise errors.NoSpace("the disk is full") from problem
        raise


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write every byte, however many calls that takes."""
    rest = memoryview(data)
    with full_disk_is_no_space():
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def flush_file(descriptor: int) -> None:
    """The file's bytes are on the disk when this returns."""
    with full_disk_is_no_space():
        os.fsync(descriptor)


def flush_folder(folder: Path) -> None:
    """The folder's names are on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        flush_file(descriptor)
    finally:
        os.close(descriptor)


def create(path: Path) -> int:
    """A new file only its owner can read. It must not have existed."""
    with full_disk_is_no_space():
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def rename(source: Path, target: Path) -> None:
    """Give a file its name, replacing what had it, at once or not at all."""
    with full_disk_is_no_space():
        source.rename(target)


def write_aside(path: Path, data: bytes) -> Path:
    """Write what is to replace `path` beside it, and flush it; the caller renames."""
    aside = path.with_name(path.name + ".tmp")
    aside.unlink(missing_ok=True)
    descriptor = create(aside)
    try:
        write_all(descriptor, data)
        flush_file(descriptor)
    except BaseException:
        aside.unlink()
        raise
    finally:
        os.close(descriptor)
    return aside


def write_new(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a small file that was not there, and flush it. Raises NoSpace."""
    descriptor = create(path)
    try:
        os.fchmod(descriptor, mode)
        write_all(descriptor, content)
        flush_file(descriptor)
    finally:
        os.close(descriptor)


def read_into(descriptor: int, offset: int, target: memoryview) -> None:
    """Fill `target` from this offset. Raises Corrupt if the file ends before."""
    while target:
        count = os.preadv(descriptor, [target], offset)
        if not count:
            raise errors.Corrupt("the file ends too early")
        target, offset = target[count:], offset + count


def root_of_file(descriptor: int) -> bytes:
    """SHA-256 of the whole file, in one reading."""
    digest, offset, room = sha256(), 0, memoryview(bytearray(PIECE))
    while count := os.preadv(descriptor, [room], offset):
        digest.update(room[:count])
        offset += count
    return digest.digest()
