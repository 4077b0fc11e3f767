"""Transcripts, the register of what must not be left in them, and who works on them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, object_session

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, refers_to


class Transcript(Base):
    """The text of one interview on its way to a release."""

    __tablename__ = "transcripts"
    __table_args__ = in_zone(Zone.MATERIAL)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    interview_id: Mapped[UUID] = refers_to("interviews")
    recording_id: Mapped[UUID | None] = refers_to("recordings")
    state: Mapped[str] = mapped_column(one_of("transcripts.state"), default="raw_draft")
    data_key_id: Mapped[UUID | None] = refers_to("data_keys")
    deidentified_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))

    @property
    def assignments(self) -> "Sequence[Assignment]":
        """To whom it was ever given: the policy asks for it at every act."""
        session = object_session(self)
        if session is None:
            return ()
        given = select(Assignment).where(Assignment.transcript_id == self.id)
        return session.scalars(given.order_by(Assignment.id)).all()


class TranscriptVersion(Base):
    """One finished state of a transcript. Earlier ones are never overwritten."""

    __tablename__ = "transcript_versions"
    __table_args__ = in_zone(Zone.MATERIAL)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    transcript_id: Mapped[UUID] = refers_to("transcripts")
    parent_id: Mapped[UUID | None] = refers_to("transcript_versions")
    kind: Mapped[str] = mapped_column(one_of("transcript_versions.kind"))
    kept_for_good: Mapped[bool] = mapped_column(default=True)
    body_sealed: Mapped[bytes | None]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    made_at: Mapped[datetime]


class WorkingCopy(Base):
    """The text as it is being worked on, and the decisions made about it.

    ``run_from`` and ``earlier`` are what ``domain.saving`` needs to take each save once; the
    marks of the workbench are saved by the same rule, under numbers of their own.
    """

    __tablename__ = "working_copies"
    __table_args__ = in_zone(Zone.MATERIAL)

    transcript_id: Mapped[UUID] = mapped_column(ForeignKey("transcripts.id"), primary_key=True)
    rev: Mapped[int] = mapped_column(default=0)
    body_sealed: Mapped[bytes]
    spans_sealed: Mapped[bytes]
    client_id: Mapped[str]
    client_seq: Mapped[int]
    run_from: Mapped[int] = mapped_column(default=0)
    earlier: Mapped[dict[str, Any]] = mapped_column(default=dict)
    marks_rev: Mapped[int] = mapped_column(default=0)
    marks_by: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_by: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    saved_at: Mapped[datetime]
    lock_until: Mapped[datetime | None]
    locked_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))


class SecondReading(Base):
    """What a second reader saw in a de-identified text, before it may be released.

    The places they marked and their answers are sealed; the outcome is plain.
    """

    __tablename__ = "second_readings"
    __table_args__ = in_zone(Zone.MATERIAL)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    transcript_id: Mapped[UUID] = refers_to("transcripts")
    version_id: Mapped[UUID] = refers_to("transcript_versions")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(one_of("second_readings.outcome"), default="open")
    reason_code: Mapped[str | None] = mapped_column(one_of("second_readings.reason_code"))
    body_sealed: Mapped[bytes]


class Entity(Base):
    """Somebody or something that texts mention, with the one replacement of the study."""

    __tablename__ = "entities"
    __table_args__ = in_zone(Zone.MATERIAL)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    category: Mapped[str] = mapped_column(one_of("entities.category"))
    directness: Mapped[str] = mapped_column(one_of("entities.directness"))
    state: Mapped[str] = mapped_column(one_of("entities.state"), default="active")
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    replacement_sealed: Mapped[bytes | None]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))


class RegisterEntry(Base):
    """A name or detail that must not be left in any text, sealed."""

    __tablename__ = "register_entries"
    __table_args__ = in_zone(Zone.MATERIAL)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    participant_id: Mapped[UUID | None] = refers_to("participants")
    entity_id: Mapped[UUID] = refers_to("entities")
    category: Mapped[str] = mapped_column(one_of("register_entries.category"))
    source: Mapped[str] = mapped_column(one_of("register_entries.source"))
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    body_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))


class RegisterPrint(Base):
    """A keyed print of a register entry, to recognise it without opening it."""

    __tablename__ = "register_prints"
    __table_args__ = in_zone(Zone.MATERIAL)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("register_entries.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(one_of("register_prints.kind"), primary_key=True)
    print: Mapped[bytes] = mapped_column(primary_key=True, index=True)


class Assignment(Base):
    """One piece of work given to one member: a recording, a transcript or a consent."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint(
            "CASE WHEN recording_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN transcript_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN consent_id IS NULL THEN 0 ELSE 1 END = 1",
            name="exactly_one",
        ),
        in_zone(Zone.MATERIAL),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    recording_id: Mapped[UUID | None] = refers_to("recordings")
    transcript_id: Mapped[UUID | None] = refers_to("transcripts")
    consent_id: Mapped[UUID | None] = refers_to("consents")
    membership_id: Mapped[UUID] = refers_to("memberships")
    duty: Mapped[str] = mapped_column(one_of("assignments.duty"))
    due_on: Mapped[date | None]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    ended_at: Mapped[datetime | None]


class CaseNote(Base):
    """A sealed note about a participant, an interview, an incident or a reason."""

    __tablename__ = "case_notes"
    __table_args__ = in_zone(Zone.MATERIAL)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID | None] = refers_to("participants")
    interview_id: Mapped[UUID | None] = refers_to("interviews")
    incident_id: Mapped[UUID | None] = refers_to("incidents")
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    kind: Mapped[str] = mapped_column(one_of("case_notes.kind"))
    body_sealed: Mapped[bytes]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    made_at: Mapped[datetime]
