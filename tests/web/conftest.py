"""What tests of pages share: the app over a small study, and a real browser."""

import pytest
from flask import Flask

from studyhub.app import create_app
from tests.makers import Study
from tests.web.apps import app_over
from tests.web.visits import Visit


@pytest.fixture
def app(small_study: Study) -> Flask:
    """The whole application over the study on SQLite, the day after it was made."""
    small_study.clock.advance(days=1)
    return app_over(small_study.hub)


@pytest.fixture
def own_app(small_study: Study) -> Flask:
    """An application of this test alone, to which it may add pages."""
    small_study.clock.advance(days=1)
    return create_app(small_study.hub)


@pytest.fixture
def visit(app: Flask) -> Visit:
    """A browser that nobody has signed in with yet."""
    return Visit(app)


@pytest.fixture
def petra(visit: Visit) -> Visit:
    """A browser at which the principal investigator is signed in."""
    visit.sign_in("petra")
    return visit
