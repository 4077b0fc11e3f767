"""The sealed files of a recording: their keys, how they are read, and how they end.

Peaks and renditions lie under the data key of the recording, so whoever is given the recording
can see its picture too; each file has a key of its own derived from that.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select

from studyhub.domain.errors import Erased, NotFound
from studyhub.domain.vocabulary import Compartment, Side
from studyhub.store.interviews import Interview, Recording
from studyhub.store.keys import DataKey, DataKeyGrant, SealedObject
from studyhub.store.withdrawals import Erasure
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.vault.stream_reader import Reader
from studyhub.workflows.kernel import Hub, Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.stored_files import VERSION, blobs

KIND, PEAKS = "recording", "peaks"


@dataclass(frozen=True)
class Lying:
    """One sealed file and what opens it, in the memory of one request."""

    secret: ObjectKey
    store_name: str
    root: bytes


@dataclass(frozen=True)
class Destroyed:
    """A file whose key is gone from the record; the file itself goes after the commit."""

    object_id: UUID
    store_name: str
    root: bytes | None


def object_key(
    key: OpenKey, study: UUID, recording_id: UUID, object_id: UUID, kind: str = KIND
) -> ObjectKey:
    """What opens one file of a recording, and nothing else."""
    place = Context(study, recording_id, Compartment.RECORDING, kind, VERSION)
    return ObjectKey(key.key, key.id, object_id, place)


def person_of(work: Work, interview_id: UUID) -> UUID:
    """Whose interview it is."""
    return work.session.get_one(Interview, interview_id).participant_id


def key_of(work: Work, recording: Recording) -> OpenKey:
    """The data key of a recording, by this member's own grant or the compartment's.

    Erased once its file is gone; NotPermitted for who was given neither.
    """
    return work.vault.data_key(_row(work, recording.object_id).data_key_id)


def lying(work: Work, key: OpenKey, recording_id: UUID, object_id: UUID) -> Lying:
    """Where a file of a recording lies, and what opens it."""
    row = _row(work, object_id)
    secret = object_key(key, work.study, recording_id, row.id, row.kind)
    return Lying(secret, row.store_name, row.root or b"")


def _row(work: Work, object_id: UUID | None) -> SealedObject:
    row = work.session.get(SealedObject, object_id) if object_id else None
    if row is None:
        raise Erased("this sound was destroyed")
    if row.study_id != work.study:
        raise NotFound("sound")
    if row.gone_at is not None:
        raise Erased("this sound was destroyed")
    return row


def destroy_sound(work: Work, object_id: UUID, rule_id: UUID | None = None) -> list[Destroyed]:
    """Take the key of a recording, and of all made from it, out of the record.

    The rows stay with their roots, as the proof of what was destroyed. The files are removed
    after the commit; the shred key by the worker, who certifies it.
    """
    key_id = work.session.get_one(SealedObject, object_id).data_key_id
    work.session.execute(delete(DataKeyGrant).where(DataKeyGrant.data_key_id == key_id))
    key = work.session.get_one(DataKey, key_id)
    key.wrapped = b""
    rows = work.session.scalars(
        select(SealedObject).where(
            SealedObject.data_key_id == key_id, SealedObject.gone_at.is_(None)
        )
    ).all()
    for row in rows:
        row.gone_at = work.now
    _ask_for_erasure(work, key, rule_id)
    return [Destroyed(row.id, row.store_name, row.root) for row in rows]


def _ask_for_erasure(work: Work, key: DataKey, rule_id: UUID | None) -> None:
    """Have the shred key of a recording destroyed, if it is its own and covers nothing else."""
    covered = select(func.count(DataKey.id)).where(DataKey.shred_id == key.shred_id)
    side = work.hub.keystore.sides([key.shred_id]).get(key.shred_id)
    if side != Side.STUDY or work.session.scalar(covered) != 1:
        return
    work.session.add(
        Erasure(
            id=uuid4(),
            study_id=work.study,
            rule_id=rule_id,
            shred_ids=[str(key.shred_id)],
            roots=[],
            requested_at=work.now,
        )
    )
    work.session.flush()


def remove_file(hub: Hub, gone: Destroyed) -> None:
    """Remove what is left of a file, finished or not; may be repeated."""
    found = blobs(hub)
    found.discard(gone.object_id)
    found.destroy(gone.store_name)


def clear_away(hub: Hub) -> int:
    """Remove the files whose keys are gone already, and say how many. For the worker."""
    stored = set(blobs(hub).stored_names())
    with hub.sessions.reading.begin() as session:
        rows = session.execute(
            select(SealedObject.id, SealedObject.store_name, SealedObject.root).where(
                SealedObject.gone_at.is_not(None), SealedObject.kind.in_([KIND, PEAKS])
            )
        )
        left = [Destroyed(*row) for row in rows if row.store_name in stored]
    for gone in left:
        remove_file(hub, gone)
    return len(left)


class SoundFile:
    """A sealed file as something that can be read and sought in; nothing is written."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        stop = self._reader.length if size < 0 else min(self._at + size, self._reader.length)
        found = b"".join(self._reader.range(min(self._at, stop), stop))
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = 0, /) -> int:
        start = (0, self._at, self._reader.length)[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at
