"""Sign and write the heads of audit chains, and check stored lines against them.

The rules of a chain live once, in the stand-alone ``verify_audit``: the application accepts
exactly what the auditor's script accepts. Source of the signature: RFC 8032 (Ed25519).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from studyhub.vault.primitives import sign
from studyhub.vault.verify_audit import (
    Fault,
    SignedHead,
    Verdict,
    canonical,
    verify,
    witness_heads,
)


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain is and the digest of its newest line; it vouches for all before it."""

    chain: UUID
    size: int
    digest: bytes
    at: datetime


def instant_text(at: datetime) -> str:
    """Write an instant as it stands in lines and heads: UTC, always with microseconds."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def signed_head(head: Head, signature: bytes = b"") -> SignedHead:
    """Write the parts of a head as texts, the way they are signed and shown."""
    at = instant_text(head.at)
    return SignedHead(str(head.chain), head.size, head.digest.hex(), at, signature)


def head_message(head: Head) -> bytes:
    """Give the five lines that are signed."""
    return signed_head(head).message


def sign_head(log_private: bytes, head: Head) -> bytes:
    """Sign a head with the log key: 64 bytes."""
    return sign(log_private, head_message(head))


def heads_line(head: Head, signature: bytes) -> bytes:
    """Write one line of ``heads.jsonl``, without its newline."""
    told = signed_head(head, signature)
    parts = {"chain": told.chain, "digest": told.digest, "size": told.size, "ts": told.ts}
    return canonical({**parts, "signature": signature.hex()})


def witness_text(head: Head, signature: bytes) -> str:
    """Write a head for a mail or a report: the five lines, then the signature in two."""
    written = signature.hex()
    half = len(written) // 2
    return f"{head_message(head).decode()}{written[:half]}\n{written[half:]}\n"


def verify_lines(
    lines: Iterable[bytes],
    heads: Iterable[tuple[Head, bytes]],
    log_public: bytes,
    witness: str | None = None,
) -> Verdict:
    """Check stored lines against signed heads and the text of a witness.

    The newest head must cover the last line: read no further than it. A witness without a head
    of this chain witnesses nothing, and nothing is then proven.
    """
    known = [signed_head(head, signature) for head, signature in heads]
    chain = known[0].chain if known else ""
    try:
        seen = [] if witness is None else witness_heads(witness, chain)
    except Fault as fault:
        return Verdict(chain, first_bad=0, reason=str(fault))
    return verify(lines, known, log_public, seen)
