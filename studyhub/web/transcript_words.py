"""The words in which transcripts, their versions and the work on them are spoken of."""

from typing import Literal

Kind = Literal["ok", "info", "warn", "stop"]

# What state a text is in, and how its tag looks.
STATES: dict[str, tuple[str, Kind]] = {
    "raw_draft": ("Being typed", "info"),
    "raw_verified": ("Checked", "ok"),
    "anonymising": ("Being de-identified", "info"),
    "submitted": ("With a second reader", "info"),
    "returned": ("Sent back", "warn"),
    "released": ("Released", "ok"),
}
DUTIES = {
    "transcribe": "Type it",
    "deidentify": "De-identify it",
    "review": "Read it a second time",
}
VERSIONS = {
    "imported": "Imported",
    "verbatim": "Word for word",
    "cleaned": "Without fillers",
    "deidentified": "De-identified",
}
ROLES = {
    "interviewer": "Interviewer",
    "participant": "Participant",
    "other": "Somebody else",
}


def duties_in_words(duties: tuple[str, ...]) -> str:
    """What somebody is to do, in one line."""
    return ", ".join(DUTIES[duty].lower() for duty in DUTIES if duty in duties).capitalize()
