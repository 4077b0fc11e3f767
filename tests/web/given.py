"""A study with a transcript that Tess may type, made once and copied for each test."""

from dataclasses import replace
from functools import cache

import pytest

from tests.makers import Clock, approved_study, assigned, enrolled, new_instance
from tests.staged import copied, staged_as
from tests.web.pages import at_browser


@cache
def staged_assigned():
    """Made once: an interview that was given to Tess to be typed."""
    return staged_as("assigned", "sqlite", _assigned)


def _assigned(sessions, folder):
    clock = Clock()
    study = enrolled(new_instance(sessions, folder, clock), clock)
    approved_study(study)
    return study, assigned(study)


@pytest.fixture
def small_study(clock):
    """The study, with a transcript that Tess may type."""
    stage = staged_assigned()
    made, _ = stage.made
    with copied(stage, clock) as hub:
        clock.at = made.clock.at
        yield replace(made, hub=hub, clock=clock)


@pytest.fixture
def transcript_id():
    return staged_assigned().made[1]


@pytest.fixture
def tess(app, small_study):
    return at_browser(app, small_study, "tess")
