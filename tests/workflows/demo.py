"""The demonstration as a fixture: made once on each engine, copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from studyhub import config
from studyhub.app import make_hub
from studyhub.store.db import make_sessions
from studyhub.vault.keys import make_key_files
from studyhub.workflows import demonstration
from studyhub.workflows.chains import open_chain
from studyhub.workflows.kernel import Hub, operator_desk
from tests import engines, staged

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROLES = {login: role for login, (_, role, _) in demonstration.CAST.items()}
MEMBERS = {login: role for login, role in ROLES.items() if role is not None}


@dataclass(frozen=True)
class Demo:
    """A finished demonstration, and what its makers were told."""

    hub: Hub
    clock: demonstration.PastWeeks
    told: dict[str, Any]

    def password(self, login: str) -> str:
        (found,) = (p["password"] for p in self.told["people"] if p["login"] == login)
        return str(found)


@dataclass(frozen=True)
class Staged:
    database: bytes | str
    folder: Path
    made: Demo


@cache
def staged_demo(kind: str) -> Staged:
    """Make the demonstration on this engine, once for this process."""
    folder = engines._quick_folder() / f"demo-{kind}"
    if kind == "sqlite":
        with engines.fresh_sessions(kind) as sessions:
            made = _filled(sessions, folder)
            raw = sessions.engine.raw_connection()
            return Staged(raw.driver_connection.serialize(), folder, made)
    server = engines._server()
    name = server.copy_of(engines._template())
    staged._templates.append(name)
    sessions = make_sessions(server.url(name))
    made = _filled(sessions, folder)
    sessions.engine.dispose()
    return Staged(name, folder, made)


def _filled(sessions, folder: Path) -> Demo:
    settings = config.create(folder, demonstration=True, argon2_memory_kib=8)
    make_key_files(settings.keys)
    clock = demonstration.PastWeeks(NOW)
    hub = replace(make_hub(settings, clock), sessions=sessions)
    hub.keystore.create()
    open_chain(operator_desk(hub), demonstration=True)
    return Demo(hub, clock, demonstration.fill(hub, clock))


@pytest.fixture
def demo(engine_kind: str, request: pytest.FixtureRequest) -> Iterator[Demo]:
    """The demonstration on each engine, in a copy of its own."""
    stage = staged_demo(engine_kind)
    folder = engines._quick_folder() / f"copy-{id(request)}"
    shutil.copytree(stage.folder, folder)
    clock = stage.made.clock
    with staged._sessions(stage.database) as sessions:
        hub = replace(make_hub(config.load(folder), clock), sessions=sessions)
        yield Demo(hub, clock, stage.made.told)
    shutil.rmtree(folder)
