"""Pages that go on where the last one ended, whatever happened to the list meanwhile."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.paging import Mark, Page, cut, mark_in, mark_of, row_after

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@given(
    st.integers(-5, 5),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds without a zone, as the strategy wants
    st.text("0123456789abcdefK-", max_size=36),
)
def test_a_mark_is_read_as_it_was_written(rank, at, last):
    mark = Mark(rank, at, last)

    assert mark_in(str(mark)) == mark


@pytest.mark.parametrize(
    "text",
    [
        "",
        "K7Q4",
        "1~2",
        "x~1~K7Q4",
        "1~9999999999999999999~K",
        "1~2~3~4",
        "\u0661~1~K",
        "1" * 99,
    ],
)
def test_what_is_no_mark_is_the_first_page(text):
    assert mark_in(text) is None


def test_marks_stand_in_the_order_of_rank_time_and_code():
    later = NOON + timedelta(microseconds=1)
    wanted = [Mark(0, NOON, "A"), Mark(0, NOON, "B"), Mark(0, later, "A"), Mark(1, NOON, "A")]

    assert sorted([*wanted[2:], *wanted[:2]]) == wanted


def test_a_page_says_where_to_go_on_only_if_there_is_more():
    assert cut(["a", "b", "c"], 2, str.upper) == Page(["a", "b"], "B")
    assert cut(["a", "b"], 2, str.upper) == Page(["a", "b"])
    assert cut([], 2, str.upper) == Page([])


def test_the_mark_of_a_row_gives_its_time_and_id():
    row = UUID(int=7)

    assert row_after(str(mark_of(NOON, row))) == (NOON, row)
    assert row_after("") is None
    assert row_after(str(Mark(0, NOON, "K7Q4"))) is None
