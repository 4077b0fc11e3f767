"""Sign certificates of erasure with the log key, in the form that the stand-alone script reads.

Source of the signature: RFC 8032 (Ed25519).
"""

import json
from pathlib import Path
from typing import Any

from studyhub.domain.errors import Corrupt
from studyhub.vault import verify_certificate
from studyhub.vault.primitives import sign, signing_public_of


def signed_certificate(log_private: bytes, certificate: dict[str, Any]) -> bytes:
    """A statement with its signature, as a file that is given away."""
    parts = {
        "certificate": certificate,
        "key": signing_public_of(log_private).hex(),
        "signature": sign(log_private, verify_certificate.message_of(certificate)).hex(),
    }
    return (json.dumps(parts, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def check_certificate(content: bytes, log_public: bytes) -> dict[str, Any]:
    """What a certificate states. Corrupt unless this key signed just that."""
    try:
        return verify_certificate.verify(content, log_public)
    except verify_certificate.Fault as fault:
        raise Corrupt(str(fault)) from None


def script() -> bytes:
    """The script that checks a certificate and needs nothing else of ours."""
    return Path(verify_certificate.__file__).read_bytes()
