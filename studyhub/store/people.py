"""Who they are: contacts, expressions of interest, questions, links, suppressions."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, refers_to


class Expression(Base):
    """An expression of interest: someone told us they might take part."""

    __tablename__ = "expressions"
    __table_args__ = in_zone(Zone.IDENTITY)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    state: Mapped[str] = mapped_column(one_of("expressions.state"), default="received")
    received_at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(one_of("expressions.channel"))
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    body_sealed: Mapped[bytes]
    participant_id: Mapped[UUID | None] = refers_to("participants")
    assigned_to: Mapped[UUID | None] = refers_to("memberships")


class Contact(Base):
    """A participant's name, addresses and wishes, sealed; and what the mailer must know."""

    __tablename__ = "contacts"
    __table_args__ = in_zone(Zone.IDENTITY)

    participant_id: Mapped[UUID] = mapped_column(
        ForeignKey("participants.id"), primary_key=True
    )
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    details_sealed: Mapped[bytes]
    email_index: Mapped[bytes | None] = mapped_column(index=True)
    register_due: Mapped[bool]
    by_email: Mapped[bool]
    mailbox_private: Mapped[bool]
    opted_out_at: Mapped[datetime | None]
    assigned_to: Mapped[UUID | None] = refers_to("memberships")
    source_id: Mapped[UUID | None] = refers_to("sources")


class Source(Base):
    """Where contacts came from: a list, a network, a gatekeeper."""

    __tablename__ = "sources"
    __table_args__ = in_zone(Zone.IDENTITY)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    kind: Mapped[str] = mapped_column(one_of("sources.kind"))
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    label_sealed: Mapped[bytes]


class Approach(Base):
    """One time that a person was written to or called, and what came of it."""

    __tablename__ = "approaches"
    __table_args__ = (
        UniqueConstraint("participant_id", "version_id", "purpose", "nth"),
        in_zone(Zone.IDENTITY),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participants.id"))
    version_id: Mapped[UUID | None] = refers_to("document_versions")
    purpose: Mapped[str] = mapped_column(one_of("approaches.purpose"))
    nth: Mapped[int]
    channel: Mapped[str] = mapped_column(one_of("approaches.channel"))
    outcome: Mapped[str | None] = mapped_column(one_of("approaches.outcome"))
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))


class Link(Base):
    """A participant's way in: a mailed token, known here by its hash only."""

    __tablename__ = "links"
    __table_args__ = (
        CheckConstraint(
            "participant_id IS NOT NULL OR expression_id IS NOT NULL", name="for_somebody"
        ),
        in_zone(Zone.IDENTITY),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID | None] = refers_to("participants")
    expression_id: Mapped[UUID | None] = refers_to("expressions")
    purposes: Mapped[list[str]]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    word_verifier: Mapped[bytes | None]
    capsule_sealed: Mapped[bytes | None]
    shred_id: Mapped[UUID] = mapped_column(index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    seen_by_staff: Mapped[bool]


class Question(Base):
    """A question somebody asked before or after deciding, and its answer."""

    __tablename__ = "questions"
    __table_args__ = in_zone(Zone.IDENTITY)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = refers_to("participants")
    channel: Mapped[str] = mapped_column(one_of("questions.channel"))
    topic: Mapped[str] = mapped_column(one_of("questions.topic"))
    state: Mapped[str] = mapped_column(one_of("questions.state"), default="open")
    blocks: Mapped[bool]
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    text_sealed: Mapped[bytes]
    answer_sealed: Mapped[bytes | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    assigned_to: Mapped[UUID | None] = refers_to("memberships")


class Suppression(Base):
    """An address that is never written to again, as a tag that only the mailer can make."""

    __tablename__ = "suppressions"
    __table_args__ = in_zone(Zone.IDENTITY)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID | None] = refers_to("studies")
    tag: Mapped[bytes] = mapped_column(index=True)
    origin: Mapped[str] = mapped_column(one_of("suppressions.origin"))
    made_at: Mapped[datetime]
