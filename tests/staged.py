"""What takes long to make, made once per engine by its own acts and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Generic, TypeVar

import pytest

from studyhub.config import load
from studyhub.store.db import Sessions, make_sessions
from studyhub.workflows import mailroom
from studyhub.workflows.kernel import Hub
from tests import engines
from tests.first_steps import Origin, Steps
from tests.makers import Clock, Study, approved_study, enrolled, hub_over, new_instance

T = TypeVar("T")


@dataclass(frozen=True)
class Staged(Generic[T]):
    """What was made once: its database, its folder, and what a test must know of it.

    The database is an image in bytes on SQLite, the name of a template on PostgreSQL.
    """

    database: bytes | str
    folder: Path
    made: T
    steps: Steps = field(default_factory=dict)


_templates: list[str] = []


def staged_as(name: str, kind: str, make: Callable[[Sessions, Path], T]) -> Staged[T]:
    """Make something over a fresh database of this engine and keep it to be copied."""
    folder = engines._quick_folder() / f"{name}-{kind}"
    if kind == "sqlite":
        with engines.fresh_sessions(kind) as sessions:
            made = make(sessions, folder)
            raw = sessions.engine.raw_connection()
            return Staged(raw.driver_connection.serialize(), folder, made)
    server = engines._server()
    template = server.copy_of(engines._template())
    _templates.append(template)
    with engines.ended(make_sessions(server.url(template))) as sessions:
        return Staged(template, folder, make(sessions, folder))


@cache
def staged(kind: str) -> Staged[Study]:
    """The study on this engine. Takes a second or two, once."""
    return staged_as("study", kind, _enrolled)


def _enrolled(sessions: Sessions, folder: Path) -> Study:
    clock = Clock()
    return enrolled(new_instance(sessions, folder, clock), clock)


@cache
def staged_approved(kind: str) -> Staged[Study]:
    """The study with its approval and every document in use."""
    return staged_as("approved", kind, _approved)


def _approved(sessions: Sessions, folder: Path) -> Study:
    made = _enrolled(sessions, folder)
    made.approval_id = approved_study(made)
    _send_letters(made)
    return made


def _send_letters(study: Study) -> None:
    """Send what the team was written: else every test of letters would send it once more."""
    openly = replace(study.hub.settings, insecure_loopback=True)
    mailroom.run_once(replace(study.hub, settings=openly))
    for letter in (openly.instance / "outbox").iterdir():
        letter.unlink()


@contextmanager
def study_on(kind: str, clock: Clock, *, approved: bool = False) -> Iterator[Study]:
    """A study of its own for one test."""
    stage = staged_approved(kind) if approved else staged(kind)
    with begun(stage, clock) as (hub, origin):
        clock.at = stage.made.clock.at
        yield replace(stage.made, hub=hub, clock=clock, origin=origin)


@contextmanager
def copied(stage: Staged[T], clock: Callable[[], datetime]) -> Iterator[Hub]:
    """The hub of a copy, for one test."""
    with begun(stage, clock) as (hub, _origin):
        yield hub


@contextmanager
def begun(stage: Staged[T], clock: Callable[[], datetime]) -> Iterator[tuple[Hub, Origin]]:
    """The same, and where it came from."""
    folder = engines._quick_folder() / f"copy-{token_hex(8)}"
    shutil.copytree(stage.folder, folder)
    with engines.place_of(stage.database) as place:
        hub = hub_over(load(folder), place.sessions, clock)
        yield hub, Origin(place, folder, stage.steps)
    shutil.rmtree(folder)


@contextmanager
def study_in_files(kind: str, folder: Path) -> Iterator[Path]:
    """The same as an instance folder with a database of its own, for real processes."""
    with in_files(staged(kind), folder):
        yield folder


@contextmanager
def in_files(stage: Staged[T], folder: Path) -> Iterator[Path]:
    """A copy of anything staged as an instance folder with a database of its own."""
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
