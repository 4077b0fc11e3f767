"""Give people the information sheet and the consent form, with proof of version and time.

Each person has one link for sheet, questions and consent: a new one makes the old one useless.
A link that staff saw, because it was handed over by hand, is marked as such.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from studyhub.domain import letter_texts
from studyhub.domain.documents import Number
from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import DocumentGiven, DocumentVersion, Participant
from studyhub.store.people import Approach, Link, Question
from studyhub.store.users import Study, User
from studyhub.workflows import links
from studyhub.workflows.expressions import newest_of
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.links import About, Capsule
from studyhub.workflows.people import OpenCard, read_card, refuse_erased
from studyhub.workflows.post import Outgoing, to_participant
from studyhub.workflows.protocol import need_approval
from studyhub.workflows.protocol_periods import need_effective
from studyhub.workflows.whereabouts import whereabouts_of

PURPOSES = ("sheet", "questions", "consent")
# What a new link of this kind does not replace.
_KEPT = frozenset({"opt_out", "withdraw", "copy", "page", "interview", "interest"})
_GOES_ON = ("info_sent", "considering")


@dataclass(frozen=True)
class Prepared:
    """The sheet and the form in use for one person, and the study."""

    study: Study
    sheet: DocumentVersion
    form: DocumentVersion

    @property
    def sheet_number(self) -> str:
        return str(Number(self.sheet.major, self.sheet.minor))


@action(Act.INFORMATION_SEND)
def send(work: Work, participant_id: UUID) -> UUID:
    """Send the sheet and the consent link; keep which versions were given, and when."""
    participant = work.load(Participant, participant_id)
    approval = need_approval(work.session, work.study, work.now)
    ready = _prepare(work, participant)
    _move_expression(work, participant_id)
    person = read_card(work, participant_id)
    days = int(ready.study.settings["link_days"])
    address = _new_link(work, person, days)
    sender = _own_name(work)
    letter = letter_texts.information(
        letter_texts.InformationLetter(
            name=person.card.name,
            study=ready.study.neutral_name,
            sender=sender,
            address=address,
            sheet=ready.sheet_number,
            consider_hours=int(ready.study.settings["consider_time"]),
            until=_day(work.now + timedelta(days=days), ready.study.time_zone),
            approval=f"{approval.committee}, {approval.reference}",
        )
    )
    outgoing = Outgoing(
        "information", letter.subject, letter.text, ready.sheet.id, holds_link=True
    )
    letter_id = to_participant(work, person, outgoing)
    _give(work, participant, ready, "email")
    _approach(work, participant, ready.sheet)
    work.note(code=participant.code, letter=str(letter_id))
    return letter_id


def _prepare(work: Work, participant: Participant) -> Prepared:
    refuse_erased(participant)
    language = participant.language
    return Prepared(
        work.session.get_one(Study, work.study),
        need_effective(work.session, work.study, "pis", language, work.now),
        need_effective(work.session, work.study, "consent_form", language, work.now),
    )


def _move_expression(work: Work, participant_id: UUID) -> None:
    """Only who was found eligible is informed; sending again changes nothing.

    Who signed is informed once more only where the form changed for everybody (invariant 9).
    """
    row = newest_of(work.session, participant_id)
    if row is None:
        raise WrongState("nobody has noted yet that this person is interested")
    where = whereabouts_of(work.session, work.study, work.now, participant_id)
    if row.state == "converted" and where.must_sign_again:
        return
    if row.state not in _GOES_ON:
        row.state = advance(row.state, Act.INFORMATION_SEND, EXPRESSION)


def _new_link(work: Work, person: OpenCard, days: int, *, seen_by_staff: bool = False) -> str:
    """A link in the place of earlier ones; it opens the questions that were asked before."""
    links.revoke(work, person.participant_id, keep=_KEPT)
    return links.make_link(
        work,
        About(person.key.shred_id, person.participant_id),
        PURPOSES,
        Capsule(person.card.name, person.card.email, person.language, person.hours),
        shows=list(_keys_of_questions(work, person.participant_id)),
        days=days,
        seen_by_staff=seen_by_staff,
    )


def _keys_of_questions(work: Work, participant_id: UUID) -> Iterator[OpenKey]:
    rows = work.session.scalars(
        select(Question.data_key_id).where(Question.participant_id == participant_id)
    )
    return (work.vault.data_key(key_id) for key_id in rows.all())


def _give(work: Work, participant: Participant, ready: Prepared, channel: str) -> None:
    for version in (ready.sheet, ready.form):
        work.session.add(
            DocumentGiven(
                participant_id=participant.id,
                version_id=version.id,
                channel=channel,
                given_at=work.now,
                by_id=work.actor.membership_id,
            )
        )
    work.note(version=ready.sheet_number, document=str(ready.sheet.id), channel=channel)


def _approach(work: Work, participant: Participant, sheet: DocumentVersion) -> None:
    """A letter taken back before it leaves takes this row, and what was given, with it."""
    before = work.session.scalar(
        select(func.count()).where(
            Approach.participant_id == participant.id,
            Approach.version_id == sheet.id,
            Approach.purpose == "information",
        )
    )
    work.session.add(
        Approach(
            participant_id=participant.id,
            version_id=sheet.id,
            purpose="information",
            nth=(before or 0) + 1,
            channel="email",
            at=work.now,
            by_id=work.actor.membership_id,
        )
    )


def _own_name(work: Work) -> str:
    return work.session.get_one(User, work.actor.user_id).name


def _day(at: datetime, time_zone: str) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%B %Y}"


@action(Act.LINK_MAKE)
def make(work: Work, participant_id: UUID, *, channel: str) -> str:
    """Make the link and give the sheet in person, on paper or by telephone.

    Returns the address: it is shown once, to be handed over, and is kept nowhere.
    """
    participant = work.load(Participant, participant_id)
    if channel not in {"in_person", "telephone", "post"}:
        raise Invalid({"channel": "Choose how you hand it over"})
    need_approval(work.session, work.study, work.now)
    ready = _prepare(work, participant)
    _move_expression(work, participant_id)
    person = read_card(work, participant_id)
    if person.wishes.opted_out:
        raise WrongState("this person asked not to be contacted")
    days = int(ready.study.settings["link_days"])
    address = _new_link(work, person, days, seen_by_staff=True)
    _give(work, participant, ready, channel)
    work.note(code=participant.code)
    return address


@action(Act.LINK_REVOKE)
def revoke(work: Work, link_id: UUID) -> None:
    """Make one link useless at once. Those for stopping and withdrawing stay."""
    link = work.load(Link, link_id)
    if {"opt_out", "withdraw"} & set(link.purposes):
        raise WrongState("a way to stop or to withdraw is never taken away")
    if link.revoked_at is not None:
        raise WrongState("this link was revoked already")
    link.revoked_at = work.now
    work.note(link=str(link.id))
