"""What only waits for a PI to give it to somebody: sound to type, texts to work on."""

from collections.abc import Iterable

from flask import url_for

from studyhub.web import guard, times
from studyhub.web.frame import Waiting
from studyhub.workflows.recordings_list import RecordingRow
from studyhub.workflows.transcripts_list import TranscriptRow

# Of a text in this state, the duty that somebody must have, what to do, and why.
NEEDED = {
    "raw_draft": ("transcribe", "Give {} to be typed", "Nobody has it any more."),
    "raw_verified": ("deidentify", "Give {} to be de-identified", "It is typed and checked."),
    "submitted": (
        *("review", "Give {} to a second reader"),
        "It was handed in, and nobody was given it to read again.",
    ),
}


def waiting(
    slug: str, sounds: Iterable[RecordingRow], texts: list[TranscriptRow]
) -> list[Waiting]:
    """Texts that nobody may go on with, and recordings that nobody was given to type."""
    typed = {row.interview_id for row in texts}
    found = [row for row in sounds if row.state == "accepted" and not row.held]
    return [_sound(slug, row) for row in found if row.interview_id not in typed] + [
        _text(slug, row)
        for row in texts
        if row.state in NEEDED and NEEDED[row.state][0] not in row.duties and not row.is_held
    ]


def _sound(slug: str, row: RecordingRow) -> Waiting:
    href = url_for("assignments.give", slug=slug, thing="recording", thing_id=row.id)
    since = times.since(row.deposited_at, guard.zone(), guard.hub().now())
    return Waiting(
        "sound", f"Have {row.code} typed", href, "The recording was accepted.", since
    )


def _text(slug: str, row: TranscriptRow) -> Waiting:
    _, what, why = NEEDED[row.state]
    href = url_for("assignments.give", slug=slug, thing="transcript", thing_id=row.id)
    return Waiting("doc", what.format(row.code), href, why)
