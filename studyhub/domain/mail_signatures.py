"""Look which headers of a received message its sender's domain vouches for (RFC 6376).

Whether a signature is right is for the receiving server to say: nothing is fetched here.
"""

import re
from email import message_from_bytes

MUST_BE_SIGNED = ("from", "list-unsubscribe", "list-unsubscribe-post")
_BLANKS = re.compile(r"\s+")


def uncovered(raw: bytes, domain: str) -> list[str]:
    """Name the headers that no DKIM signature of the domain covers; none is as it should be."""
    message = message_from_bytes(raw)
    signatures = [_tags(str(value)) for value in message.get_all("DKIM-Signature", [])]
    ours = [tags for tags in signatures if _is_of(domain, tags.get("d", ""))]
    missing = [_missing(tags) for tags in ours]
    return min(missing, key=len, default=list(MUST_BE_SIGNED))


def _tags(signature: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in signature.split(";"))
    return {name.strip().lower(): _BLANKS.sub("", value) for name, _, value in pairs}


def _is_of(domain: str, signer: str) -> bool:
    """A signature of a domain above ours counts, as it does for those who receive the mail."""
    domain, signer = domain.lower(), signer.lower()
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))


def _missing(tags: dict[str, str]) -> list[str]:
    signed = tags.get("h", "").lower().split(":")
    return [name for name in MUST_BE_SIGNED if name not in signed]
