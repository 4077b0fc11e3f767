"""Look ten times a second whether anything that was planted lies anywhere in clear."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import engines
from tests.web.real_server import Served

TEN_TIMES_A_SECOND = 0.1
SHARED = "-shm"  # is written without a trace in its time


@contextmanager
def watched(server: Served, *planted: bytes) -> Iterator[None]:
    """Watch a server while something is done, and look anew when it is; find nothing."""
    found: list[tuple[Path, bytes]] = []
    stop = threading.Event()

    def look() -> None:
        seen: dict[Path, Stand] = {}
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


Stand = tuple[int, int, int]


def clear(
    server: Served, planted: tuple[bytes, ...], seen: dict[Path, Stand]
) -> Iterator[tuple[Path, bytes]]:
    """Where something of it lies now, but for files that stand as they were seen."""
    for path in places(server):
        content = fresh(path, seen)
        yield from ((path, each) for each in planted if each in content)


def fresh(path: Path, seen: dict[Path, Stand]) -> bytes:
    """What lies there; nothing where it is gone, is no file, or was looked at already."""
    try:
        told = path.stat()
        stand = (told.st_ino, told.st_size, told.st_mtime_ns)
        if seen.get(path) == stand and not path.name.endswith(SHARED):
            return b""
        content = path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""
    seen[path] = stand
    return content


def places(server: Served) -> Iterator[Path]:
    """The data folder, the folders of temporary files, and what is open but deleted."""
    for folder in (server.folder, server.temporary, engines._folder().parent):
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if is_ours(server, Path(parent) / name)]
            yield from (Path(parent) / name for name in names)
    for pid in server.pids:
        yield from deleted(Path(f"/proc/{pid}/fd"))


def is_ours(server: Served, folder: Path) -> bool:
    """Whether the server may have made it: other tests and tools have folders there too."""
    return any(
        own.is_relative_to(folder) or folder.is_relative_to(own)
        for own in (server.folder, server.temporary)
    )


def deleted(descriptors: Path) -> Iterator[Path]:
    """Files that a process holds open and that have no name any more."""
    try:
        for one in descriptors.iterdir():
            if str(one.readlink()).endswith(" (deleted)"):
                yield one
    except FileNotFoundError:
        return  # the process ended, or closed it
