"""Object files: complete or not there, whatever happens while they are written."""

import errno
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from studyhub.domain import errors
from studyhub.vault.backups import Folder
from studyhub.vault.blobs import Blobs, new_store_name
from studyhub.vault.stream_format import Context, ObjectKey
from tests.vault.objects import blobs_in, left_in, new_key, pieces

LATER = datetime.now(UTC) + timedelta(days=1)  # noqa: TID251 - file times are the clock's own
EARLIER = LATER - timedelta(days=2)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return blobs_in(tmp_path)


def test_an_object_comes_back_and_lies_alone_in_its_place(blobs, tmp_path):
    key, name, plain = new_key(), new_store_name(), os.urandom(200_000)

    sealed = blobs.store(name, key, pieces(plain), len(plain))

    path = tmp_path / "objects" / name[:2] / f"{name}.sho"
    with blobs.open(name, key) as reader:
        assert reader.whole() == plain
    assert path.stat().st_mode & 0o777 == 0o600
    assert (sealed.size, sealed.root) == (path.stat().st_size, blobs.root_of(name))
    assert left_in(tmp_path) == {path.name}


def test_an_unfinished_file_can_be_read_by_nobody_else(blobs, tmp_path):
    key = new_key()

    blobs.begin(key, 10)

    part = tmp_path / "tmp" / f"{key.object_id}.part"
    assert part.stat().st_mode & 0o777 == 0o600


def test_two_objects_share_a_folder_and_are_listed(blobs):
    names = {prefix + new_store_name()[2:] for prefix in ("ab", "ab", "cd")}

    for name in names:
        blobs.store(name, new_key(), [b"x"], 1)

    assert set(blobs.stored_names()) == names


def test_an_object_is_written_once(blobs, tmp_path):
    key, name = new_key(), new_store_name()
    blobs.store(name, key, [b"first"], 5)

    with pytest.raises(errors.HouseRuleBroken):
        blobs.store(name, new_key(), [b"other"], 5)

    with blobs.open(name, key) as reader:
        assert reader.whole() == b"first"
    assert left_in(tmp_path / "tmp") == set()


def test_an_object_on_its_way_is_not_begun_twice(blobs):
    key = new_key()
    blobs.begin(key, 10)

    with pytest.raises(FileExistsError):
        blobs.begin(key, 10)
    with pytest.raises(FileExistsError):
        blobs.store(new_store_name(), key, [b"x"], 1)

    with blobs.resume(key, 10) as upload:
        assert upload.offset == 0


@pytest.mark.parametrize("announced", [3, 5])
def test_a_body_of_another_length_leaves_nothing(blobs, tmp_path, announced):
    with pytest.raises(errors.Invalid):
        blobs.store(new_store_name(), new_key(), [b"four"], announced)

    assert left_in(tmp_path) == set()


def test_an_upload_of_an_impossible_length_leaves_nothing(blobs, tmp_path):
    with pytest.raises(errors.Invalid):
        blobs.begin(new_key(), -1)

    assert left_in(tmp_path) == set()


class Hangup(Exception):
    """The sender is gone."""


def cut_off():
    yield os.urandom(100_000)
    raise Hangup


def test_a_hangup_leaves_nothing_of_an_object_sent_whole(blobs, tmp_path):
    with pytest.raises(Hangup):
        blobs.store(new_store_name(), new_key(), cut_off(), 200_000)

    assert left_in(tmp_path) == set()


FAILURES = {errno.ENOSPC: errors.NoSpace, errno.EDQUOT: errors.NoSpace, errno.EIO: OSError}


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
@pytest.mark.parametrize("number", FAILURES)
def test_a_failing_disk_leaves_nothing(blobs, tmp_path, monkeypatch, step, number):
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, step, fail)
        with pytest.raises(FAILURES[number]):
            blobs.store(new_store_name(), new_key(), [b"data"], 4)

    assert left_in(tmp_path) == set()


def test_the_room_that_must_stay_free_is_kept_free(tmp_path):
    blobs = blobs_in(tmp_path, floor=2**62)

    with pytest.raises(errors.NoSpace):
        blobs.store(new_store_name(), new_key(), [b"x"], 1)
    with pytest.raises(errors.NoSpace):
        blobs.begin(new_key(), 1)

    assert left_in(tmp_path) == set()


def test_an_upload_needs_a_tenth_more_room_than_its_bytes(tmp_path):
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize

    blobs_in(tmp_path).require_room(free // 2)
    with pytest.raises(errors.NoSpace):
        blobs_in(tmp_path).require_room(free * 95 // 100)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 16, "ab" * 15, "ab" * 17])
def test_a_name_that_is_none_of_ours_is_refused_also_in_a_backup(blobs, tmp_path, name):
    with pytest.raises(errors.Corrupt):
        blobs.open(name, new_key())
    with pytest.raises(errors.Corrupt):
        Folder(tmp_path, uuid4(), uuid4()).object_file(name)


def test_a_missing_object_is_damage(blobs):
    with pytest.raises(errors.Corrupt):
        blobs.open(new_store_name(), new_key())
    with pytest.raises(errors.Corrupt):
        blobs.root_of(new_store_name())


def test_a_destroyed_object_is_gone_and_can_be_destroyed_again(blobs, tmp_path):
    name = new_store_name()
    blobs.destroy(name)
    blobs.store(name, new_key(), [b"x"], 1)

    blobs.destroy(name)
    blobs.destroy(name)

    assert left_in(tmp_path) == set()


def test_a_changed_object_has_another_root(blobs, tmp_path):
    name = new_store_name()
    sealed = blobs.store(name, new_key(), [b"x"], 1)
    path = tmp_path / "objects" / name[:2] / f"{name}.sho"

    path.write_bytes(path.read_bytes() + b"\0")

    assert blobs.root_of(name) != sealed.root


def test_an_upload_that_does_not_exist_is_not_found(blobs):
    with pytest.raises(errors.NotFound), blobs.resume(new_key(), 1):
        pass


def test_a_busy_upload_is_held_for_everybody_else(blobs, tmp_path):
    key = new_key()
    blobs.begin(key, 10)

    with blobs.resume(key, 10):
        for patience in (0, 0.05):
            with pytest.raises(errors.Held), blobs.resume(key, 10, patience=patience):
                pass
        with pytest.raises(errors.Held):
            blobs.discard(key.object_id, patience=0)

    with blobs.resume(key, 10, patience=0) as upload:
        assert upload.offset == 0


@pytest.mark.parametrize("replaced", [False, True])
def test_an_upload_removed_while_somebody_waits_for_it_is_not_found(
    blobs, tmp_path, monkeypatch, replaced
):
    key = new_key()
    blobs.begin(key, 10)

    def remove_meanwhile(_: float) -> None:
        (tmp_path / "tmp" / f"{key.object_id}.part").unlink()
        if replaced:
            blobs.begin(key, 10)
        holder.__exit__(None, None, None)

    holder = blobs.resume(key, 10)
    holder.__enter__()
    monkeypatch.setattr("time.sleep", remove_meanwhile)

    with pytest.raises(errors.NotFound), blobs.resume(key, 10):
        pass


def test_a_discarded_upload_leaves_nothing(blobs, tmp_path):
    key = new_key()
    blobs.begin(key, 10)
    with blobs.resume(key, 10) as upload:
        upload.append([b"some"])
    (tmp_path / "tmp" / f"{key.object_id}.tail.tmp").write_bytes(b"half")

    blobs.discard(key.object_id)
    blobs.discard(key.object_id)

    assert left_in(tmp_path) == set()


def test_unfinished_files_are_reported_once_they_are_old_enough(blobs, tmp_path):
    young, old, tail_only = new_key(), new_key(), uuid4()
    for key in (young, old):
        blobs.begin(key, 10)
    (tmp_path / "tmp" / f"{tail_only}.tail").write_bytes(b"")
    (tmp_path / "tmp" / "something else").write_bytes(b"")
    week_ago = (EARLIER - timedelta(days=7)).timestamp()
    for name in (f"{old.object_id}.part", f"{tail_only}.tail", "something else"):
        os.utime(tmp_path / "tmp" / name, (week_ago, week_ago))

    assert set(blobs.parts_older_than(EARLIER)) == {old.object_id, tail_only}
    assert len(blobs.parts_older_than(LATER)) == 3


def test_an_upload_with_a_young_tail_is_not_old(blobs, tmp_path):
    key = new_key()
    blobs.begin(key, 10)
    os.utime(tmp_path / "tmp" / f"{key.object_id}.part", (0, 0))
    with blobs.resume(key, 10) as upload:
        upload.append([b"some"])

    assert blobs.parts_older_than(EARLIER) == []


def test_a_file_that_vanishes_while_they_are_listed_is_not_reported(blobs, tmp_path):
    (tmp_path / "tmp" / f"{uuid4()}.tail.tmp").symlink_to("nowhere")

    assert blobs.parts_older_than(LATER) == []


WRITER = """
import sys, time
from pathlib import Path
from uuid import UUID
from studyhub.vault.blobs import Blobs
from studyhub.vault.stream_format import Context, ObjectKey

folder, way, object_id, name = Path(sys.argv[1]), sys.argv[2], UUID(sys.argv[3]), sys.argv[4]
key = ObjectKey(bytes(32), object_id, object_id, Context(object_id, object_id, "a", "b", 1))
blobs = Blobs(folder / "objects", folder / "tmp")

def chunks():
    for _ in range(200):
        yield bytes(65536)
    print("half way", flush=True)
    time.sleep(60)

if way == "store":
    blobs.store(name, key, chunks(), 400 * 65536)
else:
    blobs.begin(key, 400 * 65536)
    with blobs.resume(key, 400 * 65536) as upload:
        upload.append([bytes(100_000)])
    with blobs.resume(key, 400 * 65536) as upload:
        upload.append(chunks())
"""


@pytest.mark.parametrize("way", ["store", "upload"])
def test_a_killed_process_leaves_no_half_object(tmp_path, way):
    blobs, object_id, name = blobs_in(tmp_path), uuid4(), new_store_name()
    command = [sys.executable, "-c", WRITER, str(tmp_path), way, str(object_id), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603 - our own
        assert writer.stdout.readline() == b"half way\n"
        writer.send_signal(signal.SIGKILL)

    assert left_in(tmp_path / "objects") == set()
    assert blobs.parts_older_than(LATER) == [object_id]
    if way == "upload":
        assert kept_offset(blobs, object_id) >= 100_000
    blobs.discard(object_id)
    assert left_in(tmp_path) == set()


def kept_offset(blobs: Blobs, object_id) -> int:
    context = Context(object_id, object_id, "a", "b", 1)
    key = ObjectKey(bytes(32), object_id, object_id, context)
    with blobs.resume(key, 400 * 65536, patience=0) as upload:
        return upload.offset
