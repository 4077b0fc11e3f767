"""What tests of withdrawals look at: rows, steps and items, after the acts that made them."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from studyhub.store.withdrawals import Withdrawal, WithdrawalItem
from studyhub.workflows.withdrawal_steps import rows_of, steps_of
from tests.makers import Study

T = TypeVar("T")


def rows(study: Study, table: type[T], *which: Any) -> list[T]:
    with study.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table).where(*which)))
        session.expunge_all()
        return found


def row(study: Study, withdrawal_id: UUID) -> Withdrawal:
    return rows(study, Withdrawal, Withdrawal.id == withdrawal_id)[0]


def steps(study: Study, withdrawal_id: UUID) -> list[str]:
    with study.hub.sessions.reading.begin() as session:
        return [each.step for each in steps_of(session, withdrawal_id)]


def items(study: Study, withdrawal_id: UUID) -> dict[str, WithdrawalItem]:
    with study.hub.sessions.reading.begin() as session:
        found = rows_of(session, withdrawal_id)
        session.expunge_all()
        return {each.class_: each for each in found}
