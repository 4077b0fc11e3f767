"""How far a withdrawal has come, what it covers, and until when the person could expect it.

Plain rows by code only: no key is needed on this path (datamodel.md 1, rule 3). The state of a
withdrawal is its last step; steps are never changed and never go.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import NotFound
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import WITHDRAWAL
from studyhub.domain.vocabulary import Act
from studyhub.domain.withdrawals import CANNOT, Item, decide_by, tell_by
from studyhub.domain.words import WORDS
from studyhub.store.consent import Participant
from studyhub.store.users import Study
from studyhub.store.withdrawals import Hold, Withdrawal, WithdrawalItem, WithdrawalStep
from studyhub.workflows.kernel import Work

CAUSE = "withdrawal"
RETRACTED = "retracted"
# Until it begins to be carried out the person may take it back.
UNDECIDED = ("received", "acknowledged", "assessed")
_ORDER = [*(each for each in WORDS["withdrawal_steps.step"] if each != RETRACTED), RETRACTED]


def steps_of(session: Session, withdrawal_id: UUID) -> list[WithdrawalStep]:
    """Every step in the order in which they follow each other."""
    wanted = select(WithdrawalStep).where(WithdrawalStep.withdrawal_id == withdrawal_id)
    return sorted(session.scalars(wanted), key=lambda each: _ORDER.index(each.step))


def state_of(session: Session, withdrawal_id: UUID) -> str:
    """The last step."""
    return steps_of(session, withdrawal_id)[-1].step


def due(work: Work, row: Withdrawal) -> datetime:
    """Until when somebody has to decide, as the person is told."""
    return decide_by(row.received_at, work.session.get_one(Study, work.study).time_zone)


def tell_due(work: Work, row: Withdrawal) -> datetime:
    """Until when they are told that it arrived."""
    return tell_by(row.received_at, work.session.get_one(Study, work.study).time_zone)


def begin(work: Work, withdrawal_id: UUID) -> None:
    """The first step of a withdrawal."""
    _add(work, withdrawal_id, _ORDER[0])


def go_on(work: Work, withdrawal_id: UUID, act: Act) -> str:
    """Take the step that this act leads to; WrongState where it leads nowhere.

    An act that leaves it where it is adds none. Returns the state after it.
    """
    before = state_of(work.session, withdrawal_id)
    after = advance(before, act, WITHDRAWAL)
    if after != before:
        _add(work, withdrawal_id, after)
    return after


def _add(work: Work, withdrawal_id: UUID, step: str) -> None:
    row = WithdrawalStep(
        id=uuid4(),
        withdrawal_id=withdrawal_id,
        step=step,
        at=work.now,
        by_id=work.actor.membership_id,
    )
    work.session.add(row)
    work.session.flush()


def rows_of(session: Session, withdrawal_id: UUID) -> Sequence[WithdrawalItem]:
    """What a withdrawal covers: one row for each class of things there was."""
    wanted = select(WithdrawalItem).where(WithdrawalItem.withdrawal_id == withdrawal_id)
    return session.scalars(wanted.order_by(WithdrawalItem.class_, WithdrawalItem.ordinal)).all()


def items_of(session: Session, withdrawal_id: UUID) -> list[Item]:
    """The same as the rules read it."""
    return [
        Item(row.class_, row.decision, row.reason_code, row.second_by is not None)
        for row in rows_of(session, withdrawal_id)
    ]


def waits_for_second(item: WithdrawalItem) -> bool:
    """Whether it is said to be impossible, and nobody else looked at that yet."""
    return item.decision == CANNOT and item.second_by is None


def of_participant(session: Session, participant_id: UUID) -> Sequence[Withdrawal]:
    """Everything a person ever withdrew, newest first."""
    wanted = select(Withdrawal).where(Withdrawal.participant_id == participant_id)
    newest = Withdrawal.entered_at.desc(), Withdrawal.reference
    return session.scalars(wanted.order_by(*newest)).all()


def by_reference(session: Session, study: UUID, reference: str) -> UUID:
    """The id of a withdrawal in this study. NotFound."""
    found = session.scalar(
        select(Withdrawal.id)
        .join(Participant, Participant.id == Withdrawal.participant_id)
        .where(Withdrawal.reference == reference, Participant.study_id == study)
    )
    if found is None:
        raise NotFound("withdrawal")
    return found


def close_holds(work: Work, withdrawal: Withdrawal, scopes: Sequence[str]) -> None:
    """End the holds of these scopes that this withdrawal opened; all others stay.

    Call ``projections.refresh`` afterwards, as after every change of a hold.
    """
    rows = work.session.scalars(
        select(Hold).where(
            Hold.participant_id == withdrawal.participant_id,
            Hold.cause == CAUSE,
            Hold.cause_id == withdrawal.id,
            Hold.scope.in_(scopes),
            Hold.closed_at.is_(None),
        )
    )
    for row in rows:
        row.closed_at = work.now
    work.session.flush()


def open_holds(work: Work, withdrawal: Withdrawal, at: datetime) -> None:
    """Hold everything in scope, from this instant, without anybody's key (invariant 65)."""
    for scope in withdrawal.scopes:
        work.session.add(
            Hold(
                id=uuid4(),
                participant_id=withdrawal.participant_id,
                scope=scope,
                cause=CAUSE,
                cause_id=withdrawal.id,
                opened_at=at,
            )
        )
    work.session.flush()
