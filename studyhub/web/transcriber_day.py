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
    what, href = _step(slug, row)
    length = (
        f"{row.minutes} minute{'' if row.minutes == 1 else 's'} of sound. "
        if row.minutes
        else ""
    )
    state = "On hold: it cannot be opened now" if row.is_held else STATES[row.state][0]
    return Waiting("sound", what, href, f"{length}{state}.", due=_due(row.due_on))


def _step(slug: str, row: TranscriptRow) -> tuple[str, str]:
    """What is to be done with it now, and where."""
    if "deidentify" in row.duties and row.state == "anonymising" and not row.is_held:
        there = url_for("workbench.bench", slug=slug, transcript_id=row.id)
        return f"De-identify {row.code}", there
    if "deidentify" in row.duties and row.state in ("raw_verified", "returned"):
        return f"De-identify {row.code}", url_for("workbench.show", slug=slug)
    there = url_for("transcription.one", slug=slug, transcript_id=row.id)
    if "transcribe" in row.duties and row.state == "raw_draft":
        return f"Type {row.code}", there
    return f"{row.code}: {duties_in_words(row.duties).lower()}", there


def _due(day: date | None) -> Due | None:
    return waits.due_on(end_of(day), "due ") if day else None
