"""What goes out on paper or in an address: the kit, recovery codes, fingerprints, tokens.

A kit or a code that was mistyped is ``Corrupt``, like one that opens nothing: the caller tells
the person. An address token that cannot be one is ``NotFound``, as a wrong address is.
"""

import binascii
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from uuid import UUID

from studyhub.domain.errors import Corrupt, Invalid, NotFound
from studyhub.vault.primitives import (
    KEY_SIZE,
    Pair,
    hkdf,
    lp,
    public_of,
    random_key,
    signing_public_of,
)

KIT_WORDS = 24
FINGERPRINT_WORDS = 6

_WORD_BITS = 11
_CODE_SIZE = 16
_CODE_CHECK_SIZE = 4
_CODE_LABEL = b"studyhub/recovery-code/v1"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CROCKFORD_BITS = 5
_CODE_LENGTH = (_CODE_SIZE + _CODE_CHECK_SIZE) * 8 // _CROCKFORD_BITS
_MISREAD = str.maketrans("OIL", "011", " -\t\r\n")


@cache
def _word_list() -> tuple[str, ...]:
    text = files("studyhub.vault").joinpath("data", "english.txt").read_text("ascii")
    return tuple(text.split())


@cache
def _word_numbers() -> dict[str, int]:
    return {word: number for number, word in enumerate(_word_list())}


def new_seed() -> bytes:
    """Draw the 32 bytes from which a study's root and recovery key are derived."""
    return random_key()


def to_words(seed: bytes) -> list[str]:
    """Write a seed as 24 words. Source: BIP-39 (256 bits and one byte of check)."""
    if len(seed) != KEY_SIZE:
        raise Corrupt("a kit seed has 32 bytes")
    return _as_words(seed + sha256(seed).digest()[:1], KIT_WORDS)


def from_words(text: str) -> bytes:
    """Read 24 typed words, in any case and spacing. Raises ``Corrupt`` when they are not a kit.

    One wrong word passes with 1 in 256: compare the root's public half as well.
    """
    numbers = [_word_numbers().get(word) for word in text.lower().split()]
    known = [number for number in numbers if number is not None]
    if len(known) != KIT_WORDS or len(numbers) != KIT_WORDS:
        raise Corrupt("These are not the 24 words of a kit")
    whole = 0
    for number in known:
        whole = whole << _WORD_BITS | number
    raw = whole.to_bytes(KEY_SIZE + 1, "big")
    seed, check = raw[:KEY_SIZE], raw[KEY_SIZE:]
    if sha256(seed).digest()[:1] != check:
        raise Corrupt("A word is wrong, or not in its place")
    return seed


def seed_of(text: str, root_public: bytes | None) -> bytes:
    """The seed of 24 typed words; Invalid unless the root made from it is this one."""
    try:
        seed = from_words(text)
    except Corrupt as error:
        raise Invalid({"kit": f"{error}. Compare each word with your paper"}) from None
    if root_of(seed).public != root_public:
        raise Invalid({"kit": "These 24 words are the kit of another study"})
    return seed


def root_of(seed: bytes) -> Pair:
    """Derive the Ed25519 pair that certifies a study's members and keys."""
    private = hkdf(seed, "studyhub/kit/root/v1")
    return Pair(private, signing_public_of(private))


def recovery_of(seed: bytes) -> Pair:
    """Derive the X25519 pair to which every compartment key is also sealed."""
    private = hkdf(seed, "studyhub/kit/recovery/v1")
    return Pair(private, public_of(private))


def fingerprint_words(data: bytes) -> list[str]:
    """Six words for a digest of ``data``, to be compared by voice: 66 bits."""
    return _as_words(sha256(data).digest(), FINGERPRINT_WORDS)


def membership_fingerprint(
    membership_id: UUID, opening_public: bytes, signing_public: bytes
) -> list[str]:
    """Six words a PI compares with a new member before granting anything."""
    return fingerprint_words(
        lp("studyhub/fingerprint/v1", membership_id, opening_public, signing_public)
    )


def _as_words(raw: bytes, count: int) -> list[str]:
    first_bits = int.from_bytes(raw, "big") >> (len(raw) * 8 - count * _WORD_BITS)
    mask = (1 << _WORD_BITS) - 1
    shifts = range((count - 1) * _WORD_BITS, -1, -_WORD_BITS)
    return [_word_list()[first_bits >> shift & mask] for shift in shifts]


def new_recovery_code() -> tuple[str, bytes]:
    """Draw a person's recovery code: the text to show once, and its 16 secret bytes."""
    raw = secrets.token_bytes(_CODE_SIZE)
    return recovery_code_text(raw), raw


def recovery_code_text(raw: bytes) -> str:
    """Write a recovery code in eight groups of four characters (Crockford base32)."""
    whole = int.from_bytes(raw + _code_check(raw), "big")
    shifts = range((_CODE_LENGTH - 1) * _CROCKFORD_BITS, -1, -_CROCKFORD_BITS)
    text = "".join(_CROCKFORD[whole >> shift & 31] for shift in shifts)
    return "-".join(text[start : start + 4] for start in range(0, _CODE_LENGTH, 4))


def parse_recovery_code(text: str) -> bytes:
    """Read the 16 bytes of a typed code; takes lower case, blanks and the letters O, I, L."""
    characters = text.upper().translate(_MISREAD)
    if len(characters) != _CODE_LENGTH or not set(characters) <= set(_CROCKFORD):
        raise Corrupt("this is not a recovery code")
    whole = 0
    for character in characters:
        whole = whole << _CROCKFORD_BITS | _CROCKFORD.index(character)
    raw = whole.to_bytes(_CODE_SIZE + _CODE_CHECK_SIZE, "big")
    if _code_check(raw[:_CODE_SIZE]) != raw[_CODE_SIZE:]:
        raise Corrupt("a character of this recovery code is wrong")
    return raw[:_CODE_SIZE]


def _code_check(raw: bytes) -> bytes:
    return sha256(_CODE_LABEL + raw).digest()[:_CODE_CHECK_SIZE]


def new_token() -> tuple[str, bytes]:
    """Draw a token for an address: its 43 characters, and its 32 bytes."""
    raw = random_key()
    return urlsafe_b64encode(raw).rstrip(b"=").decode(), raw


def parse_token(text: str) -> bytes:
    """Read the 32 bytes of a token. Raises ``NotFound`` when no address has it."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=")
    except (UnicodeEncodeError, binascii.Error):
        raise NotFound("no such address") from None
    # Reading base64 skips foreign characters: only the one way of writing counts.
    if len(raw) != KEY_SIZE or urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise NotFound("no such address")
    return raw


def token_hash(text: str) -> bytes:
    """Digest a token for looking it up; the token itself is never stored."""
    return sha256(parse_token(text)).digest()
