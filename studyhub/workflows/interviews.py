"""Interviews are agreed: planned with a time or several, confirmed, moved, called off.

Whoever plans opens the card; the interviewer gets a call sheet of their own and no card.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotPermitted, Refused, WrongState
from studyhub.domain.interviews import problems_of_plan
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.lifecycle_material import INTERVIEW
from studyhub.domain.vocabulary import Act, Role
from studyhub.domain.words import WORDS
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview, Slot
from studyhub.store.users import Membership
from studyhub.workflows.consent_history_rows import answer_gate
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.people import refuse_erased
from studyhub.workflows.protocol import need_approval
from studyhub.workflows.standing import is_current

OPEN = ("proposed", "scheduled", "confirmed", "in_progress")
TAKES_PART = "participate"


@dataclass(frozen=True)
class Plan:
    """How, with whom and when to talk: at one time, or at one of several that are offered.

    ``place`` is where to meet, or how to join by video; it stands on the call sheet.
    """

    mode: str
    interviewer_id: UUID | None
    starts_at: datetime | None = None
    slots: tuple[datetime, ...] = ()
    place: str = ""


@action(Act.INTERVIEW_PLAN)
def plan(work: Work, participant_id: UUID, wanted: Plan) -> UUID:
    """Plan the interview of somebody who consents. Returns its id.

    Refused without an approval or consent (invariants 8, 47); Held where they withdrew.
    """
    participant = work.load(Participant, participant_id)
    refuse_erased(participant)
    refuse_held(work.session, participant_id, "interview")
    need_approval(work.session, work.study, work.now)
    _refuse_second(work, participant_id)
    problems = problems_of_plan(wanted.mode, wanted.starts_at, wanted.slots, work.now)
    if interviewer(work, wanted.interviewer_id) is None:
        problems["interviewer_id"] = "Choose who holds the interview"
    if problems:
        raise Invalid(problems)
    need_consent(work, participant_id)
    row = _new_interview(work, participant_id, wanted)
    work.note(code=participant.code, interview=str(row.id), mode=row.mode, state=row.state)
    work.note(count=len(wanted.slots))
    return row.id


def _refuse_second(work: Work, participant_id: UUID) -> None:
    """One appointment at a time, and one interview: more was not agreed to."""
    states = set(
        work.session.scalars(
            select(Interview.state).where(Interview.participant_id == participant_id)
        )
    )
    if states & set(OPEN):
        raise WrongState("there is an appointment with this person already")
    if "completed" in states:
        raise WrongState("this person agreed to one interview, and it was held")


def interviewer(work: Work, membership_id: UUID | None) -> Membership | None:
    """The interviewer of this study with that membership, if it holds now."""
    member = work.session.get(Membership, membership_id) if membership_id else None
    if member is None or member.study_id != work.study or member.role != Role.INTERVIEWER:
        return None
    return member if is_current(member, work.now) else None


def need_consent(work: Work, participant_id: UUID) -> None:
    """Ask the gate of taking part, and keep its answer. Refused where it is no."""
    _, told = answer_gate(work, participant_id, TAKES_PART, work.now, provisional=True)
    if told.answer == "no":
        raise Refused("no consent to take part is in force now", told.reason_code)


def _new_interview(work: Work, participant_id: UUID, wanted: Plan) -> Interview:
    row = Interview(
        id=uuid4(),
        participant_id=participant_id,
        state="proposed",
        mode=wanted.mode,
        planned_at=wanted.starts_at,
        interviewer_id=wanted.interviewer_id,
        calendar_uid=str(uuid4()),
        calendar_sequence=0,
    )
    if wanted.starts_at is not None:
        row.state = advance(row.state, choosing(Act.INTERVIEW_PLAN, "agreed"), INTERVIEW)
    work.session.add(row)
    work.session.flush()
    for starts_at in wanted.slots:
        work.session.add(
            Slot(id=uuid4(), interview_id=row.id, starts_at=starts_at, offered_at=work.now)
        )
    return row


@action(Act.INTERVIEW_CONFIRM)
def confirm(work: Work, interview_id: UUID, *, relationship: str) -> None:
    """Accept an appointment, having said whether one knows the person (invariant 54)."""
    row = work.load(Interview, interview_id)
    if relationship not in WORDS["interviews.relationship"]:
        raise Invalid({"relationship": "Say whether you know this person"})
    row.relationship = relationship
    row.state = advance(row.state, Act.INTERVIEW_CONFIRM, INTERVIEW)
    work.note(interview=str(row.id), answer=relationship, state=row.state)


def own_membership(work: Work) -> UUID:
    """The membership that acts. NotPermitted for nobody's."""
    if work.actor.membership_id is None:
        raise NotPermitted("nobody's interview")
    return work.actor.membership_id
