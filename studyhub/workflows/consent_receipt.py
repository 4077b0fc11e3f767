"""What somebody who signed keeps: a link that lasts, and a letter that brings it."""

from dataclasses import dataclass
from datetime import datetime

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
SUBJECT = "We have your answer"


@dataclass(frozen=True)
class Receipt:
    """What there is to be kept of one signing."""

    key: OpenKey
    kind: str
    signed_at: datetime


def give_receipt(
    work: Work, link_row: Link, participant: Participant, receipt: Receipt
) -> tuple[str, bool]:
    """Make the lasting link, and write to the person where their mail is their own.

    Returns the address and whether a letter was queued.
    """
    capsule = open_capsule(work, link_row)
    about = About(side_of(work, participant.id, Side.CONTACT), participant.id)
    shows = [receipt.key]
    address = make_link(work, about, PAGE, capsule, shows=shows)
    if "copy" in link_row.purposes:
        work.vault.grant_to_link(receipt.key, link_row.id, link_row.public_key)
    if not _may_write(work, participant, capsule):
        return address, False
    text = _text(work, capsule, address)
    letter = Outgoing("receipt", SUBJECT, text, holds_link=True)
    to_holder(work, participant.id, about.shred_id, capsule.to, letter)
    return address, True


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


def _text(work: Work, capsule: Capsule, address: str) -> str:
    study = work.session.get_one(Study, work.study)
    return (
        f"Dear {capsule.name or 'reader'},\n\n"
        "thank you. We have your answer.\n\n"
        "Your copy is on your page. There you can also ask us something, and change your\n"
        "mind about all of it or a part:\n\n"
        f"{address}\n\n"
        "The link works until the study ends. Whoever has it can see your copy, so keep it\n"
        "where only you can read it.\n\n"
        f"{study.neutral_name}\n"
    )
