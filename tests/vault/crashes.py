"""A machine that can stop at any step on the disk: killed, or with its power cut."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STEPS = ("write", "fsync", "ftruncate", "rename", "unlink")
NEVER = -1


class Stopped(BaseException):
    """The process is gone: nothing of it runs any more, least of all its tidying up."""


class Machine:
    """Counts the steps on the disk and stops at one; a write stops half way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = {name: getattr(os, name) for name in STEPS}
        self._flushed: dict[Path, int] = {}
        self._renamed: dict[Path, bytes | None] = {}
        for name in STEPS:
            monkeypatch.setattr(os, name, self._step(name))
        self.start()

    def start(self, stop_at: int = NEVER) -> None:
        """Run from here on, and stop at this step."""
        self.steps, self._stop_at, self._dead = 0, stop_at, False

    def _step(self, name: str) -> Callable[..., Any]:
        def step(*given: Any, **named: Any) -> Any:
            self.steps += 1
            if not self._dead and self.steps == self._stop_at:
                self._dead = True
                if name == "write":
                    self._real["write"](given[0], bytes(given[1])[: len(given[1]) // 2])
            if self._dead:
                raise Stopped
            self._remember(name, given)
            return self._real[name](*given, **named)

        return step

    def _remember(self, name: str, given: tuple[Any, ...]) -> None:
        if name == "fsync":
            path = Path(f"/proc/self/fd/{given[0]}").readlink()
            self._flushed[path] = os.fstat(given[0]).st_size
            if path.is_dir():
                self._renamed.clear()
        if name == "rename" and str(given[1]).endswith(".tail"):
            target = Path(given[1])
            self._renamed[target] = target.read_bytes() if target.exists() else None
            self._flushed[target] = self._flushed.pop(Path(given[0]), 0)

    def lose_power(self, folder: Path) -> None:
        """What was not flushed is gone: bytes read as zero, a rename has not happened."""
        for path in [*folder.glob("*.part"), *folder.glob("*.tail")]:
            kept = self._flushed.get(path, 0)
            content = path.read_bytes()
            path.write_bytes(content[:kept] + bytes(max(0, len(content) - kept)))
        for path, before in self._renamed.items():
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(before)
        self._renamed.clear()
        # What came through one cut lies on the disk, and comes through the next one too.
        self._flushed = {
            path: path.stat().st_size
            for path in [*folder.glob("*.part"), *folder.glob("*.tail")]
        }
