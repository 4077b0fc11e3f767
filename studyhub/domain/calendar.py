"""One appointment as a calendar file: an invitation, or its cancellation (RFC 5545, RFC 5546).

It names no study, no place and nobody but the one person it is for.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

_WIDTH = 75  # octets of a line, without its end (RFC 5545, 3.1)
_SUMMARIES = {"telephone": "Call", "video": "Video call", "in_person": "Meeting"}
FILE_NAME = "appointment.ics"


@dataclass(frozen=True)
class Entry:
    """What a calendar keeps of an appointment. ``sequence`` is raised by every change."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    written_at: datetime
    organizer: str
    attendee: str
    summary: str


def summary_of(mode: str) -> str:
    """What stands in the person's calendar, where others may read it."""
    return _SUMMARIES[mode]


def invitation(entry: Entry) -> str:
    """Ask a calendar to take the appointment in, or to move it."""
    return _file("REQUEST", "CONFIRMED", entry)


def cancellation(entry: Entry) -> str:
    """Ask a calendar to take the appointment out."""
    return _file("CANCEL", "CANCELLED", entry)


def media_type(method: str) -> str:
    """How a mail names the file; the method is the one inside (RFC 6047)."""
    return f"text/calendar; method={method}; charset=utf-8"


def _file(method: str, status: str, entry: Entry) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Appointments//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTAMP:{_instant(entry.written_at)}",
        f"DTSTART:{_instant(entry.starts_at)}",
        f"DTEND:{_instant(entry.ends_at)}",
        f"SUMMARY:{_text(entry.summary)}",
        "CLASS:PRIVATE",
        f"STATUS:{status}",
        f"ORGANIZER:mailto:{entry.organizer}",
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:{entry.attendee}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a long line between letters; what follows begins with a blank."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > _WIDTH:
            parts.append(part)
            part = " "
        part += letter
    return "\r\n".join([*parts, part])
