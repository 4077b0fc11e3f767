"""What waits for a second pair of eyes today, by code: texts that were handed in."""

from typing import Any

from flask import url_for

from studyhub.web import guard, times
from studyhub.web.frame import Waiting
from studyhub.workflows import deidentification
from studyhub.workflows.deidentification import Awaiting
from studyhub.workflows.kernel import Desk


def waiting(desk: Desk, slug: str) -> list[Waiting]:
    """Texts given to this reviewer that nobody has read again, longest first."""
    rows = deidentification.awaiting(desk)
    return [
        _row(slug, row)
        for row in rows
        if row.state == "submitted" and "review" in row.duties and row.reading != "passed"
    ]


def _row(slug: str, row: Awaiting) -> Waiting:
    to: dict[str, Any] = {"slug": slug, "transcript_id": row.transcript_id}
    since = times.since(row.since, guard.zone(), guard.hub().now()) if row.since else ""
    why = "Can anybody tell who this is? You see only what would be released."
    what = f"Read the text of {row.code}"
    return Waiting("doc", what, url_for("second_reader.show", **to), why, since)
