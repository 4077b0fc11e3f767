"""Interviews are held: started through the gate, ended, and told about in sealed notes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Invalid, NotFound, Refused, WrongState
from studyhub.domain.interviews import Check, Told, problems_of_check, problems_of_end
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.lifecycle_material import INTERVIEW
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Document, DocumentVersion
from studyhub.store.interviews import Interview
from studyhub.store.transcripts import CaseNote
from studyhub.store.users import Study
from studyhub.workflows.consent_history_rows import answer_gate
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.notes import About, keep_note
from studyhub.workflows.protocol import need_approval
from studyhub.workflows.protocol_periods import periods_of_use
from studyhub.workflows.sealing import open_column

GUIDE = "topic_guide"
NOTES = ("interview_log", "field_note")


@dataclass(frozen=True)
class Ending:
    """How an interview ended. Without ``ended_at`` it ended now."""

    outcome: str
    setting: str = ""
    others_present: str = ""
    guide_id: UUID | None = None
    mode: str = ""
    ended_at: datetime | None = None


@action(Act.INTERVIEW_START)
def start(work: Work, interview_id: UUID, check: Check) -> None:
    """Start, if taking part is at least provisional now and the person is still willing.

    Both gates are asked at this instant and their answers kept (invariants 8, 47, 48, 53).
    """
    row = work.load(Interview, interview_id)
    advance(row.state, Act.INTERVIEW_START, INTERVIEW)
    refuse_held(work.session, row.participant_id, "interview")
    need_approval(work.session, work.study, work.now)
    _pass_gate(work, row.participant_id)
    may_be_recorded = _may_be_recorded(work, row.participant_id)
    problems = problems_of_check(check, may_be_recorded=may_be_recorded)
    if problems:
        raise Invalid(problems)
    refuse_notes_only(work.session, work.study, check.may_record)
    row.state = advance(row.state, Act.INTERVIEW_START, INTERVIEW)
    row.started_at = row.still_willing_at = work.now
    row.may_record = check.may_record
    work.note(interview=str(row.id), mode=row.mode, answer=check.may_record, state=row.state)


def _pass_gate(work: Work, participant_id: UUID) -> None:
    _, told = answer_gate(work, participant_id, "participate", work.now, provisional=True)
    if told.answer == "no":
        raise Refused("no consent to take part is in force now", told.reason_code)


def _may_be_recorded(work: Work, participant_id: UUID) -> bool:
    _, told = answer_gate(work, participant_id, "audio_recording", work.now, provisional=True)
    return told.answer != "no"


def refuse_notes_only(session: Session, study: UUID, may_record: str | None) -> None:
    """WrongState where nothing may be recorded and the study holds no other interviews."""
    allowed = session.get_one(Study, study).settings["notes_only_allowed"]
    if may_record != "yes" and not allowed:
        raise WrongState("this study holds no interviews with notes only")


@action(Act.INTERVIEW_END)
def end(work: Work, interview_id: UUID, ending: Ending) -> None:
    """Record when and how it ended, and what a completed interview must say (invariant 52)."""
    row = work.load(Interview, interview_id)
    started, ended = row.started_at, ending.ended_at or work.now
    if started is None:
        raise WrongState("this interview was not started")
    guide = _guide(work, ending.guide_id)
    mode = ending.mode or row.mode
    told = Told(ending.outcome, ending.setting, ending.others_present, guide is not None, mode)
    problems = problems_of_end(told, started, ended, work.now)
    if problems:
        raise Invalid(problems)
    if ending.outcome == "completed":
        refuse_notes_only(work.session, work.study, row.may_record)
    row.state = advance(row.state, choosing(Act.INTERVIEW_END, ending.outcome), INTERVIEW)
    row.ended_at, row.mode, row.guide_version_id = ended, mode, guide
    row.setting = ending.setting or None
    row.others_present = ending.others_present or None
    work.note(interview=str(row.id), mode=mode, state=row.state)


def _guide(work: Work, version_id: UUID | None) -> UUID | None:
    """The topic guide that was used, if it is one of this study that came into use."""
    version = work.session.get(DocumentVersion, version_id) if version_id else None
    if version is None:
        return None
    document = work.session.get_one(Document, version.document_id)
    used = document.kind == GUIDE and document.study_id == work.study
    return (
        version.id
        if used and version.id in periods_of_use(work.session, work.study, GUIDE)
        else None
    )


# -- log and field notes -----------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """One note as its writer reads it; ``corrects`` names an earlier one."""

    id: UUID
    kind: str
    text: str
    made_at: datetime
    corrects: UUID | None


@action(Act.INTERVIEW_LOG)
def log(
    work: Work, interview_id: UUID, kind: str, text: str, *, corrects: UUID | None = None
) -> UUID:
    """Keep a note, sealed to ``transcript`` and to its writer. A correction is a new one."""
    row = work.load(Interview, interview_id)
    if kind not in NOTES:
        raise Invalid({"kind": "Choose what kind of note it is"})
    if not text.strip():
        raise Invalid({"text": "Write the note"})
    refuse_held(work.session, row.participant_id, "transcript")
    earlier = work.session.get(CaseNote, corrects) if corrects else None
    if corrects and (earlier is None or earlier.interview_id != row.id):
        raise NotFound("note")
    note = keep_note(
        work,
        About(row.participant_id, row.id),
        kind,
        {"text": text.strip(), "corrects": str(corrects) if corrects else ""},
    )
    work.note(interview=str(row.id), kind=kind, answer="corrected" if corrects else "kept")
    return note


@action(Act.INTERVIEW_READ)
def notes(work: Work, interview_id: UUID) -> tuple[Note, ...]:
    """Open one's own log and field notes of an interview, oldest first."""
    row = work.load(Interview, interview_id)
    refuse_held(work.session, row.participant_id, "transcript")
    found = work.session.scalars(
        select(CaseNote)
        .where(
            CaseNote.interview_id == row.id,
            CaseNote.kind.in_(NOTES),
            CaseNote.by_id == work.actor.membership_id,
            CaseNote.body_sealed != b"",  # erased: the row says only that there was one
        )
        .order_by(CaseNote.made_at, CaseNote.id)
    ).all()
    work.note(interview=str(row.id), count=len(found))
    return tuple(_opened(work, each) for each in found)


def _opened(work: Work, row: CaseNote) -> Note:
    owner = row.participant_id or work.study
    values = open_column(work, row.data_key_id, row, "body_sealed", owner)
    corrects = UUID(values["corrects"]) if values.get("corrects") else None
    return Note(row.id, row.kind, str(values["text"]), row.made_at, corrects)
