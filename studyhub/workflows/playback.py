"""Listen to a recording: opening it is the act, the ranges that follow carry its number.

Every range asks again whether the sound may be heard: a hold that is opened meanwhile stops the
next one. What does not open is never sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from uuid import UUID, uuid4

from studyhub.domain.errors import (
    Corrupt,
    NotFound,
    Refused,
    StudyHubError,
    WrongState,
)
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act, Role
from studyhub.media.sound import PLAYABLE, draw
from studyhub.store.interviews import Recording, Rendition
from studyhub.vault.blobs import new_store_name
from studyhub.vault.stream_format import ObjectKey
from studyhub.vault.stream_reader import Reader
from studyhub.vault.stream_writer import Sealed
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.sound_files import (
    PEAKS,
    Lying,
    SoundFile,
    key_of,
    lying,
    object_key,
    person_of,
)
from studyhub.workflows.stored_files import blobs, keep_row
from studyhub.workflows.work_given import need_assigned

HEARD = ("accepted", "transcribed", "checked")
_DAMAGED = "quality"
ASKED_EVERY = 0.5  # seconds for which the answer to that holds
NO_SHRED = UUID(int=0)  # the key is used as it was opened, never wrapped again


@dataclass(frozen=True)
class Heard:
    """A recording that is being listened to: its kind and its sealed file."""

    id: UUID
    media_type: str
    file: Lying
    peaks: Lying | None = None


def listen(desk: Desk, recording_id: UUID, session_id: bytes, reason: str = "") -> UUID:
    """Open a playback, after it was written down. The PI says why. Returns its number.

    Raises WrongState in quarantine, Held, Erased, and NotPermitted for what is not one's own.
    """
    object_id = _listen(desk, recording_id, reason)
    return desk.hub.playbacks.begin(session_id, object_id, desk.hub.now())


@action(Act.RECORDING_LISTEN)
def _listen(work: Work, recording_id: UUID, reason: str) -> UUID:
    row = _audible(work, recording_id)
    if work.actor.role is Role.PI:
        need_reason(reason, "Choose why you listen")
        work.note(reason=reason)
    if row.media_type not in PLAYABLE:
        raise WrongState("browsers cannot play this kind of sound yet")
    key_of(work, row)
    work.note(interview=str(row.interview_id))
    return row.object_id or row.id


def _audible(work: Work, recording_id: UUID) -> Recording:
    """A recording that this actor may hear now."""
    row = work.load(Recording, recording_id)
    if work.actor.role in (Role.TRANSCRIBER, Role.REVIEWER):
        need_assigned(work, row)
    refuse_held(work.session, person_of(work, row.interview_id), "recording")
    if row.state not in HEARD:
        raise WrongState(f"a recording that is {row.state} is heard by nobody")
    return row


@dataclass(frozen=True)
class Listening:
    """The number of a playback and the session that opened it."""

    playback: UUID
    session_id: bytes


@action(Act.RECORDING_PLAY)
def find(work: Work, recording_id: UUID, by: Listening, *, damaged: bool = False) -> Heard:
    """Where the sound of an open playback lies. NotFound for a number that is not open."""
    row = _audible(work, recording_id)
    if damaged:
        raise Refused("a part of this recording does not open", _DAMAGED)
    _need_open(work, row, by)
    key = key_of(work, row)
    found = lying(work, key, row.id, row.object_id or row.id)
    drawn = work.session.get(Rendition, (row.id, PEAKS))
    picture = lying(work, key, row.id, drawn.object_id) if drawn else None
    return Heard(row.id, row.media_type, found, picture)


def _need_open(work: Work, row: Recording, by: Listening) -> None:
    object_id = row.object_id or row.id
    if not work.hub.playbacks.holds(by.playback, by.session_id, object_id, work.now):
        raise NotFound("playback")


def open_sound(desk: Desk, found: Heard, by: Listening) -> Reader:
    """The sealed sound, its end proved. Corrupt, and on the record, if it is damaged."""
    try:
        return blobs(desk.hub).open(found.file.store_name, found.file.secret)
    except Corrupt:
        _tell(desk, found.id, by)
        raise


def stream(
    desk: Desk, found: Heard, by: Listening, reader: Reader, part: tuple[int, int]
) -> Iterator[bytes]:
    """The bytes of a part, each segment proved before it leaves.

    Where a segment does not open nothing more is sent, and that is on the record. Twice a
    second it is asked again whether the sound may be heard: a hold stops it.
    """
    asked = monotonic()
    try:
        for piece in reader.range(*part):
            if monotonic() - asked >= ASKED_EVERY:
                find(desk, found.id, by)
                asked = monotonic()
            yield piece
    except Corrupt:
        _tell(desk, found.id, by)
        raise


def _tell(desk: Desk, recording_id: UUID, by: Listening) -> None:
    """Leave a refused event for sound that does not open."""
    try:
        find(desk, recording_id, by, damaged=True)
    except StudyHubError:
        return


# -- its picture ------------------------------------------------------------------------


def peaks(desk: Desk, recording_id: UUID, by: Listening) -> bytes:
    """Twenty pairs a second of least and greatest; made for whoever asks first, then kept."""
    found = find(desk, recording_id, by)
    if found.peaks is not None:
        with blobs(desk.hub).open(found.peaks.store_name, found.peaks.secret) as reader:
            return reader.whole()
    with open_sound(desk, found, by) as reader:
        drawn = draw(SoundFile(reader))
    _store_peaks(desk, found, drawn)
    return drawn


def _store_peaks(desk: Desk, found: Heard, drawn: bytes) -> None:
    """Seal the picture under the key of the sound: first the file, then its row."""
    secret = found.file.secret
    key = OpenKey(secret.data_key_id, NO_SHRED, secret.data_key)
    made = object_key(key, desk.study, found.id, uuid4(), PEAKS)
    name = new_store_name()
    sealed = blobs(desk.hub).store(name, made, [drawn], len(drawn))
    kept = False
    try:
        kept = _draw(desk, found.id, made, name, sealed)
    finally:
        if not kept:  # refused, or somebody else was faster
            blobs(desk.hub).destroy(name)


@action(Act.RECORDING_DRAW)
def _draw(work: Work, recording_id: UUID, made: ObjectKey, name: str, sealed: Sealed) -> bool:
    """Write down the picture of a sound, unless there is one. Returns whether it was kept."""
    row = _audible(work, recording_id)
    if work.session.get(Rendition, (row.id, PEAKS)) is not None:
        return False
    size, root = sealed.size, sealed.root
    object_id, key_id = made.object_id, made.data_key_id
    keep_row(work, object_id, key_id, kind=PEAKS, store_name=name, size=size, root=root)
    work.session.add(Rendition(recording_id=row.id, kind=PEAKS, object_id=made.object_id))
    return True
