"""Names of places, byte for byte as published."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from studyhub.vault import places

PUBLISHED = json.loads(
    (Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8")
)["places"]
KEY = bytes(range(32))
ROW = places.Place("contacts", UUID(int=8), "body_sealed", UUID(int=1), "P1")


def number(value):
    return UUID(int=value)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("dek", places.dek_info(number(1), "transcript", 2, number(3), number(4))),
        ("dek_grant", places.dek_grant_info(*map(number, (1, 3, 4)), "link", number(9))),
        ("grant", places.grant_info(number(1), "contact", 1, number(7), number(5))),
        ("grant_recovery", places.grant_recovery_info(number(1), "contact", 1, number(7))),
        ("capsule", places.capsule_info(number(1), number(9))),
        ("letter", places.letter_info(number(1), number(10))),
        ("letter_of_nobody", places.letter_info(None, number(10))),
        ("backup", places.backup_info(number(11), number(12), "keystore")),
        ("row", ROW.aad),
        ("field", ROW.info),
        ("user_key", places.user_key_aad(number(6), "password")),
        ("membership_key", places.membership_key_aad(number(5), number(6))),
        ("session", places.session_aad(KEY, number(6), number(5))),
        ("session_without_role", places.session_aad(KEY, number(6), None)),
        ("totp", places.totp_aad(number(6))),
    ],
)
def test_a_place_is_named_as_published(name, made):
    assert made.hex() == PUBLISHED[name]


def test_no_two_published_places_have_the_same_name():
    assert len(set(PUBLISHED.values())) == len(PUBLISHED)
