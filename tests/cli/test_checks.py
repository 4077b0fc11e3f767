"""Keys, the record, sealed files and the whole installation, looked at from the shell."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from studyhub.hub import open_hub
from studyhub.store.keys import SealedObject
from studyhub.store.users import Membership
from tests.makers import (
    SLUG,
    START,
    Clock,
    Study,
    agreed_on_paper,
    approved_study,
    password_of,
)


@pytest.fixture
def planted(shell):
    """Somebody wrote and signed a paper for the team. Gives the id of the scan."""
    clock = Clock(START + timedelta(days=30))
    hub = open_hub(shell.folder, clock)
    with hub.sessions.reading.begin() as session:
        study = session.scalars(select(Membership.study_id)).first()
    staff = Study(hub, clock, study, [])
    approved_study(staff)
    agreed_on_paper(staff)
    with hub.sessions.reading.begin() as session:
        found = session.scalars(select(SealedObject.id)).one()
    hub.sessions.engine.dispose()
    return found


def keys_open(shell, login, *more, password=None):
    return shell.json(
        *("keys", "open", "--as", login, *more, "--password-stdin"),
        stdin=(password or password_of(login)) + "\n",
    )


# -- keys ---------------------------------------------------------------------------------


def test_keys_open_counts_what_a_password_opens(shell, planted):
    rita = keys_open(shell, "rita").values["compartments"]
    ravi = keys_open(shell, "ravi", "--role", "reviewer").values["compartments"]

    assert list(rita) == ["contact", "consent", "recording", "transcript", "release"]
    assert rita["contact"] == {"objects": 2, "opened": 2}
    assert rita["consent"] == {"objects": 1, "opened": 0}
    assert ravi["consent"] == {"objects": 1, "opened": 1}
    assert ravi["contact"] == {"objects": 2, "opened": 0}


@pytest.mark.parametrize(
    ("login", "more", "password", "code"),
    [
        ("rita", (), "not the password of rita", 3),
        ("nobody", (), "not the password of rita", 4),
        ("rita", ("--role", "pi"), None, 4),
        ("rita", ("--role", "operator"), None, 2),
    ],
)
def test_keys_open_refuses(small_shell, login, more, password, code):
    assert keys_open(small_shell, login, *more, password=password).code == code


def test_keys_open_prints_a_table_for_people(small_shell):
    ran = small_shell.text(
        "keys", "open", "--as", "ann", "--password-stdin", stdin=password_of("ann")
    )

    assert "contact" in ran.out
    assert "0 of 0" in ran.out


# -- the record -----------------------------------------------------------------------------


def test_the_record_is_signed_exported_and_verified_by_its_own_script(shell, tmp_path):
    copy = tmp_path / "copy"
    head = shell.json("audit", "head", SLUG).values
    exported = shell.json("audit", "export", SLUG, copy).values

    assert head["ok"]
    assert exported["ok"]
    assert exported["chain"] == head["chain"]
    assert exported["size"] >= head["size"]
    assert shell.json("audit", "verify", copy).values == exported
    alone = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-I", copy / "verify_audit.py", copy, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(alone.stdout)["digest"] == exported["digest"]


def test_a_changed_copy_is_found_and_the_first_bad_line_named(small_shell, tmp_path):
    small_shell.json("audit", "export", SLUG, tmp_path / "copy")
    log = tmp_path / "copy" / "log.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"seq":3', b'"seq":4', 1))

    ran = small_shell.json("audit", "verify", tmp_path / "copy")

    assert ran.code == 1
    assert ran.values["ok"] is False
    assert ran.values["first_bad"] == 3


def test_a_copy_is_compared_with_a_head_kept_elsewhere(small_shell, tmp_path):
    small_shell.json("audit", "export", SLUG, tmp_path / "first")
    small_shell.json("audit", "export", SLUG, tmp_path / "second")
    verify = ("audit", "verify", tmp_path / "second", "--witness")

    assert small_shell.json(*verify, tmp_path / "first" / "witness.txt").code == 0
    shorter = ("audit", "verify", tmp_path / "first", "--witness")
    assert small_shell.json(*shorter, tmp_path / "second" / "witness.txt").code == 1
    assert small_shell.json(*verify, tmp_path / "no-such-file").code == 4


def test_there_is_nothing_to_verify_where_there_is_no_copy(small_shell, tmp_path):
    assert small_shell.json("audit", "verify", tmp_path).code == 4
    assert small_shell.json("audit", "head", "no-such-study").code == 4


# -- sealed files and the whole ---------------------------------------------------------------


def test_a_sealed_file_is_compared_with_its_root(shell, planted):
    ran = shell.json("object", "verify", planted)

    assert ran.code == 0
    assert ran.values["id"] == str(planted)
    assert ran.values["same"] is True
    assert ran.values["root"] == ran.values["recorded_root"]
    (path,) = shell.folder.glob("objects/*/*.sho")
    assert ran.values["size"] == path.stat().st_size

    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")

    assert shell.json("object", "verify", planted).code == 1
    path.unlink()
    gone = shell.json("object", "verify", planted)
    assert (gone.code, gone.out) == (1, "")


def test_an_unknown_file_or_no_id_is_refused(small_shell):
    assert small_shell.json("object", "verify", uuid4()).code == 4
    assert small_shell.json("object", "verify", "not-an-id").code == 2


def test_doctor_names_what_is_wrong(small_shell):
    small_shell.json("worker", "--once")
    (small_shell.folder / "keys" / "log").unlink()

    ran = small_shell.json("doctor", "--full")

    assert ran.code == 1
    assert ran.values["ok"] is False
    assert any(not check["ok"] for check in ran.values["checks"])
    assert "BAD" in small_shell.text("doctor").out


def test_the_worker_sends_what_waits_and_sweep_says_how_much_it_removed(shell):
    given_up = shell.folder / "tmp" / f"{UUID(int=7)}.part"
    worked = shell.json("worker", "--once").values

    assert worked["done"] > 0
    assert worked["left"] == 0
    assert list((shell.folder / "outbox").glob("*.eml"))
    given_up.touch(0o600)
    os.utime(given_up, (0, 0))
    assert shell.json("sweep").values["removed"] >= 1
    assert not given_up.exists()
