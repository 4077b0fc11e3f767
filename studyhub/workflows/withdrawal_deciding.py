"""Deciding what happens to each thing that was withdrawn, and having it carried out.

Whoever decides sees classes and numbers and opens nothing (invariant 65). What is to be done is
written as an erasure that the worker carries out without anybody's key; the letter about it is
sealed before that, under a shred key of its own, and leaves when all is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from studyhub.domain import withdrawal_letters
from studyhub.domain.errors import Erased, Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.recruitment import Sending, why_not
from studyhub.domain.settings import settled
from studyhub.domain.vocabulary import Act
from studyhub.domain.withdrawal_letters import About
from studyhub.domain.withdrawals import (
    CANNOT,
    ENDS_LETTERS,
    Item,
    choices,
    codes_for,
    sides_destroyed,
)
from studyhub.store.consent import Participant
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact
from studyhub.store.users import Membership, Study
from studyhub.store.withdrawals import Erasure, Withdrawal, WithdrawalItem, WithdrawalStep
from studyhub.workflows import post
from studyhub.workflows.kernel import Hub, Work, action, worker_desk
from studyhub.workflows.people import OpenCard, read_card
from studyhub.workflows.withdrawal_steps import (
    UNDECIDED,
    go_on,
    items_of,
    rows_of,
    state_of,
    waits_for_second,
)
from studyhub.workflows.withdrawal_things import doomed

CONFIRMED = "withdrawal_confirmed"
# The letter waits this long at most for its erasure: it must not leave before.
WAITS = timedelta(days=365)


@dataclass(frozen=True)
class Decision:
    """What happens to one class of things; a code where it cannot be done."""

    what: str
    reason: str = ""


@action(Act.WITHDRAWAL_DECIDE)
def decide(work: Work, withdrawal_id: UUID, decisions: Mapping[str, Decision]) -> bool:
    """Decide about every item. Returns whether a second person has to look at it.

    In time, that something cannot be done is open for two reasons only (invariant 69).
    """
    row = work.load(Withdrawal, withdrawal_id)
    if state_of(work.session, row.id) not in UNDECIDED:
        raise WrongState("this is decided, or was taken back")
    items = rows_of(work.session, row.id)
    problems = _problems(row, items, decisions)
    if problems:
        raise Invalid(problems)
    for item in items:
        _write(work, item, decisions[item.class_])
    work.session.flush()
    waits = not all(each.is_decided for each in items_of(work.session, row.id))
    if not waits:
        go_on(work, row.id, Act.WITHDRAWAL_DECIDE)
    work.note(
        reference=row.reference,
        item=" ".join(item.class_ for item in items),
        answer=" ".join(str(item.decision) for item in items),
        reason=" ".join(item.reason_code for item in items if item.reason_code),
    )
    return waits


def _problems(
    row: Withdrawal, items: Sequence[WithdrawalItem], decisions: Mapping[str, Decision]
) -> dict[str, str]:
    codes = codes_for(before_deadline=row.before_deadline)
    problems = {}
    for item in items:
        found = decisions.get(item.class_)
        if found is None or found.what not in choices(row.scopes, item.class_):
            problems[item.class_] = "Choose what happens to this"
        elif found.what == CANNOT and found.reason not in codes:
            problems[item.class_] = "Choose why it cannot be done"
    return problems


def _write(work: Work, item: WithdrawalItem, found: Decision) -> None:
    item.decision = found.what
    item.reason_code = found.reason if found.what == CANNOT else None
    item.decided_by, item.second_by = work.actor.membership_id, None


@action(Act.WITHDRAWAL_SECOND)
def second(work: Work, withdrawal_id: UUID, *, agrees: bool) -> None:
    """Look, as a second person, at what is said to be impossible (H-10).

    Without agreement those items are decided anew.
    """
    row = work.load(Withdrawal, withdrawal_id)
    if state_of(work.session, row.id) not in UNDECIDED:
        raise WrongState("this is carried out, or was taken back")
    waiting = [item for item in rows_of(work.session, row.id) if waits_for_second(item)]
    if not waiting:
        raise WrongState("nothing waits for a second person")
    for item in waiting:
        _refuse_same_person(work, item)
        if agrees:
            item.second_by = work.actor.membership_id
        else:
            item.decision = item.reason_code = item.decided_by = None
    work.session.flush()
    if all(each.is_decided for each in items_of(work.session, row.id)):
        go_on(work, row.id, Act.WITHDRAWAL_SECOND)
    work.note(reference=row.reference, answer="yes" if agrees else "no", count=len(waiting))


def _refuse_same_person(work: Work, item: WithdrawalItem) -> None:
    member = work.session.get_one(Membership, item.decided_by)
    if member.user_id == work.actor.user_id:
        raise NotPermitted("who said that it cannot be done does not confirm it (H-10)")


# -- carrying it out --------------------------------------------------------------------


@action(Act.ERASURE_REQUEST)
def request(work: Work, withdrawal_id: UUID) -> UUID:
    """Have a withdrawal carried out. From here the person cannot take it back any more.

    Returns the erasure, in which stand the shred keys that go, in their order.
    """
    row = work.load(Withdrawal, withdrawal_id)
    items = items_of(work.session, row.id)
    if not all(each.is_decided for each in items):
        raise WrongState("something is not decided yet")
    _decide_nothing(work, row, items)
    go_on(work, row.id, Act.ERASURE_REQUEST)
    _seal_letter(work, row, items)
    found = doomed(work, row.participant_id, sides_destroyed(row.scopes, items))
    erasure = Erasure(
        id=uuid4(),
        study_id=work.study,
        withdrawal_id=row.id,
        shred_ids=[str(each) for each in found.shred_ids],
        roots=list(found.roots),
        requested_at=work.now,
    )
    work.session.add(erasure)
    work.session.flush()
    work.note(
        withdrawal=str(row.id),
        reference=row.reference,
        scopes=" ".join(row.scopes),
        count=len(found.shred_ids),
    )
    return erasure.id


def _decide_nothing(work: Work, row: Withdrawal, items: list[Item]) -> None:
    """Where there was nothing in scope, nothing had to be decided before."""
    if not items and state_of(work.session, row.id) != "assessed":
        go_on(work, row.id, Act.WITHDRAWAL_DECIDE)


def _seal_letter(work: Work, row: Withdrawal, items: list[Item]) -> None:
    """Write to the person what is done, before the keys to their address go."""
    person = _reachable(work, row)
    if person is None:
        return
    study = work.session.get_one(Study, work.study)
    day = row.received_at.astimezone(ZoneInfo(study.time_zone)).date()
    told = withdrawal_letters.confirmed(
        About(person.card.name, study.neutral_name, row.reference),
        on=f"{day.day} {day:%B %Y}",
        items=items,
        phone=settled(study.settings)["team_phone"],
    )
    letter = post.Outgoing(
        CONFIRMED, told.subject, told.text, not_before=work.now + WAITS, hours=person.hours
    )
    who = post.Stopping(person.card.name, person.card.email, row.participant_id)
    ends = bool(ENDS_LETTERS & set(row.scopes))
    post.to_leave_last(work, who, letter, origin="withdrawal" if ends else "")


def _reachable(work: Work, row: Withdrawal) -> OpenCard | None:
    """Whom a letter may reach. Who had stopped all letters before finds it on their page."""
    try:
        person = read_card(work, row.participant_id, held=True)
    except (Erased, NotFound):
        return None
    stopped_before = person.wishes.opted_out and not _stopped_by(work, row)
    wishes = replace(person.wishes, opted_out=stopped_before)
    unwanted = why_not(wishes, "email", Sending(CONFIRMED))
    return None if unwanted or not person.card.email else person


def _stopped_by(work: Work, row: Withdrawal) -> bool:
    """Whether it was this withdrawal that stopped the letters."""
    contact = work.session.get_one(Contact, row.participant_id)
    return contact.opted_out_at == row.entered_at


# -- telling the person -----------------------------------------------------------------


def confirm_due(hub: Hub) -> int:
    """Let the letters leave whose withdrawal was carried out. How many withdrawals."""
    with hub.sessions.reading.begin() as session:
        done = session.execute(
            select(Withdrawal.id, Participant.study_id)
            .join(Participant, Participant.id == Withdrawal.participant_id)
            .where(Withdrawal.id.in_(_at("completed")), Withdrawal.id.not_in(_at("confirmed")))
        ).all()
    for withdrawal_id, study in done:
        confirm(worker_desk(hub, study), withdrawal_id)
    return len(done)


def _at(step: str) -> Select[UUID]:
    return select(WithdrawalStep.withdrawal_id).where(WithdrawalStep.step == step)


@action(Act.WITHDRAWAL_CONFIRM)
def confirm(work: Work, withdrawal_id: UUID) -> None:
    """Everything is carried out and proved: the letter that says so leaves."""
    row = work.load(Withdrawal, withdrawal_id)
    go_on(work, row.id, Act.WITHDRAWAL_CONFIRM)
    asked = select(Erasure.requested_at).where(Erasure.withdrawal_id == row.id)
    waiting = work.session.scalars(
        select(Letter)
        .where(
            Letter.participant_id == row.participant_id,
            Letter.purpose == CONFIRMED,
            Letter.state == "queued",
            Letter.not_before.in_([at + WAITS for at in work.session.scalars(asked)]),
        )
        .with_for_update()
    ).all()
    for letter in waiting:
        letter.not_before = work.now
    work.note(reference=row.reference, count=len(waiting))
