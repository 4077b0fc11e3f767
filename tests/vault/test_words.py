"""Kits, recovery codes, fingerprints and tokens, as people carry and type them."""

import json
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Corrupt, NotFound
from studyhub.vault import words

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8"))
SEED = bytes.fromhex(VECTORS["seed"])
CODE = VECTORS["recovery_code"]
TOKEN = VECTORS["token"]
seeds = st.binary(min_size=32, max_size=32)


def test_the_words_of_a_kit_are_as_published():
    assert " ".join(words.to_words(SEED)) == VECTORS["words"]


def test_a_kit_of_zeros_is_the_one_of_the_standard():
    # BIP-39 publishes this one.
    assert words.to_words(bytes(32)) == ["abandon"] * 23 + ["art"]


@given(seeds)
def test_a_kit_comes_back_from_its_words(seed):
    typed = "  ".join(words.to_words(seed)).upper() + "\n"

    assert words.from_words(typed) == seed


def test_a_new_kit_is_another_one():
    assert words.new_seed() != words.new_seed()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "abandon",
        " ".join(["abandon"] * 24),
        " ".join(["abandon"] * 23 + ["art", "art"]),
        " ".join(["abandon"] * 23 + ["artt"]),
        " ".join(["abandon"] * 23 + ["art", "unknownword"]),
    ],
)
def test_other_words_are_no_kit(typed):
    with pytest.raises(Corrupt):
        words.from_words(typed)


def test_a_seed_has_32_bytes():
    with pytest.raises(Corrupt):
        words.to_words(SEED[:31])


def test_root_and_recovery_key_are_derived_as_published():
    root, recovery = words.root_of(SEED), words.recovery_of(SEED)

    assert root.private.hex() == VECTORS["root_private"]
    assert root.public.hex() == VECTORS["root_public"]
    assert recovery.private.hex() == VECTORS["recovery_private"]
    assert recovery.public.hex() == VECTORS["recovery_public"]


def test_fingerprints_are_six_words_as_published():
    root = words.fingerprint_words(words.root_of(SEED).public)
    opening, signing = (
        bytes.fromhex(VECTORS[name]) for name in ("opening_public", "signing_public")
    )

    assert " ".join(root) == VECTORS["root_fingerprint"]
    assert (
        " ".join(words.membership_fingerprint(UUID(int=5), opening, signing))
        == VECTORS["membership_fingerprint"]
    )
    assert words.membership_fingerprint(UUID(int=5), signing, opening) != root


def test_a_recovery_code_is_written_as_published():
    assert words.recovery_code_text(bytes.fromhex(CODE["raw"])) == CODE["text"]


def test_a_new_recovery_code_can_be_read():
    text, raw = words.new_recovery_code()

    assert words.parse_recovery_code(text) == raw
    assert len(raw) == 16
    assert [len(group) for group in text.split("-")] == [4] * 8


@given(st.binary(min_size=16, max_size=16))
def test_a_recovery_code_is_read_as_people_write(raw):
    text = words.recovery_code_text(raw)
    carelessly = text.lower().replace("-", " ").replace("0", "o").replace("1", "l") + "\n"

    assert words.parse_recovery_code(carelessly) == raw
    assert words.parse_recovery_code(text.replace("1", "I")) == raw


@pytest.mark.parametrize("typed", ["", "0", CODE["text"] + "0", CODE["text"][:-1] + "U"])
def test_other_text_is_no_recovery_code(typed):
    with pytest.raises(Corrupt):
        words.parse_recovery_code(typed)


@given(st.integers(0, 31), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_of_a_recovery_code_is_noticed(place, character):
    text = CODE["text"].replace("-", "")
    wrong = text[:place] + character + text[place + 1 :]

    if wrong != text:
        with pytest.raises(Corrupt):
            words.parse_recovery_code(wrong)


def test_a_token_has_43_characters_and_is_looked_up_by_its_digest():
    text, raw = words.new_token()

    assert len(text) == 43
    assert words.parse_token(text) == raw
    assert words.parse_token(TOKEN["text"]).hex() == TOKEN["raw"]
    assert words.token_hash(TOKEN["text"]).hex() == TOKEN["hash"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "é" * 43,
        TOKEN["text"][:-1],
        TOKEN["text"] + "A",
        TOKEN["text"] + "=",
        TOKEN["text"] + "!",
        "!" + TOKEN["text"],
        TOKEN["text"][:-1] + "B",
        "+" * 43,
    ],
)
def test_an_address_that_is_no_token_is_not_found(text):
    with pytest.raises(NotFound):
        words.token_hash(text)


def test_the_word_list_is_the_one_of_the_standard():
    text = files("studyhub.vault").joinpath("data", "english.txt").read_bytes()

    assert sha256(text).hexdigest() in (
        Path(__file__).parents[2] / "docs/LICENCES.md"
    ).read_text("utf-8")
    assert len(text.split()) == 2048
