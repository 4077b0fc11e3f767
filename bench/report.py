"""Run every measurement, print the table and write `build/bench.json`."""

import argparse
import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from bench import acts, chain, lists, routes, sealing
from bench.measure import MIB, Line

ROOT = Path(__file__).parents[1]
GOALS = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P9")
USUAL, BIG = 256 * MIB, 2048 * MIB
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


def main() -> None:
    """Measure what was asked for."""
    asked = _arguments()
    lines = []
    for line in _measure(asked):
        _print(line, first=not lines)
        lines.append(line)
    where = ROOT / "build" / "bench.json"
    where.parent.mkdir(exist_ok=True)
    told = [asdict(line) | {"verdict": line.verdict} for line in lines]
    where.write_text(json.dumps({"cpus": os.cpu_count(), "lines": told}, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the performance goals.")
    parser.add_argument("--big", action="store_true", help="2 GiB for P3 and P4")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, at least five")
    parser.add_argument("--people", type=int, default=100_000, help="for P6; P9: lines / 10")
    parser.add_argument("--only", nargs="*", default=list(GOALS))
    asked = parser.parse_args()
    if asked.rounds < 5:
        parser.error("the median of fewer than five rounds says little")
    return asked


def _measure(asked: argparse.Namespace) -> Iterable[Line]:
    large = BIG if asked.big else USUAL
    (ROOT / "build").mkdir(exist_ok=True)
    if {"P1", "P2", "P3", "P4"} & set(asked.only):
        yield from routes.lines(USUAL, large, asked.rounds, ROOT / "build")
    if "P5" in asked.only:
        yield from sealing.lines(USUAL, asked.rounds, _in_memory())
    if "P7" in asked.only:
        yield from acts.lines(asked.rounds, ROOT / "build")
    if "P9" in asked.only:
        yield from chain.lines(asked.people * 10, asked.rounds, ROOT / "build")
    if "P6" in asked.only:
        yield from lists.lines(asked.people, ROOT / "build")


def _in_memory() -> Path:
    if IN_MEMORY.is_dir():
        return IN_MEMORY
    print("There is no /dev/shm: P5 is measured on the disk, and says less.")
    return ROOT / "build"


def _print(line: Line, *, first: bool) -> None:
    """As soon as it is known: the whole takes long."""
    if first:
        print(f"{'':3} {'':52} {'goal':>10} {'reached':>9}")
    sign = ">=" if line.at_least else "<="
    goal = "" if line.limit is None else f"{sign} {line.limit:g} {line.unit}"
    reached = "-" if line.reached is None else f"{line.reached:.2f}"
    told = f"{line.goal:3} {line.what:52} {goal:>10} {reached:>9}  {line.verdict} {line.note}"
    print(told, flush=True)
