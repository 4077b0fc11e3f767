"""The demonstration as a fixture: made once, copied for each test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from studyhub.store.db import Sessions
from studyhub.workflows import demonstration
from studyhub.workflows.demonstration_stage import PastWeeks
from studyhub.workflows.kernel import Hub
from tests.makers import new_instance
from tests.staged import Staged, copied, staged_as

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROLES = {login: role for login, (_, role, _) in demonstration.CAST.items()}
MEMBERS = {login: role for login, role in ROLES.items() if role is not None}


@dataclass(frozen=True)
class Demo:
    """A finished demonstration, and what its makers were told."""

    hub: Hub
    clock: PastWeeks
    told: dict[str, Any]

    def password(self, login: str) -> str:
        (found,) = (p["password"] for p in self.told["people"] if p["login"] == login)
        return str(found)


@cache
def staged_demo() -> Staged[Demo]:
    """The demonstration on SQLite, made once for this process.

    It takes long to make, and its acts are played on PostgreSQL in the founding study.
    """
    return staged_as("demo", "sqlite", _filled)


def _filled(sessions: Sessions, folder: Path) -> Demo:
    clock = PastWeeks(NOW)
    hub = new_instance(sessions, folder, clock, demonstration=True)
    return Demo(hub, clock, demonstration.fill(hub, clock))


@pytest.fixture
def demo() -> Iterator[Demo]:
    """The demonstration on SQLite, in a copy of its own."""
    stage = staged_demo()
    with copied(stage, stage.made.clock) as hub:
        yield Demo(hub, stage.made.clock, stage.made.told)
