"""What tests of pages share: the app over a small study, and a real browser."""

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from studyhub.app import create_app
from tests.makers import Study
from tests.web.browser import chromium
from tests.web.visits import Visit

__all__ = ["chromium"]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once: anew for the app of each test they took a third of its time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(small_study: Study, compiled: FileSystemBytecodeCache) -> Flask:
    """The whole application over the study on SQLite, the day after it was made."""
    small_study.clock.advance(days=1)
    made = create_app(small_study.hub)
    made.jinja_env.bytecode_cache = compiled
    return made


@pytest.fixture
def visit(app: Flask) -> Visit:
    """A browser that nobody has signed in with yet."""
    return Visit(app)


@pytest.fixture
def petra(visit: Visit) -> Visit:
    """A browser at which the principal investigator is signed in."""
    visit.sign_in("petra")
    return visit
