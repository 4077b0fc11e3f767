"""Uploads that are cut, resumed, crashed and finished: no acknowledged byte is ever lost."""

import errno
import hashlib
import os
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from studyhub.domain import errors
from studyhub.vault import stream_writer
from studyhub.vault.blobs import Blobs, new_store_name
from studyhub.vault.stream_format import HEADER, ObjectKey
from studyhub.vault.stream_writer import Sealed
from tests.vault.crashes import Machine, Stopped
from tests.vault.objects import FULL, SEGMENT, SMALL, blobs_in, left_in, new_key, pieces


class Sender:
    """Somebody who uploads a recording in a few goes, and begins again where it was cut.

    All that survives a crash is what the server acknowledged: what is in this object.
    """

    def __init__(self, folder: Path, plain: bytes, goes: list[int]) -> None:
        self.folder, self.plain, self.goes = folder, plain, sorted({*goes, len(plain)})
        self.key, self.name = new_key(), new_store_name()
        self.blobs = blobs_in(folder)
        self.begun, self.acknowledged, self.sent = False, 0, 0
        self.sealed: Sealed | None = None

    def run(self) -> None:
        """Do all that is still to be done."""
        if not self.begun:
            self._begin()
        if not self.sealed:
            self._send()
            self.sealed = self.blobs.finish(self.name, self.key, len(self.plain))
        self.blobs.forget(self.key.object_id)

    def _begin(self) -> None:
        self.blobs.discard(self.key.object_id)
        self.blobs.begin(self.key, len(self.plain), log2=SMALL)
        self.begun = True

    def _send(self) -> None:
        try:
            while self._one_go():
                pass
        except errors.NotFound:
            assert self.name + ".sho" in left_in(self.folder / "objects")

    def _one_go(self) -> bool:
        with self.blobs.resume(self.key, len(self.plain)) as upload:
            assert self.acknowledged <= upload.offset <= self.sent
            if upload.offset == len(self.plain):
                return False
            stop = next(go for go in self.goes if go > upload.offset)
            self.sent = max(self.sent, stop)
            self.acknowledged = upload.append(pieces(self.plain[upload.offset : stop]))
            assert self.acknowledged == stop
        return True

    def check(self) -> None:
        """The object is there, whole, and nothing else is."""
        assert self.sealed
        with self.blobs.open(self.name, self.key) as reader:
            assert reader.whole() == self.plain
        file = self.folder / "objects" / self.name[:2] / f"{self.name}.sho"
        assert self.sealed.root == hashlib.sha256(file.read_bytes()).digest()
        assert self.sealed.size == file.stat().st_size
        assert left_in(self.folder / "tmp") == set()


GOES = [100, SEGMENT, SEGMENT + 1, 3 * SEGMENT + 5]
LENGTHS = [0, 1, SEGMENT, 3 * SEGMENT, 3 * SEGMENT + 50]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("power", [False, True], ids=["killed", "power cut"])
def test_a_stop_at_any_step_loses_no_acknowledged_byte(tmp_path, monkeypatch, length, power):
    monkeypatch.setattr(stream_writer, "ALONE", 2)
    machine, plain = Machine(monkeypatch), os.urandom(length)

    for step in count(1):
        (tmp_path / str(step)).mkdir()
        sender = Sender(tmp_path / str(step), plain, [go for go in GOES if go < length])
        machine.start(stop_at=step)
        try:
            sender.run()
        except Stopped:
            machine.start()
            if power:
                machine.lose_power(sender.folder / "tmp")
            sender.run()
            sender.check()
        else:
            break

    assert step > 10


@example(stops=[21, 1], power=True)  # the second cut comes before anything is written again
@given(stops=some.lists(some.integers(1, 60), max_size=4), power=some.booleans())
@settings(max_examples=60)
def test_stops_during_repair_lose_no_acknowledged_byte(tmp_path_factory, stops, power):
    sender = Sender(tmp_path_factory.mktemp("stops"), os.urandom(3 * SEGMENT + 50), GOES)

    with pytest.MonkeyPatch.context() as monkeypatch:
        machine = Machine(monkeypatch)
        for stop in stops:
            machine.start(stop_at=stop)
            try:
                sender.run()
            except Stopped:
                machine.start()
                if power:
                    machine.lose_power(sender.folder / "tmp")

    sender.run()
    sender.check()


@given(length=some.sampled_from(LENGTHS), goes=some.lists(some.integers(1, 3 * SEGMENT + 49)))
@settings(max_examples=60)
def test_an_upload_in_any_pieces_comes_back_whole(tmp_path_factory, length, goes):
    plain = os.urandom(length)
    sender = Sender(tmp_path_factory.mktemp("goes"), plain, [go for go in goes if go < length])

    sender.run()

    sender.check()


class Desk:
    """One upload of three segments and a bit, with its two files at hand."""

    def __init__(self, folder: Path) -> None:
        self.blobs: Blobs = blobs_in(folder)
        self.key: ObjectKey = new_key()
        self.plain = os.urandom(3 * SEGMENT + 50)
        self.part = folder / "tmp" / f"{self.key.object_id}.part"
        self.tail = folder / "tmp" / f"{self.key.object_id}.tail"
        self.name = new_store_name()
        self.blobs.begin(self.key, len(self.plain), log2=SMALL)

    def resume(self):
        return self.blobs.resume(self.key, len(self.plain), patience=0)

    def send(self, start: int, stop: int) -> int:
        with self.resume() as upload:
            assert upload.offset == start
            return upload.append(pieces(self.plain[start:stop]))

    def offset(self) -> int:
        with self.resume() as upload:
            return upload.offset

    def finish(self) -> Sealed:
        return self.blobs.finish(self.name, self.key, len(self.plain))

    def opened(self) -> bytes:
        with self.blobs.open(self.name, self.key) as reader:
            return reader.whole()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class Hangup(OSError):
    """The connection is gone."""


def cut_off(data: bytes):
    yield from pieces(data)
    raise Hangup


def test_what_came_before_a_hangup_is_kept(desk):
    with desk.resume() as upload, pytest.raises(Hangup):
        upload.append(cut_off(desk.plain[: SEGMENT + 700]))

    assert desk.offset() == SEGMENT + 700


def test_a_hangup_before_the_bytes_were_agreed_keeps_nothing(desk):
    desk.send(0, 600)

    with desk.resume() as upload:
        with pytest.raises(Hangup):
            upload.append(cut_off(desk.plain[600 : 2 * SEGMENT]), lambda: True)
        assert upload.offset == 600

    assert desk.offset() == 600


def test_bytes_that_are_not_agreed_are_discarded_altogether(desk):
    desk.send(0, 600)

    with desk.resume() as upload:
        assert upload.append(pieces(bytes(2 * SEGMENT)), lambda: False) == 600
        assert upload.append(pieces(desk.plain[600:]), lambda: True) == len(desk.plain)

    desk.finish()
    assert desk.opened() == desk.plain


def test_more_bytes_than_announced_are_refused_and_none_is_kept(desk):
    desk.send(0, 600)

    with desk.resume() as upload, pytest.raises(errors.Invalid):
        upload.append(pieces(desk.plain))

    assert desk.offset() == 600


def test_a_disk_that_fills_up_keeps_what_was_acknowledged(desk, monkeypatch):
    desk.send(0, SEGMENT + 600)

    with desk.resume() as upload, monkeypatch.context() as broken:
        broken.setattr(os, "write", full_disk)
        for stop in (SEGMENT + 700, len(desk.plain)):
            with pytest.raises(errors.NoSpace):
                upload.append(pieces(desk.plain[SEGMENT + 600 : stop]))

    assert desk.offset() == SEGMENT + 600
    assert not desk.tail.with_name(desk.tail.name + ".tmp").exists()
    desk.send(SEGMENT + 600, len(desk.plain))
    desk.finish()
    assert desk.opened() == desk.plain


def test_a_disk_that_fills_up_at_the_very_end_can_be_finished_later(desk, monkeypatch):
    desk.send(0, len(desk.plain))

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full_disk)
        with pytest.raises(errors.NoSpace):
            desk.finish()

    desk.finish()
    assert desk.opened() == desk.plain


def full_disk(descriptor: int, data: bytes) -> int:
    raise OSError(errno.ENOSPC, "no space")


def test_an_unfinished_upload_cannot_be_finished(desk):
    desk.send(0, len(desk.plain) - 1)

    with pytest.raises(errors.WrongState):
        desk.finish()


def test_finishing_again_gives_the_same_answer(desk):
    desk.send(0, len(desk.plain))

    with desk.resume() as upload:
        first = upload.finish()
        second = upload.finish()
    third, fourth = desk.finish(), desk.finish()

    assert first == second == third == fourth
    assert desk.opened() == desk.plain


def test_after_the_end_only_nothing_can_be_appended(desk):
    desk.send(0, len(desk.plain))

    with desk.resume() as upload:
        upload.finish()
        assert upload.append([b""]) == len(desk.plain)
        with pytest.raises(errors.Invalid):
            upload.append([b"more"])


def test_a_full_last_segment_is_marked_as_the_last(tmp_path):
    sender = Sender(tmp_path, os.urandom(2 * SEGMENT), [SEGMENT])

    sender.run()

    sender.check()


def test_a_torn_segment_is_cut_off(desk):
    desk.send(0, 2 * SEGMENT + 10)
    with desk.part.open("ab") as file:
        file.write(os.urandom(500))

    assert desk.offset() == 2 * SEGMENT + 10
    assert desk.part.stat().st_size == HEADER + 2 * FULL


def test_full_segments_that_do_not_open_are_cut_off_and_the_tail_counts_again(desk):
    desk.send(0, SEGMENT + 10)
    with desk.part.open("ab") as file:
        file.write(os.urandom(FULL))

    assert desk.offset() == SEGMENT + 10


def test_a_tail_older_than_the_segments_no_longer_counts(desk):
    desk.send(0, 10)
    older = desk.tail.read_bytes()
    desk.send(10, SEGMENT + 20)
    desk.tail.write_bytes(older)

    assert desk.offset() == SEGMENT
    desk.send(SEGMENT, len(desk.plain))
    desk.finish()
    assert desk.opened() == desk.plain


def test_a_tail_of_segments_that_are_gone_no_longer_counts(desk):
    desk.send(0, 2 * SEGMENT + 20)
    os.truncate(desk.part, HEADER + FULL)

    assert desk.offset() == SEGMENT


@pytest.mark.parametrize("at", [0, 4, 20, -1])
def test_a_damaged_tail_is_refused(desk, at):
    desk.send(0, 600)
    record = bytearray(desk.tail.read_bytes())
    record[at] ^= 1
    desk.tail.write_bytes(record)

    with pytest.raises(errors.Corrupt), desk.resume():
        pass


def test_a_tail_that_is_too_short_is_refused(desk):
    desk.tail.write_bytes(bytes(31))

    with pytest.raises(errors.Corrupt), desk.resume():
        pass


def test_a_tail_never_opens_as_a_segment(desk):
    desk.send(0, len(desk.plain))
    sealed = desk.tail.read_bytes()[4:]
    with desk.part.open("ab") as file:
        file.write(sealed)

    assert desk.offset() == len(desk.plain)
    assert desk.part.stat().st_size == HEADER + 3 * FULL


def test_an_upload_longer_than_announced_is_refused(desk):
    with desk.part.open("ab") as file:
        file.write(bytes(5 * FULL))

    with pytest.raises(errors.Corrupt), desk.resume():
        pass


def test_an_upload_does_not_open_with_another_key(desk):
    desk.send(0, 600)
    stranger = new_key()
    desk.part.rename(desk.part.with_name(f"{stranger.object_id}.part"))

    with pytest.raises(errors.Corrupt), desk.blobs.resume(stranger, len(desk.plain)):
        pass


def sealed_pieces(desk: Desk) -> list[bytes]:
    """Every sealed piece that lies in the two files now, each beginning with its nonce."""
    body = desk.part.read_bytes()[HEADER:]
    return [
        *(body[at : at + FULL] for at in range(0, len(body), FULL)),
        desk.tail.read_bytes()[4:],
    ]


def test_no_nonce_is_used_twice_when_an_upload_is_cut_and_resumed(desk):
    seen: set[bytes] = set()
    cuts = [0, 10, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT + 9, len(desk.plain)]

    for start, stop in pairwise(cuts):
        with desk.resume() as upload:
            upload.append(pieces(desk.plain[start:stop]), lambda: False)
            upload.append(pieces(desk.plain[start:stop]))
        seen.update(sealed_pieces(desk))
    with desk.resume() as upload:
        upload.finish()
    seen.update(sealed_pieces(desk))

    nonces = {piece[:12] for piece in seen}
    assert len(nonces) == len(seen) > len(cuts)


def test_a_segment_that_was_discarded_is_sealed_anew_with_another_nonce(desk, monkeypatch):
    monkeypatch.setattr(stream_writer, "ALONE", 1)
    discarded: list[bytes] = []

    def look_and_refuse() -> bool:
        discarded.append(desk.part.read_bytes()[HEADER : HEADER + FULL])
        return False

    with desk.resume() as upload:
        upload.append(pieces(desk.plain[: 2 * SEGMENT]), look_and_refuse)
        upload.append(pieces(desk.plain[: 2 * SEGMENT]))

    kept = sealed_pieces(desk)[0]
    assert len(discarded[0]) == len(kept) == FULL
    assert discarded[0][:12] != kept[:12]
