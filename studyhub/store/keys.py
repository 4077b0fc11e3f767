"""Keys, wrapped: who may open what. Nothing here opens anything by itself."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base, in_zone, one_of, refers_to


class CompartmentKey(Base):
    """The public key that a compartment of a study is sealed to, signed."""

    __tablename__ = "compartment_keys"
    __table_args__ = (
        UniqueConstraint("study_id", "compartment", "epoch"),
        in_zone(Zone.RECORD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    compartment: Mapped[str] = mapped_column(one_of("compartment_keys.compartment"))
    epoch: Mapped[int]
    suite: Mapped[int]
    public_key: Mapped[bytes]
    signature: Mapped[bytes]
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    state: Mapped[str] = mapped_column(one_of("compartment_keys.state"), default="current")


class KeyGrant(Base):
    """A compartment's private key, wrapped to one membership or to the recovery key."""

    __tablename__ = "key_grants"
    __table_args__ = (
        CheckConstraint("(membership_id IS NULL) = to_recovery", name="member_or_recovery"),
        in_zone(Zone.RECORD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    compartment_key_id: Mapped[UUID] = refers_to("compartment_keys")
    membership_id: Mapped[UUID | None] = refers_to("memberships")
    to_recovery: Mapped[bool]
    wrapped: Mapped[bytes]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    signature: Mapped[bytes]
    granted_at: Mapped[datetime]


class DataKey(Base):
    """The key of one thing, wrapped to its compartment under a shred key."""

    __tablename__ = "data_keys"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    shred_id: Mapped[UUID] = mapped_column(index=True)
    compartment_key_id: Mapped[UUID] = refers_to("compartment_keys")
    wrapped: Mapped[bytes]


class DataKeyGrant(Base):
    """A data key wrapped to one membership or to one link, perhaps with an end."""

    __tablename__ = "data_key_grants"
    __table_args__ = (
        UniqueConstraint("data_key_id", "grantee_kind", "grantee_id"),
        in_zone(Zone.RECORD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    data_key_id: Mapped[UUID] = mapped_column(ForeignKey("data_keys.id"))
    grantee_kind: Mapped[str] = mapped_column(one_of("data_key_grants.grantee_kind"))
    grantee_id: Mapped[UUID] = mapped_column(index=True)
    wrapped: Mapped[bytes]
    ends_at: Mapped[datetime | None] = mapped_column(index=True)


class StudyKey(Base):
    """Which data key serves a purpose of the whole study."""

    __tablename__ = "study_keys"
    __table_args__ = (UniqueConstraint("study_id", "purpose"), in_zone(Zone.RECORD))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    purpose: Mapped[str] = mapped_column(one_of("study_keys.purpose"))
    data_key_id: Mapped[UUID] = refers_to("data_keys")


class SealedObject(Base):
    """A sealed file in the object store. ``root`` is empty while it is being uploaded."""

    __tablename__ = "sealed_objects"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    data_key_id: Mapped[UUID] = refers_to("data_keys")
    kind: Mapped[str] = mapped_column(one_of("sealed_objects.kind"))
    version: Mapped[int]
    store_name: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    root: Mapped[bytes | None]
    made_on: Mapped[date]
    gone_at: Mapped[datetime | None]


class File(Base):
    """A document that names no participant: an approval letter, a printed form."""

    __tablename__ = "files"
    __table_args__ = in_zone(Zone.RECORD)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    name: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes]
    sha256: Mapped[bytes]
