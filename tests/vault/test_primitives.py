"""Packing, boxing, sealing and signing: what is right opens, and nothing else does."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Corrupt
from studyhub.vault import primitives

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8"))
KEY = bytes.fromhex(VECTORS["key"])
PRIVATE = bytes.fromhex(VECTORS["opening_private"])
PUBLIC = bytes.fromhex(VECTORS["opening_public"])
PLAIN = b"data key data key data key data!"

parts = st.lists(st.one_of(st.none(), st.binary(max_size=6), st.text(max_size=4)), max_size=4)


def test_packing_is_as_published():
    packed = primitives.lp("label", b"\xff", 258, UUID(int=1), None, "e\u0301")

    assert packed.hex() == VECTORS["lp"]


def test_a_number_out_of_range_is_corrupt():
    with pytest.raises(Corrupt):
        primitives.lp("label", -1)


@given(parts)
def test_packed_parts_can_be_told_apart(values):
    packed, read = primitives.lp(*values), []
    while packed:
        length = int.from_bytes(packed[:4], "big")
        read.append(packed[4 : 4 + length])
        packed = packed[4 + length :]

    assert read == [primitives.lp(value)[4:] for value in values]


def test_deriving_is_as_published():
    assert primitives.hkdf(KEY, "studyhub/kit/root/v1").hex() == VECTORS["hkdf"]
    assert primitives.hkdf(KEY, b"info", 64, b"salt").hex() == VECTORS["hkdf_salted_64"]


def test_a_published_box_opens():
    assert primitives.unbox(KEY, bytes.fromhex(VECTORS["box"]), b"place") == b"hello"


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_is_boxed_comes_back_29_bytes_longer(data, aad):
    boxed = primitives.box(KEY, data, aad)

    assert primitives.unbox(KEY, boxed, aad) == data
    assert len(boxed) == len(data) + primitives.BOX_OVERHEAD == len(data) + 29


@given(st.binary(max_size=40), st.data())
def test_a_box_with_any_changed_bit_or_cut_is_corrupt(data, draw):
    boxed = primitives.box(KEY, data, b"place")
    bit = draw.draw(st.integers(0, len(boxed) * 8 - 1))
    cut = draw.draw(st.integers(0, len(boxed) - 1))
    changed = bytearray(boxed)
    changed[bit // 8] ^= 1 << bit % 8

    for wrong in (bytes(changed), boxed[:cut], boxed + b"\0"):
        with pytest.raises(Corrupt):
            primitives.unbox(KEY, wrong, b"place")


@pytest.mark.parametrize(
    ("key", "aad"), [(bytes(32), b"place"), (KEY, b"elsewhere"), (KEY[:16], b"place")]
)
def test_a_box_opens_only_with_its_key_at_its_place(key, aad):
    boxed = primitives.box(KEY, b"data", b"place")

    with pytest.raises(Corrupt):
        primitives.unbox(key, boxed, aad)


def test_a_box_is_not_made_with_a_short_key():
    with pytest.raises(Corrupt):
        primitives.box(KEY[:16], b"data", b"place")


def test_a_published_sealed_value_and_wrap_open():
    info = bytes.fromhex(VECTORS["places"]["dek"])
    sealed, wrapped = (bytes.fromhex(VECTORS[name]) for name in ("sealed", "wrapped"))

    assert primitives.unseal(PRIVATE, sealed, info) == PLAIN
    assert primitives.unwrap(KEY, PRIVATE, wrapped, info) == PLAIN


def test_sizes_are_as_published():
    assert len(primitives.seal(PUBLIC, PLAIN, b"info")) == 81
    assert len(primitives.wrap(KEY, PUBLIC, PLAIN, b"info")) == 110


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_is_wrapped_comes_back(data, info):
    pair, shred = primitives.new_pair(), primitives.random_key()

    wrapped = primitives.wrap(shred, pair.public, data, info)

    assert primitives.unwrap(shred, pair.private, wrapped, info) == data


@given(st.data())
def test_a_sealed_value_with_any_changed_bit_or_cut_is_corrupt(draw):
    sealed = primitives.seal(PUBLIC, PLAIN, b"info")
    bit = draw.draw(st.integers(0, len(sealed) * 8 - 1))
    cut = draw.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8

    for wrong in (bytes(changed), sealed[:cut], sealed + b"\0"):
        with pytest.raises(Corrupt):
            primitives.unseal(PRIVATE, wrong, b"info")


@pytest.mark.parametrize(
    ("private", "info"), [(KEY, b"info"), (PRIVATE, b"other"), (PRIVATE[:31], b"info")]
)
def test_a_sealed_value_opens_only_with_its_key_and_info(private, info):
    sealed = primitives.seal(PUBLIC, PLAIN, b"info")

    with pytest.raises(Corrupt):
        primitives.unseal(private, sealed, info)


def test_a_wrap_needs_the_shred_key_and_the_private_half():
    wrapped = primitives.wrap(KEY, PUBLIC, PLAIN, b"info")

    with pytest.raises(Corrupt):
        primitives.unwrap(bytes(32), PRIVATE, wrapped, b"info")
    with pytest.raises(Corrupt):
        primitives.unwrap(KEY, bytes(32), wrapped, b"info")


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(32), b"\x01" + bytes(31)])
def test_nothing_is_sealed_to_what_is_no_public_half(public):
    with pytest.raises(Corrupt):
        primitives.seal(public, PLAIN, b"info")


@given(st.binary(max_size=100))
def test_random_bytes_are_corrupt_and_nothing_else(data):
    for attempt in (
        lambda: primitives.unbox(KEY, data, b""),
        lambda: primitives.unseal(PRIVATE, data, b""),
        lambda: primitives.unseal(PRIVATE, b"\x01" + data, b""),
        lambda: primitives.unwrap(KEY, PRIVATE, data, b""),
        lambda: primitives.check_signature(data, b"message", data),
    ):
        with pytest.raises(Corrupt) as failed:
            attempt()
        assert failed.value.__cause__ is None


def test_public_halves_are_computed_from_private_ones():
    opening, signing = primitives.new_pair(), primitives.new_signing_pair()

    assert primitives.public_of(opening.private) == opening.public
    assert primitives.signing_public_of(signing.private) == signing.public
    assert primitives.public_of(PRIVATE) == PUBLIC


def test_a_signature_holds_for_its_message_and_signer_only():
    pair, stranger = primitives.new_signing_pair(), primitives.new_signing_pair()
    signature = primitives.sign(pair.private, b"message")

    primitives.check_signature(pair.public, b"message", signature)
    for public, message, wrong in (
        (stranger.public, b"message", signature),
        (pair.public, b"massage", signature),
        (pair.public, b"message", bytes(64)),
        (pair.public, b"message", b""),
        (b"", b"message", signature),
    ):
        with pytest.raises(Corrupt):
            primitives.check_signature(public, message, wrong)


@pytest.mark.parametrize(
    "use",
    [
        primitives.public_of,
        primitives.signing_public_of,
        lambda key: primitives.sign(key, b"message"),
    ],
)
def test_a_short_private_half_is_corrupt(use):
    with pytest.raises(Corrupt):
        use(KEY[:31])


def test_showing_a_pair_does_not_show_its_private_half():
    pair = primitives.new_pair()

    assert repr(pair.private) not in repr(pair)
    assert "private" not in repr(pair)
