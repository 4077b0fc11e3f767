"""A transcriber's or reviewer's day: the transcripts that were given to them, by code."""

from datetime import date

from flask import url_for

from studyhub.web import waits
from studyhub.web.filled import end_of
from studyhub.web.frame import Due, Waiting
from studyhub.web.transcript_words import STATES, duties_in_words
from studyhub.workflows import transcripts_list
from studyhub.workflows.kernel import Desk
from studyhub.workflows.transcripts_list import TranscriptRow

# From then on it is somebody else's turn.
DONE = frozenset({"submitted", "released"})


def day_of(desk: Desk, slug: str) -> list[Waiting]:
    """What waits for the person, what is due first."""
    rows = transcripts_list.listed(desk)
    return [_waiting(slug, row) for row in rows if row.state not in DONE]


def _waiting(slug: str, row: TranscriptRow) -> Waiting:
    href = url_for("transcription.one", slug=slug, transcript_id=row.id)
    length = f"{row.minutes} minutes of sound. " if row.minutes else ""
    state = "On hold: it cannot be opened now" if row.is_held else STATES[row.state][0]
    what = f"{row.code}: {duties_in_words(row.duties).lower()}"
    return Waiting("sound", what, href, f"{length}{state}.", due=_due(row.due_on))


def _due(day: date | None) -> Due | None:
    return waits.due_on(end_of(day), "due ") if day else None
