"""Which transcripts there are, how far each one is, and which versions it has: by code only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.policy_transcripts import (
    duties_on,
    is_typist_or_before_identifiers_go,
)
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview, Recording
from studyhub.store.transcripts import Transcript, TranscriptVersion, WorkingCopy
from studyhub.store.users import Membership, User
from studyhub.workflows.holding import is_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.texts_kept import IN_WORK, code_of, name_of

PLAYABLE = ("accepted", "transcribed", "checked")


@dataclass(frozen=True)
class TranscriptRow:
    """One transcript in a list. ``minutes`` of sound, if there is any."""

    id: UUID
    interview_id: UUID
    code: str
    state: str
    held_on: datetime | None
    minutes: int | None
    duties: tuple[str, ...]
    due_on: date | None
    is_held: bool
    people: tuple[str, ...]


@dataclass(frozen=True)
class VersionLine:
    """One version in a list: who, when, what kind; not a word of it."""

    id: UUID
    kind: str
    by: str
    made_at: datetime
    for_good: bool


@dataclass(frozen=True)
class TranscriptView:
    """One transcript without its text."""

    id: UUID
    code: str
    state: str
    rev: int
    saved_by: str
    saved_at: datetime
    recording_id: UUID | None
    duration_s: int | None
    duties: frozenset[str]
    may_type: bool
    may_compare: bool
    versions: tuple[VersionLine, ...]


@action(Act.TRANSCRIPT_LIST)
def listed(work: Work) -> list[TranscriptRow]:
    """What was given to the actor, what is due first; for a PI everything, by code."""
    work.claim_all("transcripts")
    query = (
        select(Transcript, Interview, Participant.code)
        .join(Interview, Interview.id == Transcript.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(Participant.study_id == work.study, Transcript.data_key_id.is_not(None))
    )
    sounds = _sounds(work)
    rows = [
        _row(work, text, interview, code, sounds.get(interview.id))
        for text, interview, code in work.session.execute(query)
        if work.actor.role is Role.PI or duties_on(work.actor, text)
    ]
    return sorted(rows, key=lambda row: (row.due_on or date.max, row.code, str(row.id)))


def _sounds(work: Work) -> dict[UUID, int]:
    """Seconds of sound by interview."""
    found: dict[UUID, int] = {}
    rows = work.session.execute(
        select(Recording.interview_id, Recording.duration_s)
        .join(Interview, Interview.id == Recording.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(Participant.study_id == work.study, Recording.duration_s.is_not(None))
        .where(Recording.state.not_in(("rejected", "disposed")))
    )
    for interview_id, seconds in rows:
        found[interview_id] = found.get(interview_id, 0) + (seconds or 0)
    return found


def _row(
    work: Work, text: Transcript, interview: Interview, code: str, seconds: int | None
) -> TranscriptRow:
    open_ = [each for each in text.assignments if each.ended_at is None]
    own = [each for each in open_ if each.membership_id == work.actor.membership_id]
    shown = open_ if work.actor.role is Role.PI else own
    return TranscriptRow(
        id=text.id,
        interview_id=interview.id,
        code=code,
        state=text.state,
        held_on=interview.started_at,
        minutes=None if seconds is None else -(-seconds // 60),
        duties=tuple(sorted({each.duty for each in shown})),
        due_on=min((each.due_on for each in shown if each.due_on), default=None),
        is_held=is_held(work.session, interview.participant_id, "transcript"),
        people=_names(work, (each.membership_id for each in open_)),
    )


def _names(work: Work, membership_ids: Iterable[UUID]) -> tuple[str, ...]:
    rows = work.session.scalars(
        select(User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.id.in_(list(membership_ids)))
        .order_by(User.name)
        .distinct()
    )
    return tuple(rows)


@action(Act.TRANSCRIPT_SHOW)
def show(work: Work, transcript_id: UUID) -> TranscriptView:
    """One transcript as far as no key is needed: state, revision, versions, its sound."""
    row = work.load(Transcript, transcript_id)
    copy = work.session.get_one(WorkingCopy, row.id)
    sound = _sound_of(work, row)
    duties = duties_on(work.actor, row)
    interview = work.session.get_one(Interview, row.interview_id)
    held = is_held(work.session, interview.participant_id, "transcript")
    typing = work.actor.role is Role.TRANSCRIBER and row.state in IN_WORK and not held
    return TranscriptView(
        id=row.id,
        code=code_of(work.session, row),
        state=row.state,
        rev=copy.rev,
        saved_by=name_of(work.session, copy.saved_by),
        saved_at=copy.saved_at,
        recording_id=sound.id if sound else None,
        duration_s=sound.duration_s if sound else None,
        duties=duties,
        may_type=typing,
        may_compare=is_typist_or_before_identifiers_go(work.actor, row) and not held,
        versions=_versions(work, row.id),
    )


def _sound_of(work: Work, row: Transcript) -> Recording | None:
    """What the text is typed from: the first recording of the interview that may be heard."""
    return work.session.scalar(
        select(Recording)
        .where(Recording.interview_id == row.interview_id, Recording.state.in_(PLAYABLE))
        .order_by(Recording.deposited_at, Recording.id)
        .limit(1)
    )


def _versions(work: Work, transcript_id: UUID) -> tuple[VersionLine, ...]:
    rows = work.session.execute(
        select(TranscriptVersion, User.name)
        .join(Membership, Membership.id == TranscriptVersion.author_id)
        .join(User, User.id == Membership.user_id)
        .where(TranscriptVersion.transcript_id == transcript_id)
        .order_by(TranscriptVersion.made_at.desc(), TranscriptVersion.id.desc())
    )
    return tuple(
        VersionLine(row.id, row.kind, name, row.made_at, row.kept_for_good)
        for row, name in rows
    )
