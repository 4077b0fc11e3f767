"""Sealed objects: what comes back, and everything that is refused before a byte leaves."""

import hashlib
import os
import threading
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from studyhub.domain import errors
from studyhub.vault import stream_writer
from studyhub.vault.files import flush_file, write_all
from studyhub.vault.stream_format import HEADER, WRITTEN, Shape, new_header, open_header
from studyhub.vault.stream_reader import Reader
from studyhub.vault.stream_writer import seal_stream
from tests.vault.objects import (
    FULL,
    SEGMENT,
    SMALL,
    bytes_before_refusal,
    new_key,
    opened,
    pieces,
    seal,
    with_context,
)

LENGTHS = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 50]
USUAL = 1 << WRITTEN


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "object.sho"


@pytest.mark.parametrize("length", LENGTHS)
def test_what_was_sealed_comes_back(path, length):
    key, plain = new_key(), os.urandom(length)

    sealed = seal(path, key, plain)

    assert opened(path, key) == plain
    assert sealed.size == path.stat().st_size == Shape(length, SMALL).file_size
    assert sealed.root == hashlib.sha256(path.read_bytes()).digest()


@pytest.mark.parametrize("length", [0, 1, USUAL - 1, USUAL, USUAL + 1, 5 * USUAL + 7])
def test_segments_of_64_kib_are_written(path, length):
    key, plain = new_key(), os.urandom(length)

    seal(path, key, plain, WRITTEN)

    assert path.read_bytes()[6] == 16
    assert opened(path, key) == plain


def test_an_object_of_many_batches_has_the_root_of_its_file(path, monkeypatch):
    monkeypatch.setattr(stream_writer, "COUNTED", 3)
    key, plain = new_key(), os.urandom(20 * SEGMENT + 9)

    sealed = seal(path, key, plain)

    assert sealed.root == hashlib.sha256(path.read_bytes()).digest()
    assert opened(path, key) == plain


def test_no_second_thread_stays_behind(path):
    before = threading.active_count()

    seal(path, new_key(), os.urandom(3 * SEGMENT))

    assert threading.active_count() == before


@pytest.mark.parametrize("announced", [9_999, 10_001, 0])
def test_another_length_than_announced_is_refused(path, announced):
    with path.open("wb") as file, pytest.raises(errors.Invalid):
        seal_stream(file.fileno(), new_key(), pieces(bytes(10_000)), announced)


@pytest.mark.parametrize("length", [-1, 2**32 * USUAL + 1])
def test_a_length_that_no_object_can_have_is_refused(path, length):
    with path.open("wb") as file, pytest.raises(errors.Invalid):
        seal_stream(file.fileno(), new_key(), [], length)


def test_a_file_with_too_many_segments_is_refused():
    most = Shape(2**32 * SEGMENT, SMALL)

    assert Shape.of_file(most.file_size, SMALL) == most
    with pytest.raises(errors.Corrupt):
        Shape.of_file(most.file_size + 29, SMALL)


@given(length=some.integers(0, 2**46), log2=some.integers(12, 22))
def test_the_size_of_a_file_tells_its_length(length, log2):
    shape = Shape(length, log2)

    if shape.last < 2**32:
        assert Shape.of_file(shape.file_size, log2) == shape


@given(data=some.data(), length=some.sampled_from(LENGTHS))
@settings(max_examples=60)
def test_any_range_opens(tmp_path_factory, data, length):
    path, key, plain = tmp_path_factory.mktemp("range") / "o", new_key(), os.urandom(length)
    seal(path, key, plain)
    start = data.draw(some.integers(0, length))
    stop = data.draw(some.integers(start, length))

    with Reader(path, key) as reader:
        assert b"".join(reader.range(start, stop)) == plain[start:stop]


@pytest.mark.parametrize("edge", [0, SEGMENT, 2 * SEGMENT, 2 * SEGMENT + 50])
def test_ranges_at_the_edges_of_segments_open(path, edge):
    key, plain = new_key(), os.urandom(2 * SEGMENT + 50)
    seal(path, key, plain)

    with Reader(path, key) as reader:
        for start in {max(0, edge - 1), edge, min(edge + 1, len(plain))}:
            for stop in {start, min(start + 1, len(plain)), max(start, edge), len(plain)}:
                assert b"".join(reader.range(start, stop)) == plain[start:stop]


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (6, 5), (0, 11)])
def test_a_range_outside_the_object_is_our_mistake(path, start, stop):
    key = new_key()
    seal(path, key, bytes(10))

    with Reader(path, key) as reader, pytest.raises(errors.HouseRuleBroken):
        reader.range(start, stop)


def test_a_range_opens_only_the_segments_it_touches(path):
    key, plain = new_key(), os.urandom(4 * SEGMENT)
    seal(path, key, plain)
    change(path, HEADER + FULL + 100)

    with Reader(path, key) as reader:
        whole = b"".join(reader.range(2 * SEGMENT, 4 * SEGMENT))
        assert whole == plain[2 * SEGMENT :]
        with pytest.raises(errors.Corrupt):
            list(reader.range(SEGMENT, SEGMENT + 1))


def test_pieces_of_a_range_are_no_larger_than_a_segment(path):
    key = new_key()
    seal(path, key, os.urandom(3 * SEGMENT))

    with Reader(path, key) as reader:
        sizes = [len(piece) for piece in reader.range(10, 3 * SEGMENT)]

    assert sizes == [SEGMENT - 10, SEGMENT, SEGMENT]


def test_the_root_of_a_reader_is_that_of_the_file(path):
    key = new_key()
    sealed = seal(path, key, os.urandom(3 * SEGMENT))

    with Reader(path, key) as reader:
        assert reader.root() == sealed.root


def change(path: Path, at: int, by: int = 1) -> None:
    with path.open("r+b", buffering=0) as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ by]))


def test_every_changed_byte_is_refused_before_its_segment_leaves(path):
    key, plain = new_key(), os.urandom(SEGMENT + 50)
    seal(path, key, plain)

    for at in range(path.stat().st_size):
        change(path, at, 1 << at % 8)
        assert bytes_before_refusal(path, key) == b""
        change(path, at, 1 << at % 8)

    assert opened(path, key) == plain


def test_segments_before_a_damaged_one_leave_and_nothing_else(path):
    key, plain = new_key(), os.urandom(3 * SEGMENT + 50)
    seal(path, key, plain)
    change(path, HEADER + 2 * FULL + 77)

    assert bytes_before_refusal(path, key) == plain[: 2 * SEGMENT]


def test_a_reader_that_met_damage_still_gives_only_genuine_bytes(path):
    key, plain = new_key(), os.urandom(3 * SEGMENT)
    seal(path, key, plain)
    change(path, HEADER + FULL + 77)

    with Reader(path, key) as reader:
        before = list(reader.range(0, SEGMENT))
        with pytest.raises(errors.Corrupt):
            list(reader.range(SEGMENT, SEGMENT + 1))
        after = list(reader.range(0, SEGMENT))

    assert before == after == [plain[:SEGMENT]]


def test_every_shorter_file_is_refused_before_a_byte_leaves(path):
    key = new_key()
    seal(path, key, os.urandom(SEGMENT + 50))

    for size in reversed(range(path.stat().st_size)):
        os.truncate(path, size)
        assert bytes_before_refusal(path, key) == b""


def test_a_file_that_shrinks_while_it_is_read_is_refused(path):
    key = new_key()
    seal(path, key, os.urandom(3 * SEGMENT))

    with Reader(path, key) as reader:
        os.truncate(path, HEADER + 100)
        with pytest.raises(errors.Corrupt):
            list(reader.range(0, 10))


@pytest.mark.parametrize("more", [1, 27, 28, 29, FULL])
def test_a_longer_file_is_refused_before_a_byte_leaves(path, more):
    key = new_key()
    seal(path, key, os.urandom(2 * SEGMENT))
    with path.open("ab") as file:
        file.write(os.urandom(more))

    assert bytes_before_refusal(path, key) == b""


def parts(file: bytes) -> tuple[bytes, list[bytes]]:
    body = file[HEADER:]
    return file[:HEADER], [body[at : at + FULL] for at in range(0, len(body), FULL)]


def test_segments_in_any_other_order_are_refused(path):
    key, plain = new_key(), os.urandom(3 * SEGMENT)
    seal(path, key, plain)
    header, segments = parts(path.read_bytes())

    for order in permutations(segments):
        path.write_bytes(header + b"".join(order))
        if list(order) == segments:
            assert opened(path, key) == plain
        else:
            assert bytes_before_refusal(path, key) == b""


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_same_segment_of_an_older_seal_is_refused(path, index):
    key, plain = new_key(), os.urandom(3 * SEGMENT)
    seal(path, key, plain)
    _, older = parts(path.read_bytes())
    seal(path, key, plain)
    header, segments = parts(path.read_bytes())
    segments[index] = older[index]

    path.write_bytes(header + b"".join(segments))

    assert bytes_before_refusal(path, key) == (plain[:SEGMENT] if index == 1 else b"")


def test_a_segment_of_another_object_is_refused(path):
    key, other = new_key(), new_key()
    seal(path, other, bytes(2 * SEGMENT))
    _, foreign = parts(path.read_bytes())
    seal(path, key, bytes(2 * SEGMENT))
    header, segments = parts(path.read_bytes())

    path.write_bytes(header + foreign[0] + segments[1])

    assert bytes_before_refusal(path, key) == b""


@pytest.mark.parametrize(
    "wrong",
    [
        lambda key: with_context(key, study_id=uuid4()),
        lambda key: with_context(key, owner_id=uuid4()),
        lambda key: with_context(key, compartment="consent"),
        lambda key: with_context(key, kind="rendition"),
        lambda key: with_context(key, version=2),
        lambda key: replace(key, object_id=uuid4()),
        lambda key: replace(key, data_key_id=uuid4()),
        lambda key: replace(key, data_key=os.urandom(32)),
    ],
    ids=["study", "owner", "compartment", "kind", "version", "object", "key id", "key"],
)
def test_another_place_or_key_is_refused_before_a_byte_leaves(path, wrong):
    key = new_key()
    seal(path, key, os.urandom(100))

    assert bytes_before_refusal(path, wrong(key)) == b""


def test_a_missing_file_is_damage(path):
    with pytest.raises(errors.Corrupt):
        Reader(path, new_key())


def test_a_link_in_place_of_a_file_is_not_followed(path, tmp_path):
    key = new_key()
    seal(path, key, b"here")
    (tmp_path / "link").symlink_to(path)

    with pytest.raises(OSError, match="symbolic"):
        Reader(tmp_path / "link", key)


def test_a_key_never_shows_itself(path):
    key = new_key()

    assert repr(key.data_key) not in repr(key)


def test_a_header_of_another_length_is_refused():
    key = new_key()

    with pytest.raises(errors.Corrupt):
        open_header(new_header(key) + b"\0", key)


def test_a_full_disk_is_no_space():
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        with pytest.raises(errors.NoSpace):
            write_all(descriptor, b"anything")
    finally:
        os.close(descriptor)


def test_another_failure_of_the_disk_keeps_its_name():
    reading, writing = os.pipe()
    try:
        with pytest.raises(OSError, match="Invalid argument"):
            flush_file(writing)
    finally:
        os.close(reading)
        os.close(writing)
