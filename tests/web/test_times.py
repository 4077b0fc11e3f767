"""When something began, as pages write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from studyhub.web import times

NOW = datetime(2026, 7, 14, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begun", "written"),
    [
        (NOW - timedelta(hours=2), "14:30"),
        (datetime(2026, 7, 14, tzinfo=UTC), "today"),
        (datetime(2026, 7, 13, tzinfo=UTC), "13 Jul"),
        (datetime(2025, 7, 14, 12, tzinfo=UTC), "14 Jul 2025"),
    ],
)
def test_what_began_is_written_as_short_as_is_clear_and_a_day_has_no_hour(begun, written):
    assert times.since(begun, ZoneInfo("Europe/London"), NOW) == written
