"""What somebody who signed keeps: a link that lasts, and a letter that brings it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain import letter_texts
from studyhub.domain.recruitment import SafeContact, Sending, why_not
from studyhub.domain.vocabulary import Side
from studyhub.store.consent import Participant
from studyhub.store.people import Contact, Link
from studyhub.store.users import Study
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.links import About, Capsule, make_link, open_capsule
from studyhub.workflows.people import side_of
from studyhub.workflows.post import Outgoing, to_holder

# Until the study ends: the copy, questions, and taking part of it or all of it back.
PAGE = ("copy", "page", "questions", "withdraw")


@dataclass(frozen=True)
class Receipt:
    """What a person keeps of one signing: the key of their copy, and a word if they chose one.

    ``word`` is stretched: nobody can read it.
    """

    key: OpenKey
    word: bytes | None = None


@dataclass(frozen=True)
class Given:
    """The lasting address, whether a letter brings it, and whether a word locks it later."""

    address: str
    written: bool
    locked: bool


def give_receipt(
    work: Work, link_row: Link, participant: Participant, receipt: Receipt
) -> Given:
    """Make the lasting link, and write to the person where their mail is their own."""
    capsule = open_capsule(work, link_row)
    about = About(side_of(work, participant.id, Side.CONTACT), participant.id)
    word = receipt.word or word_of(work.session, participant.id)
    address = make_link(work, about, PAGE, capsule, shows=[receipt.key], word=word)
    if "copy" in link_row.purposes:
        work.vault.grant_to_link(receipt.key, link_row.id, link_row.public_key)
        link_row.word_verifier = word
    written = _may_write(work, participant, capsule)
    if written:
        study = work.session.get_one(Study, work.study).neutral_name
        told = letter_texts.receipt(
            name=capsule.name, study=study, address=address, locked=word is not None
        )
        letter = Outgoing(
            "receipt", told.subject, told.text, holds_link=True, hours=capsule.hours
        )
        to_holder(work, participant.id, about.shred_id, capsule.to, letter)
    return Given(address, written, locked=word is not None)


def word_of(session: Session, participant_id: UUID) -> bytes | None:
    """The word chosen at an earlier signing, stretched: it holds for later ones."""
    return session.scalar(
        select(Link.word_verifier)
        .where(Link.participant_id == participant_id, Link.word_verifier.is_not(None))
        .order_by(Link.made_at.desc(), Link.id)
        .limit(1)
    )


def _may_write(work: Work, participant: Participant, capsule: Capsule) -> bool:
    card = work.session.get(Contact, participant.id)
    if card is None or not capsule.to:
        return False
    wishes = SafeContact(
        by_email=card.by_email,
        mailbox_private=card.mailbox_private,
        opted_out=card.opted_out_at is not None,
    )
    return not why_not(wishes, "email", Sending("receipt", holds_link=True))
