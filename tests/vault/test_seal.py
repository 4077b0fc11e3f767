"""A sealed value opens at its own place, and nowhere else."""

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Corrupt
from studyhub.vault.places import Place
from studyhub.vault.primitives import box, random_key
from studyhub.vault.seal import open_field, pack, seal_field, unpack

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8"))
KEY = bytes.fromhex(VECTORS["key"])
PLACE = Place("contacts", UUID(int=8), "body_sealed", UUID(int=1), "P1")


def test_a_published_field_opens():
    assert open_field(KEY, PLACE, bytes.fromhex(VECTORS["field"])) == b"hello"


@given(st.binary(max_size=300))
def test_a_field_comes_back(data):
    sealed = seal_field(KEY, PLACE, data)

    assert open_field(KEY, PLACE, sealed) == data
    assert len(sealed) == len(data) + 29


@pytest.mark.parametrize(
    "moved",
    [
        {"table": "expressions"},
        {"row_id": UUID(int=9)},
        {"column": "notes_sealed"},
        {"study": UUID(int=2)},
        {"owner": "P2"},
        {"owner": UUID(int=8)},
    ],
)
def test_a_moved_field_is_corrupt(moved):
    sealed = seal_field(KEY, PLACE, b"hello")

    with pytest.raises(Corrupt):
        open_field(KEY, replace(PLACE, **moved), sealed)


def test_a_field_under_another_data_key_is_corrupt():
    sealed = seal_field(KEY, PLACE, b"hello")

    with pytest.raises(Corrupt):
        open_field(random_key(), PLACE, sealed)


def test_a_box_with_the_data_key_itself_is_no_field():
    with pytest.raises(Corrupt):
        open_field(KEY, PLACE, box(KEY, b"hello", PLACE.aad))


def test_sealed_json_is_written_one_way():
    assert pack({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é","v":1}'.encode()


@given(st.dictionaries(st.text(max_size=5).filter(lambda k: k != "v"), st.text(), max_size=4))
def test_packed_json_comes_back(value):
    assert unpack(pack(value)) == value


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b"{}", b'{"v":2}', b'"v"'])
def test_other_bytes_are_no_packed_json(data):
    with pytest.raises(Corrupt):
        unpack(data)
