"""Look ten times a second whether anything that was planted lies anywhere in clear."""

import os
import tempfile  # noqa: TID251 - to look into its folder
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.web.real_server import Served

TEN_TIMES_A_SECOND = 0.1


@contextmanager
def watched(server: Served, *planted: bytes) -> Iterator[None]:
    """Watch a server while something is done, and once more when it is; find nothing."""
    found: list[tuple[Path, bytes]] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(TEN_TIMES_A_SECOND):
            found.extend(clear(server, planted))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
    assert found + list(clear(server, planted)) == []


def clear(server: Served, planted: tuple[bytes, ...]) -> Iterator[tuple[Path, bytes]]:
    """Where something of it lies now."""
    for path in places(server):
        content = content_of(path)
        yield from ((path, each) for each in planted if each in content)


def places(server: Served) -> Iterator[Path]:
    """The data folder, the folders of temporary files, and what is open but deleted."""
    for folder in (server.folder, server.temporary, Path(tempfile.gettempdir())):
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if is_ours(server, Path(parent) / name)]
            yield from (Path(parent) / name for name in names)
    for pid in server.pids:
        yield from deleted(Path(f"/proc/{pid}/fd"))


def deleted(descriptors: Path) -> Iterator[Path]:
    """Files that a process holds open and that have no name any more."""
    try:
        for one in descriptors.iterdir():
            if str(one.readlink()).endswith(" (deleted)"):
                yield one
    except FileNotFoundError:
        return  # the process ended, or closed it


def is_ours(server: Served, folder: Path) -> bool:
    """Whether the server may have made it: other tests and tools have folders there too."""
    return any(
        own.is_relative_to(folder) or folder.is_relative_to(own)
        for own in (server.folder, server.temporary)
    )


def content_of(path: Path) -> bytes:
    """What lies there; nothing, where it is gone or is no file."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""
