"""Keyed digests: the same for two ways of writing, another under another key."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from studyhub.domain.recruitment import plain_address
from studyhub.vault import prints

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8"))
PUBLISHED = VECTORS["prints"]
KEY = bytes.fromhex(VECTORS["key"])
STUDY = UUID(int=1)


def test_digests_are_as_published():
    form_key = bytes.fromhex(VECTORS["token"]["form_key"])

    assert (
        prints.email_index(KEY, " Jos\u00e9@B\u00fccher.example").hex()
        == (PUBLISHED["email_index"])
    )
    assert prints.fingerprint(KEY, "exact", "helen marsh").hex() == PUBLISHED["fingerprint"]
    assert prints.suppression_tag(KEY, None, "A@example.org").hex() == PUBLISHED["suppression"]
    assert prints.form_token(form_key, UUID(int=9), "withdraw") == PUBLISHED["form_token"]


def test_key_kind_and_study_all_count():
    assert prints.email_index(KEY, "a@b.example") != prints.email_index(
        bytes(32), "a@b.example"
    )
    assert prints.fingerprint(KEY, "exact", "may") != prints.fingerprint(KEY, "token", "may")
    assert prints.suppression_tag(KEY, None, "a@b.example") != prints.suppression_tag(
        KEY, STUDY, "a@b.example"
    )


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Helen  Marsh", "helen marsh"),
        ("Helen Marsh\u2019s,", "helen marsh"),
        ("(O\u2019Brien\u02bcs)", "obrien"),
        ("Anne-Marie", "annemarie"),
        ("James'", "james"),
        ("\ufb01nn", "finn"),
        (" - ", ""),
        ("", ""),
    ],
)
def test_a_value_is_compared_in_one_way_of_writing(written, compared):
    assert prints.plain_value(written) == compared


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        (" Ann@Example.ORG ", "ann@example.org"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann@" + "a" * 70, "ann@" + "a" * 70),
        ("no address", "no address"),
    ],
)
def test_an_address_is_compared_in_one_way_of_writing(written, compared):
    assert plain_address(written) == compared
