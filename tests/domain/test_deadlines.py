"""Until when data can be taken out: rules, words and the end of a day in the study's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.deadlines import (
    MOST_DAYS,
    deadline_of,
    end_of_day,
    in_words,
    never_earlier,
    problem_of_rule,
)
from studyhub.domain.errors import Invalid

FORTNIGHT = {"kind": "days_after_interview", "days": 14}
FIXED = {"kind": "fixed_date", "date": "2027-03-31"}
RELEASE = {"kind": "until_release"}
LONDON = "Europe/London"


def test_days_are_counted_from_the_day_of_the_interview_in_the_zone_of_the_study():
    late = datetime(2027, 3, 14, 23, 30, tzinfo=UTC)

    assert deadline_of(FORTNIGHT, LONDON, interviewed_at=late) == datetime(
        2027,
        3,
        28,
        22,
        59,
        59,
        tzinfo=UTC,  # summer time began that morning
    )
    assert deadline_of(FORTNIGHT, "Asia/Tokyo", interviewed_at=late) == datetime(
        2027, 3, 29, 14, 59, 59, tzinfo=UTC
    )


def test_a_fixed_date_needs_no_event_and_ends_with_that_day():
    assert deadline_of(FIXED, LONDON) == datetime(2027, 3, 31, 22, 59, 59, tzinfo=UTC)


def test_a_deadline_is_open_until_the_event_that_starts_it():
    assert deadline_of(FORTNIGHT, LONDON) is None
    assert deadline_of(RELEASE, LONDON) is None
    assert deadline_of(RELEASE, LONDON, released_on=date(2027, 1, 5)) == datetime(
        2027, 1, 5, 23, 59, 59, tzinfo=UTC
    )


def test_an_end_of_day_that_comes_twice_is_the_later_one():
    # Clocks in Brazil went back from midnight to eleven that night.
    end = end_of_day(date(2018, 2, 17), "America/Sao_Paulo")

    assert end == datetime(2018, 2, 18, 2, 59, 59, tzinfo=UTC)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from([LONDON, "Asia/Tokyo"]))
def test_every_day_ends_one_second_before_the_next_begins(day, zone):
    local = (end_of_day(day, zone) + timedelta(seconds=1)).astimezone(ZoneInfo(zone))

    assert (local.date(), local.hour, local.minute) == (day + timedelta(days=1), 0, 0)


def test_rules_read_like_a_sentence():
    assert in_words(FORTNIGHT) == "14 days after the interview"
    assert in_words({**FORTNIGHT, "days": 1}) == "1 day after the interview"
    assert in_words(FIXED) == "31 March 2027"
    assert in_words(RELEASE).startswith("the de-identified interview is released")


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"kind": "never"},
        {"kind": ["until_release"]},
        {"kind": "fixed_date"},
        {**RELEASE, "days": 3},
        {**FORTNIGHT, "days": 0},
        {**FORTNIGHT, "days": "14"},
        {**FORTNIGHT, "days": True},
        {**FORTNIGHT, "days": MOST_DAYS + 1},
        {**FIXED, "date": "31 March"},
        {**FIXED, "date": None},
    ],
)
def test_a_wrong_rule_is_told_in_words_and_never_computed(rule):
    assert problem_of_rule(rule)
    with pytest.raises(Invalid):
        in_words(rule)
    with pytest.raises(Invalid):
        deadline_of(rule, LONDON)


@pytest.mark.parametrize("rule", [FORTNIGHT, FIXED, RELEASE])
def test_a_good_rule_has_no_problem(rule):
    assert problem_of_rule(rule) is None


def test_inv_68_a_deadline_is_never_earlier_than_the_one_shown():
    soon, late = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)

    assert never_earlier(late, soon) == late
    assert never_earlier(soon, late) == late
    assert never_earlier(None, soon) == soon
    assert never_earlier(soon, None) is None
