"""P4: how much memory an upload and its reading take, and whether plaintext lies anywhere."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.measure import CHUNK, MIB, Line, new_key, workplace
from studyhub.vault.blobs import Blobs, new_store_name

PATCH = 5 * MIB  # what the browser sends in one go
CANARY = b"this sentence must not be found on any disk"


def lines(size: int, parent: Path) -> list[Line]:
    with workplace(parent) as folder:
        for name in ("objects", "tmp"):
            (folder / name).mkdir()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            upload = fresh.submit(_upload, folder, size).result()
        found = sum(_count(path) for path in folder.rglob("*") if path.is_file())
    grown = [max(0.0, number / MIB) for number in upload]
    what = f"memory grown while {size // MIB} MiB "
    return [
        Line("P4", what + "arrive", 64, grown[0], unit="MiB"),
        Line("P4", what + "are read", 64, grown[1], unit="MiB"),
        Line("P4", "pieces of plaintext found on the disk", 0, float(found), unit=""),
    ]


def _upload(folder: Path, size: int) -> tuple[int, int]:
    """Upload in many goes, then read: the growth of each, in a process of its own."""
    blobs, key, name = Blobs(folder / "objects", folder / "tmp"), new_key(), new_store_name()
    before = _peak()
    blobs.begin(key, size)
    for _ in range(0, size, PATCH):
        with blobs.resume(key, size) as upload:
            upload.append(_pieces(min(PATCH, size - upload.offset)))
    blobs.finish(name, key, size)
    arrived = _peak() - before
    before = _peak()
    with blobs.open(name, key) as reader:
        read = sum(len(piece) for piece in reader.range(0, size))
    assert read == size
    return arrived, _peak() - before


def _pieces(size: int) -> Iterator[bytes]:
    for left in range(size, 0, -CHUNK):
        yield (CANARY + os.urandom(CHUNK - len(CANARY)))[:left]


def _peak() -> int:
    """The most memory this process has held since the last question, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    Path("/proc/self/clear_refs").write_text("5")
    return int(peak.split()[1]) * 1024


def _count(path: Path) -> int:
    found, before = 0, b""
    with path.open("rb") as file:
        while piece := file.read(MIB):
            found += (before + piece).count(CANARY)
            before = piece[-len(CANARY) + 1 :]
    return found
