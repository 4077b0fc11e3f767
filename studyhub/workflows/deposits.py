"""The end of an upload: a recording by the word of the gate, or nothing at all.

Whatever crashes in between, it can be repeated: the file is moved first, its row comes after.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import (
    Erased,
    Held,
    Invalid,
    NotFound,
    NotPermitted,
    Refused,
    WrongKind,
)
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.lifecycle_material import UPLOAD
from studyhub.domain.upload_metadata import read
from studyhub.domain.vocabulary import Act, Role
from studyhub.media.sound import Sound, look
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview, Recording, Upload
from studyhub.store.keys import SealedObject
from studyhub.store.users import Membership, Study
from studyhub.vault.stream_writer import Sealed
from studyhub.workflows import accepting
from studyhub.workflows.assigning import assign_recording
from studyhub.workflows.kernel import Desk, Hub, Work, action, worker_desk
from studyhub.workflows.sound_files import (
    Destroyed,
    Lying,
    SoundFile,
    clear_away,
    destroy_sound,
    remove_file,
)
from studyhub.workflows.stored_files import blobs

_RECEIVING = "receiving"


@dataclass(frozen=True)
class Place:
    """An upload that goes on: where it lies, and what its sender is told."""

    id: UUID
    length: int
    metadata: str
    expires_at: datetime
    file: Lying


def going_on(work: Work, upload_id: UUID) -> Upload:
    """An upload of this sender; to everybody else it does not exist."""
    row = work.session.get(Upload, upload_id)
    if row is None or (row.by_id != work.actor.membership_id and work.actor.user_id):
        raise NotFound("upload")
    row = work.load(Upload, upload_id)
    lapsed = row.expires_at <= work.now and work.actor.role is not Role.SYSTEM
    if row.state != _RECEIVING or lapsed:
        raise Erased("this upload was finished or removed")
    return row


def finish(desk: Desk, place: Place) -> None:
    """Make a recording of what has arrived whole, or destroy what may not be kept.

    Raises WrongKind for what is no sound, Refused where the person said no meanwhile.
    """
    sealed = blobs(desk.hub).finish(place.file.store_name, place.file.secret, place.length)
    try:
        with blobs(desk.hub).open(place.file.store_name, place.file.secret) as reader:
            heard = look(SoundFile(reader))
        _finish(desk, place.id, sealed, heard)
    except WrongKind:
        _remove(desk, place.id, reason="quality")
        raise
    except Refused:
        _remove(desk, place.id, reason="person_asked")
        raise
    blobs(desk.hub).forget(place.file.secret.object_id)


@action(Act.UPLOAD_FINISH)
def _finish(work: Work, upload_id: UUID, sealed: Sealed, heard: Sound) -> None:
    """Write down what arrived, and what the gate says of it."""
    row = going_on(work, upload_id)
    interview = work.session.get_one(Interview, row.interview_id)
    verdict = accepting.ask(work, interview)
    if verdict.outcome == accepting.REFUSED:
        raise Refused(
            "the person did not agree to be recorded; what was sent was destroyed",
            verdict.reason,
        )
    row.state = advance(row.state, Act.UPLOAD_FINISH, UPLOAD)
    stored = work.session.get_one(SealedObject, row.object_id)
    stored.size, stored.root = sealed.size, sealed.root
    recording = _recording(work, row, heard, verdict)
    work.session.add(recording)
    work.session.flush()
    if verdict.outcome == accepting.ACCEPTED:
        accepting.let_in(work, recording, verdict.gate_id)
    _give_on(work, recording)
    work.note(recording=str(row.id), interview=str(interview.id), state=recording.state)
    work.note(reason=verdict.reason, size=sealed.size, root=sealed.root.hex())


def _give_on(work: Work, recording: Recording) -> None:
    """Give it to whoever types the recordings of this study, if the study says who does.

    They hear it once it is accepted. What stands against giving it does not lose the sound.
    """
    settings = work.session.get_one(Study, work.study).settings
    named = settings.get("default_transcriber")
    member = work.session.get(Membership, UUID(named)) if named else None
    if member is not None:
        with suppress(Invalid, Refused, NotPermitted, Held):
            assign_recording(work, recording, member)


def _recording(work: Work, row: Upload, heard: Sound, verdict: accepting.Verdict) -> Recording:
    """The row of a recording, with the id of its upload. Whose deadline is that of the PI."""
    said = read(row.metadata_given).recorded_at
    interview = work.session.get_one(Interview, row.interview_id)
    return Recording(
        id=row.id,
        interview_id=row.interview_id,
        object_id=row.object_id,
        state=verdict.outcome,
        media_type=heard.media_type,
        duration_s=heard.duration_s,
        started_at=said if said and said <= work.now else interview.started_at,
        deposited_by=row.by_id,
        deposited_at=work.now,
        gate_id=verdict.gate_id,
        dispose_at=work.now + accepting.days_of_quarantine(work),
    )


def destroy(desk: Desk, upload_id: UUID) -> None:
    """Take an upload back: key and bytes are destroyed. NotFound, Erased when it is over."""
    _remove(desk, upload_id, reason="person_asked")


def _remove(desk: Desk, upload_id: UUID, *, reason: str, expired: bool = False) -> None:
    for gone in _destroy(desk, upload_id, reason, expired=expired):
        with suppress(Held):  # a piece of it is just arriving: the sweep removes it
            remove_file(desk.hub, gone)


@action(Act.UPLOAD_DESTROY)
def _destroy(work: Work, upload_id: UUID, reason: str, *, expired: bool) -> list[Destroyed]:
    row = going_on(work, upload_id)
    act = choosing(Act.UPLOAD_DESTROY, "expired") if expired else Act.UPLOAD_DESTROY
    row.state = advance(row.state, act, UPLOAD)
    work.note(interview=str(row.interview_id), state=row.state, reason=reason)
    return destroy_sound(work, row.object_id)


def sweep(hub: Hub) -> int:
    """Destroy the uploads that nobody went on with for three days. For the worker."""
    with hub.sessions.reading.begin() as session:
        left = session.execute(
            select(Upload.id, Participant.study_id)
            .join(Interview, Interview.id == Upload.interview_id)
            .join(Participant, Participant.id == Interview.participant_id)
            .where(Upload.state == _RECEIVING, Upload.expires_at <= hub.now())
        ).all()
    for upload_id, study in left:
        with suppress(Erased):
            _remove(worker_desk(hub, study), upload_id, reason="other", expired=True)
    return len(left) + clear_away(hub)
