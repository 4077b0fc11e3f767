"""De-identified releases and cases: a label, a sealed text, no person in sight."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, only_one, refers_to


class Release(Base):
    """A de-identified text under a label. What may be done with it is written down here."""

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("study_id", "label", "number"),
        only_one("uq_releases_one_current", "study_id", "label", where="state = 'current'"),
        in_zone(Zone.RESEARCH, sqlite_with_rowid=False),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    label: Mapped[str]
    number: Mapped[int]
    state: Mapped[str] = mapped_column(one_of("releases.state"), default="current")
    data_key_id: Mapped[UUID | None] = refers_to("data_keys")
    body_sealed: Mapped[bytes | None]
    released_on: Mapped[date]
    held: Mapped[bool]
    quotes_ok: Mapped[bool]
    sharing_ok: Mapped[bool]
    use_until: Mapped[datetime | None]


class Case(Base):
    """A label and its banded attributes."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("study_id", "label"), in_zone(Zone.RESEARCH))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    label: Mapped[str]
    data_key_id: Mapped[UUID | None] = refers_to("data_keys")
    attributes_sealed: Mapped[bytes | None]
