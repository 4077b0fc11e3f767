"""The building blocks of every sealed byte: packing, deriving, boxing, sealing, signing.

Whatever fails here (a wrong key, a wrong place, one changed bit, bytes of another suite) is the
one error ``Corrupt``: the reason for a failure helps only somebody who is guessing.
"""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from studyhub.domain.errors import Corrupt

Part: TypeAlias = str | bytes | int | UUID | None

SUITE = 1
KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16
BOX_OVERHEAD = 1 + NONCE_SIZE + TAG_SIZE
SEAL_OVERHEAD = 1 + KEY_SIZE + TAG_SIZE

_SUITE_BYTE = bytes([SUITE])
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_REFUSED = "this does not open"


@dataclass(frozen=True, slots=True)
class Pair:
    """Both halves of a key pair, 32 bytes each; only the public half is ever shown."""

    private: bytes = field(repr=False)
    public: bytes


def lp(*parts: Part) -> bytes:
    """Pack parts so that no two lists of parts give the same bytes.

    Each part goes after its length as four bytes; text as NFC in UTF-8, an integer as eight
    bytes, an absent part with length zero. The first part is a label of the use.
    """
    packed = bytearray()
    for part in parts:
        raw = _raw(part)
        packed += len(raw).to_bytes(4, "big")
        packed += raw
    return bytes(packed)


def _raw(part: Part) -> bytes:
    match part:
        case None:
            return b""
        case str():
            return unicodedata.normalize("NFC", part).encode()
        case int():
            return _eight_bytes(part)
        case UUID():
            return part.bytes
        case _:
            return bytes(part)


def _eight_bytes(number: int) -> bytes:
    # A number that does not fit was not written by us: somebody changed the row.
    try:
        return number.to_bytes(8, "big")
    except OverflowError:
        raise Corrupt("a number out of range") from None


def random_key() -> bytes:
    """Draw 32 random bytes."""
    return secrets.token_bytes(KEY_SIZE)


def hkdf(key: bytes, info: bytes | str, n: int = 32, salt: bytes | None = None) -> bytes:
    """Derive ``n`` bytes from a strong key. Source: RFC 5869 with SHA-256."""
    raw = info.encode() if isinstance(info, str) else info
    return HKDF(algorithm=SHA256(), length=n, salt=salt, info=raw).derive(key)


def mac(key: bytes, message: bytes) -> bytes:
    """Digest a message so that only a holder of the key can compute it (HMAC-SHA256)."""
    return hmac.digest(key, message, "sha256")


def box(key: bytes, data: bytes, aad: bytes) -> bytes:
    """Encrypt for holders of ``key``, bound to ``aad``: 29 bytes more than the data."""
    nonce = secrets.token_bytes(NONCE_SIZE)
    return _SUITE_BYTE + nonce + AESGCM(_whole(key)).encrypt(nonce, data, aad)


def unbox(key: bytes, boxed: bytes, aad: bytes) -> bytes:
    """Decrypt what ``box`` made with the same key and place."""
    if len(boxed) < BOX_OVERHEAD or boxed[0] != SUITE:
        raise Corrupt(_REFUSED)
    nonce, sealed = boxed[1 : 1 + NONCE_SIZE], boxed[1 + NONCE_SIZE :]
    try:
        return AESGCM(_whole(key)).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise Corrupt(_REFUSED) from None


def seal(public: bytes, data: bytes, info: bytes) -> bytes:
    """Encrypt to a public half: 49 bytes more than the data. Source: RFC 9180, base mode."""
    try:
        key = X25519PublicKey.from_public_bytes(public)
        return _SUITE_BYTE + _HPKE.encrypt(data, key, info)
    except ValueError:
        raise Corrupt("not a public key") from None


def unseal(private: bytes, sealed: bytes, info: bytes) -> bytes:
    """Decrypt what ``seal`` made to the public half of ``private`` with the same info."""
    if len(sealed) < SEAL_OVERHEAD or sealed[0] != SUITE:
        raise Corrupt(_REFUSED)
    try:
        key = X25519PrivateKey.from_private_bytes(private)
        return _HPKE.decrypt(sealed[1:], key, info)
    except (InvalidTag, ValueError):
        raise Corrupt(_REFUSED) from None


def wrap(shred: bytes, public: bytes, data: bytes, info: bytes) -> bytes:
    """Seal to a public half, then box under a shred key, so that erasing reaches it."""
    return box(shred, seal(public, data, info), info)


def unwrap(shred: bytes, private: bytes, wrapped: bytes, info: bytes) -> bytes:
    """Open what ``wrap`` made: needs the shred key and the private half."""
    return unseal(private, unbox(shred, wrapped, info), info)


def new_pair() -> Pair:
    """Make an X25519 pair: others seal to its public half."""
    private = X25519PrivateKey.generate()
    return Pair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def public_of(private: bytes) -> bytes:
    """Compute the public half of an X25519 private half."""
    key = X25519PrivateKey.from_private_bytes(_whole(private))
    return key.public_key().public_bytes_raw()


def new_signing_pair() -> Pair:
    """Make an Ed25519 pair: it signs certificates, public keys, grants and audit heads."""
    private = Ed25519PrivateKey.generate()
    return Pair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def signing_public_of(private: bytes) -> bytes:
    """Compute the public half of an Ed25519 private half."""
    key = Ed25519PrivateKey.from_private_bytes(_whole(private))
    return key.public_key().public_bytes_raw()


def sign(private: bytes, message: bytes) -> bytes:
    """Sign with Ed25519: 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(_whole(private)).sign(message)


def check_signature(public: bytes, message: bytes, signature: bytes) -> None:
    """Return only if the signature is right."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Corrupt("the signature does not hold") from None


def _whole(key: bytes) -> bytes:
    # AES would accept 16 bytes as AES-128, and silently be another suite.
    if len(key) != KEY_SIZE:
        raise Corrupt("a key has 32 bytes")
    return key
