"""The folder of one backup: sealed parts, copied object files, and a signed list of it all.

Whoever takes a backup cannot open it: each part has a data key of its own, sealed to the backup
key. Object files are copied as they lie there. The list is written last, so a folder without
one is no backup. Sessions and the ledger of erasures are in none.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from studyhub.domain.errors import Corrupt, NotFound
from studyhub.vault.blobs import file_of
from studyhub.vault.files import (
    PIECE,
    create,
    flush_file,
    flush_folder,
    full_disk_is_no_space,
    write_all,
    write_new,
)
from studyhub.vault.places import backup_info
from studyhub.vault.primitives import check_signature, random_key, seal, sign, unseal
from studyhub.vault.stream_format import Bytes, Context, ObjectKey
from studyhub.vault.stream_reader import Reader
from studyhub.vault.stream_writer import Sealed, seal_stream

DATABASE, KEYSTORE, KEYS = "database", "keystore", "keys"
FORMAT = 1
UNFINISHED = ".part"
_LIST, _SIGNATURE = "backup.json", "backup.sig"
_LABEL = b"studyhub-backup/v1\n"


@dataclass(frozen=True, slots=True)
class Folder:
    """One backup of one installation."""

    path: Path
    instance_id: UUID
    backup_id: UUID

    # Parts

    def seal(self, part: str, chunks: Iterable[Bytes], length: int, public: bytes) -> Sealed:
        """Write one part, sealed to the backup key. Raises NoSpace."""
        data_key = random_key()
        descriptor = create(self._file(part))
        try:
            sealed = seal_stream(descriptor, self._key(part, data_key), chunks, length)
            flush_file(descriptor)
        finally:
            os.close(descriptor)
        wrapped = seal(public, data_key, self._info(part))
        write_new(self.path / f"{part}.key", wrapped)
        return sealed

    @contextmanager
    def opened(self, part: str, private: bytes) -> Iterator[Iterator[bytes]]:
        """The plaintext of one part. Raises Corrupt with the name of the part."""
        try:
            wrapped = (self.path / f"{part}.key").read_bytes()
            data_key = unseal(private, wrapped, self._info(part))
        except FileNotFoundError:
            raise Corrupt(f"the part {part} of the backup is not there") from None
        except Corrupt:
            raise Corrupt(
                f"the part {part} of the backup does not open: another key, or damaged"
            ) from None
        with _named(part), Reader(self._file(part), self._key(part, data_key)) as reader:
            yield _named_pieces(part, reader.range(0, reader.length))

    def whole(self, part: str, private: bytes) -> bytes:
        """The same at once, for parts known to be small."""
        with self.opened(part, private) as pieces:
            return b"".join(pieces)

    def _file(self, part: str) -> Path:
        return self.path / f"{part}.sho"

    def _key(self, part: str, data_key: bytes) -> ObjectKey:
        context = Context(self.instance_id, self.backup_id, "backup", part, 1)
        return ObjectKey(data_key, self.backup_id, self.backup_id, context)

    def _info(self, part: str) -> bytes:
        return backup_info(self.instance_id, self.backup_id, part)

    # Object files

    def object_file(self, store_name: str) -> Path:
        """Where the copy of an object lies."""
        return file_of(self.path / "objects", store_name)

    # The list

    def finish(self, told: dict[str, Any], log_private: bytes) -> None:
        """Write the signed list, once all it names is on the disk."""
        for folder in (*self.path.glob("objects/??"), *self.path.glob("objects"), self.path):
            flush_folder(folder)
        names = {"instance": str(self.instance_id), "backup": str(self.backup_id)}
        line = json.dumps({**told, **names, "v": FORMAT}, sort_keys=True).encode()
        signature = sign(log_private, _LABEL + line).hex().encode()
        write_new(self.path / _SIGNATURE, signature + b"\n")
        write_new(self.path / _LIST, line + b"\n")
        flush_folder(self.path)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list of a backup says, not to be believed before its signature was checked."""

    folder: Folder
    told: dict[str, Any]
    line: bytes

    def check(self, log_public: bytes) -> None:
        """Raises Corrupt unless the log key of the installation signed exactly this list."""
        try:
            signature = bytes.fromhex((self.folder.path / _SIGNATURE).read_text().strip())
            check_signature(log_public, _LABEL + self.line, signature)
        except (FileNotFoundError, ValueError, Corrupt):
            raise Corrupt(f"the list of the backup, {_LIST}, was changed") from None


def read_list(path: Path) -> Listed:
    """Find a finished backup. Raises NotFound, Corrupt."""
    if path.name.endswith(UNFINISHED):
        raise NotFound(f"{path} is no finished backup: it did not get its name")
    try:
        line = (path / _LIST).read_bytes().removesuffix(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"{path} is no finished backup: it has no {_LIST}") from None
    try:
        told = json.loads(line)
        folder = Folder(path, UUID(told["instance"]), UUID(told["backup"]))
        known = told["v"] == FORMAT
    except (ValueError, KeyError, TypeError):
        raise Corrupt(f"the list of the backup, {_LIST}, is damaged") from None
    if not known:
        raise Corrupt(f"the list of the backup, {_LIST}, is of a format nobody knows")
    return Listed(folder, told, line)


def copy_file(source: Path, target: Path) -> Sealed:
    """Copy an object file, and say its size and its root. Raises NoSpace, FileNotFoundError."""
    digest, size, room = sha256(), 0, memoryview(bytearray(PIECE))
    with source.open("rb", buffering=0) as file:
        _make_folder(target.parent)
        descriptor = create(target)
        try:
            while count := file.readinto(room):
                digest.update(room[:count])
                write_all(descriptor, room[:count])
                size += count
            flush_file(descriptor)
        finally:
            os.close(descriptor)
    return Sealed(size, digest.digest())


def share_file(source: Path, target: Path, size: int) -> bool:
    """Let an earlier backup's copy stand here too; no when it cannot, or has another size."""
    try:
        if source.stat().st_size != size:
            return False
        _make_folder(target.parent)
        os.link(source, target)
    except OSError:  # not there, on another disk, or a file system without links
        return False
    return True


def _make_folder(folder: Path) -> None:
    with full_disk_is_no_space():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def _named(part: str) -> Iterator[None]:
    try:
        yield
    except Corrupt as problem:
        if str(problem).startswith("the part "):
            raise
        raise Corrupt(f"the part {part} of the backup is damaged: {problem}") from None


def _named_pieces(part: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with _named(part):
        yield from pieces
