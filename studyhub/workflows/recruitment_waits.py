"""How much waits for a recruiter, since when, and for whom: by code, so no key is needed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from studyhub.domain.lifecycle_course import EXPRESSION_WAITS, QUESTION_WAITS
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Participant
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression, Question
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.letters import came_back
from studyhub.workflows.whereabouts import Whereabouts, whereabouts


@dataclass(frozen=True)
class Pile:
    """How many of one kind wait, and since when the first of them."""

    number: int
    since: datetime | None


@dataclass(frozen=True)
class Waits:
    """What waits, and how many people stand where or left how; without a name."""

    expressions: Pile
    questions: Pile
    letters_back: Pile
    letters_in_doubt: Pile
    to_invite: Pile
    reminders: tuple[Whereabouts, ...]
    sign_again: tuple[Whereabouts, ...]
    standing: Counter[str]
    gone: Counter[str]


@action(Act.CONTACT_COUNT)
def waits(work: Work) -> Waits:
    """How much waits for a recruiter: numbers and codes that lead to lists."""
    work.claim_all("contact")
    found = whereabouts(work.session, work.study, work.now)
    everybody = [each for each in found if not each.stage.is_exit]
    everybody.sort(key=lambda each: (each.stage.since, each.code))
    return Waits(
        _expressions(work),
        _questions(work),
        _letters(work, came_back()),
        _letters(work, Letter.state == "sending"),
        _pile([each for each in everybody if each.stage.name == "listed"]),
        tuple(each for each in everybody if _may_remind(work, each)),
        tuple(each for each in everybody if each.sign_again_since),
        Counter(each.stage.name for each in everybody),
        Counter(each.stage.name for each in found if each.stage.is_exit),
    )


def _may_remind(work: Work, each: Whereabouts) -> bool:
    """Somebody had time to reply, and the protocol allows another reminder."""
    due = each.next.due
    allowed = each.stage.name == "approached" and each.reminders_left > 0
    return allowed and due is not None and due <= work.now


def _pile(those: Sequence[Whereabouts]) -> Pile:
    return Pile(len(those), min((each.stage.since for each in those), default=None))


def _expressions(work: Work) -> Pile:
    mine = Expression.study_id == work.study
    return _count(work, Expression.received_at, mine & Expression.state.in_(EXPRESSION_WAITS))


def _questions(work: Work) -> Pile:
    people = select(Participant.id).where(Participant.study_id == work.study)
    mine = Question.participant_id.in_(people)
    return _count(work, Question.asked_at, mine & Question.state.in_(QUESTION_WAITS))


def _letters(work: Work, which: ColumnElement[bool]) -> Pile:
    to_people = (Letter.study_id == work.study) & Letter.participant_id.is_not(None)
    return _count(work, Letter.not_before, to_people & which)


def _count(work: Work, since: Any, which: ColumnElement[bool]) -> Pile:
    number, first = work.session.execute(
        select(func.count(), func.min(since)).where(which)
    ).one()
    return Pile(number, first)
