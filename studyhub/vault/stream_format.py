"""The layout of a sealed object (SHO1): its header, its key and its numbered segments.

`docs/formats/SHO1.md` describes the same for somebody who writes a reader elsewhere. What an
object belongs to is not in the file: the reader has to know it, so a file that was moved to
another study, owner or purpose does not open.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from studyhub.domain import errors
from studyhub.vault.primitives import NONCE_SIZE, SUITE, TAG_SIZE, hkdf, lp

Bytes: TypeAlias = bytes | bytearray | memoryview

MAGIC = b"SHO1"
VERSION = 1
FLAGS = 0
SMALLEST, WRITTEN, LARGEST = 12, 16, 22  # log2 of the plaintext in one segment

SALT_AT, COMMITMENT_AT, HEADER = 40, 72, 104
OVERHEAD = NONCE_SIZE + TAG_SIZE
MOST_SEGMENTS = 2**32  # the index has four bytes, and random nonces stay safe below it


class Mark(IntEnum):
    """What a segment is, so that a file cannot be cut or a tail passed off as its end."""

    INNER = 0
    LAST = 1
    TAIL = 2


@dataclass(frozen=True, slots=True)
class Context:
    """What an object belongs to: known from its row, never written into its file."""

    study_id: UUID
    owner_id: UUID
    compartment: str
    kind: str
    version: int

    def packed(self) -> bytes:
        """The bytes that key and segments are bound to."""
        return lp(self.study_id, self.owner_id, self.compartment, self.kind, self.version)


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """A data key together with the one object it is meant to open."""

    data_key: bytes = field(repr=False)
    data_key_id: UUID
    object_id: UUID
    context: Context


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the segments of an object lie, for a plaintext of `length` bytes."""

    length: int
    log2: int = WRITTEN

    @property
    def segment(self) -> int:
        """Plaintext bytes in a full segment."""
        return 1 << self.log2

    @property
    def last(self) -> int:
        """Index of the last segment. An empty object has one, and it is empty."""
        return max(0, (self.length - 1) >> self.log2)

    @property
    def file_size(self) -> int:
        return HEADER + self.length + (self.last + 1) * OVERHEAD

    def start(self, index: int) -> int:
        """Offset of a segment in the file."""
        return HEADER + index * (self.segment + OVERHEAD)

    def plain_size(self, index: int) -> int:
        """Plaintext bytes in this segment."""
        return self.length - index * self.segment if index == self.last else self.segment

    def full_segments(self, file_size: int) -> int:
        """How many full segments a file of this size can hold, the last one not counted."""
        return min((file_size - HEADER) // (self.segment + OVERHEAD), self.last)

    @classmethod
    def of_file(cls, file_size: int, log2: int) -> "Shape":
        """The only shape a file of this size can have. Raises Corrupt if there is none."""
        full, rest = divmod(file_size - HEADER, (1 << log2) + OVERHEAD)
        if full < 0 or 0 < rest < OVERHEAD or (full and rest == OVERHEAD) or not (full or rest):
            raise errors.Corrupt("no sealed object has this size")
        shape = cls((full << log2) + max(0, rest - OVERHEAD), log2)
        if shape.last >= MOST_SEGMENTS:
            raise errors.Corrupt("no sealed object is this long")
        return shape


class Segments:
    """Seals and opens the numbered segments of one object."""

    def __init__(self, key: bytes, header: bytes, context: bytes) -> None:
        self._cipher = AESGCM(key)
        self._binding = hashlib.sha256(header + context).digest()
        self.log2 = header[6]

    def _aad(self, index: int, mark: Mark) -> bytes:
        return self._binding + index.to_bytes(4, "big") + bytes([mark])

    def seal_into(self, index: int, mark: Mark, plain: Bytes, target: memoryview) -> None:
        """Seal one segment; `target` is longer than `plain` by exactly OVERHEAD.

        The nonce is random: an upload that was cut and resumed seals an index twice.
        """
        nonce = os.urandom(NONCE_SIZE)
        target[:NONCE_SIZE] = nonce
        self._cipher.encrypt_into(nonce, plain, self._aad(index, mark), target[NONCE_SIZE:])

    def open(self, index: int, mark: Mark, sealed: memoryview) -> bytes:
        """The plaintext of one segment, once it has proved genuine. Raises Corrupt."""
        try:
            return self._cipher.decrypt(
                sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], self._aad(index, mark)
            )
        except InvalidTag:
            raise errors.Corrupt("a segment does not open") from None


def new_header(key: ObjectKey, log2: int = WRITTEN) -> bytes:
    """The header of an object that is about to be written."""
    start = _expected_start(key, log2) + os.urandom(COMMITMENT_AT - SALT_AT)
    return start + _derive(key, start)[1]


def open_header(header: bytes, key: ObjectKey) -> Segments:
    """What opens the segments behind this header. Raises Corrupt if it is not the one."""
    if len(header) != HEADER or not SMALLEST <= header[6] <= LARGEST:
        raise errors.Corrupt("not the header of a sealed object")
    if header[:SALT_AT] != _expected_start(key, header[6]):
        raise errors.Corrupt("the header of another object, or of another format")
    secret, commitment = _derive(key, header[:COMMITMENT_AT])
    if not hmac.compare_digest(commitment, header[COMMITMENT_AT:]):
        raise errors.Corrupt("sealed with another key, or for another place")
    return Segments(secret, header, key.context.packed())


def _expected_start(key: ObjectKey, log2: int) -> bytes:
    kind = MAGIC + bytes([VERSION, SUITE, log2, FLAGS])
    return kind + key.object_id.bytes + key.data_key_id.bytes


def _derive(key: ObjectKey, start: bytes) -> tuple[bytes, bytes]:
    """The object's own key, and the commitment that shows which key a file was sealed with."""
    info = b"studyhub/obj/v1" + lp(start, key.context.packed())
    both = hkdf(key.data_key, info, 64, start[SALT_AT:])
    return both[:32], both[32:]
