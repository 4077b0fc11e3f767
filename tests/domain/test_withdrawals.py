"""Until when somebody is told, and something is decided, after a withdrawal."""

from datetime import UTC, datetime

import pytest

from studyhub.domain.withdrawals import decide_by, tell_by


@pytest.mark.parametrize(
    ("received", "told", "decided"),
    [
        ("2026-11-23T12:00", "2026-11-25", "2026-11-30"),  # a Monday
        ("2026-11-26T12:00", "2026-11-30", "2026-12-03"),  # a Thursday
        ("2026-11-28T12:00", "2026-12-01", "2026-12-04"),  # a Saturday
        ("2026-11-26T23:30", "2026-12-01", "2026-12-04"),  # in Berlin it is Friday already
    ],
)
def test_only_working_days_count_where_the_study_is(received, told, decided):
    at = datetime.fromisoformat(received).replace(tzinfo=UTC)

    found = [rule(at, "Europe/Berlin") for rule in (tell_by, decide_by)]

    assert [f"{each:%Y-%m-%dT%H:%M}" for each in found] == [f"{told}T22:59", f"{decided}T22:59"]
