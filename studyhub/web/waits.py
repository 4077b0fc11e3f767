"""Until when somebody waits for an answer from the team, in words."""

from datetime import datetime, timedelta

from studyhub.web import guard, times
from studyhub.web.frame import Due

ANSWER_WITHIN = timedelta(days=2)


def due(since: datetime) -> Due:
    """When an answer is due, or by how many days it is late."""
    until, here = since + ANSWER_WITHIN, guard.zone()
    late = (guard.hub().now().astimezone(here).date() - until.astimezone(here).date()).days
    if late > 0:
        return Due(f"{late} day{'' if late == 1 else 's'} late", "late")
    if late == 0:
        return Due("due today", "soon")
    return Due("due " + times.short_day(until, here))
