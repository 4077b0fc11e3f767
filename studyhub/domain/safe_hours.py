"""From when until when of each day a person may be reached without harm (invariant 20)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

FORMAT = "%H:%M"


@dataclass(frozen=True)
class SafeHours:
    """The hours of every day, in the study's time zone. What begins ends on the same day."""

    begin: time
    end: time
    zone: ZoneInfo

    def next(self, at: datetime) -> datetime:
        """The first instant from then on at which a letter may arrive."""
        local = at.astimezone(self.zone)
        if self.begin <= local.time() < self.end:
            return at
        day = local.date() if local.time() < self.begin else local.date() + timedelta(days=1)
        return datetime.combine(day, self.begin, self.zone).astimezone(UTC)

    def cover(self, other: "SafeHours | None") -> bool:
        """Whether what was safe by the other hours is safe by these too."""
        return other is not None and self.begin <= other.begin and other.end <= self.end

    @property
    def written(self) -> tuple[str, str, str]:
        """As they travel within a sealed letter."""
        return self.begin.strftime(FORMAT), self.end.strftime(FORMAT), self.zone.key


def safe_hours(begin: str, end: str, zone: str) -> SafeHours | None:
    """Hours as they were typed, or none were. ValueError for what are no hours of one day."""
    if not begin and not end:
        return None
    hours = SafeHours(_time(begin), _time(end), ZoneInfo(zone))
    if hours.begin >= hours.end:
        raise ValueError("the hours end before they begin")
    return hours


def _time(text: str) -> time:
    return datetime.strptime(text, FORMAT).time()  # noqa: DTZ007 - a time of every day
