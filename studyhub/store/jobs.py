"""Work for the worker."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of


class Job(Base):
    """One piece of work, taken by one worker at a time, tried again after a failure."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "state", "not_before"), in_zone(Zone.RECORD))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(one_of("jobs.kind"))
    subject: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(one_of("jobs.state"), default="waiting")
    not_before: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
