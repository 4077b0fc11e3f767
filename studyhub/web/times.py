"""Dates and times as people write them, in the study's own time zone."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from flask import Flask

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def day(at: datetime, zone: ZoneInfo) -> str:
    """Write a date in running text: 17 November 2026."""
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def short_day(at: datetime, zone: ZoneInfo) -> str:
    """Write a date in tables: 17 Nov."""
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1][:3]}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Write a time: 14:00."""
    return f"{at.astimezone(zone):%H:%M}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Write a date with its time: 17 November 2026, 14:00."""
    return f"{day(at, zone)}, {clock(at, zone)}"


def since(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Write when something began, as short as is clear: 14:00, 17 Nov, or 17 Nov 2025.

    Midnight (UTC) is how a day without an hour is kept: *today*.
    """
    begun, today = at.astimezone(zone), now.astimezone(zone)
    if begun.date() == today.date():
        return clock(at, zone) if at.astimezone(UTC).time() != time() else "today"
    year = "" if begun.year == today.year else f" {begun.year}"
    return short_day(at, zone) + year


def span(seconds: int) -> str:
    """Write how long to wait: 40 seconds, 2 minutes."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def init_times(app: Flask, zone: Callable[[], ZoneInfo], now: Callable[[], datetime]) -> None:
    """Give templates the filters ``day short_day clock moment since`` in the study's zone."""
    for write in (day, short_day, clock, moment):
        app.add_template_filter(_in_zone(write, zone), write.__name__)
    app.add_template_filter(lambda at: since(at, zone(), now()), "since")


def _in_zone(
    write: Callable[[datetime, ZoneInfo], str], zone: Callable[[], ZoneInfo]
) -> Callable[[datetime], str]:
    return lambda at: write(at, zone())
