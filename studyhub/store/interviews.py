"""Interviews, their recordings, and what went wrong."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, only_one, refers_to


class Interview(Base):
    """One conversation with one participant, planned or held."""

    __tablename__ = "interviews"
    __table_args__ = in_zone(Zone.COURSE)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = refers_to("participants")
    state: Mapped[str] = mapped_column(one_of("interviews.state"), default="proposed")
    mode: Mapped[str] = mapped_column(one_of("interviews.mode"))
    planned_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    interviewer_id: Mapped[UUID | None] = refers_to("memberships")
    guide_version_id: Mapped[UUID | None] = refers_to("document_versions")
    calendar_uid: Mapped[str] = mapped_column(unique=True)
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    still_willing_at: Mapped[datetime | None]
    may_record: Mapped[str | None] = mapped_column(one_of("interviews.may_record"))
    others_present: Mapped[str | None] = mapped_column(one_of("interviews.others_present"))
    setting: Mapped[str | None] = mapped_column(one_of("interviews.setting"))
    relationship: Mapped[str | None] = mapped_column(one_of("interviews.relationship"))


class Slot(Base):
    """A time offered for an interview."""

    __tablename__ = "slots"
    __table_args__ = (
        only_one("uq_slots_one_chosen", "interview_id", where="chosen_at IS NOT NULL"),
        in_zone(Zone.COURSE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    interview_id: Mapped[UUID] = refers_to("interviews")
    starts_at: Mapped[datetime]
    offered_at: Mapped[datetime]
    chosen_at: Mapped[datetime | None]


class CallSheet(Base):
    """What an interviewer must know to reach the person, visible around the appointment."""

    __tablename__ = "call_sheets"
    __table_args__ = in_zone(Zone.IDENTITY)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    interview_id: Mapped[UUID] = refers_to("interviews")
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    body_sealed: Mapped[bytes]
    visible_from: Mapped[datetime]
    visible_until: Mapped[datetime]


class Upload(Base):
    """A recording on its way in. Taken over by a recording of the same id."""

    __tablename__ = "uploads"
    __table_args__ = in_zone(Zone.MATERIAL)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    interview_id: Mapped[UUID] = refers_to("interviews")
    object_id: Mapped[UUID] = refers_to("sealed_objects")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    length: Mapped[int]
    metadata_given: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(one_of("uploads.state"), default="receiving")
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Recording(Base):
    """The sound of one interview. The file is sealed; its data key is a row of its own."""

    __tablename__ = "recordings"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('accepted', 'transcribed', 'checked') OR gate_id IS NOT NULL",
            name="gate",
        ),
        in_zone(Zone.MATERIAL),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    interview_id: Mapped[UUID] = refers_to("interviews")
    object_id: Mapped[UUID | None] = refers_to("sealed_objects")
    state: Mapped[str] = mapped_column(one_of("recordings.state"), default="quarantined")
    media_type: Mapped[str] = mapped_column(one_of("recordings.media_type"))
    duration_s: Mapped[int | None]
    started_at: Mapped[datetime | None]
    deposited_by: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    deposited_at: Mapped[datetime]
    gate_id: Mapped[UUID | None] = refers_to("gate_answers")
    dispose_at: Mapped[datetime | None] = mapped_column(index=True)


class Rendition(Base):
    """What was made from a recording to listen to and look at it."""

    __tablename__ = "renditions"
    __table_args__ = in_zone(Zone.MATERIAL)

    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recordings.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(one_of("renditions.kind"), primary_key=True)
    object_id: Mapped[UUID] = refers_to("sealed_objects")


class Incident(Base):
    """Something that went wrong, by kind only; the story is a sealed note."""

    __tablename__ = "incidents"
    __table_args__ = in_zone(Zone.COURSE)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    participant_id: Mapped[UUID | None] = refers_to("participants")
    kind: Mapped[str] = mapped_column(one_of("incidents.kind"))
    state: Mapped[str] = mapped_column(one_of("incidents.state"), default="reported")
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    reported_at: Mapped[datetime]
