"""Whether an act was covered when it was done: by a version in use, by a consent in force.

Asked anew from what was signed and withdrawn, and by what was known at the time of the act. The
answer does not rest on what a gate was told then, so a gate that was passed by shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from studyhub.domain.consent import in_force
from studyhub.domain.consent_history import History, Period, covered

COVERED, NOT_COVERED, KEPT_SHUT, NEEDS_NONE = "covered", "not_covered", "kept_shut", "none"
_SOUND = ("participate", "audio_recording")
_TEXT = ("participate", "anon_use")
_NO_MORE = frozenset({"further_participation", "all"})
_NO_SOUND = frozenset({"audio", "transcript", "all"})
_NO_TEXT = frozenset({"transcript", "all"})
_OF_SOUND = ("recording.accept", "recording.listen", "recording.check")
_OF_TEXT = (
    *("transcript.import", "transcript.keep", "transcript.read", "transcript.verify"),
    *("transcript.deidentify", "transcript.consider", "transcript.propose"),
    *("transcript.review", "transcript.clear"),
)


@dataclass(frozen=True)
class Need:
    """What an act needs: these statements, for the start of the interview or for its own time.

    ``stopped_by``: scopes of a withdrawal before the act that forbade it, although what was
    agreed for the interview stands (domain.md 3.6). ``provisional``: a paper that waits for its
    check is enough.
    """

    codes: tuple[str, ...]
    stopped_by: frozenset[str]
    at_start: bool = True
    provisional: bool = False


# Acts that need a consent in force. A recording that arrives is asked like one that is heard.
NEEDS: Mapping[str, Need] = {
    "interview.start": Need(("participate",), _NO_MORE, at_start=False, provisional=True),
    "upload.finish": Need(_SOUND, _NO_SOUND),
    **dict.fromkeys(_OF_SOUND, Need(_SOUND, _NO_SOUND)),
    **dict.fromkeys(_OF_TEXT, Need(_TEXT, _NO_TEXT)),
    "release.make": Need(("anon_use",), _NO_TEXT, at_start=False),
}
# Letters and papers that need an approval, and a version that was in use.
NEEDS_VERSION = frozenset(
    {
        *("invitation.send", "reminder.send", "information.send", "interview.give"),
        *("letter.send", "document.given", "consent.sign", "consent.enter"),
    }
)


@dataclass(frozen=True)
class Cover:
    """Whether an act was covered, why not, and by which consent or version it was."""

    state: str
    reason: str = ""
    consent_id: UUID | None = None
    version_id: UUID | None = None


NONE = Cover(NEEDS_NONE)


def by_consent(
    history: History, need: Need, at: datetime, started_at: datetime | None
) -> Cover:
    """Whether what was needed had been agreed, and nothing of it withdrawn before the act."""
    asked = started_at if need.at_start else at
    if asked is None:
        return Cover(NOT_COVERED, "no_interview")
    answers = [
        in_force(history, code, asked, at, provisional=need.provisional) for code in need.codes
    ]
    no = next((each for each in answers if not each.opens), None)
    if no is not None:
        return Cover(NOT_COVERED, no.reason_code, no.consent_id, no.version_id)
    if _taken_back(history, need.stopped_by, asked, at):
        return Cover(NOT_COVERED, "withdrawn", answers[-1].consent_id, answers[-1].version_id)
    return Cover(COVERED, "", answers[-1].consent_id, answers[-1].version_id)


def _taken_back(
    history: History, scopes: frozenset[str], asked: datetime, at: datetime
) -> bool:
    """Whether a withdrawal after the interview, known at the act, stood against it."""
    return any(
        asked < each.received_at <= at
        and each.entered_at <= at
        and not each.retracted(at, at)
        and scopes & set(each.scopes)
        for each in history.withdrawals
    )


def by_version(
    used: Period | None, approved: tuple[Period, ...], at: datetime, version_id: UUID | None
) -> Cover:
    """Whether a version was in use, under an approval in force, at that instant."""
    if used is None or not used.covers(at):
        return Cover(NOT_COVERED, "version_not_effective", version_id=version_id)
    if not covered(approved, at):
        return Cover(NOT_COVERED, "not_approved", version_id=version_id)
    return Cover(COVERED, version_id=version_id)
