"""Withdrawals, the holds they open, erasures, requests and retention."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, refers_to


class Withdrawal(Base):
    """Somebody took something back. Append-only: it stays when all else is erased."""

    __tablename__ = "withdrawals"
    __table_args__ = in_zone(Zone.COURSE, sqlite_with_rowid=False)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = refers_to("participants")
    reference: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    received_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(one_of("withdrawals.channel"))
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    before_deadline: Mapped[bool]


class WithdrawalStep(Base):
    """How far a withdrawal has come; the last one is its state. Append-only."""

    __tablename__ = "withdrawal_steps"
    __table_args__ = in_zone(Zone.COURSE, sqlite_with_rowid=False)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    withdrawal_id: Mapped[UUID] = refers_to("withdrawals")
    step: Mapped[str] = mapped_column(one_of("withdrawal_steps.step"))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))


class WithdrawalItem(Base):
    """One thing in a withdrawal's scope, by class and number, and what became of it."""

    __tablename__ = "withdrawal_items"
    __table_args__ = (
        UniqueConstraint("withdrawal_id", "class", "ordinal"),
        in_zone(Zone.COURSE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("withdrawals.id"))
    class_: Mapped[str] = mapped_column("class", one_of("withdrawal_items.class"))
    ordinal: Mapped[int]
    decision: Mapped[str | None] = mapped_column(one_of("withdrawal_items.decision"))
    reason_code: Mapped[str | None] = mapped_column(one_of("withdrawal_items.reason_code"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    second_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    done_at: Mapped[datetime | None]
    proof: Mapped[str | None]


class Hold(Base):
    """While it is open, nobody opens or passes on what it covers."""

    __tablename__ = "holds"
    __table_args__ = in_zone(Zone.COURSE)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = refers_to("participants")
    scope: Mapped[str] = mapped_column(one_of("holds.scope"))
    cause: Mapped[str] = mapped_column(one_of("holds.cause"))
    cause_id: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Erasure(Base):
    """The destruction of shred keys, rows and files, resumable at every step."""

    __tablename__ = "erasures"
    __table_args__ = in_zone(Zone.COURSE)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    withdrawal_id: Mapped[UUID | None] = refers_to("withdrawals")
    rule_id: Mapped[UUID | None] = refers_to("retention_rules")
    state: Mapped[str] = mapped_column(one_of("erasures.state"), default="requested")
    shred_ids: Mapped[list[str]]
    roots: Mapped[list[str]]
    requested_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Request(Base):
    """A data subject's request, and when it must be answered."""

    __tablename__ = "requests"
    __table_args__ = in_zone(Zone.COURSE)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID | None] = refers_to("participants")
    study_id: Mapped[UUID] = refers_to("studies")
    kind: Mapped[str] = mapped_column(one_of("requests.kind"))
    state: Mapped[str] = mapped_column(one_of("requests.state"), default="received")
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class RetentionRule(Base):
    """How long a class of data is kept, and what happens then."""

    __tablename__ = "retention_rules"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    class_: Mapped[str] = mapped_column("class", one_of("retention_rules.class"))
    clock: Mapped[str] = mapped_column(one_of("retention_rules.clock"))
    days: Mapped[int | None]
    then: Mapped[str] = mapped_column(one_of("retention_rules.then"))
