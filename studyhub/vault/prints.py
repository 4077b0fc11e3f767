"""Keyed digests: recognise an address, a name or a form without listing what there is.

Without the key nobody can try a dictionary against them. Values are normalised here, so that
two ways of writing the same give the same digest.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from uuid import UUID

from studyhub.domain.recruitment import plain_address
from studyhub.domain.redaction.normal import plain
from studyhub.vault.primitives import hkdf, lp, mac

PRINT_SIZE = 16


def plain_value(value: str) -> str:
    """Write a name or the like the one way in which it is compared, as the engine does."""
    return plain(value)


def email_index(index_key: bytes, address: str) -> bytes:
    """Digest an address for looking a contact up, under the study's ``email_index`` key."""
    key = hkdf(index_key, "studyhub/email-index/v1")
    return mac(key, plain_address(address).encode())[:PRINT_SIZE]


def fingerprint(print_key: bytes, kind: str, value: str) -> bytes:
    """Digest a variant of a register entry, under the study's ``print`` key.

    ``value`` is already plain: ``plain_value``, or the decoded address or digits.
    """
    return printer(print_key)(kind, value)


def printer(print_key: bytes) -> Callable[[str, str], bytes]:
    """``fingerprint`` for many values: a text has thousands, and the key is derived once."""
    key = hkdf(print_key, "studyhub/print/v1")
    return lambda kind, value: mac(key, lp(kind, value))[:PRINT_SIZE]


def suppression_tag(suppression_key: bytes, study: UUID | None, address: str) -> bytes:
    """Digest an address that wants no more letters; only the worker can compute it."""
    return mac(suppression_key, lp("studyhub/suppression/v1", study, plain_address(address)))


def report_print(suppression_key: bytes, report: bytes) -> bytes:
    """Digest a server's report, which holds an address, to know it when it comes again."""
    return mac(hkdf(suppression_key, "studyhub/report/v1"), report)


def form_token(form_key: bytes, link_id: UUID, form: str) -> str:
    """Vouch that a participant's form came from the page of this link."""
    digest = mac(form_key, lp("form", link_id, form))
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
