"""The person chooses a time by their own link, or says that none of them suits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Select, select

from studyhub.domain.errors import Invalid, NotFound, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import INTERVIEW
from studyhub.domain.vocabulary import Act, Compartment, Role, Side
from studyhub.domain.words import MODES
from studyhub.store.interviews import Interview, Slot
from studyhub.store.people import Link, Question
from studyhub.store.users import Membership, Study, User
from studyhub.workflows import appointments, call_sheets
from studyhub.workflows.appointments import LINK, Reach
from studyhub.workflows.call_sheets import OpenSheet
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.links import open_capsule, own_link
from studyhub.workflows.people import read_card, side_of
from studyhub.workflows.sealing import seal_column

STANDS = ("proposed", "scheduled", "confirmed", "in_progress")
NONE = "none"
SAYS = "None of the times suits me. Please call me to find another."
OTHER = "I would like to change our appointment. Please call me."


@dataclass(frozen=True)
class Choice:
    """How to talk and when: the id of a time that was offered, or ``none``."""

    mode: str
    slot: str


@dataclass(frozen=True)
class Offered:
    """What the page of a link shows: times to choose from, or the appointment that stands."""

    state: str
    slots: tuple[tuple[UUID, datetime], ...]
    mode: str
    planned_at: datetime | None
    interviewer: str


def offered(desk: Desk) -> Offered:
    """What the holder of a link can choose. Nothing is opened, and nobody learns of it."""
    with desk.hub.sessions.reading.begin() as session:
        link = session.get(Link, desk.keys.link_id) if desk.keys.link_id else None
        if link is None or link.participant_id is None:
            raise NotFound("no such link")
        row = session.scalar(_newest(link.participant_id))
        if row is None:
            return Offered("", (), "", None, "")
        slots = session.execute(
            select(Slot.id, Slot.starts_at)
            .where(Slot.interview_id == row.id, Slot.starts_at > desk.hub.now())
            .order_by(Slot.starts_at)
        ).all()
        member = session.get(Membership, row.interviewer_id) if row.interviewer_id else None
        name = session.get_one(User, member.user_id).name if member else ""
        return Offered(
            row.state,
            tuple((each.id, each.starts_at) for each in slots),
            row.mode,
            row.planned_at,
            name,
        )


def _newest(participant_id: UUID) -> Select[Interview]:
    """The interview that stands, or else the last one."""
    return (
        select(Interview)
        .where(Interview.participant_id == participant_id)
        .order_by(Interview.state.not_in(STANDS), Interview.planned_at.desc(), Interview.id)
        .limit(1)
    )


@action(Act.INTERVIEW_CHOOSE)
def choose(
    work: Work, choice: Choice, *, address: str = "", interview_id: UUID | None = None
) -> None:
    """Take one of the times offered; or ask to be called, where none suits.

    By link of the person whose page is at ``address``, or noted by a recruiter.
    """
    row = _interview(work, interview_id)
    work.claim(row)
    refuse_held(work.session, row.participant_id, "interview")
    if choice.slot == NONE:
        _ask_to_be_called(work, row)
        work.note(interview=str(row.id), answer=NONE)
        return
    slot = _slot(work, row, choice)
    slot.chosen_at = work.now
    row.state = advance(row.state, Act.INTERVIEW_CHOOSE, INTERVIEW)
    row.planned_at, keeps_place = slot.starts_at, row.mode == choice.mode
    row.mode = choice.mode
    opened = call_sheets.open_sheet(work, row)
    call_sheets.agree(work, row, opened, keeps_place=keeps_place)
    appointments.take_back(work, row)
    appointments.agreed(work, row, _reach(work, row, opened), opened.sheet.zone, address)
    work.note(interview=str(row.id), mode=row.mode, answer="slot", state=row.state)


def _interview(work: Work, interview_id: UUID | None) -> Interview:
    """The interview of the link's holder, or the one a recruiter names; locked."""
    found: Interview | None = None
    if work.link_id is not None:
        who = own_link(work, LINK).participant_id
        found = work.session.scalar(_newest(who).with_for_update()) if who else None
    elif interview_id is not None:
        found = work.session.get(Interview, interview_id, with_for_update=True)
    if found is None:
        raise NotFound("interview")
    return found


def _slot(work: Work, row: Interview, choice: Choice) -> Slot:
    problems, found = {}, None
    if choice.mode not in MODES:
        problems["mode"] = "Choose how you would like to talk"
    for each in work.session.scalars(select(Slot).where(Slot.interview_id == row.id)):
        if str(each.id) == choice.slot and each.starts_at > work.now:
            found = each
    if found is None:
        problems["slot"] = "Choose a time"
    if problems or found is None:
        raise Invalid(problems)
    return found


def _reach(work: Work, row: Interview, opened: OpenSheet) -> Reach:
    sheet, zone = opened.sheet, work.session.get_one(Study, work.study).time_zone
    if work.actor.role is Role.RECRUITER:
        person = read_card(work, row.participant_id)
        return Reach(
            row.participant_id,
            person.card.name,
            person.card.email,
            person.language,
            person.hours,
        )
    capsule = open_capsule(work, own_link(work, LINK))
    return Reach(row.participant_id, capsule.name, capsule.to, capsule.lang, sheet.hours(zone))


def _ask_to_be_called(work: Work, row: Interview) -> None:
    """A question that waits for the recruiters with the others, with its date."""
    if row.state not in ("proposed", "scheduled", "confirmed"):
        raise WrongState("there is no appointment to change")
    who = row.participant_id
    key = work.vault.new_data_key(Compartment.CONTACT, side_of(work, who, Side.CONTACT))
    asked = Question(
        id=uuid4(),
        participant_id=who,
        channel="link" if work.link_id else "telephone",
        topic="practical",
        state="open",
        blocks=False,
        data_key_id=key.id,
        asked_at=work.now,
    )
    words = SAYS if row.state == "proposed" else OTHER
    seal_column(work, key, asked, "text_sealed", who, question=words)
    work.session.add(asked)
    work.session.flush()
