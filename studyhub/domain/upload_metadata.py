"""What a sender says of an upload (tus ``Upload-Metadata``): three words, nothing else kept.

A file name identifies people, so it is dropped before anything is stored (invariant 51).
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from studyhub.domain.errors import Invalid

MOST = 4096  # bytes of the whole header
KEPT = ("interview", "filetype", "recorded_at")


@dataclass(frozen=True)
class Given:
    """What was said; ``verbatim`` is as much of the header as is kept."""

    interview_id: UUID
    filetype: str
    recorded_at: datetime | None
    verbatim: str


def read(header: str) -> Given:
    """Read the header. Raises Invalid for bad base64, a doubled key, or too much of it."""
    pairs = _pairs(header)
    said = {key: _decoded(value) for key, value in pairs.items() if key in KEPT}
    kept = [f"{key} {pairs[key]}".rstrip() for key in pairs if key in KEPT]
    return Given(
        _interview(said.get("interview", "")),
        said.get("filetype", "").strip().lower(),
        _instant(said.get("recorded_at", "")),
        ",".join(kept),
    )


def _pairs(header: str) -> dict[str, str]:
    if len(header) > MOST:
        raise Invalid({"metadata": "Upload-Metadata is too long"})
    pairs: dict[str, str] = {}
    for part in header.split(","):
        key, _, value = part.strip().partition(" ")
        if not key or key in pairs:
            raise Invalid({"metadata": "Upload-Metadata has an empty or a doubled key"})
        _decoded(value)
        pairs[key] = value
    return pairs


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Invalid({"metadata": "Upload-Metadata is not base64"}) from None


def _interview(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid({"interview": "Say to which interview it belongs"}) from None


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid({"recorded_at": "Write the time like 2026-11-23T14:03:00Z"}) from None
    if found.tzinfo is None:
        raise Invalid({"recorded_at": "Say in which time zone"})
    try:
        return found.astimezone(UTC)
    except OverflowError:  # the year 1, east of here
        raise Invalid({"recorded_at": "No such time can be kept"}) from None
