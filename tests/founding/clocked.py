"""The real web server, but its clock is the one that a test holds; run as a program.

Everything else is what ``studyhub serve`` runs. The product itself has no way to be told the
time: only this program of the tests hands another clock to it.
"""

import sys
from pathlib import Path
from typing import Any

from studyhub.app import create_app
from studyhub.cli.servers import keep_memory_private
from studyhub.cli.web_server import Server
from studyhub.config import Settings, load
from studyhub.hub import make_hub
from tests.founding.clock import FileClock


class Clocked(Server):
    """gunicorn over the pages, under a clock that stands in a file."""

    def __init__(self, settings: Settings, clock: FileClock) -> None:
        self._clock = clock
        super().__init__(settings)

    def load(self) -> Any:
        """Make the application. Called in each process after it was forked."""
        return create_app(make_hub(self._settings, self._clock))


if __name__ == "__main__":
    folder, clock = map(Path, sys.argv[1:])
    keep_memory_private()
    Clocked(load(folder), FileClock(clock)).run()
