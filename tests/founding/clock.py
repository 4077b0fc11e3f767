"""A clock that a test holds for every process of an instance: it stands in a file."""

from datetime import datetime, timedelta
from pathlib import Path


class FileClock:
    """Stands still until the test moves it; other processes read where it stands."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self) -> datetime:
        return self.at

    @property
    def at(self) -> datetime:
        """The instant at which it stands."""
        return datetime.fromisoformat(self.path.read_text())

    @at.setter
    def at(self, instant: datetime) -> None:
        draft = self.path.with_suffix(".new")
        draft.write_text(instant.isoformat())
        draft.replace(self.path)

    def advance(self, **by: int) -> None:
        """Let time pass, as ``timedelta`` counts it."""
        self.at += timedelta(**by)
