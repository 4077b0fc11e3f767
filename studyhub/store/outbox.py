"""Letters, written in the transaction of their cause, and what became of them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, refers_to


class Letter(Base):
    """A finished message to one person, sealed to the mailer and emptied once sent."""

    __tablename__ = "letters"
    __table_args__ = (Index(None, "state", "not_before"), in_zone(Zone.IDENTITY))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID | None] = refers_to("studies")
    participant_id: Mapped[UUID | None] = refers_to("participants")
    expression_id: Mapped[UUID | None] = refers_to("expressions")
    user_id: Mapped[UUID | None] = refers_to("users")
    purpose: Mapped[str] = mapped_column(one_of("letters.purpose"))
    version_id: Mapped[UUID | None] = refers_to("document_versions")
    state: Mapped[str] = mapped_column(one_of("letters.state"), default="queued")
    not_before: Mapped[datetime]
    cancel_when: Mapped[list[str]]
    shred_id: Mapped[UUID] = mapped_column(index=True)
    body_sealed: Mapped[bytes | None]
    bounce_hash: Mapped[bytes] = mapped_column(unique=True)
    message_id: Mapped[str | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))


class MailEvent(Base):
    """What a mail server said about a letter."""

    __tablename__ = "mail_events"
    __table_args__ = in_zone(Zone.IDENTITY)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    letter_id: Mapped[UUID] = refers_to("letters")
    kind: Mapped[str] = mapped_column(one_of("mail_events.kind"))
    status: Mapped[str]
    at: Mapped[datetime]
    report_hash: Mapped[bytes]
