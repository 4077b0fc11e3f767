"""When a text being typed is kept by itself, and which of those versions are let go again.

Only what was kept by itself is ever thinned, and by age, never by number (recordings.md 2.3).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

EVERY = timedelta(minutes=5)
ALL_FOR = timedelta(hours=24)
HOURLY_FOR = timedelta(days=30)


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether the text before this save is kept: five minutes after the last one."""
    return last is None or now - last >= EVERY


def surplus(kept: Iterable[tuple[T, datetime]], now: datetime) -> list[T]:
    """What is let go: after a day all but the last of each hour, after a month all."""
    gone: list[T] = []
    hours: dict[datetime, T] = {}
    for each, at in sorted(kept, key=lambda pair: pair[1]):
        age = now - at
        if age <= ALL_FOR:
            continue
        hour = at.replace(minute=0, second=0, microsecond=0)
        if age > HOURLY_FOR:
            gone.append(each)
        else:
            gone += [hours[hour]] if hour in hours else []
            hours[hour] = each
    return gone
