"""What stands before any signing, by link or on paper: form, sheet, approval, questions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.consent_history import Period
from studyhub.domain.deadlines import deadline_of
from studyhub.domain.documents import VersionText, bytes_of_form
from studyhub.domain.errors import Refused, WrongState
from studyhub.domain.lifecycle_course import QUESTION_WAITS
from studyhub.domain.signing import Given, InUse, Obstacle, SigningFacts, may_sign
from studyhub.store.consent import (
    Consent,
    Document,
    DocumentGiven,
    DocumentVersion,
    Participant,
)
from studyhub.store.people import Question
from studyhub.store.users import Study
from studyhub.workflows.protocol import text_of
from studyhub.workflows.protocol_periods import approved_periods, in_use_at, periods_of_use

# What keeps even a refusal from being stored: there would be nothing that was refused.
_NOTHING_TO_REFUSE = frozenset({"no_form_in_use", "no_sheet_given"})


_FORM_CHANGED = Obstacle(
    "form_changed",
    "The form was changed after you opened this page. Please read it as it is now.",
)
_SHEET_CHANGED = Obstacle(
    "sheet_changed",
    "You were given another information sheet after you opened this page. Please read it.",
)
_NOT_AS_APPROVED = Obstacle(
    "text_not_approved",
    "The words of this form are not those that the ethics committee approved.",
)


class CannotSign(Refused):
    """Something stands in the way of signing; each obstacle in words for the person."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        says = " ".join(obstacle.says for obstacle in obstacles)
        super().__init__(says, " ".join(obstacle.code for obstacle in obstacles))
        self.obstacles = tuple(obstacles)


class Page(Protocol):
    """What came from a page: the texts that it showed, and what was said on it."""

    @property
    def text_hash(self) -> bytes: ...
    @property
    def sheet_id(self) -> UUID: ...
    @property
    def waived(self) -> bool: ...
    @property
    def refuse(self) -> bool: ...


@dataclass(frozen=True)
class Ground:
    """The form and the sheet of one person at one instant, and what stands in the way."""

    participant_id: UUID
    language: str
    at: datetime
    next_seq: int
    facts: SigningFacts
    form: VersionText | None
    sheet: VersionText | None
    sheet_given_at: datetime | None
    text_hash: bytes
    as_approved: bool
    deadline_at: datetime | None
    questions: tuple[str, ...]

    def obstacles(self, *, waived: bool = False) -> list[Obstacle]:
        """Everything that stands in the way of signing (invariants 8, 25, 27, 31, 36, 37)."""
        found = may_sign(replace(self.facts, wait_waived=waived))
        if self.form is not None and not self.as_approved:
            found.append(_NOT_AS_APPROVED)
        return found

    def obstacles_to(self, page: Page) -> list[Obstacle]:
        """What stands in the way of what a page asks for; refusing needs a form and a sheet.

        What was shown must be what would be signed (invariants 31, 37).
        """
        found = self.obstacles(waived=page.waived)
        if page.refuse:
            found = [each for each in found if each.code in _NOTHING_TO_REFUSE]
        if found:
            return found
        if page.text_hash != self.text_hash:
            return [_FORM_CHANGED]
        given = self.facts.given
        return [] if given and given.version_id == page.sheet_id else [_SHEET_CHANGED]

    def refuse_to_sign(self, *, waived: bool) -> None:
        """CannotSign where anything stands in the way of a signing on paper."""
        found = self.obstacles(waived=waived)
        if found:
            raise CannotSign(found)

    @property
    def form_id(self) -> UUID:
        """The version of the form. WrongState without one."""
        if self.facts.form is None:
            raise WrongState("there is no consent form in use")
        return self.facts.form.version_id

    @property
    def sheet_id(self) -> UUID:
        """The version of the sheet. WrongState without one."""
        if self.facts.given is None:
            raise WrongState("no information sheet was given")
        return self.facts.given.version_id

    @property
    def mandatory(self) -> dict[str, bool]:
        """Which statements the form asks, and which of them are needed."""
        found = self.form.statements if self.form else ()
        return {each.code: each.mandatory for each in found}


def ground_of(session: Session, participant: Participant, at: datetime) -> Ground:
    """Gather what was so at an instant: now for a link, the time of signing for a paper."""
    study = session.get_one(Study, participant.study_id)
    form = in_use_at(session, study.id, "consent_form", participant.language, at)
    given = _last_given(session, participant.id, at)
    sheet = session.get(DocumentVersion, given.version_id) if given else None
    form_text = text_of(session, form) if form else None
    digest = sha256(bytes_of_form(form_text)).digest() if form_text else b""
    facts = SigningFacts(
        signed_at=at,
        form=_in_use(session, study.id, "consent_form", form),
        sheet=_in_use(session, study.id, "pis", sheet),
        given=Given(given.version_id, given.given_at) if given else None,
        approved=_approved(session, study.id, form),
        consider_hours=int(study.settings["consider_time"]),
        blocking_questions=_blocking(session, participant.id),
    )
    return Ground(
        participant_id=participant.id,
        language=participant.language,
        at=at,
        next_seq=_next_seq(session, participant.id),
        facts=facts,
        form=form_text,
        sheet=text_of(session, sheet) if sheet else None,
        sheet_given_at=given.given_at if given else None,
        text_hash=digest,
        as_approved=form is not None and form.body_hash == digest,
        deadline_at=_deadline(sheet, study.time_zone),
        questions=_answered_before(session, participant.id, at),
    )


def _in_use(
    session: Session, study: UUID, kind: str, version: DocumentVersion | None
) -> InUse | None:
    if version is None:
        return None
    return InUse(version.id, periods_of_use(session, study, kind).get(version.id))


def _approved(
    session: Session, study: UUID, form: DocumentVersion | None
) -> tuple[Period, ...]:
    """The periods of the approval that lists the form; of any, while there is no form."""
    found = approved_periods(session, study)
    if form is None:
        return tuple(period for periods in found.values() for period in periods)
    return found.get(form.approval_id, ()) if form.approval_id else ()


def _last_given(session: Session, participant_id: UUID, at: datetime) -> DocumentGiven | None:
    return session.scalar(
        select(DocumentGiven)
        .join(DocumentVersion, DocumentVersion.id == DocumentGiven.version_id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(
            DocumentGiven.participant_id == participant_id,
            DocumentGiven.given_at <= at,
            Document.kind == "pis",
        )
        .order_by(DocumentGiven.given_at.desc(), DocumentGiven.id)
        .limit(1)
    )


def _next_seq(session: Session, participant_id: UUID) -> int:
    newest = select(func.max(Consent.seq)).where(Consent.participant_id == participant_id)
    return (session.scalar(newest) or 0) + 1


def _blocking(session: Session, participant_id: UUID) -> int:
    wanted = select(func.count()).select_from(Question)
    return (
        session.scalar(
            wanted.where(
                Question.participant_id == participant_id,
                Question.blocks.is_(True),
                Question.state.in_(QUESTION_WAITS),
            )
        )
        or 0
    )


def _answered_before(session: Session, participant_id: UUID, at: datetime) -> tuple[str, ...]:
    """The ids of the questions that were answered before (invariant 26)."""
    rows = session.scalars(
        select(Question.id)
        .where(Question.participant_id == participant_id, Question.answered_at <= at)
        .order_by(Question.answered_at, Question.id)
    )
    return tuple(str(row) for row in rows)


def _deadline(sheet: DocumentVersion | None, time_zone: str) -> datetime | None:
    rule = sheet.deadline_rule if sheet else {}
    return deadline_of(rule, time_zone) if rule else None
