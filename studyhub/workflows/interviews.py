"""Interviews are agreed: planned with a time or several, confirmed, moved, called off.

Whoever plans opens the card; the interviewer gets a call sheet of their own and no card.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from sqlalchemy import select

from studyhub.domain.errors import Invalid, Refused, WrongState
from studyhub.domain.interviews import problems_of_plan
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.lifecycle_material import INTERVIEW
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act, Role
from studyhub.domain.words import WORDS
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview, Slot
from studyhub.store.users import Membership, Study
from studyhub.workflows import appointments, call_sheets, links
from studyhub.workflows.appointments import Reach
from studyhub.workflows.call_sheets import Sheet
from studyhub.workflows.consent_history_rows import answer_gate
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.people import OpenCard, read_card, refuse_erased
from studyhub.workflows.protocol import need_approval
from studyhub.workflows.standing import is_current

OPEN = ("proposed", "scheduled", "confirmed", "in_progress")


@dataclass(frozen=True)
class Plan:
    """How, with whom and when to talk: at one time, or at one of several that are offered.

    ``place`` is where to meet, or how to join by video, and stands on the call sheet; ``zone``
    is the person's own time zone, if it is not that of the study.
    """

    mode: str
    interviewer_id: UUID | None
    starts_at: datetime | None = None
    slots: tuple[datetime, ...] = ()
    place: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Planned:
    """What came of planning. Without a letter somebody has to tell the person."""

    interview_id: UUID
    letter_id: UUID | None


@action(Act.INTERVIEW_PLAN)
def plan(work: Work, participant_id: UUID, wanted: Plan) -> Planned:
    """Plan the interview of somebody who consents, and write to them if they wish that.

    Refused without an approval or consent (invariants 8, 47); Held where they withdrew.
    """
    participant = work.load(Participant, participant_id)
    refuse_erased(participant)
    refuse_held(work.session, participant_id, "interview")
    need_approval(work.session, work.study, work.now)
    _refuse_second(work, participant_id)
    _check(work, wanted)
    _need_consent(work, participant_id)
    person = read_card(work, participant_id)
    row = _new_interview(work, participant_id, wanted)
    sheet = call_sheets.sheet_of(person, place=wanted.place, zone=wanted.zone)
    letter_id = _settle(work, row, sheet, _reach_of(person), wanted.slots)
    work.note(code=participant.code, interview=str(row.id), mode=row.mode, state=row.state)
    work.note(count=len(wanted.slots))
    return Planned(row.id, letter_id)


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


def _check(work: Work, wanted: Plan) -> None:
    problems = problems_of_plan(wanted.mode, wanted.starts_at, wanted.slots, work.now)
    if _interviewer(work, wanted.interviewer_id) is None:
        problems["interviewer_id"] = "Choose who holds the interview"
    if wanted.zone and wanted.zone not in available_timezones():
        problems["zone"] = "Choose a time zone that exists, like Europe/London"
    if problems:
        raise Invalid(problems)


def _interviewer(work: Work, membership_id: UUID | None) -> Membership | None:
    """The interviewer of this study with that membership, if it holds now."""
    member = work.session.get(Membership, membership_id) if membership_id else None
    if member is None or member.study_id != work.study or member.role != Role.INTERVIEWER:
        return None
    return member if is_current(member, work.now) else None


def _need_consent(work: Work, participant_id: UUID) -> None:
    """Ask the gate of taking part, and keep its answer. Refused where it is no."""
    _, told = answer_gate(work, participant_id, "participate", work.now, provisional=True)
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
    work.session.flush()
    return row


def _settle(
    work: Work, row: Interview, sheet: Sheet, reach: Reach, slots: tuple[datetime, ...] = ()
) -> UUID | None:
    """Seal the call sheet, make the person's link and write to them. Returns the letter."""
    times = [row.planned_at] if row.planned_at else list(slots)
    key = call_sheets.new_sheet(work, row, sheet, times)
    why_not = appointments.why_no_letter(work, reach, link=True)
    if slots and why_not:
        raise Invalid({"slots": f"{why_not}. Agree one time by phone instead"})
    link = "" if why_not else appointments.new_link(work, reach, [key])
    if slots:
        return appointments.offer(work, row, reach, times, link)
    return appointments.agreed(work, row, reach, sheet.zone, link)


def _reach_of(person: OpenCard) -> Reach:
    card = person.card
    return Reach(person.participant_id, card.name, card.email, person.language, person.hours)


@action(Act.INTERVIEW_CONFIRM)
def confirm(work: Work, interview_id: UUID, *, relationship: str) -> None:
    """Accept an appointment, having said whether one knows the person (invariant 54)."""
    row = work.load(Interview, interview_id)
    if relationship not in WORDS["interviews.relationship"]:
        raise Invalid({"relationship": "Say whether you know this person"})
    row.relationship = relationship
    row.state = advance(row.state, Act.INTERVIEW_CONFIRM, INTERVIEW)
    work.note(interview=str(row.id), answer=relationship, state=row.state)


@action(Act.INTERVIEW_CHANGE)
def change(work: Work, interview_id: UUID, wanted: Plan) -> Planned:
    """Move an appointment, or change how or with whom to talk; the interviewer confirms anew.

    The calendar entry stays the same one, with the next number (invariant 56).
    """
    row = work.load(Interview, interview_id)
    if work.actor.role is Role.INTERVIEWER:
        wanted = replace(wanted, interviewer_id=row.interviewer_id)
    row.state = advance(row.state, Act.INTERVIEW_CHANGE, INTERVIEW)
    refuse_held(work.session, row.participant_id, "interview")
    _check(work, replace(wanted, slots=()))
    sheet, reach = _known(work, row, wanted)
    appointments.take_back(work, row)
    row.mode, row.planned_at = wanted.mode, wanted.starts_at
    if row.interviewer_id != wanted.interviewer_id:
        row.interviewer_id, row.relationship = wanted.interviewer_id, None
    row.calendar_sequence += 1
    letter_id = _settle(work, row, sheet, reach)
    work.note(interview=str(row.id), mode=row.mode, state=row.state)
    work.note(count=row.calendar_sequence)
    return Planned(row.id, letter_id)


def _known(work: Work, row: Interview, wanted: Plan) -> tuple[Sheet, Reach]:
    """What the actor knows of the person: a recruiter the card, an interviewer the sheet."""
    if work.actor.role is Role.RECRUITER:
        person = read_card(work, row.participant_id)
        sheet = call_sheets.sheet_of(person, place=wanted.place, zone=wanted.zone)
        return sheet, _reach_of(person)
    known = call_sheets.open_sheet(work, row).sheet
    sheet = replace(known, place=wanted.place, zone=wanted.zone or known.zone)
    return sheet, reach_by_sheet(work, row, sheet)


def reach_by_sheet(work: Work, row: Interview, sheet: Sheet) -> Reach:
    """How a person is written to by who knows their call sheet only."""
    zone = work.session.get_one(Study, work.study).time_zone
    language = appointments.language_of(work, row.participant_id)
    return Reach(row.participant_id, sheet.first, sheet.to, language, sheet.hours(zone))


@action(Act.INTERVIEW_CANCEL)
def cancel(work: Work, interview_id: UUID, *, reason: str) -> UUID | None:
    """Call an appointment off. The person is told if they were told of it. Returns the letter.

    ``reason`` is a code; nobody who cancels is asked for more.
    """
    row = work.load(Interview, interview_id)
    need_reason(reason, "Choose why it is cancelled")
    row.state = advance(row.state, Act.INTERVIEW_CANCEL, INTERVIEW)
    row.calendar_sequence += 1
    letter_id = None
    was_told = appointments.take_back(work, row)
    if was_told and row.planned_at is not None:
        sheet, reach = _known(work, row, Plan(row.mode, row.interviewer_id))
        letter_id = appointments.cancelled(work, row, reach, sheet.zone)
    call_sheets.drop(work, row)
    links.revoke(work, row.participant_id, keep=appointments.KEPT)
    work.note(interview=str(row.id), reason=reason, state=row.state)
    return letter_id


@action(Act.INTERVIEW_NO_SHOW)
def no_show(work: Work, interview_id: UUID) -> None:
    """Record that the person did not come. Nobody is asked why."""
    row = work.load(Interview, interview_id)
    if row.planned_at is None or row.planned_at > work.now:
        raise WrongState("the time of this appointment has not come yet")
    row.state = advance(row.state, Act.INTERVIEW_NO_SHOW, INTERVIEW)
    call_sheets.drop(work, row)
    links.revoke(work, row.participant_id, keep=appointments.KEPT)
    work.note(interview=str(row.id), state=row.state)
