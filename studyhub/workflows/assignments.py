"""Give out work on recordings and transcripts, and take it back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview, Recording
from studyhub.store.transcripts import Assignment, Transcript
from studyhub.store.users import Membership, User
from studyhub.workflows.assigning import (
    DUTY_ROLES,
    assign_recording,
    assign_transcript,
    end_assignment,
    transcript_of,
)
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.standing import is_current

T = TypeVar("T")

# What can be given out: the word in the address and its table.
THINGS: dict[str, type[Recording] | type[Transcript] | type[Interview]] = {
    "recording": Recording,
    "transcript": Transcript,
    "interview": Interview,
}


@dataclass(frozen=True)
class Gift:
    """Which work, on what, for whom, until when."""

    thing: str
    thing_id: UUID
    to: UUID
    duties: Collection[str] = ("transcribe",)
    due_on: date | None = None


@dataclass(frozen=True)
class Candidate:
    """A member who can be given work, and which."""

    membership_id: UUID
    name: str
    role: str


@dataclass(frozen=True)
class GivenWork:
    """Work that a member has now."""

    id: UUID
    name: str
    duty: str
    due_on: date | None
    mine_to_end: bool


@dataclass(frozen=True)
class GiveView:
    """What a page for giving out work shows: the person by code only."""

    thing: str
    thing_id: UUID
    code: str
    held_on: datetime | None
    candidates: tuple[Candidate, ...]
    given: tuple[GivenWork, ...]
    duties: tuple[str, ...]


@action(Act.ASSIGNMENT_GIVE)
def give(work: Work, gift: Gift) -> UUID:
    """Give a recording, or the transcript of an interview, to a member, with its keys.

    Given once more, the same work gets the keys that came to it since, and the new date.
    """
    thing = _loaded(work, gift.thing, gift.thing_id)
    member = work.session.get(Membership, gift.to)
    if member is None or member.study_id != work.study:
        raise Invalid({"to": "Choose a member whose role does this work"})
    _refuse_odd(work, gift)
    if isinstance(thing, Recording) and set(gift.duties) == {"transcribe"}:
        made = assign_recording(work, thing, member, gift.due_on)
    else:
        made = _give_text(work, thing, member, gift)
    duties = ",".join(sorted(gift.duties))
    work.note(membership=str(member.id), duty=duties)
    return made


def _refuse_odd(work: Work, gift: Gift) -> None:
    """At least one duty, all of a known kind; no day that is gone."""
    if not gift.duties or not set(gift.duties) <= set(DUTY_ROLES):
        raise Invalid({"duties": "Choose what the member is to do"})
    if gift.due_on is not None and gift.due_on < work.now.date():
        raise Invalid({"due": "Choose a day from today on"})


def _give_text(
    work: Work, thing: Recording | Transcript | Interview, member: Membership, gift: Gift
) -> UUID:
    """Give the transcript of an interview; only a PI holds the key that a text has already."""
    if work.actor.role is not Role.PI:
        raise NotPermitted("a depositor gives a recording to be typed, and nothing else")
    key = None
    if isinstance(thing, Transcript):
        transcript = thing
    else:
        interview = _interview(work, thing)
        transcript, key = transcript_of(work, interview, _recording_id(thing))
    made = [
        assign_transcript(work, transcript, member, duty, gift.due_on, key=key)
        for duty in sorted(gift.duties)
    ]
    return made[0]


def _interview(work: Work, thing: Recording | Interview) -> Interview:
    if isinstance(thing, Interview):
        return thing
    return work.session.get_one(Interview, thing.interview_id)


def _recording_id(thing: Recording | Interview) -> UUID | None:
    return thing.id if isinstance(thing, Recording) else None


def _loaded(work: Work, thing: str, thing_id: UUID) -> Recording | Transcript | Interview:
    table = THINGS.get(thing)
    if table is None:
        raise NotFound("work")
    return work.load(table, thing_id)


@action(Act.ASSIGNMENT_END)
def end(work: Work, assignment_id: UUID) -> None:
    """Take work back: the keys to it go. What was typed stays."""
    row = work.load(Assignment, assignment_id)
    if row.consent_id is not None:
        raise NotFound("work")
    if row.ended_at is not None:
        raise WrongState("this was taken back already")
    end_assignment(work, row)
    work.note(membership=str(row.membership_id), duty=row.duty)


# -- what the page shows ---------------------------------------------------------------


@action(Act.ASSIGNMENT_LIST)
def look(work: Work, thing: str, thing_id: UUID) -> GiveView:
    """To whom a thing can be given, and who has it; by code, and without a key."""
    work.claim_all("assignments")
    found = _found(work, thing, thing_id)
    if found is None:
        raise NotFound("work")
    person = _person(work, found)
    if person.study_id != work.study or not _is_mine(work, found):
        raise NotFound("work")
    is_pi = work.actor.role is Role.PI
    duties = tuple(DUTY_ROLES) if is_pi else ("transcribe",)
    interview = found if isinstance(found, Interview) else None
    held = interview or work.session.get_one(Interview, _interview_id(found))
    return GiveView(
        *(thing, thing_id, person.code, held.started_at),
        _candidates(work, {DUTY_ROLES[duty] for duty in duties}),
        _given(work, held.id),
        duties,
    )


def _found(work: Work, thing: str, thing_id: UUID) -> Recording | Transcript | Interview | None:
    table = THINGS.get(thing)
    return _row(work, table, thing_id) if table else None


def _row(work: Work, table: type[T], row_id: UUID) -> T | None:
    return work.session.get(table, row_id)


def _is_mine(work: Work, found: Recording | Transcript | Interview) -> bool:
    """A PI sees all; an interviewer only what they deposited themselves."""
    own = isinstance(found, Recording) and found.deposited_by == work.actor.membership_id
    return own or work.actor.role is Role.PI


def _interview_id(found: Recording | Transcript | Interview) -> UUID:
    return found.id if isinstance(found, Interview) else found.interview_id


def _person(work: Work, found: Recording | Transcript | Interview) -> Participant:
    interview = work.session.get_one(Interview, _interview_id(found))
    return work.session.get_one(Participant, interview.participant_id)


def _candidates(work: Work, roles: set[Role]) -> tuple[Candidate, ...]:
    rows = work.session.execute(
        select(Membership, User.name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.study_id == work.study, Membership.role.in_(sorted(roles)))
        .order_by(User.name, Membership.role)
    )
    return tuple(
        Candidate(member.id, name, member.role)
        for member, name in rows
        if is_current(member, work.now)
    )


def _given(work: Work, interview_id: UUID) -> tuple[GivenWork, ...]:
    """Who has this interview's text or sound now, each piece of work once."""
    rows = work.session.execute(
        select(Assignment, User.name)
        .outerjoin(Transcript, Transcript.id == Assignment.transcript_id)
        .outerjoin(Recording, Recording.id == Assignment.recording_id)
        .join(Membership, Membership.id == Assignment.membership_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Assignment.ended_at.is_(None),
            (Transcript.interview_id == interview_id)
            | (Recording.interview_id == interview_id),
        )
        .order_by(User.name, Assignment.duty, Assignment.id)
    )
    own, is_pi = work.actor.membership_id, work.actor.role is Role.PI
    found = {
        (row.membership_id, row.duty): GivenWork(
            row.id, name, row.duty, row.due_on, is_pi or row.given_by == own
        )
        for row, name in rows
    }
    return tuple(found.values())
