"""The recordings of a study as each role may know them: by code, never by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, select

from studyhub.domain.policy_recordings import may_dispose
from studyhub.domain.vocabulary import Act, Role
from studyhub.media.sound import PLAYABLE
from studyhub.store.consent import GateAnswer, Participant
from studyhub.store.interviews import Interview, Recording, Upload
from studyhub.store.keys import SealedObject
from studyhub.store.transcripts import Assignment, Transcript
from studyhub.workflows import disposing
from studyhub.workflows.accepting import BEGUN
from studyhub.workflows.holding import is_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.work_given import given_to

_EVERYTHING = frozenset({Role.PI, Role.AUDITOR})
_HEARD = frozenset({"accepted", "transcribed", "checked"})


@dataclass(frozen=True)
class RecordingRow:
    """One recording in a list. ``due`` is the PI's deadline, or the day it may be disposed."""

    id: UUID
    interview_id: UUID
    code: str
    state: str
    began: datetime
    seconds: int
    size: int
    deposited_at: datetime
    reason: str
    due: datetime | None
    held: bool
    root: str
    may_listen: bool
    plays: bool
    duties: tuple[str, ...] = ()
    due_on: date | None = None
    disposal: str = ""  # what this member may do about it: propose, wait, decide


@dataclass(frozen=True)
class UploadRow:
    """One's own upload that has not ended."""

    id: UUID
    interview_id: UUID
    code: str
    length: int
    expires_at: datetime


@dataclass(frozen=True)
class ToSend:
    """One's own interview whose recording can be sent."""

    interview_id: UUID
    code: str
    began: datetime


@dataclass(frozen=True)
class Recordings:
    """What a member sees of the recordings of a study."""

    rows: tuple[RecordingRow, ...]
    uploads: tuple[UploadRow, ...] = ()
    to_send: tuple[ToSend, ...] = ()


_Found = Row[Recording, Interview, str, str, SealedObject]


@action(Act.RECORDING_LIST)
def look(work: Work) -> Recordings:
    """Recordings newest first; for interviewers also what is on its way and what is missing."""
    work.claim_all("recording")
    given = _given(work)
    wanted = (
        select(Recording, Interview, Participant.code, GateAnswer.reason_code, SealedObject)
        .join(Interview, Interview.id == Recording.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .outerjoin(GateAnswer, GateAnswer.id == Recording.gate_id)
        .outerjoin(SealedObject, SealedObject.id == Recording.object_id)
        .where(Participant.study_id == work.study)
        .order_by(Recording.deposited_at.desc(), Recording.id)
    )
    if work.actor.role is Role.INTERVIEWER:
        wanted = wanted.where(Recording.deposited_by == work.actor.membership_id)
    elif work.actor.role not in _EVERYTHING:
        mine = Recording.id.in_(given)
        disposes = may_dispose(work.actor, None)
        wanted = wanted.where(mine | (Recording.state == "checked") if disposes else mine)
    rows = tuple(_row(work, each, given) for each in work.session.execute(wanted))
    if work.actor.role is not Role.INTERVIEWER:
        return Recordings(rows)
    return Recordings(rows, tuple(_uploads(work)), tuple(_to_send(work)))


def _given(work: Work) -> dict[UUID, list[Assignment]]:
    """The work given to this member, by recording."""
    found: dict[UUID, list[Assignment]] = {}
    rows = work.session.execute(
        select(Assignment, Transcript.recording_id)
        .outerjoin(Transcript, Transcript.id == Assignment.transcript_id)
        .where(Assignment.study_id == work.study, given_to(work.actor.membership_id))
    )
    for assignment, by_transcript in rows:
        recording_id = assignment.recording_id or by_transcript
        if recording_id is not None:
            found.setdefault(recording_id, []).append(assignment)
    return found


def _row(work: Work, found: _Found, given: dict[UUID, list[Assignment]]) -> RecordingRow:
    recording, interview, code, reason, stored = found
    held = is_held(work.session, interview.participant_id, "recording")
    mine = given.get(recording.id, [])
    is_listener = work.actor.role in (Role.PI, Role.INTERVIEWER) or bool(mine)
    return RecordingRow(
        id=recording.id,
        interview_id=interview.id,
        code=code,
        state=recording.state,
        began=interview.started_at or recording.deposited_at,
        seconds=recording.duration_s or 0,
        size=stored.size if stored else 0,
        deposited_at=recording.deposited_at,
        reason=reason or "",
        due=recording.dispose_at,
        held=held,
        root=stored.root.hex() if stored and stored.root else "",
        may_listen=is_listener and not held and recording.state in _HEARD,
        plays=recording.media_type in PLAYABLE,
        duties=tuple(sorted({each.duty for each in mine})),
        due_on=min((each.due_on for each in mine if each.due_on), default=None),
        disposal="" if held else disposing.stands(work, recording),
    )


def _uploads(work: Work) -> Iterable[UploadRow]:
    rows = work.session.execute(
        select(Upload, Participant.code)
        .join(Interview, Interview.id == Upload.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(
            Participant.study_id == work.study,
            Upload.by_id == work.actor.membership_id,
            Upload.state == "receiving",
            Upload.expires_at > work.now,
        )
        .order_by(Upload.expires_at)
    )
    for row, code in rows:
        yield UploadRow(row.id, row.interview_id, code, row.length, row.expires_at)


def _to_send(work: Work) -> Iterable[ToSend]:
    """One's own interviews that were recorded and of which nothing was received yet."""
    received = select(Recording.interview_id).where(Recording.state != "rejected")
    rows = work.session.execute(
        select(Interview, Participant.code)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(
            Participant.study_id == work.study,
            Interview.interviewer_id == work.actor.membership_id,
            Interview.state.in_(BEGUN),
            Interview.may_record == "yes",
            Interview.id.not_in(received),
        )
        .order_by(Interview.started_at)
    )
    for row, code in rows:
        yield ToSend(row.id, code, row.started_at or work.now)
