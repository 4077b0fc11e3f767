"""One page of a list by time, cut by the database; other rows may come and go meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from studyhub.domain.paging import Page, cut, mark_of, row_after

T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True)
class Cut(Generic[T]):
    """A page of rows, and how many there are on all pages."""

    page: Page[T]
    number: int

    def drawn(self, draw: Callable[[T], V]) -> "Cut[V]":
        """The same page of what is made of its rows."""
        return Cut(
            Page([draw(row) for row in self.page.rows], self.page.next_after), self.number
        )


def cut_by_time(
    session: Session,
    query: Select[T],
    place: tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]],
    *,
    size: int,
    after: str = "",
    newest_first: bool = False,
) -> Cut[T]:
    """The page behind the mark ``after``. ``place`` names the column of time and the id."""
    number = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    last = row_after(after)
    if last is not None:
        spot = tuple_(*place)
        query = query.where(spot < last if newest_first else spot > last)
    query = query.order_by(*(each.desc() if newest_first else each for each in place))
    rows = session.scalars(query.limit(size + 1)).all()
    at, own_id = (each.key for each in place)
    return Cut(
        cut(rows, size, lambda row: mark_of(getattr(row, at), getattr(row, own_id))), number
    )
