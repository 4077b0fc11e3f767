"""The names, addresses and numbers on a card as what no text may keep (vault.md 3).

The values are sealed under the participant's register key; beside them stand keyed prints, by
which a transcriber's session recognises a name without being shown a list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.recruitment import plain_address
from studyhub.domain.vocabulary import Act, Compartment, Side, StudyKey
from studyhub.store.consent import Participant
from studyhub.store.keys import StudyKey as StudyKeyRow
from studyhub.store.people import Contact
from studyhub.store.transcripts import Entity, RegisterEntry, RegisterPrint
from studyhub.vault.prints import fingerprint, plain_value
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.people import Card, index_email, read_card, side_of
from studyhub.workflows.sealing import seal_column


@dataclass(frozen=True)
class Known:
    """One value of a card, and the forms in which it is recognised."""

    category: str
    value: str
    forms: tuple[tuple[str, str], ...]


@action(Act.REGISTER_WRITE)
def write_register(work: Work, participant_id: UUID) -> int:
    """Write what is new on a card into the register. Returns how many entries were made."""
    work.load(Participant, participant_id)
    card = read_card(work, participant_id).card
    print_key = work.vault.study_key(StudyKey.PRINT).key
    there = _prints_of(work, participant_id)
    key: OpenKey | None = None
    made = 0
    for known in values_of(card):
        prints = [
            (kind, fingerprint(print_key, kind, form)) for kind, form in known.forms if form
        ]
        if not prints or set(prints) <= there:
            continue
        key = key or work.vault.new_data_key(
            Compartment.TRANSCRIPT, side_of(work, participant_id, Side.REGISTER)
        )
        _write(work, key, participant_id, known, prints)
        made += 1
    work.session.get_one(Contact, participant_id).register_due = False
    index_email(work, participant_id, card.email)
    work.note(count=made)
    return made


def values_of(card: Card) -> Iterator[Known]:
    """What of a card names its person: the name, the address, the number."""
    name = plain_value(card.name)
    tokens = name.split()
    initials = "".join(word[0] for word in tokens) if len(tokens) > 1 else ""
    forms = (("exact", name), *(("token", word) for word in tokens), ("initials", initials))
    yield Known("PERSON", card.name, tuple(dict.fromkeys(forms)))
    if card.email:
        yield Known("CONTACT", card.email, (("mail", plain_address(card.email)),))
    digits = "".join(sign for sign in card.phone if sign.isdecimal())
    if digits:
        yield Known("CONTACT", card.phone, (("digits", digits),))


def _prints_of(work: Work, participant_id: UUID) -> set[tuple[str, bytes]]:
    rows = work.session.execute(
        select(RegisterPrint.kind, RegisterPrint.print)
        .join(RegisterEntry, RegisterEntry.id == RegisterPrint.entry_id)
        .where(RegisterEntry.participant_id == participant_id)
    )
    return {(row.kind, row.print) for row in rows}


def _write(
    work: Work,
    key: OpenKey,
    participant_id: UUID,
    known: Known,
    prints: list[tuple[str, bytes]],
) -> None:
    entity = Entity(
        id=uuid4(),
        study_id=work.study,
        category=known.category,
        directness="direct",
        data_key_id=_vocabulary(work),
        made_at=work.now,
        by_id=work.actor.membership_id,
    )
    entry = RegisterEntry(
        id=uuid4(),
        study_id=work.study,
        participant_id=participant_id,
        entity_id=entity.id,
        category=known.category,
        source="contact",
        data_key_id=key.id,
        made_at=work.now,
        by_id=work.actor.membership_id,
    )
    seal_column(work, key, entry, "body_sealed", participant_id, value=known.value)
    work.session.add(entity)
    work.session.flush()
    work.session.add(entry)
    work.session.flush()
    for kind, told in prints:
        work.session.add(RegisterPrint(entry_id=entry.id, kind=kind, print=told))


def _vocabulary(work: Work) -> UUID:
    """The key under which replacements will be sealed; writing a name does not open it."""
    return work.session.scalars(
        select(StudyKeyRow.data_key_id).where(
            StudyKeyRow.study_id == work.study, StudyKeyRow.purpose == StudyKey.VOCABULARY
        )
    ).one()
