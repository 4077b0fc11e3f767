"""How far an erasure reaches: which classes of things, and which shred keys in which order.

Computed anew at every step from rows that an erasure does not empty, so that a worker that dies
finds the same again. The shred key of a person's release side is never written into a row: with
an old copy of the database it would lead from the person to the label.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Erased
from studyhub.domain.vocabulary import Side
from studyhub.domain.withdrawals import ERASE, STOP_USE, Item, asked_for, sides_destroyed
from studyhub.store.interviews import Interview, Upload
from studyhub.store.keys import DataKey, SealedObject
from studyhub.store.withdrawals import Erasure, Withdrawal
from studyhub.vault.threads import shred_for, shreds_of
from studyhub.workflows.kernel import Hub
from studyhub.workflows.withdrawal_steps import items_of
from studyhub.workflows.withdrawal_things import shreds_of_expressions


@dataclass(frozen=True)
class Reach:
    """What is to be erased. Without a person it is only what lies under the named keys."""

    participant_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    items: Sequence[Item] = field(default_factory=tuple)
    sides: Sequence[Side] = field(default_factory=tuple)
    shred_ids: Sequence[UUID] = field(default_factory=tuple)
    release_shred: UUID | None = None

    def erases(self, class_: str) -> bool:
        """Whether this class was asked to be erased, and nobody decided otherwise."""
        asked = asked_for(self.scopes).get(class_) == ERASE
        return asked and all(
            item.decision == ERASE for item in self.items if item.class_ == class_
        )

    def stops(self, class_: str) -> bool:
        """Whether this class is kept and no longer used."""
        return any(item.decision == STOP_USE for item in self.items if item.class_ == class_)


def reach_of(hub: Hub, session: Session, erasure: Erasure) -> Reach:
    """How far an erasure reaches, by its withdrawal or by the keys it names."""
    if erasure.withdrawal_id is None:
        return Reach(shred_ids=[UUID(each) for each in erasure.shred_ids])
    row = session.get_one(Withdrawal, erasure.withdrawal_id)
    items = items_of(session, row.id)
    sides = sides_destroyed(row.scopes, items)
    known = shreds_of(hub.keystore, row.participant_id)
    return Reach(
        row.participant_id,
        frozenset(row.scopes),
        items,
        sides,
        list(_in_order(session, row.participant_id, sides, known)),
        known.get(Side.RELEASE),
    )


def bar(hub: Hub, reach: Reach) -> None:
    """Give each side that goes a key to destroy, so that nothing is ever written under it."""
    if reach.participant_id is None:
        return
    for side in reach.sides:
        with suppress(Erased):
            shred_for(hub.keystore, reach.participant_id, side, hub.now().date())


def _in_order(
    session: Session, person: UUID, sides: Sequence[Side], known: dict[Side, UUID]
) -> Iterable[UUID]:
    """The release first, the contact last: the line that is certified is never the former's."""
    for side in sorted(sides, key=lambda each: each is not Side.RELEASE):
        if side is Side.RECORDING:
            yield from _of_recordings(session, person)
        if side is Side.CONTACT:
            yield from shreds_of_expressions(session, person)
        if side in known:
            yield known[side]


def sound_keys(session: Session, person: UUID) -> list[UUID]:
    """The data keys of all sound of a person, also of what never arrived whole."""
    wanted = (
        select(SealedObject.data_key_id)
        .join(Upload, Upload.object_id == SealedObject.id)
        .join(Interview, Interview.id == Upload.interview_id)
        .where(Interview.participant_id == person)
        .distinct()
    )
    return sorted(session.scalars(wanted))


def _of_recordings(session: Session, person: UUID) -> list[UUID]:
    keys = sound_keys(session, person)
    return sorted(
        session.scalars(select(DataKey.shred_id).where(DataKey.id.in_(keys)).distinct())
    )
