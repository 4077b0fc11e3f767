"""What a contact must be before it is sealed: a message for each field that is wrong."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from studyhub import mail
from studyhub.domain.errors import Invalid
from studyhub.domain.recruitment import PHONE
from studyhub.domain.safe_hours import safe_hours
from studyhub.domain.words import MODES, WORDS
from studyhub.store.consent import Participant
from studyhub.store.people import Contact
from studyhub.workflows.kernel import Work
from studyhub.workflows.people import Card, address_digest

MOST_NAME, MOST_WORDS = 200, 1000


@dataclass(frozen=True)
class Wanted:
    """A contact as it was typed: the card, the wishes that the mailer must know, the source."""

    card: Card
    by_email: bool = True
    mailbox_private: bool = True
    language: str = "en"
    source_kind: str = ""
    source_label: str = ""


def checked(
    work: Work, wanted: Wanted, participant_id: UUID | None, languages: list[str]
) -> Wanted:
    """What was typed, tidied. Invalid with a message for each field."""
    card = wanted.card
    tidied = {name: getattr(card, name).strip() for name in ("name", "email", "phone")}
    card = replace(card, **tidied)
    found = {
        "name": _problem_of_name(card.name),
        "email": _problem_of_email(work, card.email, participant_id, needed=wanted.by_email),
        "phone": _problem_of_phone(card),
        "safe_contact": _problem_of_words(card.safe_contact),
        "safe_from": _problem_of_hours(card),
        "note": _problem_of_words(card.note),
        "preference": None if card.preference in ("", *MODES) else "Choose how they would talk",
        "language": None if wanted.language in languages else "Choose a language",
        "source_kind": _problem_of_source(wanted, participant_id),
        "source_label": _problem_of_words(wanted.source_label),
    }
    problems = {name: problem for name, problem in found.items() if problem}
    if problems:
        raise Invalid(problems)
    return replace(wanted, card=card)


def _problem_of_name(name: str) -> str | None:
    if not name:
        return "Write a name, or what they wish to be called"
    if not name.isprintable() or len(name) > MOST_NAME:
        return "Write this on one line, in letters that can be seen"
    return None


def _problem_of_email(
    work: Work, email: str, participant_id: UUID | None, *, needed: bool
) -> str | None:
    if not email:
        return "Write the address, or do not choose e-mail" if needed else None
    try:
        mail.one_address(email)
    except Invalid:
        return "Write one e-mail address, like name@example.org"
    known = known_as(work, email)
    if known is not None and known.id != participant_id:
        return f"This address is already known as {known.code}; open that page instead"
    return None


def _problem_of_phone(card: Card) -> str | None:
    if not card.phone:
        return "Write the number, or do not choose telephone" if card.by_telephone else None
    return None if PHONE.fullmatch(card.phone) else "Write a number, like 01632 960 001"


def _problem_of_hours(card: Card) -> str | None:
    try:
        safe_hours(card.safe_from, card.safe_until, "UTC")
    except ValueError:
        return "Write both hours, the later one last, like 18:00 and 20:30"
    return None


def _problem_of_words(text: str) -> str | None:
    if len(text) > MOST_WORDS:
        return f"Write at most {MOST_WORDS} characters"
    if any(not sign.isprintable() and sign not in "\r\n\t" for sign in text):
        return "Use letters that can be seen"
    return None


def _problem_of_source(wanted: Wanted, participant_id: UUID | None) -> str | None:
    if participant_id is not None and not wanted.source_kind:
        return None
    return None if wanted.source_kind in WORDS["sources.kind"] else "Choose where it came from"


def known_as(work: Work, email: str) -> Participant | None:
    """Who of the study has this address already; needs ``contact``."""
    return work.session.scalar(
        select(Participant)
        .join(Contact, Contact.participant_id == Participant.id)
        .where(
            Participant.study_id == work.study,
            Contact.email_index == address_digest(work, email),
        )
    )
