"""Rows about participants as the course of each: what was reached, left and asked, and when.

By code only: no key is needed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from studyhub.domain.consent import in_force
from studyhub.domain.consent_history import History
from studyhub.domain.lifecycle_course import QUESTION_WAITS
from studyhub.store.consent import (
    Consent,
    Document,
    DocumentGiven,
    DocumentVersion,
    Participant,
)
from studyhub.store.interviews import Interview
from studyhub.store.people import Approach, Contact, Expression, Question
from studyhub.store.withdrawals import Hold, Withdrawal, WithdrawalStep
from studyhub.workflows.consent_history_rows import histories_of, history_of
from studyhub.workflows.whereabouts_record import agreed, decided, offered, texts_of

# With the text goes what somebody took part with; only signing again begins anew.
_ENDS_ALL = frozenset({"all", "further_participation", "transcript"})
_LEFT_BY = {"bounced": "unreachable", "declined": "declined"}
_BOOKED = ("scheduled", "confirmed", "in_progress")
_HELD = ("completed", "ended_early")


@dataclass
class Course:
    """What was found about one participant so far."""

    reached: dict[str, datetime] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)
    purposes: list[str] = field(default_factory=list)
    came_back: datetime | None = None
    question_since: datetime | None = None
    interview_at: datetime | None = None
    interview_id: UUID | None = None
    offered_at: datetime | None = None
    opted_out: bool = False
    signed_at: datetime | None = None
    sign_again_since: datetime | None = None
    on_hold: bool = False

    def reach(self, stage: str, at: datetime | None) -> None:
        """The first time counts."""
        if at is not None:
            self.reached[stage] = min(at, self.reached.get(stage, at))

    def leave(self, how: str, at: datetime) -> None:
        """The last time counts."""
        self.left[how] = max(at, self.left.get(how, at))

    def came(self, at: datetime) -> None:
        self.came_back = max(at, self.came_back or at)


def courses_of(
    session: Session, study: UUID, now: datetime, one: UUID | None
) -> defaultdict[UUID, Course]:
    """What was found about one participant, or about everybody of a study; new for the rest."""
    return _Reader(session, study, now, one).read()


class _Reader:
    """One query for each kind of row, whether for one participant or for all of a study."""

    def __init__(self, session: Session, study: UUID, now: datetime, one: UUID | None) -> None:
        self._session, self._study, self._now, self._one = session, study, now, one
        self._courses: defaultdict[UUID, Course] = defaultdict(Course)

    def read(self) -> defaultdict[UUID, Course]:
        self._contacts()
        self._approaches()
        self._expressions()
        self._sheets()
        self._questions()
        self._consents()
        self._interviews()
        self._texts()
        self._withdrawals()
        self._holds()
        return self._courses

    def _rows(self, table: Any) -> Iterable[Any]:
        wanted: Select[Any] = (
            select(table)
            .join(Participant, Participant.id == table.participant_id)
            .where(Participant.study_id == self._study)
        )
        if self._one is not None:
            wanted = wanted.where(table.participant_id == self._one)
        return self._session.scalars(wanted).all()

    def _contacts(self) -> None:
        for row in self._rows(Contact):
            if row.opted_out_at is not None:
                course = self._courses[row.participant_id]
                course.opted_out = True
                course.leave("suppressed", row.opted_out_at)

    def _approaches(self) -> None:
        for row in self._rows(Approach):
            course = self._courses[row.participant_id]
            course.purposes.append(row.purpose)
            course.reach("approached", row.at)
            if row.outcome == "replied":
                course.came(row.at)
            if row.outcome in _LEFT_BY:
                course.leave(_LEFT_BY[row.outcome], row.at)

    def _expressions(self) -> None:
        ended = decided(self._session, self._study, self._one)
        for row in self._rows(Expression):
            course = self._courses[row.participant_id]
            course.reach("interested", row.received_at)
            course.came(row.received_at)
            if row.state in ("ineligible", "declined", "lapsed", "unreachable"):
                course.leave(row.state, ended.get(row.id, row.received_at))

    def _sheets(self) -> None:
        wanted = (
            select(DocumentGiven.participant_id, func.min(DocumentGiven.given_at))
            .join(DocumentVersion, DocumentVersion.id == DocumentGiven.version_id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(Document.study_id == self._study, Document.kind == "pis")
            .group_by(DocumentGiven.participant_id)
        )
        if self._one is not None:
            wanted = wanted.where(DocumentGiven.participant_id == self._one)
        for participant_id, at in self._session.execute(wanted):
            self._courses[participant_id].reach("informed", at)

    def _questions(self) -> None:
        for row in self._rows(Question):
            course = self._courses[row.participant_id]
            course.came(row.asked_at)
            if row.state in QUESTION_WAITS:
                since = course.question_since
                course.question_since = min(row.asked_at, since or row.asked_at)

    def _consents(self) -> None:
        for row in self._rows(Consent):
            course = self._courses[row.participant_id]
            if row.kind == "refused":
                course.leave("declined", row.signed_at)
            elif course.signed_at or self._takes_part(row.participant_id):
                course.signed_at = max(row.signed_at, course.signed_at or row.signed_at)
                course.reach("consented", row.signed_at)

    def _takes_part(self, participant_id: UUID) -> bool:
        history = self._histories[participant_id]
        told = in_force(history, "participate", self._now, self._now, provisional=True)
        if told.reason_code == "reconsent_due":
            self._courses[participant_id].sign_again_since = self._asked_again
        return told.answer != "no"

    @cached_property
    def _histories(self) -> Mapping[UUID, History]:
        if self._one is not None:
            return {self._one: history_of(self._session, self._one)}
        return histories_of(self._session, self._study)

    @cached_property
    def _asked_again(self) -> datetime:
        """Since when the newest form is in use that everybody has to sign again."""
        wanted = (
            select(func.max(DocumentVersion.use_from))
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(
                Document.study_id == self._study,
                Document.kind == "consent_form",
                DocumentVersion.reconsent == "all_active",
                DocumentVersion.use_from <= self._now,
            )
        )
        return self._session.scalar(wanted) or self._now

    def _interviews(self) -> None:
        those = (self._session, self._study, self._one)
        asked, told = offered(*those), agreed(*those)
        for row in self._rows(Interview):
            course = self._courses[row.participant_id]
            if row.state == "proposed":
                course.interview_id, course.offered_at = row.id, asked.get(row.id)
            if row.state in _BOOKED:
                course.reach("scheduled", told.get(row.id, self._now))
                course.interview_at, course.interview_id = row.planned_at, row.id
            if row.state in _HELD:
                course.reach("interviewed", row.ended_at or row.started_at)

    def _texts(self) -> None:
        for participant_id, stage, at in texts_of(self._session, self._study, self._one):
            self._courses[participant_id].reach(stage, at)

    def _withdrawals(self) -> None:
        back = set(
            self._session.scalars(
                select(WithdrawalStep.withdrawal_id).where(WithdrawalStep.step == "retracted")
            )
        )
        for row in self._rows(Withdrawal):
            course = self._courses[row.participant_id]
            again = course.signed_at is not None and course.signed_at > row.received_at
            if row.id not in back and not again and _ENDS_ALL & set(row.scopes):
                course.leave("withdrawn", row.received_at)

    def _holds(self) -> None:
        for row in self._rows(Hold):
            if row.closed_at is None:
                self._courses[row.participant_id].on_hold = True
