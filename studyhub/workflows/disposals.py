"""Disposing of sound that was compared with its text: one person proposes, another agrees.

What the second person agrees to is carried out like every erasure: the recording is closed to
everybody in the same act, and the worker destroys its shred key and certifies it (H-4).
"""

from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Held, NotPermitted, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import RECORDING
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act
from studyhub.store.interviews import Interview, Recording
from studyhub.store.keys import SealedObject
from studyhub.store.users import Proposal
from studyhub.store.withdrawals import Hold
from studyhub.workflows.disposing import (
    is_over,
    is_own,
    kept_after_check,
    proposal_of,
    rule_after_check,
)
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.sound_files import Destroyed, destroy_sound, remove_file

_LEGAL = "legal"


@action(Act.RECORDING_PROPOSE)
def propose(work: Work, recording_id: UUID, reason: str) -> None:
    """Propose to dispose of a recording. WrongState before its time, or proposed already."""
    row = work.load(Recording, recording_id)
    row.state = advance(row.state, Act.RECORDING_PROPOSE, RECORDING)
    _refuse(work, row)
    if proposal_of(work, row.id) is not None:
        raise WrongState("it waits for a second person already")
    if work.actor.membership_id is None:
        raise NotPermitted("only a member proposes")
    work.session.add(
        Proposal(
            id=uuid4(),
            study_id=work.study,
            act=Act.RECORDING_DISPOSE,
            subject=f"recording:{row.id}",
            payload={"reason": need_reason(reason)},
            proposed_by=work.actor.membership_id,
            proposed_at=work.now,
        )
    )
    work.note(interview=str(row.interview_id), reason=reason)


@action(Act.RECORDING_KEEP)
def keep(work: Work, recording_id: UUID, reason: str) -> None:
    """Decide against it, or take one's own proposal back: it is kept for another period."""
    row = work.load(Recording, recording_id)
    row.state = advance(row.state, Act.RECORDING_KEEP, RECORDING)
    _decide(work, _waiting(work, row), "refused", need_reason(reason))
    row.dispose_at = work.now + kept_after_check(work)
    work.note(reason=reason, due=row.dispose_at.date().isoformat())


def dispose(desk: Desk, recording_id: UUID) -> None:
    """Agree, as a second person; the sound is destroyed."""
    for gone in _dispose(desk, recording_id):
        remove_file(desk.hub, gone)


@action(Act.RECORDING_DISPOSE)
def _dispose(work: Work, recording_id: UUID) -> list[Destroyed]:
    """Invariants 76, 77: checked, its time over, nothing holds it, two different persons."""
    row = work.load(Recording, recording_id)
    row.state = advance(row.state, Act.RECORDING_DISPOSE, RECORDING)
    _refuse(work, row)
    proposal = _waiting(work, row)
    if is_own(work, proposal):
        raise NotPermitted("who proposed it does not agree to it (H-4)")
    _decide(work, proposal, "approved")
    row.dispose_at = None
    work.note(interview=str(row.interview_id), reason=str(proposal.payload["reason"]))
    if row.object_id is None:
        return []
    stored = work.session.get_one(SealedObject, row.object_id)
    rule = rule_after_check(work)
    work.note(root=(stored.root or b"").hex(), size=stored.size)
    if rule is not None:
        work.note(rule=str(rule.id))
    return destroy_sound(work, row.object_id, rule.id if rule else None)


def _refuse(work: Work, row: Recording) -> None:
    if not is_over(work, row):
        raise WrongState("the time for which this sound is kept is not over")
    person = work.session.get_one(Interview, row.interview_id).participant_id
    refuse_held(work.session, person, "recording")
    legal = select(Hold.id).where(
        Hold.participant_id == person, Hold.cause == _LEGAL, Hold.closed_at.is_(None)
    )
    if work.session.scalar(legal.limit(1)) is not None:
        raise Held("a legal hold lies on this person")


def _waiting(work: Work, row: Recording) -> Proposal:
    found = proposal_of(work, row.id)
    if found is None:
        raise WrongState("nobody has proposed to dispose of it")
    return found


def _decide(work: Work, proposal: Proposal, outcome: str, reason: str | None = None) -> None:
    proposal.outcome, proposal.reason_code = outcome, reason
    proposal.decided_by, proposal.decided_at = work.actor.membership_id, work.now
    work.session.flush()
