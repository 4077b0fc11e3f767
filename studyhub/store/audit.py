"""The append-only record of what was done, and its signed heads."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of


class Event(Base):
    """One act. ``line`` is exactly what was hashed; the other columns are for looking up.

    ``subject`` is not a foreign key: events outlive what they describe.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("act LIKE '_%._%'", name="act"),
        in_zone(Zone.RECORD, sqlite_with_rowid=False),
    )

    chain: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[bytes]
    digest: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)
    act: Mapped[str] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(one_of("events.outcome"))
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(index=True)


class Head(Base):
    """The signed end of a chain at one time."""

    __tablename__ = "heads"
    __table_args__ = in_zone(Zone.RECORD, sqlite_with_rowid=False)

    chain: Mapped[UUID] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes]
    at: Mapped[datetime]
    signature: Mapped[bytes]
