"""Withdrawals as the team sees them by code, and as the person sees their own by link.

Nothing here opens anything: classes, numbers, steps and dates (invariant 65). A withdrawal and
its proof stay to be seen after everything it was about is gone (invariant 67).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import Act
from studyhub.domain.withdrawals import Item, choices, codes_for
from studyhub.store.consent import Participant
from studyhub.store.people import Link
from studyhub.store.users import Membership, User
from studyhub.store.withdrawals import Withdrawal, WithdrawalItem
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.withdrawal_steps import (
    UNDECIDED,
    by_reference,
    due,
    items_of,
    of_participant,
    rows_of,
    steps_of,
    tell_due,
    waits_for_second,
)
from studyhub.workflows.withdrawal_things import held_at, promise_of, things_of

LINK = "withdraw"


@dataclass(frozen=True)
class Step:
    """One step, and when it was taken."""

    step: str
    at: datetime


@dataclass(frozen=True)
class ItemView:
    """One class of things in scope: how many there are now, and what was decided."""

    class_: str
    number: int
    decision: str
    reason: str
    decided_by: str
    seconded_by: str
    done_at: datetime | None
    proof: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class WithdrawalRow:
    """One withdrawal on a list, and what it waits for."""

    id: UUID
    reference: str
    code: str
    scopes: tuple[str, ...]
    received_at: datetime
    channel: str
    in_time: bool
    state: str
    tell_by: datetime
    due: datetime
    is_late: bool
    waits_for_second: bool

    @property
    def is_open(self) -> bool:
        """Somebody of the team still has to do something."""
        return self.state in UNDECIDED


@dataclass(frozen=True)
class WithdrawalView:
    """Everything about one withdrawal that who assesses it may see."""

    row: WithdrawalRow
    steps: tuple[Step, ...]
    items: tuple[ItemView, ...]
    codes: tuple[str, ...]
    promise: str
    ends_at: datetime | None
    interviewed_at: datetime | None
    by_me: bool


@action(Act.WITHDRAWAL_LIST)
def look(work: Work, reference: str = "") -> tuple[list[WithdrawalRow], WithdrawalView | None]:
    """Every withdrawal of the study, those that wait first; and one of them, if it is named."""
    work.claim_all("withdrawals")
    return _all(work), _one(work, reference) if reference else None


def listed(desk: Desk) -> list[WithdrawalRow]:
    """Every withdrawal of the study; those that wait come first, the oldest at the top."""
    return look(desk)[0]


def one(desk: Desk, reference: str) -> WithdrawalView:
    """One withdrawal by its number. NotFound."""
    found = look(desk, reference)[1]
    if found is None:
        raise NotFound("withdrawal")
    return found


def _all(work: Work) -> list[WithdrawalRow]:
    found = [
        _row(work, row, code)
        for row, code in work.session.execute(
            select(Withdrawal, Participant.code)
            .join(Participant, Participant.id == Withdrawal.participant_id)
            .where(Participant.study_id == work.study)
        )
    ]
    waiting = sorted(
        (each for each in found if each.is_open), key=lambda each: (each.due, each.reference)
    )
    rest = sorted(
        (each for each in found if not each.is_open),
        key=lambda each: (each.received_at, each.reference),
        reverse=True,
    )
    return [*waiting, *rest]


def _row(work: Work, row: Withdrawal, code: str) -> WithdrawalRow:
    state = steps_of(work.session, row.id)[-1].step
    until = due(work, row)
    items = rows_of(work.session, row.id)
    return WithdrawalRow(
        row.id,
        row.reference,
        code,
        tuple(row.scopes),
        row.received_at,
        row.channel,
        row.before_deadline,
        state,
        tell_due(work, row),
        until,
        state in UNDECIDED and until < work.now,
        state in UNDECIDED and any(waits_for_second(each) for each in items),
    )


def _one(work: Work, reference: str) -> WithdrawalView:
    row = work.session.get_one(Withdrawal, by_reference(work.session, work.study, reference))
    participant = work.session.get_one(Participant, row.participant_id)
    promise = promise_of(work, row.participant_id)
    there = things_of(work, row.participant_id)
    items = rows_of(work.session, row.id)
    return WithdrawalView(
        row=_row(work, row, participant.code),
        steps=_steps(work.session, row),
        items=tuple(_item(work.session, row, each, there) for each in items),
        codes=codes_for(before_deadline=row.before_deadline),
        promise=promise.rule,
        ends_at=promise.ends_at,
        interviewed_at=held_at(work, row.participant_id),
        by_me=any(_is_mine(work, each) for each in items if waits_for_second(each)),
    )


def _steps(session: Session, row: Withdrawal) -> tuple[Step, ...]:
    return tuple(Step(each.step, each.at) for each in steps_of(session, row.id))


def _item(
    session: Session, row: Withdrawal, item: WithdrawalItem, there: Mapping[str, int]
) -> ItemView:
    return ItemView(
        class_=item.class_,
        number=there.get(item.class_, 0),
        decision=item.decision or "",
        reason=item.reason_code or "",
        decided_by=_name(session, item.decided_by),
        seconded_by=_name(session, item.second_by),
        done_at=item.done_at,
        proof=item.proof or "",
        choices=choices(row.scopes, item.class_),
    )


def _name(session: Session, membership_id: UUID | None) -> str:
    if membership_id is None:
        return ""
    member = session.get_one(Membership, membership_id)
    return session.get_one(User, member.user_id).name


def _is_mine(work: Work, item: WithdrawalItem) -> bool:
    """Whether the actor, in whatever role, said that this cannot be done."""
    member = work.session.get(Membership, item.decided_by) if item.decided_by else None
    return member is not None and member.user_id == work.actor.user_id


# -- the person's own page --------------------------------------------------------------


@dataclass(frozen=True)
class OwnWithdrawal:
    """What a person took back: how far it came, and what was done and why not."""

    reference: str
    scopes: tuple[str, ...]
    received_at: datetime
    state: str
    due: datetime
    may_retract: bool
    items: tuple[Item, ...]
    done_at: datetime | None


@dataclass(frozen=True)
class OwnPage:
    """What a person withdrew so far, and until when all of it can be erased."""

    withdrawals: tuple[OwnWithdrawal, ...]
    ends_at: datetime | None
    rule: str


@action(Act.WITHDRAWAL_READ)
def own(work: Work) -> OwnPage:
    """Show the holder of a link what became of what they withdrew; also when all is erased."""
    link = work.session.get(Link, work.link_id) if work.link_id else None
    if link is None or link.participant_id is None or LINK not in link.purposes:
        raise NotFound("no such link")
    work.claim(link)
    rows = of_participant(work.session, link.participant_id)
    promise = promise_of(work, link.participant_id)
    return OwnPage(tuple(_own(work, row) for row in rows), promise.ends_at, promise.rule)


def _own(work: Work, row: Withdrawal) -> OwnWithdrawal:
    steps = steps_of(work.session, row.id)
    state = steps[-1].step
    done = next((each.at for each in steps if each.step == "completed"), None)
    return OwnWithdrawal(
        row.reference,
        tuple(row.scopes),
        row.received_at,
        state,
        due(work, row),
        state in UNDECIDED,
        tuple(items_of(work.session, row.id)) if done else (),
        done,
    )
