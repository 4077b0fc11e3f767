"""One process at a time on an unfinished upload: a lock on its file, gone with its holder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studyhub.domain import errors

PAUSE = 0.02  # seconds between two tries


@contextmanager
def lock(path: Path, patience: float) -> Iterator[int]:
    """The open file, locked. Raises NotFound if it is gone, Held when `patience` ends."""
    descriptor = _open(path)
    try:
        _wait(descriptor, time.monotonic() + patience)
        if not _still_there(path, descriptor):
            raise errors.NotFound("this upload has been finished or removed")
        yield descriptor
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise errors.NotFound("there is no such upload") from None


def _wait(descriptor: int, until: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise errors.Held("this upload is running elsewhere") from None
            time.sleep(PAUSE)


def _still_there(path: Path, descriptor: int) -> bool:
    """Whether the name still means the file that was locked, after all the waiting."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
