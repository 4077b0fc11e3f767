"""What becomes of a recording: let out of quarantine, kept there, destroyed, checked."""

from uuid import UUID

from studyhub.domain.errors import Refused
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import RECORDING
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act
from studyhub.store.interviews import Interview, Recording
from studyhub.store.keys import SealedObject
from studyhub.workflows import accepting
from studyhub.workflows.disposing import kept_after_check
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.sound_files import Destroyed, destroy_sound, remove_file
from studyhub.workflows.work_given import need_assigned


@action(Act.RECORDING_ACCEPT)
def accept(work: Work, recording_id: UUID) -> None:
    """Have the gate asked again. Refused, with the reason, unless consent was in force."""
    row = work.load(Recording, recording_id)
    verdict = accepting.ask(work, work.session.get_one(Interview, row.interview_id))
    if verdict.outcome != accepting.ACCEPTED:
        raise Refused("consent to this recording is not in force yet", verdict.reason)
    accepting.let_in(work, row, verdict.gate_id)
    row.state = advance(row.state, Act.RECORDING_ACCEPT, RECORDING)
    work.note(interview=str(row.interview_id), reason=verdict.reason)


@action(Act.RECORDING_EXTEND)
def extend(work: Work, recording_id: UUID, reason: str) -> None:
    """Keep it in quarantine for another period, from today."""
    row = work.load(Recording, recording_id)
    row.state = advance(row.state, Act.RECORDING_EXTEND, RECORDING)
    row.dispose_at = work.now + accepting.days_of_quarantine(work)
    work.note(reason=need_reason(reason), due=row.dispose_at.date().isoformat())


def reject(desk: Desk, recording_id: UUID, reason: str) -> None:
    """Destroy a recording in quarantine; the worker destroys its shred key and certifies it."""
    for gone in _reject(desk, recording_id, reason):
        remove_file(desk.hub, gone)


@action(Act.RECORDING_REJECT)
def _reject(work: Work, recording_id: UUID, reason: str) -> list[Destroyed]:
    row = work.load(Recording, recording_id)
    row.state = advance(row.state, Act.RECORDING_REJECT, RECORDING)
    work.note(reason=need_reason(reason), interview=str(row.interview_id))
    row.dispose_at = None
    if row.object_id is None:
        return []
    stored = work.session.get_one(SealedObject, row.object_id)
    work.note(root=(stored.root or b"").hex(), size=stored.size)
    return destroy_sound(work, row.object_id)


@action(Act.RECORDING_CHECK)
def check(work: Work, recording_id: UUID) -> None:
    """Say that text and sound agree: from now on the sound waits to be disposed of."""
    row = work.load(Recording, recording_id)
    need_assigned(work, row)
    row.state = advance(row.state, Act.RECORDING_CHECK, RECORDING)
    row.dispose_at = work.now + kept_after_check(work)
    work.note(interview=str(row.interview_id), due=row.dispose_at.date().isoformat())
