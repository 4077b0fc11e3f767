"""A reader of SHO1 made from `docs/formats/SHO1.md` alone, to prove that the page suffices."""

from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Refused(Exception):
    """The file is not what it should be."""


def packed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def demand(*claims: object) -> None:
    if not all(claims):
        raise Refused


def read(file: bytes, data_key: bytes, data_key_id: UUID, object_id: UUID, ctx: bytes) -> bytes:
    head, body = file[:104], file[104:]
    demand(len(head) == 104, head[:6] == b"SHO1\x01\x01")
    demand(12 <= head[6] <= 22, head[7] == 0)
    demand(head[8:24] == object_id.bytes, head[24:40] == data_key_id.bytes)
    info = b"studyhub/obj/v1" + packed(head[:72], ctx)
    both = HKDF(SHA256(), 64, head[40:72], info).derive(data_key)
    demand(compare_digest(both[32:], head[72:]))
    full = (1 << head[6]) + 28
    segments = [body[at : at + full] for at in range(0, len(body), full)]
    demand(bool(segments) and len(segments[-1]) >= 28)
    demand(len(segments) == 1 or len(segments[-1]) > 28)
    binding, cipher, last = sha256(head + ctx).digest(), AESGCM(both[:32]), len(segments) - 1

    def opened(index: int) -> bytes:
        aad = binding + index.to_bytes(4, "big") + bytes([index == last])
        try:
            return cipher.decrypt(segments[index][:12], segments[index][12:], aad)
        except InvalidTag:
            raise Refused from None

    opened(last)
    return b"".join(opened(index) for index in range(len(segments)))
