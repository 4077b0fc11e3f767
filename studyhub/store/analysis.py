"""What analysts make: codes, codings, matrix cells, memos, exports. By label only."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, refers_to


class Code(Base):
    """A code of analysis: a sealed name and definition, perhaps under another code."""

    __tablename__ = "codes"
    __table_args__ = in_zone(Zone.RESEARCH)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    parent_id: Mapped[UUID | None] = refers_to("codes")
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    name_sealed: Mapped[bytes]
    definition_sealed: Mapped[bytes]
    colour: Mapped[str] = mapped_column(one_of("codes.colour"))
    codable: Mapped[bool]
    state: Mapped[str] = mapped_column(one_of("codes.state"), default="active")
    rev: Mapped[int] = mapped_column(default=0)


class Codebook(Base):
    """The codes as they stood at one time, frozen."""

    __tablename__ = "codebooks"
    __table_args__ = (UniqueConstraint("study_id", "number"), in_zone(Zone.RESEARCH))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    number: Mapped[int]
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    body_sealed: Mapped[bytes]
    frozen_at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))


class Coding(Base):
    """A code on a stretch of a release, from character to character."""

    __tablename__ = "codings"
    __table_args__ = in_zone(Zone.RESEARCH)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    release_id: Mapped[UUID] = refers_to("releases")
    code_id: Mapped[UUID] = refers_to("codes")
    codebook_id: Mapped[UUID | None] = refers_to("codebooks")
    start: Mapped[int]
    end: Mapped[int]
    state: Mapped[str] = mapped_column(one_of("codings.state"), default="active")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    made_at: Mapped[datetime]


class Cell(Base):
    """What a case says about a code: one square of the framework matrix."""

    __tablename__ = "cells"
    __table_args__ = (UniqueConstraint("case_id", "code_id"), in_zone(Zone.RESEARCH))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    code_id: Mapped[UUID] = refers_to("codes")
    data_key_id: Mapped[UUID | None] = refers_to("data_keys")
    summary_sealed: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(one_of("cells.status"), default="empty")
    rev: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    changed_at: Mapped[datetime]


class CellQuote(Base):
    """A coding that stands behind a cell."""

    __tablename__ = "cell_quotes"
    __table_args__ = in_zone(Zone.RESEARCH)

    cell_id: Mapped[UUID] = mapped_column(ForeignKey("cells.id"), primary_key=True)
    coding_id: Mapped[UUID] = mapped_column(
        ForeignKey("codings.id"), primary_key=True, index=True
    )


class Memo(Base):
    """A note of an analyst: on a release, on a code, or on the whole."""

    __tablename__ = "memos"
    __table_args__ = in_zone(Zone.RESEARCH)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    release_id: Mapped[UUID | None] = refers_to("releases")
    code_id: Mapped[UUID | None] = refers_to("codes")
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    body_sealed: Mapped[bytes]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    made_at: Mapped[datetime]


class Export(Base):
    """Something taken out of the system, to whom, and whether it was asked back."""

    __tablename__ = "exports"
    __table_args__ = in_zone(Zone.RESEARCH)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    kind: Mapped[str] = mapped_column(one_of("exports.kind"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    made_at: Mapped[datetime]
    sha256: Mapped[bytes]
    recipients: Mapped[str]
    recall_state: Mapped[str] = mapped_column(one_of("exports.recall_state"), default="none")


class ExportItem(Base):
    """A release that an export contains."""

    __tablename__ = "export_items"
    __table_args__ = in_zone(Zone.RESEARCH)

    export_id: Mapped[UUID] = mapped_column(ForeignKey("exports.id"), primary_key=True)
    release_id: Mapped[UUID] = mapped_column(
        ForeignKey("releases.id"), primary_key=True, index=True
    )
