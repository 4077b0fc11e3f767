"""What happened between the study and one person: letters, calls, questions, consents, papers.

Rows only: none of it is opened here, and whether a letter was read is known to nobody.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.documents import Number
from studyhub.domain.lifecycle_course import QUESTION_WAITS
from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import Consent, Document, DocumentGiven, DocumentVersion
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Expression, Question


@dataclass(frozen=True)
class Happened:
    """One thing: what it was, of which kind, and in which state it is."""

    kind: str  # letter, call, question, consent, expression
    name: str
    state: str
    at: datetime
    version: str = ""
    row_id: UUID | None = None
    reason: str = ""
    theirs: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a question still waits for its answer."""
        return self.kind == "question" and self.state in QUESTION_WAITS


@dataclass(frozen=True)
class Given:
    """A version that somebody was given."""

    kind: str
    version: str
    at: datetime


def story_of(session: Session, participant_id: UUID) -> list[Happened]:
    """Everything about one participant, newest first."""
    found = [
        *_letters(session, participant_id),
        *_calls(session, participant_id),
        *_theirs(session, participant_id),
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def given_to(session: Session, participant_id: UUID) -> list[Given]:
    """The documents that somebody was given, oldest first."""
    rows = session.execute(
        select(
            Document.kind, DocumentVersion.major, DocumentVersion.minor, DocumentGiven.given_at
        )
        .join(DocumentVersion, DocumentVersion.id == DocumentGiven.version_id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(DocumentGiven.participant_id == participant_id)
        .order_by(DocumentGiven.given_at)
    )
    return [Given(kind, str(Number(major, minor)), at) for kind, major, minor, at in rows]


def why_cancelled(session: Session, letter_id: UUID) -> str:
    """The reason in the record of a letter that was taken out by itself or by hand."""
    return _fact(session, letter_id, Act.LETTER_CANCEL, "reason")


def why_back(session: Session, letter_id: UUID) -> str:
    """The code with which a letter was refused or came back, as the record has it."""
    return _fact(session, letter_id, Act.LETTER_BOUNCE, "code")


def _fact(session: Session, letter_id: UUID, act: Act, name: str) -> str:
    line = session.scalar(
        select(Event.line)
        .where(
            Event.subject == f"letter:{letter_id}",
            Event.act == act,
            Event.outcome == "done",
        )
        .order_by(Event.seq.desc())
        .limit(1)
    )
    return str(json.loads(line)["facts"].get(name, "")) if line else ""


def number_of(session: Session, version_id: UUID | None) -> str:
    """The number of a version as it is written, or nothing."""
    version = session.get(DocumentVersion, version_id) if version_id else None
    return str(Number(version.major, version.minor)) if version else ""


def _letters(session: Session, participant_id: UUID) -> Iterator[Happened]:
    rows = select(Letter).where(Letter.participant_id == participant_id)
    for row in session.scalars(rows):
        reason = why_cancelled(session, row.id) if row.state == "cancelled" else ""
        version = number_of(session, row.version_id)
        at = row.sent_at or row.not_before
        yield Happened("letter", row.purpose, row.state, at, version, row.id, reason)


def _calls(session: Session, participant_id: UUID) -> Iterator[Happened]:
    rows = select(Approach).where(
        Approach.participant_id == participant_id, Approach.version_id.is_(None)
    )
    for row in session.scalars(rows):
        yield Happened("call", row.channel, row.outcome or "", row.at, row_id=row.id)


def _theirs(session: Session, participant_id: UUID) -> Iterator[Happened]:
    mine = Expression.participant_id == participant_id
    for row in session.scalars(select(Expression).where(mine)):
        yield Happened(
            "expression", row.channel, row.state, row.received_at, row_id=row.id, theirs=True
        )
    asked = select(Question).where(Question.participant_id == participant_id)
    for question in session.scalars(asked):
        at, state = question.asked_at, question.state
        yield Happened("question", question.topic, state, at, row_id=question.id, theirs=True)
    signed = select(Consent).where(Consent.participant_id == participant_id)
    for consent in session.scalars(signed):
        version = number_of(session, consent.form_version_id)
        at, kind = consent.signed_at, consent.kind
        yield Happened("consent", consent.mode, kind, at, version, consent.id, theirs=True)
