"""Stopping: no more letters to somebody, from the moment they say so.

By their own link it needs no key but the link's: the capsule has the address, and the mailer,
which gets it in the confirmation, keeps a tag of it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION
from studyhub.domain.vocabulary import Act, Role
from studyhub.domain.words import CHANNELS
from studyhub.store.consent import Participant
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact, Expression
from studyhub.workflows import letters, post
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.links import open_capsule, own_link
from studyhub.workflows.people import read_card, refuse_erased


@action(Act.CONTACT_OPT_OUT)
def opt_out(
    work: Work,
    origin: str,
    *,
    participant_id: UUID | None = None,
    everywhere: bool = False,
    channel: str = "telephone",
) -> None:
    """Stop all letters to a person, at once: by their own link, or told to a team member.

    ``origin`` is a word of ``suppressions.origin``, ``channel`` how a team member was told.
    Saying it twice changes nothing, but may widen it to every study of the organisation.
    """
    if work.actor.role is Role.PARTICIPANT:
        person, channel = _by_link(work), "link"
    elif channel not in CHANNELS:
        raise Invalid({"channel": "Choose how they told you"})
    elif participant_id is not None:
        person = _by_staff(work, participant_id)
    else:
        raise WrongState("nobody is named")
    again = _already(work, person)
    gone = letters.stop(work, person.participant_id, person.expression_id)
    if person.address and (everywhere or not again):
        post.confirm_opt_out(work, person, origin=origin, everywhere=everywhere)
    work.note(channel=channel, count=gone)


@action(Act.CONTACT_REOPEN)
def reopen(work: Work, participant_id: UUID, *, channel: str, told_at: datetime) -> None:
    """Record that a person who had stopped all letters asked us to write again (M19).

    Nobody decides this for them. The mailer lets letters of this study pass from now on.
    """
    participant = work.load(Participant, participant_id)
    refuse_erased(participant)
    if channel not in CHANNELS:
        raise Invalid({"channel": "Choose how they told us"})
    if told_at > work.now:
        raise Invalid({"told_at": "This lies in the future"})
    contact = work.session.get_one(Contact, participant_id, with_for_update=True)
    if contact.opted_out_at is None and not _was_dropped(work, participant_id):
        raise WrongState("This person did not stop letters")
    if contact.opted_out_at is not None and told_at <= contact.opted_out_at:
        raise Invalid({"told_at": "They asked to stop after that"})
    contact.opted_out_at = None
    _go_on(work, participant_id)
    work.note(code=participant.code, channel=channel, **{"from": told_at.isoformat()})


def _was_dropped(work: Work, participant_id: UUID) -> bool:
    """An address that was stopped under another name: the mailer alone knows it."""
    dropped = exists().where(
        Letter.participant_id == participant_id, Letter.state == "suppressed"
    )
    return bool(work.session.scalar(select(dropped)))


def _go_on(work: Work, participant_id: UUID) -> None:
    mine = select(Expression).where(Expression.participant_id == participant_id)
    for expression in work.session.scalars(mine.with_for_update()).all():
        if (expression.state, str(Act.CONTACT_REOPEN)) in EXPRESSION:
            expression.state = advance(expression.state, Act.CONTACT_REOPEN, EXPRESSION)


def _by_link(work: Work) -> post.Stopping:
    link = own_link(work, "opt_out")
    if link.participant_id is not None:
        work.load(Participant, link.participant_id)
    else:
        work.load(Expression, link.expression_id)
    capsule = open_capsule(work, link)
    return post.Stopping(capsule.name, capsule.to, link.participant_id, link.expression_id)


def _by_staff(work: Work, participant_id: UUID) -> post.Stopping:
    work.load(Participant, participant_id)
    card = read_card(work, participant_id).card
    return post.Stopping(card.name, card.email, participant_id, None)


def _already(work: Work, person: post.Stopping) -> bool:
    if person.participant_id is not None:
        row = work.session.get_one(Contact, person.participant_id, with_for_update=True)
        return row.opted_out_at is not None
    return work.session.get_one(Expression, person.expression_id).state == "opted_out"
