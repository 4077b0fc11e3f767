"""Rows about participants as the facts from which their stage and next step follow.

By code only: no key is needed to know how far somebody has come.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import NotFound
from studyhub.domain.recruitment import reminders_left
from studyhub.domain.stages import Facts, Next, Plans, Stage, next_step, stage_of
from studyhub.store.consent import Participant
from studyhub.store.users import Study
from studyhub.workflows.people import listed_at
from studyhub.workflows.whereabouts_rows import Course, courses_of


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
    courses = courses_of(session, study, now, one)
    for row in rows:
        courses[row.id].reach("listed", listed_at(row))
    settings = session.get_one(Study, study).settings
    return [_whereabouts(row, courses[row.id], settings, now) for row in rows]


def _whereabouts(
    row: Participant, course: Course, settings: dict[str, Any], now: datetime
) -> Whereabouts:
    stage = stage_of(Facts(course.reached, course.left, course.came_back))
    left = reminders_left(course.purposes, settings["reminders_max"])
    informed = course.reached.get("informed")
    hours = timedelta(hours=settings["consider_time"])
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
