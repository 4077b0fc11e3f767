"""Approvals, documents and what each participant, known by code only, agreed to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from studyhub.domain.vocabulary import Zone
from studyhub.domain.words import AMENDMENT_STATES, APPROVAL_STATES
from studyhub.store.db import Base, in_zone, one_of, only_one, refers_to


def _state_of_kind() -> CheckConstraint:
    """The first approval and its amendments each have states of their own."""
    first, later = (
        ", ".join(f"'{state}'" for state in states)
        for states in (APPROVAL_STATES, AMENDMENT_STATES)
    )
    return CheckConstraint(
        f"kind = 'initial' AND state IN ({first}) OR kind <> 'initial' AND state IN ({later})",
        name="state_of_kind",
    )


class Approval(Base):
    """What an ethics committee decided, on the study or on an amendment."""

    __tablename__ = "approvals"
    __table_args__ = (_state_of_kind(), in_zone(Zone.RECORD))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = refers_to("studies")
    kind: Mapped[str] = mapped_column(one_of("approvals.kind"))
    committee: Mapped[str]
    reference: Mapped[str]
    state: Mapped[str] = mapped_column(one_of("approvals.state"))
    decided_on: Mapped[date | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    conditions: Mapped[str]
    reconsent: Mapped[str] = mapped_column(one_of("approvals.reconsent"))
    letter_id: Mapped[UUID | None] = refers_to("files")
    amends_id: Mapped[UUID | None] = refers_to("approvals")


class Document(Base):
    """A kind of text in one language for one audience; its words are in the versions."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("study_id", "kind", "language", "audience"),
        in_zone(Zone.RECORD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    kind: Mapped[str] = mapped_column(one_of("documents.kind"))
    language: Mapped[str]
    audience: Mapped[str]


class DocumentVersion(Base):
    """The words of a document. Frozen once they leave draft and review."""

    __tablename__ = "document_versions"
    __table_args__ = (
        UniqueConstraint("document_id", "major", "minor"),
        CheckConstraint("approved_by <> author_id", name="approved_by_another"),
        only_one(
            "uq_document_versions_one_effective", "document_id", where="state = 'effective'"
        ),
        in_zone(Zone.RECORD, sqlite_with_rowid=False),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    major: Mapped[int]
    minor: Mapped[int]
    state: Mapped[str] = mapped_column(one_of("document_versions.state"), default="draft")
    body: Mapped[str]
    body_hash: Mapped[bytes | None]
    file_id: Mapped[UUID | None] = refers_to("files")
    author_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    approval_id: Mapped[UUID | None] = refers_to("approvals")
    use_from: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    reconsent: Mapped[str] = mapped_column(one_of("document_versions.reconsent"))
    deadline_rule: Mapped[dict[str, Any]]


class Statement(Base):
    """One thing a consent form asks, answered on its own. Frozen with its version."""

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        in_zone(Zone.RECORD, sqlite_with_rowid=False),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("document_versions.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(one_of("statements.code"))
    wording: Mapped[str]
    mandatory: Mapped[bool]


class Participant(Base):
    """Somebody who may take part, by a random code. Who it is stands elsewhere."""

    __tablename__ = "participants"
    __table_args__ = (UniqueConstraint("study_id", "code"), in_zone(Zone.COURSE))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"))
    code: Mapped[str]
    language: Mapped[str]
    listed_on: Mapped[date]
    deadline_at: Mapped[datetime | None] = mapped_column(index=True)
    emptied_at: Mapped[datetime | None]


class DocumentGiven(Base):
    """Which version was given to whom, when and how."""

    __tablename__ = "documents_given"
    __table_args__ = in_zone(Zone.COURSE)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = refers_to("participants")
    version_id: Mapped[UUID] = refers_to("document_versions")
    channel: Mapped[str] = mapped_column(one_of("documents_given.channel"))
    given_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))


class Consent(Base):
    """One signing or refusal. Append-only: what happened later is a consent event."""

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("participant_id", "seq"),
        CheckConstraint("signed_at <= entered_at", name="entered_after_signing"),
        in_zone(Zone.COURSE, sqlite_with_rowid=False),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = mapped_column(ForeignKey("participants.id"))
    seq: Mapped[int]
    form: Mapped[str]
    form_version_id: Mapped[UUID] = refers_to("document_versions")
    sheet_version_id: Mapped[UUID] = refers_to("document_versions")
    mode: Mapped[str] = mapped_column(one_of("consents.mode"))
    capacity: Mapped[str] = mapped_column(one_of("consents.capacity"))
    kind: Mapped[str] = mapped_column(one_of("consents.kind"))
    signed_at: Mapped[datetime]
    time_source: Mapped[str] = mapped_column(one_of("consents.time_source"))
    entered_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    interpreter: Mapped[bool]
    wait_waived: Mapped[bool]
    text_hash: Mapped[bytes]
    questions: Mapped[list[str]]
    evidence_root: Mapped[bytes | None]
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("consents.id"), unique=True)
    deadline_at: Mapped[datetime | None]


class Decision(Base):
    """The answer to one statement of one consent. Append-only."""

    __tablename__ = "decisions"
    __table_args__ = in_zone(Zone.COURSE, sqlite_with_rowid=False)

    consent_id: Mapped[UUID] = mapped_column(ForeignKey("consents.id"), primary_key=True)
    statement_id: Mapped[UUID] = mapped_column(
        ForeignKey("statements.id"), primary_key=True, index=True
    )
    answer: Mapped[str] = mapped_column(one_of("decisions.answer"))


class ConsentEvent(Base):
    """What was done about a consent after signing. Append-only."""

    __tablename__ = "consent_events"
    __table_args__ = in_zone(Zone.COURSE, sqlite_with_rowid=False)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    consent_id: Mapped[UUID] = refers_to("consents")
    kind: Mapped[str] = mapped_column(one_of("consent_events.kind"))
    at: Mapped[datetime]
    entered_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("memberships.id"))
    reason_code: Mapped[str | None] = mapped_column(one_of("consent_events.reason_code"))


class GateAnswer(Base):
    """What ``in_force`` answered at a gate, and from which consent. Append-only."""

    __tablename__ = "gate_answers"
    __table_args__ = in_zone(Zone.COURSE, sqlite_with_rowid=False)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    participant_id: Mapped[UUID] = refers_to("participants")
    statement_code: Mapped[str] = mapped_column(one_of("gate_answers.statement_code"))
    at: Mapped[datetime]
    known_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(one_of("gate_answers.answer"))
    consent_id: Mapped[UUID | None] = refers_to("consents")
    reason_code: Mapped[str] = mapped_column(one_of("gate_answers.reason_code"))


class Evidence(Base):
    """What proves a consent: the copy, a drawing, a scan, a voice."""

    __tablename__ = "evidence"
    __table_args__ = in_zone(Zone.IDENTITY)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    consent_id: Mapped[UUID] = refers_to("consents")
    kind: Mapped[str] = mapped_column(one_of("evidence.kind"))
    object_id: Mapped[UUID] = refers_to("sealed_objects")
