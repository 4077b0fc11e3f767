"""Until when a person can take their data out: the rule of a sheet, in words and as an instant.

A rule is the ``deadline_rule`` of a version, one of
``{"kind": "days_after_interview", "days": 14}``, ``{"kind": "until_release"}`` and
``{"kind": "fixed_date", "date": "2027-03-31"}``. Every deadline ends at 23:59:59 in the
study's time zone.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from studyhub.domain.errors import Invalid

MOST_DAYS = 3660

_FIELDS = {
    "days_after_interview": {"kind", "days"},
    "fixed_date": {"kind", "date"},
    "until_release": {"kind"},
}


def problem_of_rule(rule: Mapping[str, Any]) -> str | None:
    """Say in plain words what is wrong with a rule, or nothing."""
    fields = _FIELDS.get(str(rule.get("kind")))
    if fields is None:
        return "Choose until when data can be withdrawn"
    if set(rule) != fields:
        return "The rule for withdrawing data has parts missing or too many"
    if "days" in fields and not _is_number_of_days(rule["days"]):
        return f"Give the days after the interview as a number from 1 to {MOST_DAYS}"
    if "date" in fields and _date_of(rule["date"]) is None:
        return "Give the last day for withdrawing as a date"
    return None


def in_words(rule: Mapping[str, Any]) -> str:
    """Write the rule as it stands in a statement: these words are part of the hashed text."""
    _refuse_wrong(rule)
    if rule["kind"] == "days_after_interview":
        days = rule["days"]
        return f"{days} {'day' if days == 1 else 'days'} after the interview"
    if rule["kind"] == "fixed_date":
        day = date.fromisoformat(rule["date"])
        return f"{day.day} {day:%B %Y}"
    return "the de-identified interview is released to the people who analyse it"


def deadline_of(
    rule: Mapping[str, Any],
    time_zone: str,
    *,
    interviewed_at: datetime | None = None,
    released_on: date | None = None,
) -> datetime | None:
    """Compute the instant (UTC) after which data scopes may no longer be possible.

    Nothing as long as the event that starts the clock has not happened: an open deadline.
    """
    _refuse_wrong(rule)
    if rule["kind"] == "fixed_date":
        return end_of_day(date.fromisoformat(rule["date"]), time_zone)
    if rule["kind"] == "until_release":
        return end_of_day(released_on, time_zone) if released_on else None
    if interviewed_at is None:
        return None
    day = interviewed_at.astimezone(ZoneInfo(time_zone)).date()
    return end_of_day(day + timedelta(days=rule["days"]), time_zone)


def end_of_day(day: date, time_zone: str) -> datetime:
    """23:59:59 of that day in the study's time zone, as UTC; the later if it comes twice."""
    local = datetime.combine(day, time(23, 59, 59, fold=1), ZoneInfo(time_zone))
    return local.astimezone(UTC)


def never_earlier(shown: datetime | None, computed: datetime | None) -> datetime | None:
    """Keep the promise: no deadline earlier than the one shown at signing (invariant 68).

    A computed one that is still open stays open, which is later than any date.
    """
    if shown is None or computed is None:
        return computed
    return max(shown, computed)


def _refuse_wrong(rule: Mapping[str, Any]) -> None:
    problem = problem_of_rule(rule)
    if problem:
        raise Invalid({"deadline_rule": problem})


def _is_number_of_days(value: object) -> bool:
    return type(value) is int and 1 <= value <= MOST_DAYS


def _date_of(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
