"""What tests of acts share: somebody who was informed, and a place for real processes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from tests import engines
from tests.makers import Clock, Study
from tests.workflows.consenting import code_of, informed_on, person_of
from tests.workflows.deidentifying import begun_on


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """The name of a folder that is not there yet."""
    folder = engines._quick_folder() / f"instance-{token_hex(8)}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def ready(engine_kind: str, clock: Clock) -> Iterator[tuple[Study, str]]:
    """An approved study on each engine, and the link of somebody who was informed a day ago."""
    with informed_on(engine_kind, clock) as made:
        yield made


@pytest.fixture
def code(ready: tuple[Study, str]) -> str:
    """Who that person is for the team."""
    study, token = ready
    study.token = token
    return code_of(study, person_of(study, token))


@pytest.fixture
def begun_study(clock: Clock) -> Iterator[tuple[Study, object]]:
    """A study in which Tess has just begun to de-identify a text, and its transcript."""
    with begun_on("sqlite", clock) as found:
        yield found


@pytest.fixture
def on_each(engine_kind: str, clock: Clock) -> Iterator[tuple[Study, object]]:
    """The same on each engine."""
    with begun_on(engine_kind, clock) as found:
        yield found
