"""Run commands in this process: what they printed, and their exit code."""

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studyhub.cli import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def values(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """An instance folder and somebody at the shell."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def text(self, *words: object, stdin: str | bytes = "") -> Ran:
        """Run a command as a person would."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))
        try:
            code = main(["--instance", str(self.folder), *map(str, words)])
        except SystemExit as usage:
            code = int(str(usage.code))
        told = self.capture.readouterr()
        return Ran(code, told.out, told.err)

    def json(self, *words: object, stdin: str | bytes = "") -> Ran:
        """Run a command as a program would."""
        return self.text(*words, "--json", stdin=stdin)
