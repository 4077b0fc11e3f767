"""How much waits for a recruiter: numbers only, and no key is needed for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Consent, Participant
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression, Question
from studyhub.workflows.consent_history_rows import in_force
from studyhub.workflows.contact_story import GONE
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.whereabouts import whereabouts


@dataclass(frozen=True)
class Waits:
    """How much waits for a recruiter, without a name."""

    expressions: int
    questions: int
    letters_back: int
    letters_in_doubt: int
    reminders: int
    to_invite: int
    sign_again: int
    oldest_expression: datetime | None
    oldest_question: datetime | None


@action(Act.CONTACT_COUNT)
def waits(work: Work) -> Waits:
    """How much waits for a recruiter: numbers that lead to lists."""
    work.claim_all("contact")
    everybody = whereabouts(work.session, work.study, work.now)
    waiting = [each for each in everybody if not each.stage.is_exit]
    expressions, oldest = _expressions(work)
    questions, first_asked = _questions(work)
    return Waits(
        expressions,
        questions,
        _count_letters(work, GONE),
        _count_letters(work, ("sending",)),
        sum(each.stage.name == "approached" and each.reminders_left > 0 for each in waiting),
        sum(each.stage.name == "listed" for each in waiting),
        _sign_again(work),
        oldest,
        first_asked,
    )


def _sign_again(work: Work) -> int:
    """How many signed a form that was changed since, and have to be asked again."""
    signed = select(Consent.participant_id).join(
        Participant, Participant.id == Consent.participant_id
    )
    people = set(work.session.scalars(signed.where(Participant.study_id == work.study)))
    told = (in_force(work.session, each, "participate", work.now, work.now) for each in people)
    return sum(answer.reason_code == "reconsent_due" for answer in told)


def _expressions(work: Work) -> tuple[int, datetime | None]:
    under_way = ("received", "acknowledged", "screening")
    number, first = work.session.execute(
        select(func.count(), func.min(Expression.received_at)).where(
            Expression.study_id == work.study, Expression.state.in_(under_way)
        )
    ).one()
    return number, first


def _questions(work: Work) -> tuple[int, datetime | None]:
    number, first = work.session.execute(
        select(func.count(), func.min(Question.asked_at))
        .join(Participant, Participant.id == Question.participant_id)
        .where(Participant.study_id == work.study, Question.state.in_(("open", "assigned")))
    ).one()
    return number, first


def _count_letters(work: Work, states: Sequence[str]) -> int:
    wanted = select(func.count()).where(
        Letter.study_id == work.study,
        Letter.state.in_(states),
        Letter.participant_id.is_not(None),
    )
    return work.session.scalar(wanted) or 0
