"""An instance, and a study with its whole team, for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.engines import engine_kind, engines_end, fresh_sessions, sessions
from tests.makers import Clock, Study, enrolled, instance

__all__ = ["engine_kind", "engines_end", "sessions"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def study(engine_kind: str, tmp_path, clock: Clock) -> Iterator[Study]:
    """The study on each engine."""
    with fresh_sessions(engine_kind) as found, instance(found, tmp_path / "i", clock) as hub:
        yield enrolled(hub, clock)
