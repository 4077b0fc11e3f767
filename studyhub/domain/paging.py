"""Where a page of a long list ended, so that the next one goes on there.

A mark holds the place itself and not a row: what is added, changed or gone meanwhile moves
nobody from one page to another. It stands in addresses, so it holds no name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

T = TypeVar("T")

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
_PARTS = 3
_MOST = 80


@dataclass(frozen=True, order=True)
class Mark:
    """A place in a list: a rank, then an instant, then a code or an id for what shares both."""

    rank: int
    at: datetime
    last: str

    def __str__(self) -> str:
        return f"{self.rank}~{(self.at - _BEGIN) // _INSTANT}~{self.last}"


def mark_in(text: str) -> Mark | None:
    """The mark in an address; nothing, which is the first page, for what is none."""
    parts = text.split("~")
    if len(parts) != _PARTS or len(text) > _MOST or not text.isascii():
        return None
    try:
        return Mark(int(parts[0]), _BEGIN + int(parts[1]) * _INSTANT, parts[2])
    except (ValueError, OverflowError):
        return None


def mark_of(at: datetime, row_id: UUID) -> Mark:
    """The mark of a row in a list by time."""
    return Mark(0, at, str(row_id))


def row_after(text: str) -> tuple[datetime, UUID] | None:
    """The time and the id in the mark of a row; nothing for what is none."""
    mark = mark_in(text)
    try:
        return (mark.at, UUID(mark.last)) if mark else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Page(Generic[T]):
    """A few rows of a list, and the mark to go on after; empty at its end."""

    rows: list[T]
    next_after: str = ""


def cut(rows: Sequence[T], size: int, mark: Callable[[T], object]) -> Page[T]:
    """A page of ``rows``, which begin where it begins and go on if there is a next one."""
    page = list(rows[:size])
    return Page(page, str(mark(page[-1])) if len(rows) > size else "")
