"""Fixtures: an approved study on each engine, with somebody who was informed a day ago."""

from collections.abc import Iterator

import pytest

from tests.makers import Clock, Study
from tests.workflows.consenting import code_of, informed_on, person_of


@pytest.fixture
def ready(engine_kind: str, clock: Clock) -> Iterator[tuple[Study, str]]:
    """The study, and the link of that person."""
    with informed_on(engine_kind, clock) as made:
        yield made


@pytest.fixture
def study(ready: tuple[Study, str]) -> Study:
    return ready[0]


@pytest.fixture
def token(ready: tuple[Study, str]) -> str:
    """The link of that person."""
    return ready[1]


@pytest.fixture
def code(ready: tuple[Study, str]) -> str:
    """Who they are for the team."""
    study, token = ready
    study.token = token
    return code_of(study, person_of(study, token))
