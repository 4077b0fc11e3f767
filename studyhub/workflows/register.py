"""What no text may keep: names, addresses and numbers of people, sealed, with their prints.

The values are sealed under the participant's register key; beside them stand keyed prints of
every form they may take, by which a session recognises a name without being shown a list
(vault.md 3). Whoever writes an entry gives its key to those who work on that person's text.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from studyhub.domain.errors import NotPermitted
from studyhub.domain.reasons import need_reason
from studyhub.domain.redaction.spans import DIRECT
from studyhub.domain.redaction.variants import forms_of
from studyhub.domain.vocabulary import Act, Compartment, Role, Side, StudyKey
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.keys import StudyKey as StudyKeyRow
from studyhub.store.people import Contact
from studyhub.store.transcripts import (
    Assignment,
    Entity,
    RegisterEntry,
    RegisterPrint,
    Transcript,
)
from studyhub.store.users import Membership
from studyhub.vault.prints import printer
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.people import Card, index_email, read_card, side_of
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.recognising import entries_of, opened
from studyhub.workflows.sealing import seal_column


@dataclass(frozen=True)
class Value:
    """One value that no text may keep, and its kind."""

    category: str
    value: str


@dataclass(frozen=True)
class Listed:
    """One entry of the register, in clear."""

    category: str
    value: str
    source: str


@action(Act.REGISTER_WRITE)
def write_register(work: Work, participant_id: UUID) -> int:
    """Write what is new on a card into the register. Returns how many entries were made."""
    work.load(Participant, participant_id)
    card = read_card(work, participant_id).card
    made = len(write_entries(work, participant_id, values_of(card), source="contact"))
    work.session.get_one(Contact, participant_id).register_due = False
    index_email(work, participant_id, card.email)
    work.note(count=made)
    return made


@action(Act.REGISTER_READ)
def read_register(work: Work, participant_id: UUID, *, reason: str = "") -> list[Listed]:
    """What the register holds of one person. The PI says why; others work on their text."""
    work.load(Participant, participant_id)
    refuse_held(work.session, participant_id, "register")
    if work.actor.role is Role.PI:
        need_reason(reason, "Choose why you look")
        work.note(reason=reason)
    elif work.actor.membership_id not in _workers(work, participant_id):
        raise NotPermitted("not given to this member")
    rows = entries_of(work, participant_id)
    work.note(count=len(rows))
    return [Listed(row.category, value, row.source) for row, value in opened(work, rows)]


def values_of(card: Card) -> Iterator[Value]:
    """What of a card names its person: the name, the address, the number."""
    yield Value("PERSON", card.name)
    if card.email:
        yield Value("CONTACT", card.email)
    if any(sign.isdecimal() for sign in card.phone):
        yield Value("CONTACT", card.phone)


# -- writing ---------------------------------------------------------------------------


def write_entries(
    work: Work,
    participant_id: UUID | None,
    values: Iterable[Value],
    *,
    source: str,
    entity_id: UUID | None = None,
) -> list[UUID]:
    """Write values that are not known of this person yet. Returns the ids of new entries.

    Without ``participant_id`` they are of the team or the study. Without ``entity_id`` each
    new value is an entity of its own; only the names of one person are one.
    """
    of = printer(work.vault.study_key(StudyKey.PRINT).key)
    there = _prints_of(work, participant_id)
    key: OpenKey | None = None
    made: list[UUID] = []
    for value in values:
        prints = {
            (kind, of(kind, form)) for kind, form in forms_of(value.category, value.value)
        }
        if not prints or prints <= there:
            continue
        key = key or _key_for(work, participant_id)
        entity = entity_id or _entity_for(work, participant_id, value.category, source)
        to = _Place(participant_id, key, entity, source)
        made.append(_write(work, to, value, prints))
        there |= prints
    return made


def forget_entries(work: Work, entry_ids: Iterable[UUID]) -> None:
    """Take entries away that turned out to be no names."""
    ids = list(entry_ids)
    work.session.execute(delete(RegisterPrint).where(RegisterPrint.entry_id.in_(ids)))
    work.session.execute(delete(RegisterEntry).where(RegisterEntry.id.in_(ids)))


def _prints_of(work: Work, participant_id: UUID | None) -> set[tuple[str, bytes]]:
    rows = work.session.execute(
        select(RegisterPrint.kind, RegisterPrint.print)
        .join(RegisterEntry, RegisterEntry.id == RegisterPrint.entry_id)
        .where(
            RegisterEntry.study_id == work.study,
            RegisterEntry.participant_id == participant_id,
        )
    )
    return {(row.kind, row.print) for row in rows}


def _key_for(work: Work, participant_id: UUID | None) -> OpenKey:
    """The key of a person's entries: one that this session opens, or a new one, given on."""
    for row in entries_of(work, participant_id):
        with suppress(NotPermitted):
            return work.vault.data_key(row.data_key_id)
    if participant_id is None:
        shred = work.vault.new_shred(Side.STUDY, work.now.date())
    else:
        shred = side_of(work, participant_id, Side.REGISTER)
    key = work.vault.new_data_key(Compartment.TRANSCRIPT, shred)
    for membership_id in _workers(work, participant_id):
        certificate = certificate_of(work.session.get_one(Membership, membership_id))
        if certificate is not None:
            work.vault.grant_data_key(key, certificate)
    return key


def _workers(work: Work, participant_id: UUID | None) -> set[UUID]:
    """Who was given a text of this person to work on and still has it."""
    return set(
        work.session.scalars(
            select(Assignment.membership_id)
            .join(Transcript, Transcript.id == Assignment.transcript_id)
            .join(Interview, Interview.id == Transcript.interview_id)
            .where(Interview.participant_id == participant_id, Assignment.ended_at.is_(None))
        )
    )


def own_entity(session: Session, participant_id: UUID | None) -> UUID | None:
    """The entity of the names on a participant's card; none before any was written."""
    return session.scalar(
        select(RegisterEntry.entity_id)
        .where(
            RegisterEntry.participant_id == participant_id,
            RegisterEntry.category == "PERSON",
            RegisterEntry.source == "contact",
        )
        .limit(1)
    )


def _entity_for(work: Work, participant_id: UUID | None, category: str, source: str) -> UUID:
    """The entity of a person's earlier names, or a new one without a replacement."""
    is_own_name = (category, source) == ("PERSON", "contact")
    found = own_entity(work.session, participant_id) if is_own_name else None
    if found is not None:
        return found
    entity = Entity(
        id=uuid4(),
        study_id=work.study,
        category=category,
        directness="direct" if category in DIRECT else "quasi",
        data_key_id=_vocabulary(work),
        made_at=work.now,
        by_id=work.actor.membership_id,
    )
    work.session.add(entity)
    work.session.flush()
    return entity.id


@dataclass(frozen=True)
class _Place:
    """Where a new entry goes: whose it is, under which key, of which entity, from where."""

    participant_id: UUID | None
    key: OpenKey
    entity_id: UUID
    source: str


def _write(work: Work, to: _Place, value: Value, prints: Iterable[tuple[str, bytes]]) -> UUID:
    entry = RegisterEntry(
        id=uuid4(),
        study_id=work.study,
        participant_id=to.participant_id,
        entity_id=to.entity_id,
        category=value.category,
        source=to.source,
        data_key_id=to.key.id,
        made_at=work.now,
        by_id=work.actor.membership_id,
    )
    owner = to.participant_id or work.study
    seal_column(work, to.key, entry, "body_sealed", owner, value=value.value)
    work.session.add(entry)
    work.session.flush()
    for kind, told in sorted(prints):
        work.session.add(RegisterPrint(entry_id=entry.id, kind=kind, print=told))
    return entry.id


def _vocabulary(work: Work) -> UUID:
    """The key under which replacements will be sealed; writing a name does not open it."""
    return work.session.scalars(
        select(StudyKeyRow.data_key_id).where(
            StudyKeyRow.study_id == work.study, StudyKeyRow.purpose == StudyKey.VOCABULARY
        )
    ).one()
