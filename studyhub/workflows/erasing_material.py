"""What somebody said: recordings, transcripts, notes and the register are emptied."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update

from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import RECORDING
from studyhub.domain.vocabulary import Act
from studyhub.store.interviews import Interview, Recording
from studyhub.store.transcripts import (
    Assignment,
    CaseNote,
    RegisterEntry,
    RegisterPrint,
    SecondReading,
    Transcript,
    TranscriptVersion,
    WorkingCopy,
)
from studyhub.workflows.erasing_keys import Emptied
from studyhub.workflows.erasing_reach import Reach, sound_keys
from studyhub.workflows.kernel import Work

# Other notes lie with the consents, and go with the evidence.
NOTES = ("field_note", "interview_log", "attributes")


def empty_material(work: Work, reach: Reach, done: Emptied) -> None:
    """Empty what the scopes name of what was said. Files are removed later."""
    who = reach.participant_id
    if who is None:
        return
    mine = work.session.scalars(
        select(Interview.id).where(Interview.participant_id == who)
    ).all()
    if reach.erases("recording"):
        _let_recordings_go(work, who, mine, done)
    if reach.erases("transcript"):
        _empty_transcripts(work, mine, done)
    if reach.erases("notes"):
        _empty_notes(work, who, mine, done)
    if reach.erases("register"):
        _delete_register(work, who, done)


def _let_recordings_go(
    work: Work, who: UUID, interviews: Collection[UUID], done: Emptied
) -> None:
    rows = work.session.scalars(
        select(Recording).where(Recording.interview_id.in_(interviews)).with_for_update()
    ).all()
    for row in rows:
        row.dispose_at = None
        if (row.state, str(Act.ERASURE_EMPTY)) in RECORDING:
            row.state = advance(row.state, Act.ERASURE_EMPTY, RECORDING)
    _end_work(work, Assignment.recording_id.in_([row.id for row in rows]))
    done.took("recording", sound_keys(work.session, who))


def _empty_transcripts(work: Work, interviews: Collection[UUID], done: Emptied) -> None:
    """No text stays, typed or finished; the rows still say who worked on it, and when."""
    rows = work.session.scalars(
        select(Transcript).where(Transcript.interview_id.in_(interviews)).with_for_update()
    ).all()
    ids = [row.id for row in rows]
    done.took("transcript", [row.data_key_id for row in rows])
    for row in rows:
        row.data_key_id = None
    for table, empty in ((TranscriptVersion, None), (SecondReading, b"")):
        work.session.execute(
            update(table).where(table.transcript_id.in_(ids)).values(body_sealed=empty)
        )
    work.session.execute(delete(WorkingCopy).where(WorkingCopy.transcript_id.in_(ids)))
    _end_work(work, Assignment.transcript_id.in_(ids))


def _empty_notes(work: Work, who: UUID, interviews: Collection[UUID], done: Emptied) -> None:
    rows = work.session.scalars(
        select(CaseNote).where(
            or_(CaseNote.interview_id.in_(interviews), CaseNote.participant_id == who),
            CaseNote.kind.in_(NOTES),
        )
    ).all()
    for row in rows:
        row.body_sealed = b""
    done.took("notes", [row.data_key_id for row in rows])


def _delete_register(work: Work, who: UUID, done: Emptied) -> None:
    """The names known of this person, and their prints. Replacements in texts stay."""
    theirs = RegisterEntry.participant_id == who
    rows = work.session.execute(
        select(RegisterEntry.id, RegisterEntry.data_key_id).where(theirs)
    ).all()
    ids = [row.id for row in rows]
    work.session.execute(delete(RegisterPrint).where(RegisterPrint.entry_id.in_(ids)))
    work.session.execute(delete(RegisterEntry).where(theirs))
    done.took("register", [row.data_key_id for row in rows], len(ids))


def _end_work(work: Work, which: ColumnElement[bool]) -> None:
    """Nobody is still asked to work on it."""
    work.session.execute(
        update(Assignment).where(which, Assignment.ended_at.is_(None)).values(ended_at=work.now)
    )
