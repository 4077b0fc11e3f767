"""Instances in files: commands open them for themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Shell
from tests.staged import study_in_files


@pytest.fixture
def bare(tmp_path: Path, capsys, monkeypatch) -> Shell:
    """A shell before an empty folder."""
    return Shell(tmp_path / "instance", capsys, monkeypatch)


@pytest.fixture
def shell(engine_kind: str, tmp_path: Path, capsys, monkeypatch) -> Iterator[Shell]:
    """A shell before the study with its whole team, on each engine."""
    with study_in_files(engine_kind, tmp_path / "instance") as folder:
        yield Shell(folder, capsys, monkeypatch)


@pytest.fixture
def small_shell(tmp_path: Path, capsys, monkeypatch) -> Iterator[Shell]:
    """The same on SQLite alone."""
    with study_in_files("sqlite", tmp_path / "instance") as folder:
        yield Shell(folder, capsys, monkeypatch)
