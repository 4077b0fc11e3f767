"""Empty, after a restore, the rows of everybody who was erased since the backup.

Their keys are gone already, by the ledger; what became of their rows was lost with that
database. So what lay under each key that stays destroyed is emptied as the erasure did it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.vocabulary import Side
from studyhub.domain.withdrawals import SIDE_OF
from studyhub.store.consent import Participant
from studyhub.vault.shred import Keystore
from studyhub.vault.threads import cut_release_pointer, person_behind, shreds_of
from studyhub.workflows.erasing_keys import Emptied, forget
from studyhub.workflows.erasing_material import empty_material
from studyhub.workflows.erasing_person import empty_person
from studyhub.workflows.erasing_reach import Reach
from studyhub.workflows.erasing_research import empty_research
from studyhub.workflows.kernel import Hub, Work

# Which scope of a withdrawal destroys such a key: it says what goes beside what lies under it.
_SCOPE_OF = {Side.RELEASE: "transcript", Side.CONTACT: "identity"}


@dataclass(frozen=True)
class Replayed(Reach):
    """What is to be emptied again: exactly what lay under the keys that are gone."""

    def erases(self, class_: str) -> bool:
        """Whether the key of this class is gone."""
        return SIDE_OF.get(class_) in self.sides

    def stops(self, class_: str) -> bool:  # noqa: ARG002 - as every reach is asked
        """What was only no longer used leaves nothing in the ledger."""
        return False


def empty_again(work: Work, shred_ids: Collection[UUID]) -> int:
    """Empty what lies under these keys, of everybody of this study. Returns how much it was."""
    done = Emptied()
    for reach in _reaches(work, shred_ids):
        empty_research(work, reach, done)
        empty_material(work, reach, done)
        empty_person(work, reach, done)
        forget(work, done, reach.shred_ids)
    return sum(done.counts.values())


def _reaches(work: Work, shred_ids: Collection[UUID]) -> Iterator[Replayed]:
    """Everybody whose key of some side stays destroyed; then the keys of nobody."""
    keystore = work.hub.keystore
    theirs: dict[UUID | None, list[UUID]] = defaultdict(list)
    for shred_id in shred_ids:
        theirs[person_behind(keystore, shred_id)].append(shred_id)
    yield Replayed(shred_ids=theirs.pop(None, []))
    mine = select(Participant.id).where(
        Participant.study_id == work.study, Participant.id.in_(theirs)
    )
    for person in sorted(work.session.scalars(mine)):
        yield _reach(keystore, person, theirs[person])


def _reach(keystore: Keystore, person: UUID, shred_ids: list[UUID]) -> Replayed:
    known = shreds_of(keystore, person)
    sides = [side for side, shred_id in known.items() if shred_id in shred_ids]
    scopes = frozenset(_SCOPE_OF[side] for side in sides if side in _SCOPE_OF)
    return Replayed(person, scopes, (), sides, shred_ids, known.get(Side.RELEASE))


def cut_pointers(hub: Hub, shred_ids: Collection[UUID]) -> None:
    """Forget whose release it was where both keys are gone, as the erasure did."""
    people = (person_behind(hub.keystore, each) for each in shred_ids)
    for person in {person for person in people if person is not None}:
        known = shreds_of(hub.keystore, person)
        if {known.get(Side.CONTACT), known.get(Side.RELEASE)} <= set(shred_ids):
            cut_release_pointer(hub.keystore, person)
