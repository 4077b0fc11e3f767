"""What tests of acts share: somebody who was informed, and a place for real processes."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from tests import engines
from tests.makers import Clock, Study
from tests.workflows.consenting import informed_on


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
