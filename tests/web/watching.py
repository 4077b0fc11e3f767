"""Look ten times a second whether anything that was planted lies anywhere in clear."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


Seen = dict[Path, Before]


def clear(
    server: Served, planted: tuple[bytes, ...], seen: Seen
) -> Iterator[tuple[Path, bytes]]:
    """Where something of it lies now, but for files that stand as they were seen."""
    for path in places(server):
        content = fresh(path, seen)
        yield from ((path, each) for each in planted if each in content)


def fresh(path: Path, seen: Seen) -> bytes:
    """What lies there new; nothing where it is gone, is no file, or was looked at already."""
    before = seen.setdefault(path, Before())
    try:
        told = path.stat()
        stand = (told.st_ino, told.st_size, told.st_mtime_ns)
        if before.stand == stand and not path.name.endswith(SHARED):
            return b""
        content = path.read_bytes() if path.is_file() else b""
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


def places(server: Served) -> Iterator[Path]:
    """The data folder, the folders of temporary files, and what is open but deleted."""
    for folder in (server.folder, server.temporary, engines._folder().parent):
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if is_ours(server, Path(parent) / name)]
            yield from (path for name in names if is_since(server, path := Path(parent) / name))
    for pid in server.pids:
        yield from deleted(Path(f"/proc/{pid}/fd"))


def is_ours(server: Served, folder: Path) -> bool:
    """Whether the server may have made it: other tests and tools have folders there too."""
    return any(
        own.is_relative_to(folder) or folder.is_relative_to(own)
        for own in (server.folder, server.temporary)
    )


def is_since(server: Served, path: Path) -> bool:
    """Whether the server may have written it: others left files there long before."""
    try:
        return path.stat().st_mtime > server.since - PATIENCE
    except OSError:
        return False  # it is gone


def deleted(descriptors: Path) -> Iterator[Path]:
    """Files that a process holds open and that have no name any more."""
    try:
        for one in descriptors.iterdir():
            if str(one.readlink()).endswith(" (deleted)"):
                yield one
    except FileNotFoundError:
        return  # the process ended, or closed it
