"""What waits for a reviewer today, by code: texts to read again, and texts that were read."""

from typing import Any

from flask import url_for

from studyhub.web import guard, times
from studyhub.web.frame import Waiting
from studyhub.workflows import deidentification
from studyhub.workflows.deidentification import Awaiting
from studyhub.workflows.kernel import Desk


def waiting(desk: Desk, slug: str) -> list[Waiting]:
    """Texts that were handed in and given to this reviewer, longest first."""
    rows = deidentification.awaiting(desk)
    return [
        _row(slug, row)
        for row in rows
        if row.state == "submitted" and "review" in row.duties and not row.is_own
    ]


def _row(slug: str, row: Awaiting) -> Waiting:
    to: dict[str, Any] = {"slug": slug, "transcript_id": row.transcript_id}
    since = times.since(row.since, guard.zone(), guard.hub().now()) if row.since else ""
    if row.reading == "passed":
        what, why = f"Release the text of {row.code}", "Read twice. The leak gate comes first."
        return Waiting("shield", what, url_for("leak_gate.show", **to), why, since)
    why = "Can anybody tell who this is? You see only what would be released."
    what = f"Read the text of {row.code}"
    return Waiting("doc", what, url_for("second_reader.show", **to), why, since)
