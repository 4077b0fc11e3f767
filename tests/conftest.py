"""A study with its whole team, for each test that asks for one."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

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
    """No example is timed, and files lie in memory if it has room: disks wait at each act."""
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    if memory := engines.roomy_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


# What takes long to make and to walk over is made in one process only.
TOGETHER = (
    *("tests/web/test_every_form.py", "tests/web/test_every_page.py"),
    *("tests/web/test_every_page_fits.py", "tests/workflows/test_demonstration.py"),
    *("tests/workflows/test_key_check.py", "tests/web/test_pictures.py"),
)


class _Together(LoadScopeScheduling):
    """Each test by itself, but for the files that share what was made.

    xdist 3.8 has groups of its own, and finds none of them under pytest 9.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "together" if nodeid.startswith(TOGETHER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Together:
    return _Together(config, log)


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
