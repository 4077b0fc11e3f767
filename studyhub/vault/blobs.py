"""Object files: sealed as they arrive under `tmp/`, moved to `objects/` only when complete.

A whole object: `store`, then one transaction with its row. An upload: `begin`, any number of
`resume` … `append`, `finish`, the transaction, `forget`. Nothing under `objects/` is ever
changed; a name without a row is an orphan that `stored_names` shows.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from studyhub.domain import errors
from studyhub.vault.blob_lock import lock
from studyhub.vault.files import create, flush_file, flush_folder, rename, root_of_file
from studyhub.vault.stream_format import WRITTEN, Bytes, ObjectKey
from studyhub.vault.stream_reader import Reader
from studyhub.vault.stream_upload import Upload, begin_upload
from studyhub.vault.stream_writer import Sealed, seal_stream

PATIENCE = 5.0  # seconds to wait for somebody else's upload of the same object
SPARE = 10  # an upload needs a tenth more room than its bytes

_NAME = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = re.compile(r"([0-9a-f-]{36})\.(part|tail|tail\.tmp)")


def new_store_name() -> str:
    """A random name for a file, which says nothing about what is in it."""
    return secrets.token_hex(16)


def file_of(objects: Path, store_name: str) -> Path:
    """Where an object lies in a folder of objects. Raises Corrupt for what is no such name."""
    if not _NAME.fullmatch(store_name):
        raise errors.Corrupt("this is not the name of an object file")
    return objects / store_name[:2] / f"{store_name}.sho"


class Blobs:
    """The two folders in which sealed objects lie, and the room that must stay free."""

    def __init__(self, objects: Path, tmp: Path, floor: int = 0) -> None:
        self._objects = objects
        self._tmp = tmp
        self._floor = floor

    # Whole objects

    def store(
        self, store_name: str, key: ObjectKey, chunks: Iterable[Bytes], length: int
    ) -> Sealed:
        """Seal a whole object as it arrives. Afterwards its row is committed.

        Raises Invalid if not exactly `length` bytes come, NoSpace if the disk is full; then,
        and whatever else goes wrong, no unfinished file is left behind.
        """
        self.require_room(length)
        part = self._part(key.object_id)
        descriptor = create(part)
        try:
            sealed = seal_stream(descriptor, key, chunks, length)
            flush_file(descriptor)
            self._move(part, store_name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return sealed

    def open(self, store_name: str, key: ObjectKey) -> Reader:
        """Open an object for reading. Raises Corrupt, also if its file is not there."""
        return Reader(self._path(store_name), key)

    # Uploads that may be interrupted

    def begin(self, key: ObjectKey, length: int, *, log2: int = WRITTEN) -> None:
        """Prepare an upload of `length` bytes. Raises Invalid, NoSpace."""
        self.require_room(length)
        part = self._part(key.object_id)
        descriptor = create(part)
        try:
            begin_upload(descriptor, key, length, log2=log2)
            flush_folder(self._tmp)
        except BaseException:
            part.unlink()
            raise
        finally:
            os.close(descriptor)

    @contextmanager
    def resume(
        self, key: ObjectKey, length: int, *, patience: float = PATIENCE
    ) -> Iterator[Upload]:
        """The unfinished upload, locked for all other processes.

        Raises NotFound if there is none, Held if it stays busy elsewhere, Corrupt if damaged.
        """
        with lock(self._part(key.object_id), patience) as descriptor:
            yield Upload(descriptor, self._tail(key.object_id), key, length)

    def finish(self, store_name: str, key: ObjectKey, length: int) -> Sealed:
        """Move a complete upload to the objects. Can be repeated until its row is committed.

        Raises WrongState while bytes are missing, and what `resume` raises.
        """
        if not self._path(store_name).exists():
            with self.resume(key, length) as upload:
                sealed = upload.finish()
                self._move(self._part(key.object_id), store_name)
                return sealed
        with self.open(store_name, key) as reader:
            return Sealed(self._path(store_name).stat().st_size, reader.root())

    def forget(self, object_id: UUID) -> None:
        """Remove the tail of an upload whose row has been committed."""
        self._tail(object_id).unlink(missing_ok=True)
        flush_folder(self._tmp)

    def discard(self, object_id: UUID, *, patience: float = PATIENCE) -> None:
        """Remove an unfinished upload and all that belongs to it. Raises Held if it is busy."""
        part, tail = self._part(object_id), self._tail(object_id)
        if part.exists():
            with lock(part, patience):
                part.unlink()
        tail.with_name(tail.name + ".tmp").unlink(missing_ok=True)
        self.forget(object_id)

    # Care

    def destroy(self, store_name: str) -> None:
        """Remove an object's file; once it is gone, again is as good as once."""
        path = self._path(store_name)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            flush_folder(path.parent)

    def require_room(self, length: int) -> None:
        """Raises NoSpace if `length` more bytes would take the room that must stay free."""
        if shutil.disk_usage(self._tmp).free < self._floor + length + length // SPARE:
            raise errors.NoSpace("too little room is left on the disk")

    def parts_older_than(self, at: datetime) -> list[UUID]:
        """Objects that lie unfinished in `tmp` and of which nothing changed since then."""
        latest: dict[UUID, datetime] = {}
        for path in self._tmp.iterdir():
            found, changed = _UNFINISHED.fullmatch(path.name), _changed(path)
            if found and changed:
                object_id = UUID(found[1])
                latest[object_id] = max(changed, latest.get(object_id, changed))
        return sorted(object_id for object_id, changed in latest.items() if changed < at)

    def stored_names(self) -> Iterator[str]:
        """The name of every object file, to be compared with the rows."""
        for path in self._objects.glob("??/*.sho"):
            yield path.stem

    def root_of(self, store_name: str) -> bytes:
        """SHA-256 of an object's file, in one reading. Raises Corrupt if it is not there."""
        try:
            with self._path(store_name).open("rb") as file:
                return root_of_file(file.fileno())
        except FileNotFoundError:
            raise errors.Corrupt("the file of an object is missing") from None

    def _move(self, part: Path, store_name: str) -> None:
        """Give a complete and flushed file its place, so that a power cut keeps it there."""
        final = self._path(store_name)
        if not final.parent.exists():
            final.parent.mkdir(mode=0o700, exist_ok=True)
            flush_folder(self._objects)
        if final.exists():
            raise errors.HouseRuleBroken("object files are written once")
        rename(part, final)
        flush_folder(final.parent)
        flush_folder(self._tmp)

    def _path(self, store_name: str) -> Path:
        return file_of(self._objects, store_name)

    def _part(self, object_id: UUID) -> Path:
        return self._tmp / f"{object_id}.part"

    def _tail(self, object_id: UUID) -> Path:
        return self._tmp / f"{object_id}.tail"


def _changed(path: Path) -> datetime | None:
    """When the file last changed; nothing if a running upload has just replaced it."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
