"""Time things against each other fairly: one interleaved run, ratios within each round."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from statistics import median
from uuid import uuid4

from studyhub.vault.stream_format import Context, ObjectKey

MIB = 1 << 20
CHUNK = 1 << 16

Contenders = dict[str, Callable[[], object]]
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Line:
    """What was measured, and the goal for it; without one it stands there for comparison."""

    goal: str
    what: str
    limit: float | None
    reached: float | None
    unit: str = "x"
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.reached is None:
            return "not measured"
        if self.limit is None:
            return "for comparison"
        good = self.reached >= self.limit if self.at_least else self.reached <= self.limit
        return "reached" if good else "MISSED"


def interleave(contenders: Contenders, rounds: int) -> Times:
    """Seconds of each contender in each round; every other round runs backwards (ABBA)."""
    times: Times = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    for number in range(rounds):
        names = list(contenders) if number % 2 == 0 else list(reversed(contenders))
        for name in names:
            begun = time.perf_counter()
            contenders[name]()
            times[name].append(time.perf_counter() - begun)
    return times


def ratio(times: Times, ours: str, *others: str) -> float | None:
    """Median over the rounds of ours / the sum of the others; none if one is missing."""
    if not {ours, *others} <= times.keys():
        return None
    sums = (sum(row) for row in zip(*(times[name] for name in others), strict=True))
    return median(mine / theirs for mine, theirs in zip(times[ours], sums, strict=True))


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """A folder of our own, gone afterwards."""
    folder = parent / f"studyhub-bench-{os.getpid()}-{uuid4().hex[:6]}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        rmtree(folder)


def make_source(path: Path, size: int) -> Path:
    """A file of random bytes."""
    with path.open("wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))
    return path


def chunks(path: Path) -> Iterator[memoryview]:
    """A file in pieces of 64 KiB, as a server would read a request."""
    room = memoryview(bytearray(CHUNK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(room):
            yield room[:count]


def new_key() -> ObjectKey:
    context = Context(uuid4(), uuid4(), "recording", "recording", 1)
    return ObjectKey(os.urandom(32), uuid4(), uuid4(), context)
