"""The rows of expressions of interest: shared by who receives, sorts and follows them up."""

from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Compartment, Side
from studyhub.store.consent import Participant
from studyhub.store.keys import DataKey
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Contact, Expression, Link
from studyhub.workflows.holding import is_held
from studyhub.workflows.kernel import Work
from studyhub.workflows.letters import happened
from studyhub.workflows.people import HELD, address_digest, card_if_kept
from studyhub.workflows.sealing import open_column, seal_column


@dataclass(frozen=True)
class Told:
    """What somebody wrote: who they are and how they may be reached.

    ``channel`` is ``email``, ``telephone``, or ``link``: the address our letter came to.
    """

    name: str
    channel: str
    email: str = ""
    phone: str = ""
    safe_contact: str = ""
    note: str = ""
    preference: str = ""


def new_expression(
    work: Work, told: Told, channel: str, participant_id: UUID | None = None
) -> Expression:
    """Seal what somebody wrote to ``contact``, under a shred key of its own."""
    key = work.vault.new_data_key(
        Compartment.CONTACT, work.vault.new_shred(Side.EXPRESSION, work.now.date())
    )
    row = Expression(
        id=uuid4(),
        study_id=work.study,
        state="received",
        received_at=work.now,
        channel=channel,
        data_key_id=key.id,
        participant_id=participant_id,
    )
    seal_column(work, key, row, "body_sealed", row.id, **asdict(told))
    work.session.add(row)
    work.session.flush()
    return row


def write_again(work: Work, row: Expression, told: Told) -> None:
    """Put what somebody wrote now in the place of what they wrote before."""
    key = work.vault.new_data_key(Compartment.CONTACT, shred_of(work.session, row))
    row.data_key_id = key.id
    seal_column(work, key, row, "body_sealed", row.id, **asdict(told))


def told_in(work: Work, row: Expression) -> Told:
    """Open what somebody wrote: the act's rule must lend ``contact``.

    Of who took their identity back meanwhile nothing is opened.
    """
    if row.participant_id is not None and is_held(work.session, row.participant_id, "card"):
        return Told(HELD, row.channel)
    return Told(**open_column(work, row.data_key_id, row, "body_sealed", row.id))


def shred_of(session: Session, row: Expression) -> UUID:
    """The shred key that an expression lies under; no key is opened."""
    return session.get_one(DataKey, row.data_key_id).shred_id


def give_to(work: Work, row: Expression, participant_id: UUID) -> None:
    """Attach an expression, its letters and its links to the participant who wrote it."""
    row.participant_id = participant_id
    for table in (Link, Letter):
        work.session.execute(
            update(table)
            .where(table.expression_id == row.id)
            .values(participant_id=participant_id)
        )


def newest_of(session: Session, participant_id: UUID) -> Expression | None:
    """The newest expression of a participant, locked."""
    return session.scalar(
        select(Expression)
        .where(Expression.participant_id == participant_id)
        .order_by(Expression.received_at.desc(), Expression.id)
        .limit(1)
        .with_for_update()
    )


def has_replied(work: Work, participant_id: UUID, outcome: str) -> None:
    """Note on the last approach what came of it, and take reminders out of the queue."""
    happened(work, participant_id, "replied")
    last = work.session.scalar(
        select(Approach)
        .where(Approach.participant_id == participant_id)
        .order_by(Approach.at.desc(), Approach.nth.desc())
        .limit(1)
    )
    if last is not None:
        last.outcome = outcome


@dataclass(frozen=True)
class Known:
    """A contact with the same address."""

    participant_id: UUID
    code: str
    name: str


def known_contacts(work: Work, told: Told) -> list[Known]:
    """Contacts of the study that have the address somebody wrote, by its keyed digest."""
    if not told.email:
        return []
    rows = work.session.execute(
        select(Participant.id, Participant.code)
        .join(Contact, Contact.participant_id == Participant.id)
        .where(
            Participant.study_id == work.study,
            Contact.email_index == address_digest(work, told.email),
        )
        .order_by(Participant.code)
    )
    return [Known(id_, code, _name(work, id_)) for id_, code in rows]


def _name(work: Work, participant_id: UUID) -> str:
    card = card_if_kept(work, participant_id)
    return card.name if card else HELD
