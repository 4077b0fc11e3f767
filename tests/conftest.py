"""A study with its whole team, for each test that asks for one."""

import gc
import os
from collections.abc import Iterator

import pytest

from tests import engines
from tests.engines import engine_kind, engines_end, sessions
from tests.makers import Clock, Study
from tests.staged import stage_ends, study_on
from tests.web.browser import chromium

# One browser for a whole run: two of them cannot be driven from one process.
__all__ = ["chromium", "engine_kind", "engines_end", "sessions", "stage_ends"]


# Looking for rubbish after every 700 objects took a sixth of the time of the tests.
gc.set_threshold(100_000, 50, 50)


def pytest_configure() -> None:
    """Tests keep their files in memory, where there is room: a disk waits at every act."""
    if memory := engines.roomy_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long plays begin first: else one process ends with them while the other has no work."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def approved() -> None:
    """Asked for beside a study: it has its approval and every document in use already."""


@pytest.fixture
def study(engine_kind: str, clock: Clock, request: pytest.FixtureRequest) -> Iterator[Study]:
    """The study on each engine."""
    with study_on(engine_kind, clock, approved="approved" in request.fixturenames) as made:
        yield made


@pytest.fixture
def small_study(clock: Clock, request: pytest.FixtureRequest) -> Iterator[Study]:
    """The study on SQLite alone: for pages and browsers."""
    with study_on("sqlite", clock, approved="approved" in request.fixturenames) as made:
        yield made
