"""Rows about participants as the facts from which their stage and next step follow.

By code only: no key is needed to know how far somebody has come.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from studyhub.domain.consent import in_force
from studyhub.domain.consent_history import History
from studyhub.domain.errors import NotFound
from studyhub.domain.lifecycle_course import QUESTION_WAITS
from studyhub.domain.recruitment import reminders_left
from studyhub.domain.stages import Facts, Next, Plans, Stage, next_step, stage_of
from studyhub.store.consent import (
    Consent,
    Document,
    DocumentGiven,
    DocumentVersion,
    Participant,
)
from studyhub.store.interviews import Interview
from studyhub.store.people import Approach, Contact, Expression, Question
from studyhub.store.users import Study
from studyhub.store.withdrawals import Hold, Withdrawal, WithdrawalStep
from studyhub.workflows.consent_history_rows import histories_of, history_of
from studyhub.workflows.people import listed_at
from studyhub.workflows.whereabouts_record import agreed, decided, offered, texts_of

# With the text goes what somebody took part with; only signing again begins anew.
_ENDS_ALL = frozenset({"all", "further_participation", "transcript"})
_LEFT_BY = {"bounced": "unreachable", "declined": "declined"}
_BOOKED = ("scheduled", "confirmed", "in_progress")
_HELD = ("completed", "ended_early")


@dataclass(frozen=True)
class Whereabouts:
    """One participant by code: how far they came, what is next, and what hinders."""

    participant_id: UUID
    code: str
    stage: Stage
    next: Next
    reminders_left: int
    opted_out: bool
    must_sign_again: bool
    on_hold: bool
    sign_again_since: datetime | None
    interview_id: UUID | None = None


@dataclass
class _Course:
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


def whereabouts(session: Session, study: UUID, now: datetime) -> list[Whereabouts]:
    """Everybody of a study, in no order."""
    return _derive(session, study, now, None)


def whereabouts_of(
    session: Session, study: UUID, now: datetime, participant_id: UUID
) -> Whereabouts:
    """One participant. NotFound for one of another study."""
    found = _derive(session, study, now, participant_id)
    if not found:
        raise NotFound("participant")
    return found[0]


def _derive(
    session: Session, study: UUID, now: datetime, one: UUID | None
) -> list[Whereabouts]:
    people = select(Participant).where(Participant.study_id == study)
    if one is not None:
        people = people.where(Participant.id == one)
    rows = list(session.scalars(people))
    courses: defaultdict[UUID, _Course] = defaultdict(_Course)
    for row in rows:
        courses[row.id].reach("listed", listed_at(row))
    _Reader(session, study, now, one, courses).read()
    settings = session.get_one(Study, study).settings
    return [_whereabouts(row, courses[row.id], settings, now) for row in rows]


def _whereabouts(
    row: Participant, course: _Course, settings: dict[str, Any], now: datetime
) -> Whereabouts:
    stage = stage_of(Facts(course.reached, course.left, course.came_back))
    left = reminders_left(course.purposes, settings["reminders_max"])
    informed, hours = course.reached.get("informed"), timedelta(hours=settings["consider_time"])
    plans = Plans(
        reminders_left=left,
        consider_until=informed + hours if informed else None,
        question_since=course.question_since,
        interview_at=course.interview_at,
        offered_at=course.offered_at,
        sign_again_since=course.sign_again_since,
    )
    return Whereabouts(
        row.id,
        row.code,
        stage,
        next_step(stage, plans, now),
        left,
        course.opted_out,
        course.sign_again_since is not None and not stage.is_exit,
        course.on_hold,
        None if stage.is_exit else course.sign_again_since,
        course.interview_id,
    )


class _Reader:
    """One query for each kind of row, whether for one participant or for all of a study."""

    def __init__(
        self,
        session: Session,
        study: UUID,
        now: datetime,
        one: UUID | None,
        courses: defaultdict[UUID, _Course],
    ) -> None:
        self._session, self._study, self._now = session, study, now
        self._one, self._courses = one, courses

    def read(self) -> None:
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
                self._courses[row.participant_id].opted_out = True
                self._courses[row.participant_id].leave("suppressed", row.opted_out_at)

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
            course, at = self._courses[row.participant_id], row.received_at
            course.reach("interested", at)
            course.came(at)
            if row.state in ("ineligible", "declined", "lapsed", "unreachable"):
                course.leave(row.state, ended.get(row.id, at))

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
            (course := self._courses[row.participant_id]).came(row.asked_at)
            if row.state in QUESTION_WAITS:
                course.question_since = min(row.asked_at, course.question_since or row.asked_at)

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
                course.reach(
                    "scheduled", told.get(row.id) or told.get(row.participant_id, self._now)
                )
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
