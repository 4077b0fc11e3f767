"""Carrying out an erasure: keys, rows, files, proof, in this order and without anybody's key.

The worker takes every erasure as far as it comes. After each arrow it may die: what was done is
written down, what may be repeated is, and the next round goes on. From the first arrow on
nothing can be read any more, even if the rest never happened (vault.md 6).
"""

import logging
from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from studyhub.domain.certificates import KEPT, proof_of_erasing, proof_of_stopping
from studyhub.domain.errors import StudyHubError, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_erasure import ERASURE
from studyhub.domain.vocabulary import Act, Side
from studyhub.domain.withdrawals import SIDE_OF, hold_ends
from studyhub.store.withdrawals import Erasure, Withdrawal
from studyhub.vault.threads import cut_release_pointer
from studyhub.workflows import certifying, projections
from studyhub.workflows.erasing_files import remove_files, write_anew
from studyhub.workflows.erasing_keys import Emptied, forget
from studyhub.workflows.erasing_material import empty_material
from studyhub.workflows.erasing_person import empty_person
from studyhub.workflows.erasing_reach import Reach, bar, reach_of
from studyhub.workflows.erasing_research import empty_research
from studyhub.workflows.kernel import Desk, Hub, Work, action, worker_desk
from studyhub.workflows.withdrawal_steps import close_holds, go_on, items_of, rows_of

Step = Callable[[Desk, UUID], None]
_ENDS_POINTER = frozenset({"identity", "all"})

_log = logging.getLogger(__name__)


def run(hub: Hub) -> int:
    """Take every erasure as far as it comes, oldest first. Returns how many were finished."""
    finished = 0
    for erasure_id in _unfinished(hub):
        try:
            for _arrow in steps(hub, erasure_id):
                pass
        except (StudyHubError, OperationalError) as trouble:
            # The next round goes on where this one stopped; others do not wait for it.
            _log.warning("erasure %s waits: %s", erasure_id, trouble)
        else:
            finished += 1
    return finished


def steps(hub: Hub, erasure_id: UUID) -> Iterator[str]:
    """Go from where an erasure stands to its end, and name each arrow that was passed."""
    with hub.sessions.reading.begin() as session:
        study = session.get_one(Erasure, erasure_id).study_id
    desk = worker_desk(hub, study)
    while (state := _state(hub, erasure_id)) in _NEXT:
        for step in _NEXT[state]:
            step(desk, erasure_id)
            yield step.__name__.strip("_")


def _unfinished(hub: Hub) -> list[UUID]:
    wanted = select(Erasure.id).where(Erasure.state != "done").order_by(Erasure.requested_at)
    with hub.sessions.reading.begin() as session:
        return list(session.scalars(wanted))


def _state(hub: Hub, erasure_id: UUID) -> str:
    with hub.sessions.reading.begin() as session:
        return session.get_one(Erasure, erasure_id).state


def _reach(hub: Hub, erasure_id: UUID) -> Reach:
    with hub.sessions.reading.begin() as session:
        return reach_of(hub, session, session.get_one(Erasure, erasure_id))


# -- keys -------------------------------------------------------------------------------


def _destroy_keys(desk: Desk, erasure_id: UUID) -> None:
    """The keystore and the ledger come before the record. May be repeated."""
    hub = desk.hub
    bar(hub, _reach(hub, erasure_id))
    reach = _reach(hub, erasure_id)  # with the keys that were only now given
    hub.keystore.destroy(reach.shred_ids, hub.now(), hub.settings.erasure_ledger)


@action(Act.ERASURE_DESTROY)
def _destroyed(work: Work, erasure_id: UUID) -> None:
    """Write down that the keys are gone; of the release side not even which."""
    row = work.load(Erasure, erasure_id)
    row.state = advance(row.state, Act.ERASURE_DESTROY, ERASURE)
    reach = reach_of(work.hub, work.session, row)
    if work.hub.keystore.keys(reach.shred_ids):
        raise WrongState("a key that is to be destroyed is still there")
    named = [each for each in reach.shred_ids if each != reach.release_shred]
    row.shred_ids = [str(each) for each in named]
    work.note(count=len(reach.shred_ids))


# -- rows -------------------------------------------------------------------------------


@action(Act.ERASURE_EMPTY)
def _empty_rows(work: Work, erasure_id: UUID) -> None:
    """Empty every row under these keys, in one transaction, and prove it for each item."""
    row = work.load(Erasure, erasure_id)
    row.state = advance(row.state, Act.ERASURE_EMPTY, ERASURE)
    reach, done = reach_of(work.hub, work.session, row), Emptied()
    empty_research(work, reach, done)
    empty_material(work, reach, done)
    empty_person(work, reach, done)
    row.roots = forget(work, done, reach.shred_ids)
    _prove(work, row, reach, done)
    work.note(count=sum(done.counts.values()))


def _prove(work: Work, row: Erasure, reach: Reach, done: Emptied) -> None:
    """Say of each item what became of it. When it is done is written at the end."""
    if row.withdrawal_id is None:
        return
    line = certifying.ledger_line(work.hub, row)
    digest = line.digest if line else ""
    for item in rows_of(work.session, row.withdrawal_id):
        count = done.counts[item.class_]
        if reach.erases(item.class_):
            gone = SIDE_OF.get(item.class_) in reach.sides
            item.proof = proof_of_erasing(digest, count, key_gone=gone)
        elif reach.stops(item.class_):
            item.proof = proof_of_stopping(item.class_, count)
        elif item.decision is not None:
            item.proof = KEPT


# -- files ------------------------------------------------------------------------------


def _remove_files(desk: Desk, erasure_id: UUID) -> None:
    """Files go, then what the database's own files still hold of emptied rows."""
    reach = _reach(desk.hub, erasure_id)
    remove_files(desk.hub, reach)
    if reach.participant_id is not None:
        write_anew(desk.hub)


@action(Act.ERASURE_REMOVE)
def _removed(work: Work, erasure_id: UUID) -> None:
    row = work.load(Erasure, erasure_id)
    row.state = advance(row.state, Act.ERASURE_REMOVE, ERASURE)
    work.note(count=len(row.roots))


# -- proof ------------------------------------------------------------------------------


def _cut_pointer(desk: Desk, erasure_id: UUID) -> None:
    """Forget whose release it was, once there is none that anything could still happen to."""
    hub = desk.hub
    with hub.sessions.reading.begin() as session:
        reach = reach_of(hub, session, session.get_one(Erasure, erasure_id))
        needed = Side.RELEASE not in reach.sides
    if reach.participant_id is not None and reach.scopes & _ENDS_POINTER and not needed:
        cut_release_pointer(hub.keystore, reach.participant_id)


@action(Act.ERASURE_FINISH)
def _finish(work: Work, erasure_id: UUID) -> None:
    """Write down and certify that it is done. WrongState while any item has no proof."""
    row = work.load(Erasure, erasure_id)
    row.state = advance(row.state, Act.ERASURE_FINISH, ERASURE)
    row.done_at = work.now
    work.note(root=",".join(row.roots))
    if row.withdrawal_id is not None:
        _complete(work, row.withdrawal_id)
    certifying.certify(work, row)


def _complete(work: Work, withdrawal_id: UUID) -> None:
    """Take the withdrawal's last step but one, and end the holds that stop nothing any more."""
    withdrawal = work.session.get_one(Withdrawal, withdrawal_id)
    items = rows_of(work.session, withdrawal_id)
    if any(item.decision is None or item.proof is None for item in items):
        raise WrongState("an item of this withdrawal has no outcome and proof yet")
    for item in items:
        item.done_at = work.now
    go_on(work, withdrawal_id, Act.ERASURE_FINISH)
    decided = items_of(work.session, withdrawal_id)
    close_holds(
        work, withdrawal, [scope for scope in withdrawal.scopes if hold_ends(scope, decided)]
    )
    projections.refresh(work, withdrawal.participant_id)
    work.note(withdrawal=str(withdrawal_id), count=len(items))


_NEXT: dict[str, tuple[Step, ...]] = {
    "requested": (_destroy_keys, _destroyed),
    "keys": (_empty_rows,),
    "rows": (_remove_files, _removed),
    "files": (_cut_pointer, _finish),
}
