"""The SHO1 vectors and the page that describes the format, tried on two readers."""

import json
import re
import sys
from hashlib import sha256
from pathlib import Path
from subprocess import run
from uuid import UUID

import pytest

from studyhub.domain import errors
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.vault.stream_reader import Reader
from tests.vault import independent_reader

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests/vectors/sho1"
PAGE = ROOT / "docs/formats/SHO1.md"
GOOD = sorted(path.stem for path in VECTORS.glob("good_*.bin"))
BAD = sorted(path.stem for path in VECTORS.glob("bad_*.bin"))


def expected(name: str) -> dict:
    return json.loads((VECTORS / f"{name}.json").read_text())


def key_of(known: dict) -> ObjectKey:
    where = known["context"]
    context = Context(
        UUID(where["study_id"]),
        UUID(where["owner_id"]),
        where["compartment"],
        where["kind"],
        where["version"],
    )
    data_key, data_key_id = bytes.fromhex(known["data_key"]), UUID(known["data_key_id"])
    return ObjectKey(data_key, data_key_id, UUID(known["object_id"]), context)


def read_ours(name: str, known: dict) -> bytes:
    with Reader(VECTORS / f"{name}.bin", key_of(known)) as reader:
        return reader.whole()


def read_independently(name: str, known: dict) -> bytes:
    key, file = key_of(known), (VECTORS / f"{name}.bin").read_bytes()
    where = known["context"]
    context = independent_reader.packed(
        UUID(where["study_id"]).bytes,
        UUID(where["owner_id"]).bytes,
        where["compartment"].encode(),
        where["kind"].encode(),
        where["version"].to_bytes(8, "big"),
    )
    return independent_reader.read(file, key.data_key, key.data_key_id, key.object_id, context)


@pytest.mark.parametrize("read", [read_ours, read_independently])
@pytest.mark.parametrize("name", GOOD)
def test_a_good_vector_opens(name, read):
    known = expected(name)

    plain = read(name, known)

    assert (len(plain), sha256(plain).hexdigest()) == (known["length"], known["sha256"])


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_vector_is_refused_by_our_reader(name):
    known = expected(name)

    assert known["refused"]
    with pytest.raises(errors.Corrupt):
        read_ours(name, known)


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_vector_is_refused_by_the_independent_reader(name):
    with pytest.raises(independent_reader.Refused):
        read_independently(name, expected(name))


def test_every_segment_size_of_the_format_has_a_vector():
    sizes = {(VECTORS / f"{name}.bin").read_bytes()[6] for name in GOOD}

    assert sizes == set(range(12, 23))


def test_the_script_makes_these_very_vectors(tmp_path):
    script = ROOT / "tests/vectors/make_sho1.py"
    run([sys.executable, script, tmp_path], check=True)  # noqa: S603 - our own script

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in VECTORS.iterdir()}
    assert made == kept


def test_the_example_on_the_page_is_the_vector():
    shown = PAGE.read_text().split("## Example")[1].split("```")[1]
    values = dict(re.findall(r"^(\w[\w ]*?)  +(.*(?:\n .*)*)", shown, re.MULTILINE))
    plain = re.search(r"bytes `(.*?)`", PAGE.read_text())[1].encode()
    example = {name: re.sub(r"\s", "", value) for name, value in values.items()}

    file = bytes.fromhex(example["file"])
    context = bytes.fromhex(example["context"])
    ids = UUID(example["data key id"]), UUID(example["object id"])
    opened = independent_reader.read(file, bytes.fromhex(example["data key"]), *ids, context)

    known = expected("good_example_of_the_description")
    assert opened == plain
    assert file == (VECTORS / "good_example_of_the_description.bin").read_bytes()
    assert context == key_of(known).context.packed()
    assert sha256(file).hexdigest() == example["root"]
    assert example["AAD"] == sha256(file[:104] + context).hexdigest() + "0000000001"
