"""Where the instances of real processes lie: in memory, where there is room for them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from tests import engines


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """The name of a folder that is not there yet."""
    folder = engines._quick_folder() / f"instance-{token_hex(8)}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
