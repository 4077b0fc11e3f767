"""Backup and restore as the operator does it: nothing is lost, and nobody erased comes back."""

import errno
import itertools
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from studyhub.config import RESTORING
from studyhub.domain.vocabulary import INSTANCE
from studyhub.hub import open_hub
from studyhub.store.audit import Event
from studyhub.vault import threads
from studyhub.vault.shred import Keystore
from studyhub.workflows import trail
from studyhub.workflows.kernel import operator_desk
from studyhub.workflows.restoring import Wanted
from tests import makers
from tests.cli.command import Shell
from tests.engines import empty_url
from tests.makers import Clock, Study, password_of
from tests.processes import (
    keep_object,
    restore_backup,
    started,
    take_backup,
    work_without_end,
)
from tests.staged import staged, study_in_files

CANARIES = ("Wilhelmina Quillfeather", "quillfeather@waterworks.test", "Ottoline Brandreth")


@dataclass
class House:
    """An installation with two people in it, a backup of it, and room for a second one."""

    shell: Shell
    study: Study
    backup: Path
    erased: UUID
    kept: UUID
    database: str | None

    @property
    def ledger(self) -> Path:
        return self.shell.folder / "erasures.log"

    @property
    def elsewhere(self) -> Shell:
        """A shell before the empty folder of a new machine."""
        return replace(self.shell, folder=self.shell.folder.with_name("again"))

    def restore(self, *words: object, backup: Path | None = None):
        """Restore on the new machine, with the key from the operator's safe."""
        key = ("--backup-key", self.shell.folder.parent / "safe" / "backup")
        given = ("--database", self.database) if self.database else ()
        return self.elsewhere.json("restore", backup or self.backup, *key, *given, *words)

    def erase(self) -> list[UUID]:
        """Destroy every key of one of the two, as an erasure does first of all."""
        hub = self.study.hub
        shreds = list(threads.shreds_of(hub.keystore, self.erased).values())
        hub.keystore.destroy(shreds, hub.now(), hub.settings.erasure_ledger)
        return shreds


@contextmanager
def house_on(kind: str, folder: Path, capture, patch) -> Iterator[House]:
    """Both engines; on PostgreSQL a second, empty database waits for the restore."""
    made = staged(kind).made
    clock = Clock(made.clock.at)
    with study_in_files(kind, folder / "instance") as instance, empty_url(kind) as other:
        hub = open_hub(instance, clock)
        study = replace(made, hub=hub, clock=clock)
        erased = makers.contact(study, CANARIES[0], CANARIES[1])
        kept = makers.contact(study, CANARIES[2])
        keep_object(hub, study.id, length=200_000)
        shell = Shell(instance, capture, patch)
        ran = shell.json("backup", folder / "backup")
        assert ran.code == 0, ran.err
        (folder / "safe").mkdir()
        shutil.move(instance / "keys" / "backup", folder / "safe" / "backup")
        database = other if kind == "postgresql" else None
        yield House(shell, study, folder / "backup", erased, kept, database)
        hub.sessions.engine.dispose()


@pytest.fixture
def house(engine_kind, tmp_path, capsys, monkeypatch) -> Iterator[House]:
    with house_on(engine_kind, tmp_path, capsys, monkeypatch) as made:
        yield made


@pytest.fixture
def small_house(tmp_path, capsys, monkeypatch) -> Iterator[House]:
    with house_on("sqlite", tmp_path, capsys, monkeypatch) as made:
        yield made


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def opened(shell: Shell) -> dict[str, int]:
    """How many things of the contacts Rita's password opens, and of how many."""
    ran = shell.json(
        "keys", "open", "--as", "rita", "--password-stdin", stdin=password_of("rita")
    )
    return ran.values["compartments"]["contact"]


def last_event(shell: Shell) -> dict:
    """The newest line of the record of the installation."""
    hub = open_hub(shell.folder)
    with hub.sessions.reading.begin() as session:
        rows = session.query(Event).filter(Event.chain == INSTANCE)
        line = json.loads(rows.order_by(Event.seq.desc()).first().line)
    hub.sessions.engine.dispose()
    return line


# The promise


def test_inv_72_what_was_erased_after_a_backup_does_not_come_back_with_it(house):
    before = opened(house.shell)
    keys = house.study.hub.keystore.keys(
        threads.shreds_of(house.study.hub.keystore, house.erased).values()
    )
    shreds = house.erase()
    after = opened(house.shell)

    ran = house.restore("--ledger", house.ledger)

    assert ran.code == 0, (ran.out, ran.err)
    assert ran.values["erasures_replayed"] == len(shreds)
    there = house.elsewhere
    assert after["opened"] < before["opened"] == before["objects"] == after["objects"]
    # Of the backup's own copy the row goes too: what no key opens is not kept.
    assert opened(there) == {"opened": after["opened"], "objects": after["opened"]}
    restored = Keystore(there.folder / "keystore.db")
    assert restored.keys(shreds) == {}
    assert restored.keys(threads.shreds_of(restored, house.kept).values())
    assert [key for key in keys.values() if key in everything_in(there.folder)] == []


def test_a_restored_installation_is_in_order_and_says_that_it_was_restored(house):
    house.erase()
    assert house.restore("--ledger", house.ledger).code == 0

    there = house.elsewhere
    checked = there.json("doctor", "--full")
    assert checked.code == 0, checked.values
    assert there.json("audit", "head", "instance").values["ok"]
    assert there.json("audit", "head", "voices").values["ok"]
    assert there.folder.stat().st_mode & 0o777 == 0o700
    assert (there.folder / "erasures.log").read_bytes() == house.ledger.read_bytes()
    hub = open_hub(there.folder)
    lines = trail.check_health(operator_desk(hub)).size
    hub.sessions.engine.dispose()
    # The backup's own line came after the backup; then the restore and the head.
    assert lines == json.loads((house.backup / "backup.json").read_text())["head"]["size"] + 2


def test_a_backup_shows_nobody_and_holds_no_session(house):
    house.study.cookie("rita")
    ran = house.shell.json("backup", house.backup.with_name("second"))
    assert ran.code == 0, ran.err

    copied = everything_in(house.backup) + everything_in(house.backup.with_name("second"))
    for plain in (*CANARIES, "petra", "rita@team.test", "SQLite format", "instance_id"):
        assert plain.encode() not in copied
    names = {path.name for path in house.backup.rglob("*")}
    assert names.isdisjoint({"sessions.db", "erasures.log", "keystore.db", "config.toml"})
    assert all(path.stat().st_mode & 0o077 == 0 for path in house.backup.rglob("*"))


# The ledger


def test_without_a_ledger_nothing_is_restored(small_house):
    ran = small_house.restore()

    assert ran.code == 3
    assert "ledger" in ran.err
    assert not small_house.elsewhere.folder.exists()


def test_a_reason_in_place_of_the_ledger_stays_in_the_record(small_house):
    reason = "the disk with the ledger burnt"
    letter = small_house.study.hub.keystore.make("study", small_house.study.clock().date())
    small_house.study.hub.keystore.destroy(
        [letter], small_house.study.clock(), small_house.ledger
    )
    again = small_house.backup.with_name("second")
    assert small_house.shell.json("backup", again).code == 0

    ran = small_house.restore("--accept-missing-ledger", reason, backup=again)

    assert ran.code == 0, ran.err
    line = last_event(small_house.elsewhere)
    assert (line["act"], line["facts"]["reason"]) == ("backup.restore", reason)
    # What is known to be destroyed begins the new ledger, so that it goes on.
    checked = small_house.elsewhere.json("doctor").values["checks"]
    assert {"name": "ledger", "ok": True, "detail": "1 destructions"} in checked


@pytest.mark.parametrize("harm", ["cut", "torn", "changed", "another"])
def test_a_ledger_that_does_not_go_on_from_the_backup_is_refused(small_house, harm):
    house = small_house
    house.erase()
    assert house.shell.json("backup", house.backup.with_name("second")).code == 0
    lines = house.ledger.read_bytes().splitlines(keepends=True)
    given = house.ledger.with_name("given.log")
    if harm == "another":
        house.study.hub.keystore.destroy([house.kept], house.study.clock(), given)
    else:
        harmed = {"cut": lines[:-1], "torn": [*lines, lines[0][:30]], "changed": lines[1:]}
        given.write_bytes(b"".join(harmed[harm]))

    ran = house.restore("--ledger", given, backup=house.backup.with_name("second"))

    assert ran.code == 1
    assert "ledger" in ran.err
    assert left_in(house.elsewhere.folder) == set()


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_backup_is_not_taken_while_the_ledger_is_missing(small_house):
    small_house.erase()
    small_house.ledger.unlink()

    ran = small_house.shell.json("backup", small_house.backup.with_name("second"))

    assert (ran.code, left_in(small_house.backup.with_name("second"))) == (1, set())
    assert "ledger" in ran.err
    assert small_house.shell.json("doctor").code == 1


# Damage and failures


def test_whatever_is_damaged_in_a_backup_is_named_and_nothing_is_restored(small_house):
    house = small_house
    files = [path.relative_to(house.backup) for path in house.backup.rglob("*.*")]
    assert len(files) == 9

    for name in files:
        whole = (house.backup / name).read_bytes()
        for content in (whole[:-5], whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], None):
            harmed = damaged(house.backup, name, content)

            ran = house.restore("--ledger", house.ledger, backup=harmed)

            assert ran.code in (1, 4), (name, ran.out, ran.err)
            assert ("backup.json" if name.suffix == ".sig" else name.stem) in ran.err
            assert left_in(house.elsewhere.folder) == set()


def damaged(backup: Path, name: Path, content: bytes | None) -> Path:
    """A copy of a backup in which one file is another, or missing."""
    copy = backup.with_name("harmed")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(backup, copy)
    (copy / name).unlink()
    if content is not None:
        (copy / name).write_bytes(content)
    return copy


def test_another_key_opens_nothing(small_house):
    key = small_house.shell.folder / "keys" / "pepper"

    ran = small_house.restore("--ledger", small_house.ledger, "--backup-key", key)

    assert ran.code == 1
    assert "another key" in ran.err


def test_nothing_is_written_over_anything(house):
    again = house.shell.json("backup", house.backup)
    assert again.code == 3
    assert "exists already" in again.err
    assert house.restore("--ledger", house.ledger).code == 0

    ran = house.restore("--ledger", house.ledger)

    assert ran.code == 3
    assert "not empty" in ran.err
    assert house.elsewhere.json("doctor").code == 0


def test_files_of_an_earlier_backup_are_shared_and_others_copied(small_house):
    house = small_house
    second = house.backup.with_name("second")
    new = keep_object(house.study.hub, house.study.id, length=10)

    ran = house.shell.json("backup", second, "--earlier", house.backup)

    assert (ran.values["objects"], ran.values["shared"]) == (2, 1)
    links = {path.stem: path.stat().st_nlink for path in second.rglob("objects/*/*.sho")}
    assert links.pop(new) == 1
    assert list(links.values()) == [2]
    shutil.rmtree(house.backup)
    assert house.restore("--ledger", house.ledger, backup=second).code == 0


def test_a_file_that_is_missing_is_named_and_all_else_is_in_the_backup(small_house):
    house = small_house
    (lost,) = house.shell.folder.rglob("objects/*/*.sho")
    lost.unlink()

    ran = house.shell.json("backup", house.backup.with_name("second"))

    assert ran.code == 1
    assert ran.values["wrong"] == [lost.stem]
    ran = house.restore("--ledger", house.ledger, backup=house.backup.with_name("second"))
    assert (ran.code, [each["name"] for each in ran.values["wrong"]]) == (1, ["objects"])


# While others work


def test_a_backup_taken_while_two_processes_write_is_whole(house):
    words = []
    for _ in range(2):
        process, word = started(work_without_end, house.shell.folder)
        word.send("begin")
        words.append((process, word))

    ran = house.shell.json("backup", house.backup.with_name("second"))

    for process, word in words:
        assert process.is_alive()
        process.kill()
        process.join()
        word.close()
    assert (ran.code, ran.values["wrong"]) == (0, [])
    assert (
        house.restore("--ledger", house.ledger, backup=house.backup.with_name("second")).code
        == 0
    )
    checked = house.elsewhere.json("doctor", "--full")
    assert checked.code == 0, checked.values


# Killed at every arrow


def killed(work, folder: Path, *given: object) -> bool:
    """Let a process work until it ends in good order, or is killed."""
    process, word = started(work, folder, *given)
    word.send("begin")
    process.join()
    word.close()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def test_a_backup_killed_at_any_step_is_none(small_house):
    house, target = small_house, small_house.backup.with_name("second")
    unfinished = target.with_name("second.part")

    for step in itertools.count(1):
        if not killed(take_backup, house.shell.folder, target, step):
            break
        if not target.exists():
            refused = house.restore("--ledger", house.ledger, backup=unfinished)
            assert (refused.code, "no finished backup" in refused.err) == (4, True)
            again = house.shell.json("backup", target)
            assert (again.code, "did not finish" in again.err) == (3, True)
            shutil.rmtree(unfinished)
        else:  # it has its name, and all that belongs to it
            assert house.restore("--ledger", house.ledger, backup=target).code == 0
            shutil.rmtree(house.elsewhere.folder)
            shutil.rmtree(target)

    assert step > len(list(house.backup.rglob("*.*")))
    assert house.shell.json("doctor").code == 0


def test_a_restore_killed_at_any_step_says_so_until_it_is_done_again(small_house):
    house, there = small_house, small_house.elsewhere
    house.erase()
    key = (house.shell.folder.parent / "safe" / "backup").read_bytes()
    wanted = Wanted(house.backup, there.folder, key, house.ledger)

    for step in itertools.count(1):
        if not killed(restore_backup, house.shell.folder, wanted, step):
            break
        if not (there.folder / RESTORING).exists():
            break  # it was finished, but for the last flush
        for words in (["serve"], ["worker", "--once"], ["doctor"], ["init"]):
            ran = there.text(*words)
            assert (ran.code, "did not finish" in ran.err) == (3, True), (step, words, ran.err)

    assert step > len(list(house.backup.rglob("*.*")))
    assert there.json("doctor", "--full").code == 0


def test_a_full_disk_is_named_and_leaves_nothing_behind(small_house, monkeypatch):
    house, target, write = small_house, small_house.backup.with_name("second"), os.write

    def full(descriptor: int, data: bytes) -> int:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.name == "keystore.sho" or path.parent == house.elsewhere.folder / "keys":
            raise OSError(errno.ENOSPC, "no space")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    taken = house.shell.json("backup", target)
    restored = house.restore("--ledger", house.ledger)

    for ran, folder in ((taken, target), (restored, house.elsewhere.folder)):
        assert (ran.code, f"the disk of {folder} is full" in ran.err) == (3, True), ran.err
        assert left_in(folder) == set()
    assert not target.with_name("second.part").exists()
