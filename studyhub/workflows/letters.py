"""Letters that wait and no longer fit: cancelled and emptied, never altered.

Whoever performs an act that ends the reason of a letter says so here, inside that act.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from studyhub.domain.errors import WrongState
from studyhub.domain.lifecycle import LETTER, advance
from studyhub.domain.lifecycle_course import EXPRESSION
from studyhub.domain.recruitment import cancels, may_take_back, needs_approval
from studyhub.domain.vocabulary import Act, Role, Side
from studyhub.store.audit import Event
from studyhub.store.consent import Consent, DocumentGiven
from studyhub.store.keys import DataKey
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Contact, Expression
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.protocol import approval_at

WAITING = ("queued", "deferred")
# A letter in one of these states reached nobody.
GONE = ("bounced_hard", "bounced_final", "complained")
DOUBT_AFTER = timedelta(minutes=10)


@action(Act.LETTER_CANCEL)
def take_back(work: Work, letter_id: UUID, *, reason: str = "person_asked") -> None:
    """Take back a letter that has not left. WrongState when it is on its way."""
    letter = work.load(Letter, letter_id)
    if work.actor.role is not Role.SYSTEM and not may_take_back(letter.purpose):
        # It brings the copy of a consent, or tells the mailer which address wants no letters.
        raise WrongState("The person asked for this letter: it is always sent")
    cancel(work, letter)
    work.note(purpose=letter.purpose, reason=reason)


def happened(work: Work, participant_id: UUID, what: str) -> int:
    """Cancel the waiting letters to a participant that this takes out. Returns how many.

    ``what`` is a word of ``letters.cancel_when``: ``replied``, ``consented``, ``opted_out`` …
    """
    return _cancel_all(work, Letter.participant_id == participant_id, what)


def happened_to_expression(work: Work, expression_id: UUID, what: str) -> int:
    """The same for somebody who is no participant yet."""
    return _cancel_all(work, Letter.expression_id == expression_id, what)


def happened_to_purpose(work: Work, participant_id: UUID, purpose: str, what: str) -> int:
    """The same for the letters of one purpose to a participant."""
    mine = (Letter.participant_id == participant_id) & (Letter.purpose == purpose)
    return _cancel_all(work, mine, what)


def happened_to_version(work: Work, version_id: UUID, what: str = "version_superseded") -> int:
    """The same for every letter written from a version that is no longer in use."""
    return _cancel_all(work, Letter.version_id == version_id, what)


def happened_to_study(work: Work, what: str) -> int:
    """The same for every letter of the study: its approval has lapsed."""
    return _cancel_all(work, Letter.study_id == work.study, what)


def stop(work: Work, participant_id: UUID | None, expression_id: UUID | None) -> int:
    """Nothing waits any more for a person who wants no letters. Returns how many went."""
    gone = 0
    mine = Expression.id == expression_id
    if participant_id is not None:
        row = work.session.get_one(Contact, participant_id, with_for_update=True)
        row.opted_out_at = row.opted_out_at or work.now
        gone += happened(work, participant_id, "opted_out")
        mine = Expression.participant_id == participant_id
    found = select(Expression).where(mine).with_for_update()
    for expression in work.session.scalars(found).all():
        gone += happened_to_expression(work, expression.id, "opted_out")
        if (expression.state, str(Act.CONTACT_OPT_OUT)) in EXPRESSION:
            expression.state = advance(expression.state, Act.CONTACT_OPT_OUT, EXPRESSION)
    return gone


def cancel(work: Work, letter: Letter) -> None:
    """Take a letter out of the queue. It was never sent, so it was no approach."""
    letter.state = advance(letter.state, Act.LETTER_CANCEL, LETTER)
    empty(work, letter)
    approach = work.session.scalar(
        select(Approach)
        .where(
            Approach.participant_id == letter.participant_id,
            Approach.version_id == letter.version_id,
            Approach.purpose == letter.purpose,
        )
        .order_by(Approach.nth.desc())
        .limit(1)
    )
    if approach is not None:
        _not_given(work, approach)
        work.session.delete(approach)
        work.session.flush()


def in_doubt(session: Session, letter: Letter, now: datetime) -> bool:
    """Whether a letter was taken for sending so long ago that nobody will say what became."""
    taken = session.scalar(
        select(func.max(Event.at)).where(
            Event.subject == f"letter:{letter.id}",
            Event.act == Act.LETTER_SEND,
            Event.outcome == "done",
        )
    )
    return letter.state == "sending" and (taken is None or now - taken >= DOUBT_AFTER)


def is_held(session: Session, letter: Letter, now: datetime) -> bool:
    """Whether a letter to a contact waits until an approval covers it (invariant 1)."""
    is_to_contact = letter.participant_id is not None or letter.expression_id is not None
    if letter.study_id is None or not is_to_contact or not needs_approval(letter.purpose):
        return False
    return approval_at(session, letter.study_id, now) is None


def came_back() -> ColumnElement[bool]:
    """Letters that reached nobody, after which no other was sent to that person.

    Who stopped all letters waits for none.
    """
    later = aliased(Letter)
    another = exists().where(
        later.participant_id == Letter.participant_id,
        later.not_before > Letter.not_before,
        later.state.not_in((*GONE, "cancelled", "suppressed")),
    )
    stopped = exists().where(
        Contact.participant_id == Letter.participant_id, Contact.opted_out_at.is_not(None)
    )
    return and_(Letter.state.in_(GONE), ~another, ~stopped)


def mark_bounced(work: Work, letter: Letter) -> None:
    """Note on the approach that its letter came back."""
    work.session.execute(
        update(Approach)
        .where(
            Approach.participant_id == letter.participant_id,
            Approach.version_id == letter.version_id,
            Approach.purpose == letter.purpose,
            Approach.outcome.is_(None),
        )
        .values(outcome="bounced")
    )


def empty(work: Work, letter: Letter) -> None:
    """Forget what a letter said. A shred key of its own goes too; a participant's stays."""
    letter.body_sealed = None
    work.session.flush()
    keystore = work.hub.keystore
    of_study = keystore.sides([letter.shred_id]).get(letter.shred_id) == Side.STUDY
    # Whoever writes the database must not have us destroy for good what is no letter's.
    covers = select(DataKey.id).where(DataKey.shred_id == letter.shred_id).limit(1)
    if of_study and work.session.scalar(covers) is None:
        keystore.destroy([letter.shred_id], work.now, work.hub.settings.erasure_ledger)


def _cancel_all(work: Work, which: ColumnElement[bool], what: str) -> int:
    waiting = work.session.scalars(
        select(Letter)
        .where(which, Letter.state.in_(WAITING))
        .order_by(Letter.id)
        .with_for_update()
    ).all()
    gone = [letter for letter in waiting if cancels(letter.cancel_when, [what])]
    for letter in gone:
        cancel(work, letter)
    return len(gone)


def _not_given(work: Work, approach: Approach) -> None:
    """A document that was queued and taken back was given to nobody.

    Except to who signed: they had it in another way, and the consent names it.
    """
    signed = exists().where(
        Consent.participant_id == approach.participant_id,
        Consent.sheet_version_id == DocumentGiven.version_id,
    )
    work.session.execute(
        delete(DocumentGiven).where(
            ~signed,
            DocumentGiven.participant_id == approach.participant_id,
            DocumentGiven.version_id == approach.version_id,
            DocumentGiven.given_at == approach.at,
        )
    )
