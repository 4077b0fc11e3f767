"""Sort and decide expressions of interest: known contact, new person, not eligible, junk.

A participant is made by the decision that somebody is eligible, never before (invariant 24). An
address that is known already is attached, or the recruiter says that it is somebody else's
(invariant 23); either way the event tells it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from studyhub.domain.documents import number_from
from studyhub.domain.errors import Invalid, NotFound, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION, EXPRESSION_WAITS, choosing
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Participant
from studyhub.store.people import Contact, Expression
from studyhub.store.users import Study
from studyhub.workflows.expressions import (
    Known,
    Told,
    give_to,
    has_replied,
    known_contacts,
    new_expression,
    newest_of,
    told_in,
)
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.links import open_capsule, own_link
from studyhub.workflows.pages import Cut, cut_by_time
from studyhub.workflows.people import (
    Card,
    index_email,
    new_card,
    new_participant,
    refuse_erased,
)
from studyhub.workflows.register import write_register
from studyhub.workflows.whereabouts import whereabouts_of

OUTCOMES = ("eligible", "ineligible", "declined", "lapsed", "unreachable", "considering")
AT_ONCE = 25


@dataclass(frozen=True)
class ExpressionView:
    """One expression as the recruiter sees it."""

    id: UUID
    state: str
    channel: str
    received_at: datetime
    told: Told
    participant_id: UUID | None
    code: str


@dataclass(frozen=True)
class Opened:
    """One expression, with every other contact of the same address.

    ``asked_again``: they signed a form that changed since then, and get a new link.
    """

    view: ExpressionView
    known: tuple[Known, ...]
    asked_again: bool


@action(Act.EXPRESSION_LIST)
def waiting(work: Work, *, done: bool = False, after: str = "") -> Cut[ExpressionView]:
    """Open the expressions that wait, longest first; or those that are done, newest first."""
    waits = Expression.state.in_(EXPRESSION_WAITS)
    query = select(Expression).where(
        Expression.study_id == work.study,
        func.length(Expression.body_sealed) > 0,  # else it was erased
        ~waits if done else waits,
    )
    place = (Expression.received_at, Expression.id)
    found = cut_by_time(
        work.session, query, place, size=AT_ONCE, after=after, newest_first=done
    )
    work.claim_all("expressions")
    work.note(count=len(found.page.rows))
    return found.drawn(lambda row: _view(work, row))


@action(Act.EXPRESSION_READ)
def read(work: Work, expression_id: UUID) -> Opened:
    """Open one expression and look for contacts with its address."""
    row = work.load(Expression, expression_id)
    view = _view(work, row)
    known = known_contacts(work, view.told)
    others = tuple(each for each in known if each.participant_id != row.participant_id)
    return Opened(view, others, _asked_again(work, row))


def _asked_again(work: Work, row: Expression) -> bool:
    if row.participant_id is None or row.state != "converted":
        return False
    where = whereabouts_of(work.session, work.study, work.now, row.participant_id)
    return where.must_sign_again


@action(Act.EXPRESSION_ACKNOWLEDGE)
def acknowledge(work: Work, expression_id: UUID) -> None:
    """Note that the person was told, by telephone, that their message arrived."""
    row = work.load(Expression, expression_id)
    row.state = advance(row.state, Act.EXPRESSION_ACKNOWLEDGE, EXPRESSION)
    row.assigned_to = work.actor.membership_id
    work.note(channel="telephone", state=row.state)


@action(Act.EXPRESSION_TRIAGE)
def attach(
    work: Work,
    expression_id: UUID,
    kind: str,
    *,
    known_as: UUID | None = None,
    another_person: bool = False,
) -> None:
    """Say who wrote: ``known`` attaches to a contact, ``new`` is nobody known, or ``junk``."""
    row = work.load(Expression, expression_id)
    row.assigned_to = work.actor.membership_id
    if kind == "junk":
        row.state = advance(
            row.state, choosing(Act.EXPRESSION_DECIDE, "ineligible"), EXPRESSION
        )
    elif kind in {"known", "new"}:
        row.state = advance(row.state, Act.EXPRESSION_TRIAGE, EXPRESSION)
        if kind == "known":
            _attach_to(work, row, known_as)
        else:
            _refuse_known(work, row, told_in(work, row), another_person=another_person)
    else:
        raise Invalid({"kind": "Choose what this is"})
    work.note(kind=kind, state=row.state)


def _attach_to(work: Work, row: Expression, known_as: UUID | None) -> None:
    if row.participant_id not in {None, known_as}:
        raise WrongState("this came by the personal link of somebody else")
    contact = work.session.get(Contact, known_as) if known_as else None
    participant = work.session.get(Participant, known_as) if known_as else None
    if contact is None or participant is None or participant.study_id != work.study:
        raise Invalid({"known_as": "Choose the contact who wrote this"})
    refuse_erased(participant)
    give_to(work, row, participant.id)
    has_replied(work, participant.id, "replied")
    work.note(code=participant.code)


def _refuse_known(work: Work, row: Expression, told: Told, *, another_person: bool) -> None:
    """Invariant 23: nobody is made twice without a recorded decision."""
    if row.participant_id is not None:
        raise WrongState("this expression is attached to a contact already")
    found = known_contacts(work, told)
    if found and not another_person:
        known = ", ".join(each.code for each in found)
        says = f"This address is already known as {known}: attach it, or say why not"
        raise Invalid({"another_person": says})
    if found:
        work.note(answer="another_person")


@dataclass(frozen=True)
class Eligible:
    """Why somebody may take part, and what a card needs besides what they wrote.

    ``criteria`` is the version of the criteria that were looked at (invariant 24).
    """

    criteria: str = ""
    another_person: bool = False
    mailbox_private: bool = True


def decide(
    desk: Desk,
    expression_id: UUID | None,
    outcome: str,
    eligible: Eligible = Eligible(),
) -> UUID | None:
    """Record what comes of an expression; by a link the person themselves says no.

    Returns the participant: ``eligible`` makes one of somebody who was not known, and writes
    their names into the register.
    """
    participant_id = record_decision(desk, expression_id, outcome, eligible)
    by_staff = desk.keys.link_id is None
    if by_staff and outcome == "eligible" and participant_id is not None:
        write_register(desk, participant_id)
    return participant_id


@action(Act.EXPRESSION_DECIDE)
def record_decision(
    work: Work, expression_id: UUID | None, outcome: str, eligible: Eligible
) -> UUID | None:
    """The act of ``decide``."""
    if work.link_id is not None:
        row, outcome = _of_own_link(work), "declined"
    elif expression_id is None or outcome not in OUTCOMES:
        raise Invalid({"outcome": "Choose what comes of it"})
    else:
        row = work.load(Expression, expression_id)
        row.assigned_to = work.actor.membership_id
    if row.state != outcome or work.link_id is None:
        row.state = advance(row.state, choosing(Act.EXPRESSION_DECIDE, outcome), EXPRESSION)
    if outcome == "eligible":
        _make_eligible(work, row, eligible)
    if outcome == "declined" and row.participant_id is not None:
        has_replied(work, row.participant_id, "declined")
    work.note(state=row.state)
    return row.participant_id


def _of_own_link(work: Work) -> Expression:
    """The expression of the person who came by a link; they may never have written before."""
    link = own_link(work, "interest", "sheet", "consent")
    if link.participant_id is None:
        raise NotFound("no such link")
    row = newest_of(work.session, link.participant_id)
    if row is None:
        told = Told(open_capsule(work, link).name, "link")
        row = new_expression(work, told, "link", link.participant_id)
    if row.state == "converted":
        raise WrongState("you have signed already; you can take part of it or all of it back")
    work.claim(row)
    return row


def _make_eligible(work: Work, row: Expression, eligible: Eligible) -> None:
    version = number_from(eligible.criteria.strip())
    if version is None:
        raise Invalid({"criteria": "Write the version of the criteria, like 1.0"})
    work.note(version=str(version))
    if row.participant_id is not None:
        refuse_erased(work.session.get_one(Participant, row.participant_id))
        return
    told = told_in(work, row)
    _refuse_known(work, row, told, another_person=eligible.another_person)
    participant = new_participant(work, _language(work))
    new_card(
        work,
        participant,
        _card_of(told),
        by_email=bool(told.email) and told.channel == "email",
        mailbox_private=eligible.mailbox_private,
    )
    if told.email:
        index_email(work, participant.id, told.email)
    give_to(work, row, participant.id)
    work.note(code=participant.code)


def _card_of(told: Told) -> Card:
    return Card(
        name=told.name,
        email=told.email,
        phone=told.phone,
        safe_contact=told.safe_contact,
        by_telephone=told.channel == "telephone",
        preference=told.preference,
        note=told.note,
    )


def _language(work: Work) -> str:
    languages: list[str] = work.session.get_one(Study, work.study).settings["languages"]
    return languages[0]


def _view(work: Work, row: Expression) -> ExpressionView:
    participant = (
        work.session.get(Participant, row.participant_id) if row.participant_id else None
    )
    return ExpressionView(
        id=row.id,
        state=row.state,
        channel=row.channel,
        received_at=row.received_at,
        told=told_in(work, row),
        participant_id=row.participant_id,
        code=participant.code if participant else "",
    )
