"""Studies, team members, what each may do, and what two of them decide together."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, only_one, refers_to


class Study(Base):
    """A study: its name, its settings and the public half of its root key."""

    __tablename__ = "studies"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    neutral_name: Mapped[str]
    state: Mapped[str] = mapped_column(one_of("studies.state"), default="setting_up")
    time_zone: Mapped[str]
    settings: Mapped[dict[str, Any]]
    root_public_key: Mapped[bytes]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class User(Base):
    """A team member's account: how they prove who they are. Never a participant."""

    __tablename__ = "users"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    state: Mapped[str] = mapped_column(one_of("users.state"), default="invited")
    kdf: Mapped[dict[str, Any] | None]
    salt: Mapped[bytes | None]
    verifier: Mapped[bytes | None]
    key_wrapped: Mapped[bytes | None]
    recovery_wrapped: Mapped[bytes | None]
    totp_sealed: Mapped[bytes | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class UserToken(Base):
    """An address token mailed to a team member, to join or to reset. Only its hash."""

    __tablename__ = "user_tokens"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = refers_to("users")
    purpose: Mapped[str] = mapped_column(one_of("user_tokens.purpose"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Membership(Base):
    """One person in one role of one study, with the key pairs of that role."""

    __tablename__ = "memberships"
    __table_args__ = (
        only_one(
            "uq_memberships_one_not_ended",
            "study_id",
            "user_id",
            "role",
            where="state <> 'ended'",
        ),
        in_zone(Zone.RECORD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    user_id: Mapped[UUID] = refers_to("users")
    role: Mapped[str] = mapped_column(one_of("memberships.role"))
    duties: Mapped[list[str]]
    state: Mapped[str] = mapped_column(one_of("memberships.state"), default="invited")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    public_key: Mapped[bytes | None]
    signing_public_key: Mapped[bytes | None]
    private_sealed: Mapped[bytes | None]
    certificate: Mapped[bytes | None]
    certified_at: Mapped[datetime | None]
    certified_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))


class SoftException(Base):
    """A separation of duties lifted for one person and a time, with the reason."""

    __tablename__ = "exceptions"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    user_id: Mapped[UUID] = refers_to("users")
    rule: Mapped[str] = mapped_column(one_of("exceptions.rule"))
    reason: Mapped[str]
    approved_by: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Proposal(Base):
    """An act that needs a second person: proposed by one, decided by another."""

    __tablename__ = "proposals"
    __table_args__ = (CheckConstraint("act LIKE '_%._%'", name="act"), in_zone(Zone.RECORD))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    act: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[dict[str, Any]]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(one_of("proposals.outcome"))
    reason_code: Mapped[str | None] = mapped_column(one_of("proposals.reason_code"))
