"""Keep what a page saves while somebody types: each save once, never over another's.

Nothing of this leaves a line on the record; opening the transcript for it did. Beside it, who
is typing: a soft lock that ends two minutes after the page last spoke, and can be taken over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select

from studyhub.domain import saving, snapshots, turns
from studyhub.domain.errors import Invalid
from studyhub.domain.saving import Answer, Save, Working
from studyhub.domain.vocabulary import Act
from studyhub.store.transcripts import Transcript, TranscriptVersion, WorkingCopy
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.texts_kept import (
    Keeping,
    OpenText,
    author,
    keep_version,
    name_of,
    open_text,
    read_working,
    refuse_finished,
    working_copy,
    write_working,
)

LOCKED_FOR = timedelta(minutes=2)
LONGEST_CLIENT_ID = 64
MOST_SEQ = 2**31


class Outcome(StrEnum):
    """What became of a save."""

    SAVED = "saved"
    STALE = "stale"
    LOCKED = "locked"


@dataclass(frozen=True)
class Saved:
    """The answer to a save. With STALE comes the text that is kept, to be merged with."""

    outcome: Outcome
    rev: int
    at: datetime
    by: str = ""
    text: str = ""
    last_seq: int = 0


@dataclass(frozen=True)
class Lock:
    """Who is typing in a text; ``is_mine`` also where nobody else is."""

    is_mine: bool
    by: str
    until: datetime | None


@action(Act.TRANSCRIPT_SAVE)
def save(work: Work, transcript_id: UUID, sent: Save) -> Saved:
    """Take a save of a page: once, and never over what somebody else saved since."""
    row = work.load(Transcript, transcript_id)
    refuse_finished(row)
    _refuse_odd(sent)
    opened = open_text(work, row)
    copy = working_copy(work, row.id)
    if _is_locked_by_another(work, copy):
        return Saved(Outcome.LOCKED, copy.rev, copy.saved_at, _name(work, copy.locked_by))
    before = working_of(copy, read_working(work, opened, copy))
    after, answer = saving.receive(before, sent)
    if answer is Answer.STALE:
        last = before.last_taken(sent.client_id)
        by = _name(work, copy.saved_by)
        return Saved(Outcome.STALE, copy.rev, copy.saved_at, by, before.text, last)
    if answer is Answer.TAKEN:
        _keep_before(work, opened, copy, before.text)
        write_working(work, opened, copy, after.text)
        put(copy, after)
        _hold(work, copy)
    return Saved(Outcome.SAVED, copy.rev, copy.saved_at)


def _refuse_odd(sent: Save) -> None:
    """Invalid for numbers and ids that no page of ours sends."""
    if not 0 < len(sent.client_id) <= LONGEST_CLIENT_ID:
        raise Invalid({"client_id": "A page names itself by 1 to 64 characters"})
    if not 0 < sent.seq < MOST_SEQ or not 0 <= sent.base_rev < MOST_SEQ:
        raise Invalid({"seq": "Saves are numbered from one"})
    turns.read(sent.text)


def working_of(copy: WorkingCopy, text: str) -> Working:
    """The kept text as the rule of saving takes it."""
    earlier = tuple((str(page), int(seq)) for page, seq in copy.earlier.items())
    return Working(copy.rev, text, copy.client_id, copy.client_seq, copy.run_from, earlier)


def put(copy: WorkingCopy, after: Working) -> None:
    """Write down which page saved last, and up to where each page is known."""
    copy.rev, copy.client_id, copy.client_seq = after.rev, after.client_id, after.client_seq
    copy.run_from, copy.earlier = after.run_from, dict(after.earlier)


# -- versions that keep themselves -----------------------------------------------------


def _keep_before(work: Work, opened: OpenText, copy: WorkingCopy, text: str) -> None:
    """Keep the text before this save: every five minutes, and when the work changes hands."""
    if not copy.rev:
        return
    last = work.session.scalar(
        select(func.max(TranscriptVersion.made_at)).where(
            TranscriptVersion.transcript_id == opened.row.id
        )
    )
    handed_over = copy.saved_by != author(work)
    if not handed_over and not snapshots.is_due(last, work.now):
        return
    how = Keeping("verbatim", copy.saved_by, copy.saved_at, for_good=False)
    keep_version(work, opened, text, how)
    _thin(work, opened.row.id)


def _thin(work: Work, transcript_id: UUID) -> None:
    rows = work.session.execute(
        select(TranscriptVersion.id, TranscriptVersion.made_at).where(
            TranscriptVersion.transcript_id == transcript_id,
            TranscriptVersion.kept_for_good.is_(False),
        )
    )
    gone: Sequence[UUID] = snapshots.surplus([(row.id, row.made_at) for row in rows], work.now)
    if gone:
        work.session.execute(delete(TranscriptVersion).where(TranscriptVersion.id.in_(gone)))


# -- who is typing ---------------------------------------------------------------------


@action(Act.TRANSCRIPT_LOCK)
def lock(work: Work, transcript_id: UUID, *, take: bool = False) -> Lock:
    """Say that the actor's page is open; with ``take`` also where somebody else's is."""
    row = work.load(Transcript, transcript_id)
    refuse_finished(row)
    copy = working_copy(work, row.id)
    if _is_locked_by_another(work, copy) and not take:
        return Lock(is_mine=False, by=_name(work, copy.locked_by), until=copy.lock_until)
    _hold(work, copy)
    return Lock(is_mine=True, by="", until=copy.lock_until)


def _hold(work: Work, copy: WorkingCopy) -> None:
    copy.locked_by, copy.lock_until = work.actor.membership_id, work.now + LOCKED_FOR


def _is_locked_by_another(work: Work, copy: WorkingCopy) -> bool:
    living = copy.lock_until is not None and copy.lock_until > work.now
    return living and copy.locked_by not in (None, work.actor.membership_id)


def _name(work: Work, membership_id: UUID | None) -> str:
    return name_of(work.session, membership_id) if membership_id else ""
