"""Check a certificate of erasure: Python and ``cryptography``, nothing else of ours.

    python verify_certificate.py FILE PUB

FILE is the certificate (``docs/formats/CERTIFICATE.md``); PUB holds the public key of the
instance that made it, as in ``pub.txt`` of an exported record. It exits with 0: made by that
instance and unchanged, 1: not, 2: cannot be read. It proves what the instance stated, and when;
whether the ledger of erasures says the same is seen by whoever holds the ledger.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAME = "studyhub-certificate/v1"
_KEYS = {"certificate", "key", "signature"}
_HEX = re.compile(r"[0-9a-f]+")


class Fault(Exception):
    """What is wrong with a certificate, in words."""


def message_of(certificate: dict[str, Any]) -> bytes:
    """The bytes that are signed: the name of the format, then the statement in its one form."""
    told = json.dumps(
        certificate, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return f"{NAME}\n{told}\n".encode()


def verify(content: bytes, public_key: bytes) -> dict[str, Any]:
    """What a certificate states, once its signature was checked. Raises ``Fault``."""
    found = _read(content)
    try:
        signature = bytes.fromhex(found["signature"])
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            signature, message_of(found["certificate"])
        )
    except (InvalidSignature, ValueError):
        raise Fault("it was changed, or another instance made it") from None
    told: dict[str, Any] = found["certificate"]
    return told


def _read(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        raise Fault("this is no certificate") from None
    if not isinstance(found, dict) or found.keys() != _KEYS:
        raise Fault("this is no certificate")
    if not isinstance(found["certificate"], dict) or not isinstance(found["signature"], str):
        raise Fault("this is no certificate")
    return found


def in_words(certificate: dict[str, Any]) -> str:
    """The statement in lines that people read."""
    lines = [f"{name}: {_said(value)}" for name, value in sorted(certificate.items())]
    return "\n".join(lines)


def _said(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def main(words: list[str]) -> int:
    """Check a file from the shell."""
    try:
        file, key = words
        content, text = Path(file).read_bytes(), Path(key).read_text("ascii").strip()
    except (ValueError, OSError):
        sys.stderr.write("usage: python verify_certificate.py FILE PUB\n")
        return 2
    try:
        told = verify(content, bytes.fromhex(text) if _HEX.fullmatch(text) else b"")
    except Fault as fault:
        sys.stderr.write(f"not valid: {fault}\n")
        return 1
    sys.stdout.write(f"valid\n{in_words(told)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
