"""Receive expressions of interest: from anybody, by a personal link, or noted from a call.

Who writes needs no key: the text is sealed to ``contact``, and the letter that thanks for it to
the mailer, in the same request and under the same shred key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from studyhub.domain import letter_texts
from studyhub.domain.errors import Invalid, NotFound, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION
from studyhub.domain.recruitment import SafeContact, Sending, why_not
from studyhub.domain.settings import settled
from studyhub.domain.vocabulary import Act, Actor, Role
from studyhub.store.people import Contact, Expression
from studyhub.store.users import Study
from studyhub.workflows.expressions import (
    Told,
    has_replied,
    new_expression,
    newest_of,
    shred_of,
    write_again,
)
from studyhub.workflows.kernel import Desk, Hub, Work, action
from studyhub.workflows.links import About, Capsule, make_link, open_capsule, own_link
from studyhub.workflows.post import Outgoing, to_expression

# A new expression is made of people who come back from these; of the rest it goes on.
_ENDED = ("declined", "ineligible")
_COME_BACK = ("lapsed", "unreachable", "opted_out")
_WAYS = ("email", "telephone")
MOST_FROM_ONE_PLACE = 20
# Whoever writes also says where the letter goes, so that it must not carry words of theirs.
_NO_NAME = re.compile(r"[/:@]|\.\w\w|\d{3}|.{61}")


@dataclass(frozen=True)
class PublicStudy:
    """A study as strangers see it: a neutral name, and a desk for writing to it."""

    desk: Desk
    slug: str
    neutral_name: str
    time_zone: str
    safe_site: str
    phone: str
    email: str


def public_study(hub: Hub, slug: str) -> PublicStudy:
    """The open study of that name. NotFound for any other, also for one that is closed."""
    with hub.sessions.reading.begin() as session:
        study = session.scalar(select(Study).where(Study.slug == slug, Study.state == "open"))
        if study is None:
            raise NotFound("study")
        now = settled(study.settings)
        return PublicStudy(
            desk=Desk(hub, Actor(None, None, Role.PUBLIC), study.id),
            slug=study.slug,
            neutral_name=study.neutral_name,
            time_zone=study.time_zone,
            safe_site=now["safe_site"],
            phone=now["team_phone"],
            email=now["team_email"],
        )


def is_open(hub: Hub, slug: str) -> bool:
    """Whether strangers find the public page of a study."""
    with hub.sessions.reading.begin() as session:
        return session.scalar(select(Study.state).where(Study.slug == slug)) == "open"


def slow_down(hub: Hub, source: str) -> None:
    """Count a form from a source, which is an address or the id of a link.

    Throttled when far more come than one household sends.
    """
    hub.throttles.knock("interest", source, hub.now(), free=MOST_FROM_ONE_PLACE)


@action(Act.EXPRESSION_RECEIVE)
def receive(work: Work, told: Told) -> UUID:
    """Take what somebody wrote, and thank them by letter where they gave an address."""
    if work.link_id is not None:
        made = _from_link(work, told)
    else:
        _refuse_incomplete(told, _WAYS, named=True)
        heard = work.actor.role is not Role.PUBLIC
        made = new_expression(work, told, "telephone" if heard else "web")
        if told.channel == "email":
            _acknowledge(work, made, Capsule(told.name, told.email, "en"))
    work.claim(made)
    work.note(channel=made.channel, state=made.state)
    return made.id


def _from_link(work: Work, told: Told) -> Expression:
    """Attach to the participant of the link; sent twice, it is still one expression."""
    link = own_link(work, "interest")
    if link.participant_id is None:
        raise NotFound("no such link")
    _refuse_incomplete(told, (*_WAYS, "link"), named=False)
    capsule = open_capsule(work, link)
    told = replace(told, name=told.name or capsule.name)
    address = {"link": capsule.to, "email": told.email}.get(told.channel, "")
    row = newest_of(work.session, link.participant_id)
    if row is None or row.state in _ENDED:
        row = new_expression(work, told, "link", link.participant_id)
        if address and _may_be_thanked(work, link.participant_id):
            _acknowledge(work, row, Capsule(told.name, address, capsule.lang, capsule.hours))
    else:
        _go_on(work, row, told)
    has_replied(work, link.participant_id, "replied")
    return row


def _go_on(work: Work, row: Expression, told: Told) -> None:
    if row.state == "converted":
        raise WrongState("you have signed already; write to us about anything else")
    write_again(work, row, told)
    if row.state in _COME_BACK:
        row.state = advance(row.state, Act.EXPRESSION_RECEIVE, EXPRESSION)


def _refuse_incomplete(told: Told, ways: tuple[str, ...], *, named: bool) -> None:
    """Refuse what nobody could answer, with a message for each field."""
    missing: dict[str, Callable[[], bool]] = {
        "name": lambda: named and not told.name.strip(),
        "channel": lambda: told.channel not in ways,
        "email": lambda: told.channel == "email" and not told.email,
        "phone": lambda: told.channel == "telephone" and not told.phone,
    }
    problems = {name: _MISSING[name] for name, lacks in missing.items() if lacks()}
    if problems:
        raise Invalid(problems)


_MISSING = {
    "name": "Write your name, or what we may call you",
    "channel": "Choose how we may reach you",
    "email": "Write the e-mail address that we may write to",
    "phone": "Write the number that we may call",
}


def _may_be_thanked(work: Work, participant_id: UUID) -> bool:
    """Whether a letter with a link in it may go to this person (invariant 20)."""
    contact = work.session.get(Contact, participant_id)
    wishes = SafeContact(
        by_email=True,  # they have just said so
        mailbox_private=contact is None or contact.mailbox_private,
        opted_out=contact is not None and contact.opted_out_at is not None,
    )
    return not why_not(wishes, "email", Sending("acknowledgement", holds_link=True))


def _acknowledge(work: Work, row: Expression, to: Capsule) -> None:
    """Seal the letter of thanks, with a way to stop all letters, under the expression's key."""
    study = work.session.get_one(Study, work.study)
    to = replace(to, name="" if _NO_NAME.search(to.name) else to.name)
    shred = shred_of(work.session, row)
    stop = make_link(work, About(shred, row.participant_id, row.id), ["opt_out"], to)
    letter = letter_texts.acknowledgement(name=to.name, study=study.neutral_name, stop=stop)
    to_expression(
        work,
        row.id,
        shred,
        to.to,
        Outgoing(
            "acknowledgement",
            letter.subject,
            letter.text,
            stop=stop,
            holds_link=True,
            hours=to.hours,
        ),
    )
    row.state = advance(row.state, Act.EXPRESSION_ACKNOWLEDGE, EXPRESSION)
