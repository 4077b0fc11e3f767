"""Look ten times a second whether anything that was planted lies anywhere in clear."""

import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests import engines
from tests.web.real_server import PATIENCE, Served

TEN_TIMES_A_SECOND = 0.1
# A database changes by pages: what else lies in it need not be searched ten times a second.
BLOCK, BORDER = 4096, 128
SHARED = "-shm"  # is written without a trace in its time


@contextmanager
def watched(server: Served, *planted: bytes) -> Iterator[None]:
    """Watch a server while something is done, and look anew when it is; find nothing."""
    found: list[tuple[Path, bytes]] = []
    stop = threading.Event()

    def look() -> None:
        seen: Seen = {}
        wait = 0.0
        while not stop.wait(wait):
            began = time.monotonic()
            found.extend(clear(server, planted, seen))
            wait = max(0.0, began + TEN_TIMES_A_SECOND - time.monotonic())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
    found += clear(server, planted, {})
    if found:
        raise AssertionError(f"lies in clear: {sorted(set(found))}")


@dataclass
class Before:
    """What was looked at of a file: how it stood, and the blocks that lay in it."""

    stand: tuple[int, int, int] = (0, 0, 0)
    blocks: set[int] = field(default_factory=set)


Seen = dict[str, Before]


def clear(
    server: Served, planted: tuple[bytes, ...], seen: Seen
) -> Iterator[tuple[Path, bytes]]:
    """Where something of it lies now, but for files that stand as they were seen."""
    for path, told in places(server):
        content = fresh(path, told, seen)
        yield from ((Path(path), each) for each in planted if each in content)


def fresh(path: str, told: os.stat_result, seen: Seen) -> bytes:
    """What lies there new; nothing where it is gone, is no file, or was looked at already."""
    before = seen.setdefault(path, Before())
    stand = (told.st_ino, told.st_size, told.st_mtime_ns)
    if before.stand == stand and not path.endswith(SHARED):
        return b""
    try:
        content = Path(path).read_bytes() if stat.S_ISREG(told.st_mode) else b""
    except OSError:
        return b""
    before.stand = stand
    return changed(content, before.blocks)


def changed(content: bytes, blocks: set[int]) -> bytes:
    """The blocks that were not seen before, each with what it borders on."""
    pieces = []
    for at in range(0, len(content), BLOCK):
        block = hash(content[at : at + BLOCK])
        if block not in blocks:
            blocks.add(block)
            pieces.append(content[max(0, at - BORDER) : at + BLOCK + BORDER])
    return b"\0\n".join(pieces)


def places(server: Served) -> Iterator[tuple[str, os.stat_result]]:
    """The data folder, the folders of temporary files, and what is open but deleted.

    Paths are text here: to make objects of them, ten times a second, took a third of a play.
    """
    own = (str(server.folder), str(server.temporary))
    shared = str(engines._folder().parent)
    for folder in (shared, *(one for one in own if not leads_to(shared, one))):
        yield from files_under(folder, own, server.since - PATIENCE)
    for pid in server.pids:
        yield from deleted(Path(f"/proc/{pid}/fd"))


def files_under(
    folder: str, own: tuple[str, ...], since: float
) -> Iterator[tuple[str, os.stat_result]]:
    """Files that the server may have written, in folders that it may have made.

    Other tests and tools have folders there too, and left files there long before.
    """
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return  # it is gone
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            with suppress(OSError):  # it is gone
                told = entry.stat()
                if told.st_mtime > since:
                    yield entry.path, told
        elif any(leads_to(entry.path, one) or leads_to(one, entry.path) for one in own):
            yield from files_under(entry.path, own, since)


def leads_to(folder: str, path: str) -> bool:
    """Whether a path lies in a folder, or is it."""
    return f"{path}/".startswith(f"{folder}/")


def deleted(descriptors: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Files that a process holds open and that have no name any more."""
    try:
        for one in descriptors.iterdir():
            if str(one.readlink()).endswith(" (deleted)"):
                yield str(one), one.stat()
    except FileNotFoundError:
        return  # the process ended, or closed it
