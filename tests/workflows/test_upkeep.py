"""What the operator has to know about settings, keys and disks is found."""

import os
from dataclasses import replace

import pytest

from studyhub.app import readiness
from studyhub.vault.shred import Keystore
from studyhub.workflows import inspect_files, mailroom, upkeep, worker
from studyhub.workflows.kernel import Hub
from tests.workflows.checking import detail, fresh_keys, wrong


def settled(hub: Hub, **changes) -> Hub:
    return replace(hub, settings=replace(hub.settings, **changes))


def test_a_study_with_its_team_is_in_order(study):
    found = upkeep.checks(study.hub, full=True)

    assert [check for check in found if not check.ok] == []
    assert all(check.detail for check in found)


# Files
def test_a_settings_file_open_to_others_is_found(study):
    study.hub.settings.config.chmod(0o644)

    assert wrong(study.hub).keys() == {"settings", "file modes"}


@pytest.mark.parametrize("name", ["keystore.db", "sessions.db", "outbox", "objects"])
def test_whatever_is_open_to_others_is_found(study, name):
    path = study.hub.settings.instance / name
    path.chmod(path.stat().st_mode | 0o040)

    assert str(path) in wrong(study.hub)["file modes"]


@pytest.mark.parametrize("name", ["pepper", "server", "log", "mailer.pub", "backup.pub"])
def test_a_key_file_that_is_gone_is_found(study, name):
    (study.hub.settings.keys / name).unlink()

    assert "key files" in wrong(fresh_keys(study.hub))


@pytest.mark.parametrize("name", ["log.pub", "mailer.pub"])
def test_halves_of_a_key_that_do_not_fit_are_found(study, name):
    path = study.hub.settings.keys / name
    path.chmod(0o644)
    path.write_bytes(os.urandom(32))

    assert name in wrong(fresh_keys(study.hub))["key files"]


def test_the_backup_key_is_warned_of_until_it_is_moved_away(study):
    before = detail(study.hub, "backup key")
    (study.hub.settings.keys / "backup").unlink()

    assert before.startswith("warning")
    assert detail(study.hub, "backup key") == "kept elsewhere"


def test_too_little_room_is_found(study):
    assert "free space" in wrong(settled(study.hub, free_space_floor=2**60))


@pytest.mark.parametrize("name", ["objects", "tmp"])
def test_a_full_disk_under_one_of_the_folders_is_found(study, name):
    folder = study.hub.settings.instance / name
    folder.rmdir()
    folder.symlink_to("/proc")  # where nothing is ever free

    assert "only 0 MB are free" in wrong(study.hub)["free space"]
    assert not readiness(study.hub)["free_space"]


def test_letters_in_clear_belong_to_a_demonstration_on_loopback(study):
    mailroom.run_once(study.hub)

    assert wrong(study.hub) == {}
    assert wrong(settled(study.hub, insecure_loopback=False)).keys() == {"mail"}
    assert wrong(settled(study.hub, smtp_url="smtp://127.0.0.1")).keys() == {"mail"}


def test_it_is_told_when_the_worker_was_last_seen(study):
    before = detail(study.hub, "worker")
    worker.mark_seen(study.hub)

    assert before.startswith("warning")
    assert inspect_files.last_seen(study.hub) == study.clock.at
    assert "seen 2026-03-02 09:00" in detail(study.hub, "worker")


# Keystore and ledger
def test_a_keystore_that_does_not_know_a_data_key_is_found(study):
    other = Keystore(study.hub.settings.instance / "other.db")
    other.create()

    found = wrong(replace(study.hub, keystore=other))

    assert {"keystore", "letters waiting"} <= found.keys()


def test_a_keystore_that_is_gone_is_found(study):
    study.hub.settings.keystore.unlink()

    assert "keystore" in wrong(study.hub)


def test_destroyed_keys_that_came_back_with_an_old_keystore_are_found(study):
    image = study.hub.keystore.image()
    mailroom.run_once(study.hub)
    old = Keystore(study.hub.settings.instance / "old.db")
    old.restore(image)

    assert wrong(replace(study.hub, keystore=old)).keys() == {"ledger"}


def test_a_ledger_that_was_changed_is_found(study):
    mailroom.run_once(study.hub)
    path = study.hub.settings.erasure_ledger
    first, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(rest)

    assert first
    assert "ledger" in wrong(study.hub)
