"""Small values sealed for the one place where they are kept.

The key of a column is derived from the row's data key, so a value opens only in its own table,
row, column and study, and only while it is about the same person, label or study.
"""

import json
from collections.abc import Mapping
from typing import Any

from studyhub.domain.errors import Corrupt
from studyhub.vault.places import Place
from studyhub.vault.primitives import box, hkdf, unbox

_VERSION = 1


def seal_field(data_key: bytes, place: Place, data: bytes) -> bytes:
    """Encrypt a value so that it opens only at ``place``: 29 bytes more than the data."""
    return box(hkdf(data_key, place.info), data, place.aad)


def open_field(data_key: bytes, place: Place, sealed: bytes) -> bytes:
    """Decrypt a value. Raises ``Corrupt`` when it was altered or stood elsewhere."""
    return unbox(hkdf(data_key, place.info), sealed, place.aad)


def pack(value: Mapping[str, Any]) -> bytes:
    """Write a value as it is sealed: JSON in UTF-8, sorted keys, no blanks, version 1."""
    versioned = {**value, "v": _VERSION}
    return json.dumps(
        versioned, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def unpack(data: bytes) -> dict[str, Any]:
    """Read what ``pack`` wrote, without its version."""
    try:
        value = json.loads(data)
    except ValueError:
        raise Corrupt("sealed bytes that are no JSON") from None
    if not isinstance(value, dict) or value.pop("v", None) != _VERSION:
        raise Corrupt("sealed JSON of another version")
    return value
