"""Who somebody is: card, interest, questions, letters and links are emptied.

The rows stay where others refer to them, by code and without a word of the person. A link keeps
its token's hash, so that it still shows what became of the withdrawal.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, update

from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import QUESTION
from studyhub.domain.vocabulary import Act
from studyhub.domain.withdrawals import ENDS_INTERVIEWS
from studyhub.store.consent import Participant
from studyhub.store.interviews import CallSheet, Interview, Slot
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact, Expression, Link, Question
from studyhub.workflows import letters
from studyhub.workflows.erasing_keys import Emptied
from studyhub.workflows.erasing_reach import Reach
from studyhub.workflows.kernel import Work

# About the withdrawal itself, each under a shred key of its own: they go once they were sent.
ABOUT_IT = ("withdrawal_confirmed", "suppression_confirmed")
_LINK = "withdraw"


def empty_person(work: Work, reach: Reach, done: Emptied) -> None:
    """Empty what the scopes name of who this is."""
    who = reach.participant_id
    if who is None:
        return
    if reach.scopes & ENDS_INTERVIEWS:
        work.session.execute(delete(Slot).where(Slot.interview_id.in_(_interviews(who))))
        done.counts["interview"] = _cancelled_interviews(work, who)
    if reach.erases("letter"):
        _empty_letters(work, who, done)
    elif reach.stops("letter"):
        done.counts["letter"] = _cancelled_letters(work, who)
    if reach.erases("question"):
        _empty_questions(work, who, done)
    if reach.erases("contact"):
        _empty_card(work, who, done)
        _empty_expressions(work, who, done)
        _empty_call_sheets(work, who, done)
        _empty_links(work, who)
        work.session.get_one(Participant, who).emptied_at = work.now


def letters_of(work: Work, participant_id: UUID) -> Sequence[Letter]:
    """Every letter to a person, also from before they were a participant."""
    return work.session.scalars(
        select(Letter)
        .where(
            or_(
                Letter.participant_id == participant_id,
                Letter.expression_id.in_(_expressions(participant_id)),
            ),
            Letter.purpose.not_in(ABOUT_IT),
        )
        .order_by(Letter.id)
        .with_for_update()
    ).all()


def _expressions(who: UUID) -> Select[UUID]:
    return select(Expression.id).where(Expression.participant_id == who)


def _interviews(who: UUID) -> Select[UUID]:
    return select(Interview.id).where(Interview.participant_id == who)


def _cancelled_interviews(work: Work, who: UUID) -> int:
    wanted = select(func.count(Interview.id)).where(
        Interview.participant_id == who, Interview.state == "cancelled"
    )
    return work.session.scalar(wanted) or 0


def _cancelled_letters(work: Work, who: UUID) -> int:
    wanted = select(func.count(Letter.id)).where(
        Letter.participant_id == who, Letter.state == "cancelled"
    )
    return work.session.scalar(wanted) or 0


def _empty_letters(work: Work, who: UUID, done: Emptied) -> None:
    """Nothing waits and nothing is kept of what was written to them."""
    found = letters_of(work, who)
    for row in found:
        if row.state in letters.WAITING:
            letters.cancel(work, row)
        row.body_sealed = None
    done.took("letter", (), len(found))


def _empty_questions(work: Work, who: UUID, done: Emptied) -> None:
    rows = work.session.scalars(
        select(Question).where(Question.participant_id == who).order_by(Question.id)
    ).all()
    for row in rows:
        row.text_sealed, row.answer_sealed, row.blocks = b"", None, False
        if (row.state, str(Act.ERASURE_EMPTY)) in QUESTION:
            row.state = advance(row.state, Act.ERASURE_EMPTY, QUESTION)
    done.took("question", [row.data_key_id for row in rows])


def _empty_card(work: Work, who: UUID, done: Emptied) -> None:
    row = work.session.get(Contact, who, with_for_update=True)
    if row is None:
        return
    row.details_sealed, row.email_index, row.register_due = b"", None, False
    row.by_email, row.source_id = False, None
    row.opted_out_at = row.opted_out_at or work.now
    done.took("contact", [row.data_key_id])


def _empty_expressions(work: Work, who: UUID, done: Emptied) -> None:
    rows = work.session.scalars(select(Expression).where(Expression.participant_id == who))
    for row in rows.all():
        row.body_sealed = b""
        done.keys.add(row.data_key_id)


def _empty_call_sheets(work: Work, who: UUID, done: Emptied) -> None:
    here = CallSheet.interview_id.in_(_interviews(who))
    done.keys |= set(work.session.scalars(select(CallSheet.data_key_id).where(here)))
    work.session.execute(delete(CallSheet).where(here))


def _empty_links(work: Work, who: UUID) -> None:
    """Only a link to withdraw still leads anywhere, and it knows no name and no address."""
    theirs = or_(Link.participant_id == who, Link.expression_id.in_(_expressions(who)))
    work.session.execute(
        update(Link).where(theirs).values(capsule_sealed=None, word_verifier=None)
    )
    for row in work.session.scalars(select(Link).where(theirs, Link.revoked_at.is_(None))):
        if _LINK not in row.purposes:
            row.revoked_at = work.now
