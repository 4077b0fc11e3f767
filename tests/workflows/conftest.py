"""What tests of acts share: a text that is being de-identified, and a place for processes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from tests import engines
from tests.makers import Clock, Study
from tests.workflows.deidentifying import begun_on


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """The name of a folder that is not there yet."""
    folder = engines._quick_folder() / f"instance-{token_hex(8)}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


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
