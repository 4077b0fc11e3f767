"""Interviews in words: states, modes, settings, and what a statement's light allows."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from studyhub.web import guard, times

MODES = {"telephone": "By phone", "video": "By video call", "in_person": "Face to face"}
STATES: dict[str, tuple[str, str]] = {
    "proposed": ("Times offered", "info"),
    "scheduled": ("Not confirmed yet", "warn"),
    "confirmed": ("Confirmed", "ok"),
    "in_progress": ("In progress", "info"),
    "completed": ("Held", "ok"),
    "ended_early": ("Ended early", "quiet"),
    "cancelled": ("Cancelled", "quiet"),
    "no_show": ("Nobody came", "quiet"),
}
SETTINGS = {
    "home": "At home",
    "work": "At work",
    "university": "At the university",
    "public": "In a public place",
    "remote": "On the way, or elsewhere",
    "other": "Not known",
}
RELATIONSHIPS = {
    "none": "I do not know this person",
    "professional": "I know them from work",
    "personal": "I know them privately",
}
YES_NO = {"yes": "Yes", "no": "No"}
NOTES = {"interview_log": "Log", "field_note": "Field note"}
LIGHTS = {
    "ok": ("ok", "You may begin and record"),
    "part": ("part", "You may begin; look at each sentence"),
    "no": ("no", "You may not begin"),
}
INCIDENTS = {
    "distress": "Somebody was in distress",
    "disclosure_of_harm": "Somebody told of harm or danger",
    "lone_worker": "I was not safe myself",
    "data_breach": "Data was lost or seen by others",
    "protocol_deviation": "Something was not done as approved",
    "complaint": "Somebody complained",
}
INCIDENT_STATES: dict[str, tuple[str, str]] = {
    "reported": ("Reported", "stop"),
    "triaged": ("Looked at", "warn"),
    "actioned": ("Acted on", "info"),
    "closed": ("Closed", "quiet"),
}
CANCEL_REASONS = {
    "person_asked": "The person asked for it",
    "protocol": "We cannot keep it",
    "other": "Another reason",
}


def when(at: datetime | None) -> str:
    """A time of an appointment: Thursday 19 November 2026, 14:00."""
    if at is None:
        return "No time yet"
    return f"{at.astimezone(guard.zone()):%A} {times.moment(at, guard.zone())}"


def where(zone: str) -> str:
    """A time zone as people call it: London, for Europe/London."""
    return zone.rpartition("/")[2].replace("_", " ")


def elsewhere(at: datetime | None, zone: str) -> str:
    """The same time where the person is, if that is another time zone."""
    if at is None or not zone or zone == guard.zone().key:
        return ""
    there = ZoneInfo(zone)
    return f"{times.clock(at, there)} on {times.short_day(at, there)}, {where(zone)} time"


def by_day(slots: Iterable[tuple[object, datetime]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Times offered, grouped by their day, each with its id and its hour."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key, at in slots:
        local = at.astimezone(guard.zone())
        day = f"{local:%A} {local.day} {local:%B}"
        found.setdefault(day, []).append((str(key), f"{local:%H:%M}"))
    return list(found.items())
