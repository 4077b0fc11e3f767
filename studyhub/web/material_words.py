"""Recordings in words: where they stand, how long they are, and what they wait for."""

from typing import Literal

from studyhub.workflows.recordings_list import RecordingRow

Mark = Literal["ok", "info", "warn", "stop"]
STATES: dict[str, tuple[str, Mark]] = {
    "quarantined": ("Waits for consent", "warn"),
    "accepted": ("Received whole", "ok"),
    "transcribed": ("Typed", "ok"),
    "checked": ("Checked", "ok"),
    "disposed": ("Disposed of", "info"),
    "rejected": ("Destroyed", "stop"),
}
_WHY = {
    "unverified": "The consent is not verified yet.",
    "no_consent": "No consent is on record for the time it began.",
    "not_countersigned": "The consent is not countersigned yet.",
    "not_approved": "The form was signed without an approval.",
    "version_not_effective": "The form was signed on a version not in use.",
    "reconsent_due": "The person must sign the newer form.",
    "withdrawn": "The person withdrew.",
    "expired": "The consent had expired.",
    "later_refusal_invalidated": "A later refusal was declared void.",
    "in_force": "Whether the person was still happy to be recorded was not written down.",
}
_MINUTE, _HOUR, _MEGABYTE = 60, 3600, 1_000_000


def quarantine_says(row: RecordingRow) -> str:
    """Why it waits, and that nobody hears it."""
    return f"Nobody can play it. {_WHY.get(row.reason, 'Consent is not in force.')}"


def length_of(seconds: int) -> str:
    """A length as people say it: 43 min 10 s."""
    hours, rest = divmod(seconds, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def megabytes(size: int) -> str:
    """A size in the unit that files are shown in."""
    return f"{max(0.1, size / _MEGABYTE):.1f} MB"
