"""Interviews as the team sees them: by code, consent of this moment, and what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from studyhub.domain.documents import Number
from studyhub.domain.errors import NotFound, NotPermitted
from studyhub.domain.lifecycle_course import QUESTION_WAITS
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.consent import Document, DocumentGiven, DocumentVersion, Participant
from studyhub.store.interviews import Interview, Recording, Slot
from studyhub.store.people import Question
from studyhub.store.transcripts import CaseNote
from studyhub.store.users import Membership, User
from studyhub.workflows.call_sheets import Sheet, open_sheet, row_of
from studyhub.workflows.consent_history_rows import StatementStanding, in_force, standings
from studyhub.workflows.holding import is_held, refuse_held
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.protocol_periods import periods_of_use
from studyhub.workflows.standing import is_current

_OVER = ("completed", "ended_early")
_AHEAD = ("proposed", "scheduled", "confirmed", "in_progress")
_PAPERS = ("pis", "consent_form", "summary", "debrief", "privacy_notice", "withdrawal_form")


@dataclass(frozen=True)
class InterviewLine:
    """One interview of a list. ``light`` is ok, part or no; empty where it is over."""

    id: UUID
    code: str
    state: str
    mode: str
    planned_at: datetime | None
    ended_at: datetime | None
    interviewer: str
    is_mine: bool
    light: str
    needs_log: bool
    needs_recording: bool


@dataclass(frozen=True)
class Paper:
    """A document that a person has, or should have before the interview."""

    kind: str
    version: str
    given_at: datetime | None
    channel: str


@dataclass(frozen=True)
class InterviewView:
    """One interview with everything that needs no key."""

    line: InterviewLine
    participant_id: UUID
    started_at: datetime | None
    still_willing_at: datetime | None
    may_record: str
    setting: str
    others_present: str
    relationship: str
    interviewer_id: UUID | None
    guide: str
    guides: tuple[tuple[UUID, str], ...]
    slots: tuple[tuple[UUID, datetime], ...]
    statements: tuple[StatementStanding, ...]
    papers: tuple[Paper, ...]
    sheet_from: datetime | None
    sheet_until: datetime | None
    notes: int
    held: bool


@action(Act.INTERVIEW_LIST)
def interviews(work: Work) -> list[InterviewLine]:
    """Every interview, those ahead first; an interviewer's own only."""
    work.claim_all("interviews")
    wanted = (
        select(Interview)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(Participant.study_id == work.study)
        .order_by(Interview.planned_at, Interview.id)
    )
    if work.actor.role is Role.INTERVIEWER:
        wanted = wanted.where(Interview.interviewer_id == work.actor.membership_id)
    rows = work.session.scalars(wanted).all()
    ahead = [row for row in rows if row.state in _AHEAD]
    over = [row for row in reversed(rows) if row.state not in _AHEAD]
    return [_line(work, row) for row in (*ahead, *over)]


def _line(work: Work, row: Interview) -> InterviewLine:
    over = row.state in _OVER
    return InterviewLine(
        id=row.id,
        code=work.session.get_one(Participant, row.participant_id).code,
        state=row.state,
        mode=row.mode,
        planned_at=row.planned_at,
        ended_at=row.ended_at,
        interviewer=_interviewer(work, row),
        is_mine=row.interviewer_id == work.actor.membership_id,
        light=_light(work, row) if row.state in _AHEAD else "",
        needs_log=over and not _notes(work, row, "interview_log"),
        needs_recording=over and row.may_record == "yes" and _is_awaited(work, row),
    )


def _interviewer(work: Work, row: Interview) -> str:
    if row.interviewer_id is None:
        return ""
    member = work.session.get_one(Membership, row.interviewer_id)
    return work.session.get_one(User, member.user_id).name


def _light(work: Work, row: Interview) -> str:
    """Green only if taking part and recording are in force now."""
    told = [
        in_force(
            work.session, row.participant_id, code, work.now, work.now, provisional=True
        ).answer
        for code in ("participate", "audio_recording")
    ]
    if told[0] == "no" or is_held(work.session, row.participant_id, "interview"):
        return "no"
    return "ok" if told == ["yes", "yes"] else "part"


def _notes(work: Work, row: Interview, *kinds: str) -> int:
    wanted = select(func.count()).where(
        CaseNote.interview_id == row.id, CaseNote.kind.in_(kinds)
    )
    return work.session.scalar(wanted) or 0


def _is_awaited(work: Work, row: Interview) -> bool:
    """Say whether a recording is still to come: there is none, and nobody took it back."""
    wanted = select(Recording.id).where(Recording.interview_id == row.id).limit(1)
    if work.session.scalar(wanted) is not None:
        return False
    who, now = row.participant_id, work.now
    told = in_force(work.session, who, "audio_recording", now, now, provisional=True)
    return told.reason_code != "withdrawn" and not is_held(work.session, who, "recording")


@action(Act.INTERVIEW_SHOW)
def show(work: Work, interview_id: UUID) -> InterviewView:
    """One interview, the light of each statement at this moment, and what was given."""
    row = work.load(Interview, interview_id)
    slots = work.session.execute(
        select(Slot.id, Slot.starts_at)
        .where(Slot.interview_id == row.id)
        .order_by(Slot.starts_at)
    )
    begins, ends = _window(work, row)
    guides = _guides(work)
    return InterviewView(
        line=_line(work, row),
        participant_id=row.participant_id,
        started_at=row.started_at,
        still_willing_at=row.still_willing_at,
        may_record=row.may_record or "",
        setting=row.setting or "",
        others_present=row.others_present or "",
        relationship=row.relationship or "",
        interviewer_id=row.interviewer_id,
        guide=dict(guides).get(row.guide_version_id, "") if row.guide_version_id else "",
        guides=guides,
        slots=tuple((each.id, each.starts_at) for each in slots),
        statements=tuple(standings(work.session, row.participant_id, work.now)),
        papers=tuple(_papers(work, row.participant_id)),
        sheet_from=begins,
        sheet_until=ends,
        notes=_notes(work, row, "interview_log", "field_note"),
        held=is_held(work.session, row.participant_id, "transcript"),
    )


def _window(work: Work, row: Interview) -> tuple[datetime | None, datetime | None]:
    """The window of the call sheet, where a time was agreed."""
    if row.planned_at is None or row.state not in _AHEAD + _OVER:
        return None, None
    try:
        sheet = row_of(work, row)
    except NotFound:
        return None, None
    return sheet.visible_from, sheet.visible_until


def _guides(work: Work) -> tuple[tuple[UUID, str], ...]:
    """The topic guides that are or were in use, newest first."""
    used = periods_of_use(work.session, work.study, "topic_guide")
    rows = work.session.scalars(
        select(DocumentVersion)
        .where(DocumentVersion.id.in_(used))
        .order_by(DocumentVersion.major.desc(), DocumentVersion.minor.desc())
    )
    return tuple((row.id, str(Number(row.major, row.minor))) for row in rows)


def _papers(work: Work, participant_id: UUID) -> Iterable[Paper]:
    """The newest of each kind that was given; of those in use and not given, the kind."""
    given = work.session.execute(
        select(Document.kind, DocumentVersion, DocumentGiven)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .join(DocumentGiven, DocumentGiven.version_id == DocumentVersion.id)
        .where(DocumentGiven.participant_id == participant_id)
        .order_by(DocumentGiven.given_at)
    ).all()
    newest = {
        kind: Paper(
            kind, str(Number(version.major, version.minor)), proof.given_at, proof.channel
        )
        for kind, version, proof in given
    }
    in_use = work.session.scalars(
        select(Document.kind)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(Document.study_id == work.study, DocumentVersion.state == "effective")
    ).all()
    for kind in _PAPERS:
        if kind in newest:
            yield newest[kind]
        elif kind in in_use:
            yield Paper(kind, "", None, "")


@action(Act.CALL_SHEET_READ)
def call_sheet(work: Work, interview_id: UUID) -> Sheet:
    """Open how to reach the person: the interviewer of it, and inside the window only."""
    row = work.load(Interview, interview_id)
    refuse_held(work.session, row.participant_id, "card")
    window = row_of(work, row)
    if not window.visible_from <= work.now <= window.visible_until:
        raise NotPermitted("outside the window of this call sheet")
    if row.planned_at is None:
        raise NotPermitted("no time was agreed yet")
    work.note(interview=str(row.id))
    return open_sheet(work, row).sheet


def who_interviews(desk: Desk) -> dict[str, str]:
    """Who can hold an interview, by the id of their membership: no secret of it."""
    with desk.hub.sessions.reading.begin() as session:
        rows = session.execute(
            select(Membership, User.name)
            .join(User, User.id == Membership.user_id)
            .where(Membership.study_id == desk.study, Membership.role == Role.INTERVIEWER)
            .order_by(User.name)
        ).all()
        now = desk.hub.now()
        return {str(member.id): name for member, name in rows if is_current(member, now)}


def passed_on(desk: Desk) -> tuple[int, datetime | None]:
    """How many questions wait for this member, and since when. None of them is opened."""
    with desk.hub.sessions.reading.begin() as session:
        number, since = session.execute(
            select(func.count(Question.id), func.min(Question.asked_at)).where(
                Question.assigned_to == desk.actor.membership_id,
                Question.state.in_(QUESTION_WAITS),
            )
        ).one()
        return number, since
