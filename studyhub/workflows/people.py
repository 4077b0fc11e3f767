"""A participant and their card: shared by every stage that meets people.

A card is opened within an act that names the participant. Analysis never comes here.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, time
from secrets import choice
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Erased, Held, NotFound, WrongState
from studyhub.domain.recruitment import SafeContact
from studyhub.domain.safe_hours import SafeHours, safe_hours
from studyhub.domain.vocabulary import Compartment, Role, Side, StudyKey
from studyhub.store.consent import Participant
from studyhub.store.people import Contact
from studyhub.store.users import Study
from studyhub.vault.prints import email_index
from studyhub.vault.threads import shred_for
from studyhub.workflows.holding import is_held, refuse_held
from studyhub.workflows.kernel import Desk, Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.sealing import open_with, seal_column

# Crockford's letters without those that are read as digits.
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 4
ERASED, HELD = "Erased", "On hold"


@dataclass(frozen=True)
class Card:
    """Who a participant is and how they wish to be reached; sealed to ``contact``."""

    name: str
    email: str = ""
    phone: str = ""
    safe_contact: str = ""  # their own words: when, where, what to say, what never
    safe_from: str = ""  # the hours of every day in which they may be reached, like 18:00
    safe_until: str = ""
    by_telephone: bool = False
    by_post: bool = False
    preference: str = ""  # how they would be interviewed: telephone, video, in_person
    note: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenCard:
    """A card in the memory of one act, with the key it lies under."""

    participant_id: UUID
    code: str
    language: str
    card: Card
    wishes: SafeContact
    hours: SafeHours | None
    key: OpenKey = field(repr=False)


def side_of(work: Work, participant_id: UUID, side: Side) -> UUID:
    """The shred key of one side of a participant; Erased when it was destroyed."""
    return shred_for(work.hub.keystore, participant_id, side, work.now.date())


def new_participant(work: Work, language: str) -> Participant:
    """A participant row with a random code, unique in the study (datamodel.md 8)."""
    taken = set(
        work.session.scalars(select(Participant.code).where(Participant.study_id == work.study))
    )
    code = _code()
    while code in taken:
        code = _code()
    made = Participant(
        id=uuid4(),
        study_id=work.study,
        code=code,
        language=language,
        listed_on=work.now.date(),
    )
    work.session.add(made)
    work.session.flush()
    return made


def code_of(desk: Desk, participant_id: UUID) -> str:
    """How the team knows somebody. NotFound for anybody of another study."""
    with desk.hub.sessions.reading.begin() as session:
        found = session.get(Participant, participant_id)
        if found is None or found.study_id != desk.study:
            raise NotFound("participant")
        return found.code


def listed_at(participant: Participant) -> datetime:
    """The beginning of the day on which the study first knew of them."""
    return datetime.combine(participant.listed_on, time(), UTC)


def _code() -> str:
    return "".join(choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def new_card(
    work: Work,
    participant: Participant,
    card: Card,
    *,
    by_email: bool,
    mailbox_private: bool,
    source_id: UUID | None = None,
) -> Contact:
    """Seal a card to ``contact``. Register entries are due until a recruiter writes them."""
    shred = side_of(work, participant.id, Side.CONTACT)
    key = work.vault.new_data_key(Compartment.CONTACT, shred)
    row = Contact(
        participant_id=participant.id,
        data_key_id=key.id,
        register_due=True,
        by_email=by_email,
        mailbox_private=mailbox_private,
        assigned_to=work.actor.membership_id,
        source_id=source_id,
    )
    seal_column(work, key, row, "details_sealed", participant.id, **asdict(card))
    work.session.add(row)
    work.session.flush()
    return row


def read_card(work: Work, participant_id: UUID, *, held: bool = False) -> OpenCard:
    """Open a participant's card: the act's rule must lend ``contact``.

    Held (423) where they took their identity back; ``held`` for the letter about just that.
    """
    if not held:
        refuse_held(work.session, participant_id, "card")
    participant = work.session.get(Participant, participant_id)
    row = work.session.get(Contact, participant_id)
    if participant is None or participant.study_id != work.study or row is None:
        raise NotFound("participant")
    key = work.vault.data_key(row.data_key_id)
    card = Card(**open_with(work, key, row, "details_sealed", participant_id))
    wishes = SafeContact(
        by_email=row.by_email,
        mailbox_private=row.mailbox_private,
        by_telephone=card.by_telephone,
        by_post=card.by_post,
        opted_out=row.opted_out_at is not None,
    )
    zone = work.session.get_one(Study, work.study).time_zone
    hours = safe_hours(card.safe_from, card.safe_until, zone)
    return OpenCard(
        participant_id, participant.code, participant.language, card, wishes, hours, key
    )


def card_if_kept(work: Work, participant_id: UUID) -> Card | None:
    """A card for a list of people; nothing where it is on hold or its key was destroyed."""
    try:
        return read_card(work, participant_id).card
    except (Erased, Held):
        return None


def listed_name(work: Work, participant_id: UUID) -> str:
    """A name for a list: none for who may not see names, a word where it was erased."""
    if work.actor.role is not Role.RECRUITER:
        return ""
    if is_held(work.session, participant_id, "card"):
        return HELD
    card = card_if_kept(work, participant_id)
    return card.name if card else ERASED


def write_card(work: Work, opened: OpenCard, **changes: object) -> Card:
    """Seal a changed card in place of the one that was opened."""
    row = work.session.get_one(Contact, opened.participant_id)
    card = replace(opened.card, **changes)  # type: ignore[arg-type] # fields of Card, by name
    seal_column(work, opened.key, row, "details_sealed", opened.participant_id, **asdict(card))
    return card


def index_email(work: Work, participant_id: UUID, address: str) -> None:
    """Keep the digest by which an address is looked up; needs ``contact``."""
    row = work.session.get_one(Contact, participant_id)
    row.email_index = address_digest(work, address) if address else None


def address_digest(work: Work, address: str) -> bytes:
    """The study's keyed digest of an address: equal for two ways of writing it."""
    return email_index(work.vault.study_key(StudyKey.EMAIL_INDEX).key, address)


def refuse_erased(participant: Participant) -> None:
    """Nothing new is written about somebody whose data was erased."""
    if participant.emptied_at is not None:
        raise WrongState("the data of this participant was erased")
