"""Taking a withdrawal in, holding everything in scope at once, and the person's way back.

Nobody's key is needed: by link the person's own capsule says where a letter may go, and a team
member who was told on the telephone opens nothing at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import choice
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain import withdrawal_letters
from studyhub.domain.errors import Erased, Invalid, NotFound
from studyhub.domain.letter_texts import Written
from studyhub.domain.recruitment import Sending, why_not
from studyhub.domain.vocabulary import Act, Role, Side
from studyhub.domain.withdrawal_letters import About
from studyhub.domain.withdrawals import asked_for, need_scopes
from studyhub.domain.words import CHANNELS
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.people import Contact
from studyhub.store.users import Study
from studyhub.store.withdrawals import Withdrawal, WithdrawalItem
from studyhub.workflows import post, projections
from studyhub.workflows.appointments import Reach, in_words, why_no_letter
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.links import open_capsule, own_link
from studyhub.workflows.people import CODE_LETTERS, listed_at, read_card, side_of
from studyhub.workflows.withdrawal_effects import stop_at_once, tell_deciders
from studyhub.workflows.withdrawal_steps import (
    UNDECIDED,
    begin,
    by_reference,
    close_holds,
    due,
    go_on,
    of_participant,
    open_holds,
    state_of,
)
from studyhub.workflows.withdrawal_things import promise_of, things_of

LINK = "withdraw"
RECEIVED = "withdrawal_received"


@dataclass(frozen=True)
class Told:
    """What shall stop; and, where a team member was told of it: by whom (a code), how, when."""

    scopes: Sequence[str]
    code: str = ""
    channel: str = ""
    told_at: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """The number under which a withdrawal is known, until when it is decided, and its id."""

    id: UUID
    reference: str
    decide_by: datetime
    written: bool


@action(Act.WITHDRAWAL_RECEIVE)
def receive(work: Work, told: Told) -> Taken:
    """Take a withdrawal in: by the person's own link, or as they told a team member.

    From this moment everything in scope is on hold (invariant 65). No reason is asked (66).
    Saying the same again while it is under way changes nothing.
    """
    by_link = _by_link(work) if work.actor.role is Role.PARTICIPANT else None
    participant_id = by_link.participant_id if by_link else _told_of(work, told)
    _lock_interviews(work, participant_id)
    participant = work.load(Participant, participant_id)
    scopes = need_scopes(told.scopes)
    row = _same(work, participant, scopes)
    if row is None:
        row = _new(work, participant, told, scopes)
        stop_at_once(work, row, by_link)
        projections.refresh(work, participant.id)
        tell_deciders(work, participant, row)
    written = by_link is not None and _acknowledge_by_link(work, row, by_link)
    work.note(
        code=participant.code,
        withdrawal=str(row.id),
        reference=row.reference,
        channel=row.channel,
        scopes=" ".join(row.scopes),
    )
    return Taken(row.id, row.reference, due(work, row), written)


def _by_link(work: Work) -> Reach:
    """Who came with a link, and where a letter may go; without address where that is erased."""
    link = own_link(work, LINK)
    if link.participant_id is None:
        raise NotFound("participant")
    try:
        capsule = open_capsule(work, link)
    except (Erased, NotFound):
        return Reach(link.participant_id, "", "", "")
    return Reach(link.participant_id, capsule.name, capsule.to, capsule.lang, capsule.hours)


def _told_of(work: Work, told: Told) -> UUID:
    """The person whose code a team member typed. Invalid where anything of it is wrong."""
    problems = {}
    found = work.session.scalar(
        select(Participant).where(
            Participant.study_id == work.study,
            Participant.code == told.code.strip().upper(),
        )
    )
    if found is None:
        problems["code"] = "There is no such code in this study"
    if told.channel not in CHANNELS:
        problems["channel"] = "Choose how they told you"
    if told.told_at is not None and told.told_at > work.now:
        problems["told_at"] = "This lies in the future"
    if told.told_at is not None and found is not None and told.told_at < listed_at(found):
        problems["told_at"] = "They were not on the list of this study yet"
    if problems or found is None:
        raise Invalid(problems)
    return found.id


def _lock_interviews(work: Work, participant_id: UUID) -> None:
    """Interviews before their person, as in every act about an interview: no deadlock."""
    mine = select(Interview.id).where(Interview.participant_id == participant_id)
    work.session.execute(mine.order_by(Interview.id).with_for_update())


def _same(work: Work, participant: Participant, scopes: list[str]) -> Withdrawal | None:
    """A withdrawal of the same that is under way: a page sent twice is one withdrawal."""
    return next(
        (
            row
            for row in of_participant(work.session, participant.id)
            if row.scopes == scopes and state_of(work.session, row.id) in UNDECIDED
        ),
        None,
    )


def _new(work: Work, participant: Participant, told: Told, scopes: list[str]) -> Withdrawal:
    received_at = told.told_at or work.now
    promised = promise_of(work, participant.id).ends_at
    row = Withdrawal(
        id=uuid4(),
        participant_id=participant.id,
        reference=_new_reference(work),
        scopes=scopes,
        received_at=received_at,
        entered_at=work.now,
        channel=told.channel or "link",
        by_id=work.actor.membership_id,
        before_deadline=promised is None or received_at <= promised,
    )
    work.session.add(row)
    work.session.flush()
    begin(work, row.id)
    _list_items(work, row)
    open_holds(work, row, work.now)
    return row


def _new_reference(work: Work) -> str:
    taken = set(work.session.scalars(select(Withdrawal.reference)))
    while (made := "W-" + "".join(choice(CODE_LETTERS) for _ in range(5))) in taken:
        continue
    return made


def _list_items(work: Work, row: Withdrawal) -> None:
    """One item for each class of which there is anything."""
    there, asked = things_of(work, row.participant_id), asked_for(row.scopes)
    for class_ in asked:
        if class_ in there:
            made = {"withdrawal_id": row.id, "class_": class_, "ordinal": 1}
            work.session.add(WithdrawalItem(id=uuid4(), **made))
    work.session.flush()


# -- acknowledging ----------------------------------------------------------------------


def _acknowledge_by_link(work: Work, row: Withdrawal, person: Reach) -> bool:
    """The page itself says that it arrived; a letter too, where letters go on."""
    if state_of(work.session, row.id) != "received":
        return False
    go_on(work, row.id, Act.WITHDRAWAL_ACKNOWLEDGE)
    if not person.to or why_no_letter(work, person, link=False):
        return False
    letter = _received_letter(work, row, person.name)
    told = post.Outgoing(RECEIVED, letter.subject, letter.text, hours=person.hours)
    shred = side_of(work, person.participant_id, Side.CONTACT)
    post.to_holder(work, person.participant_id, shred, person.to, told)
    return True


@action(Act.WITHDRAWAL_ACKNOWLEDGE)
def acknowledge(work: Work, withdrawal_id: UUID) -> bool:
    """Write to somebody who told a team member. Returns whether a letter may go at all.

    Where none may, saying it to them was the acknowledgement, and this records it.
    """
    row = work.load(Withdrawal, withdrawal_id)
    go_on(work, row.id, Act.WITHDRAWAL_ACKNOWLEDGE)
    person = read_card(work, row.participant_id, held=True)
    refused = why_not(person.wishes, "email", Sending(RECEIVED)) or not person.card.email
    if not refused:
        letter = _received_letter(work, row, person.card.name)
        told = post.Outgoing(RECEIVED, letter.subject, letter.text)
        post.to_participant(work, person, told)
    work.note(reference=row.reference, count=int(not refused))
    return not refused


def _received_letter(work: Work, row: Withdrawal, name: str) -> Written:
    study = work.session.get_one(Study, work.study)
    about = About(name, study.neutral_name, row.reference)
    until = in_words(due(work, row), study.time_zone)
    return withdrawal_letters.received(about, until=until)


# -- taking it back ---------------------------------------------------------------------


@action(Act.WITHDRAWAL_RETRACT)
def retract(work: Work, reference: str) -> None:
    """Take a withdrawal back, by the person's own link, before it began to be carried out.

    Its holds end, and letters are possible again where it was this that stopped them. What was
    called off meanwhile stays so.
    """
    link = own_link(work, LINK)
    row = work.load(Withdrawal, by_reference(work.session, work.study, reference))
    if row.participant_id != link.participant_id:
        raise NotFound("withdrawal")
    go_on(work, row.id, Act.WITHDRAWAL_RETRACT)
    close_holds(work, row, row.scopes)
    contact = work.session.get(Contact, row.participant_id, with_for_update=True)
    if contact is not None and contact.opted_out_at == row.entered_at:
        contact.opted_out_at = None
    projections.refresh(work, row.participant_id)
    work.note(reference=row.reference)
