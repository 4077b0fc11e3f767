"""Open a transcript, keep, compare and bring back its versions, and finish its text."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from studyhub.domain import comparing, turns
from studyhub.domain.comparing import TurnRow
from studyhub.domain.errors import Invalid, Stale, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import RECORDING, TRANSCRIPT
from studyhub.domain.vocabulary import Act
from studyhub.domain.words import WORDS
from studyhub.store.interviews import Recording
from studyhub.store.transcripts import Transcript, WorkingCopy
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.texts_kept import (
    Keeping,
    OpenText,
    author,
    code_of,
    keep_version,
    name_of,
    open_text,
    read_version,
    read_working,
    refuse_finished,
    working_copy,
    write_working,
)

LONGEST_NOTE = 200
# What a transcriber keeps by hand: word for word, or without fillers by the study's rule.
BY_HAND = ("verbatim", "cleaned")


@dataclass(frozen=True)
class OpenedText:
    """The text being typed, as a page shows it."""

    id: UUID
    code: str
    state: str
    rev: int
    text: str
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True)
class Compared:
    """Two texts of one transcript side by side, and what was noted with them."""

    rows: list[TurnRow]
    older_note: str
    newer_note: str


@action(Act.TRANSCRIPT_READ)
def read(work: Work, transcript_id: UUID) -> OpenedText:
    """Open the text being typed, with the revision it has."""
    row = work.load(Transcript, transcript_id)
    opened = open_text(work, row)
    copy = working_copy(work, row.id)
    work.note(version=copy.rev, state=row.state)
    return OpenedText(
        *(row.id, code_of(work.session, row), row.state, copy.rev),
        read_working(work, opened, copy),
        name_of(work.session, copy.saved_by),
        copy.saved_at,
    )


# -- versions --------------------------------------------------------------------------


@action(Act.TRANSCRIPT_KEEP)
def keep(
    work: Work,
    transcript_id: UUID,
    *,
    note: str = "",
    kind: str = "verbatim",
    text: str | None = None,
) -> UUID:
    """Keep a version under a note: the text as it is now, or one's own text before a merge."""
    row = work.load(Transcript, transcript_id)
    refuse_finished(row)
    _refuse_odd(note, kind)
    opened = open_text(work, row)
    now = read_working(work, opened, working_copy(work, row.id))
    if text is not None:
        turns.read(text)
    how = Keeping(kind, author(work), work.now, note=note.strip())
    made = keep_version(work, opened, now if text is None else text, how)
    work.note(kind=kind, reference=str(made))
    return made


def _refuse_odd(note: str, kind: str) -> None:
    problems = {}
    if kind not in BY_HAND or kind not in WORDS["transcript_versions.kind"]:
        problems["kind"] = "Choose how it was written down"
    if len(note) > LONGEST_NOTE:
        problems["note"] = f"Write at most {LONGEST_NOTE} characters"
    if problems:
        raise Invalid(problems)


@action(Act.TRANSCRIPT_COMPARE)
def compare(
    work: Work, transcript_id: UUID, older: UUID | None, newer: UUID | None
) -> Compared:
    """Set two versions beside each other; None stands for the text as it is now."""
    row = work.load(Transcript, transcript_id)
    opened = open_text(work, row)
    before, after = (_text_and_note(work, opened, one) for one in (older, newer))
    work.note(version=f"{older or 'now'} {newer or 'now'}")
    rows = comparing.compare(turns.read(before[0]), turns.read(after[0]))
    return Compared(rows, before[1], after[1])


def _text_and_note(work: Work, opened: OpenText, version_id: UUID | None) -> tuple[str, str]:
    if version_id is None:
        return read_working(work, opened, working_copy(work, opened.row.id)), ""
    found = read_version(work, opened, version_id)
    return found.text, found.note


@action(Act.TRANSCRIPT_RESTORE)
def restore(work: Work, transcript_id: UUID, version_id: UUID, *, rev: int) -> None:
    """Go on from an earlier version; the text as it was becomes a version too.

    Stale if somebody saved since the page was drawn.
    """
    row = work.load(Transcript, transcript_id)
    refuse_finished(row)
    opened = open_text(work, row)
    copy = _copy_at(work, row, rev)
    found = read_version(work, opened, version_id)
    if found.row.kind == "deidentified":
        raise WrongState("a de-identified text is no text to type in")
    # From now on another version rests on it, so it is not thinned.
    found.row.kept_for_good = True
    replace(work, opened, copy, found.text)
    how = Keeping(found.row.kind, author(work), work.now, parent_id=version_id)
    keep_version(work, opened, found.text, how)
    work.note(reference=str(version_id), version=copy.rev)


def _copy_at(work: Work, row: Transcript, rev: int) -> WorkingCopy:
    """The working copy, if it still is what the page showed."""
    copy = working_copy(work, row.id)
    if copy.rev != rev:
        raise Stale("the text was saved since this page was drawn")
    return copy


def replace(work: Work, opened: OpenText, copy: WorkingCopy, text: str) -> None:
    """Put a whole other text in place; what was typed before is kept as a version."""
    before = read_working(work, opened, copy)
    if copy.rev and before != text:
        kept = Keeping("verbatim", copy.saved_by, copy.saved_at)
        keep_version(work, opened, before, kept)
    write_working(work, opened, copy, text)
    copy.rev += 1
    # No page typed this: whichever saves next has to know of it first.
    copy.earlier = {**copy.earlier, copy.client_id: copy.client_seq} if copy.client_id else {}
    copy.client_id, copy.client_seq, copy.run_from = "", 0, copy.rev


# -- finishing -------------------------------------------------------------------------


@action(Act.TRANSCRIPT_VERIFY)
def verify(work: Work, transcript_id: UUID, *, rev: int) -> UUID:
    """Say that the text is checked against the sound. Returns the version it is kept as."""
    row = work.load(Transcript, transcript_id)
    opened = open_text(work, row)
    row.state = advance(row.state, Act.TRANSCRIPT_VERIFY, TRANSCRIPT)
    text = read_working(work, opened, _copy_at(work, row, rev))
    body = turns.read(text)
    if not any(turn.text.strip() for turn in body.turns):
        raise WrongState("nothing was typed yet")
    made = keep_version(work, opened, text, Keeping("verbatim", author(work), work.now))
    for recording in _typed_from(work, row):
        recording.state = advance(recording.state, Act.TRANSCRIPT_VERIFY, RECORDING)
    work.note(version=rev, reference=str(made), count=len(turns.unresolved(body)))
    return made


def _typed_from(work: Work, row: Transcript) -> list[Recording]:
    """The sound of the interview that waits for its text."""
    return list(
        work.session.scalars(
            select(Recording)
            .where(Recording.interview_id == row.interview_id, Recording.state == "accepted")
            .with_for_update()
        )
    )
