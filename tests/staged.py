"""The study with its whole team, made once per engine by its own acts, copied for each test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from studyhub.config import load
from studyhub.store.db import Sessions, make_sessions
from tests import engines
from tests.makers import Clock, Study, enrolled, hub_over, instance


@dataclass(frozen=True)
class Staged:
    """A finished study: its database, its folder, and what a test must know of it.

    The database is an image in bytes on SQLite, the name of a template on PostgreSQL.
    """

    database: bytes | str
    folder: Path
    made: Study


_templates: list[str] = []


@cache
def staged(kind: str) -> Staged:
    """Make the study on this engine. Takes a second or two, once."""
    folder, clock = engines._quick_folder() / f"staged-{kind}", Clock()
    if kind == "sqlite":
        with engines.fresh_sessions(kind) as sessions, instance(sessions, folder, clock) as hub:
            made = enrolled(hub, clock)
            raw = sessions.engine.raw_connection()
            return Staged(raw.driver_connection.serialize(), folder, made)
    server = engines._server()
    name = server.copy_of(engines._template())
    _templates.append(name)
    sessions = make_sessions(server.url(name))
    with instance(sessions, folder, clock) as hub:
        return Staged(name, folder, enrolled(hub, clock))


@contextmanager
def _sessions(database: bytes | str) -> Iterator[Sessions]:
    if isinstance(database, bytes):
        sessions = engines._in_memory(database)
        yield sessions
        sessions.engine.dispose()
        return
    with engines._copy(database) as url:
        sessions = make_sessions(url)
        yield sessions
        sessions.engine.dispose()


@contextmanager
def study_on(kind: str, clock: Clock) -> Iterator[Study]:
    """A study of its own for one test."""
    stage, made = staged(kind), staged(kind).made
    folder = engines._quick_folder() / f"study-{id(clock)}"
    shutil.copytree(stage.folder, folder)
    with _sessions(stage.database) as sessions:
        hub = hub_over(load(folder), sessions, clock)
        clock.at = stage.made.clock.at
        yield Study(hub, clock, made.id, made.kit, made.codes)
    shutil.rmtree(folder)


@contextmanager
def study_in_files(kind: str, folder: Path) -> Iterator[Path]:
    """The same as an instance folder with a database of its own, for real processes."""
    stage = staged(kind)
    shutil.copytree(stage.folder, folder)
    config = folder / "config.toml"
    if isinstance(stage.database, bytes):
        (folder / "studyhub.sqlite3").write_bytes(stage.database)
        yield folder
        return
    with engines._copy(stage.database) as url:
        config.write_text(f'database = "{url}"\n{config.read_text()}')
        yield folder


@pytest.fixture(scope="session", autouse=True)
def stage_ends(engines_end: None) -> Iterator[None]:
    """Drop the study's template before the server is left or stopped."""
    yield
    for name in _templates:
        engines._server().drop(name)
    _templates.clear()
