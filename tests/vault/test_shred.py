"""The keystore and its ledger: a destroyed key is nowhere any more, and stays destroyed."""

import signal
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from studyhub.domain.errors import (
    Busy,
    Corrupt,
    Erased,
    HouseRuleBroken,
    NoSpace,
    NotFound,
    WrongState,
)
from studyhub.domain.vocabulary import Side
from studyhub.vault.ledger import add_to_ledger, read_ledger
from studyhub.vault.shred import Keystore
from studyhub.vault.threads import cut_release_pointer, shred_for, shreds_of

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, 20, 19, 123456, tzinfo=UTC)
HELEN = UUID(int=4)
OF_PEOPLE = [side for side in Side if side not in (Side.EXPRESSION, Side.STUDY)]

KILLED_WHILE_DESTROYING = """
import os, signal, sys
from pathlib import Path
from studyhub.vault.shred import Keystore

with Keystore(Path(sys.argv[1])).writing() as connection:
    connection.execute("UPDATE shred_keys SET key = NULL, destroyed_at = 'now'")
    os.kill(os.getpid(), signal.SIGKILL)
"""
ASKS_FOR_A_KEY = """
import sys
from datetime import date
from pathlib import Path
from uuid import UUID
from studyhub.vault.shred import Keystore
from studyhub.vault.threads import shred_for

keystore = Keystore(Path(sys.argv[1]))
keystore.create()
print(shred_for(keystore, UUID(int=4), "contact", date(2026, 11, 23)))
"""


@pytest.fixture
def keystore(tmp_path):
    keystore = Keystore(tmp_path / "keystore" / "keystore.db")
    keystore.path.parent.mkdir()
    keystore.create()
    return keystore


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "erasures.log"


def everything_in(keystore):
    """The bytes of every file of the keystore's folder."""
    return b"".join(path.read_bytes() for path in sorted(keystore.path.parent.iterdir()))


def fill_up(keystore):
    """Change more than a connection, told that there is no more room, can write."""
    with keystore.writing() as connection:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute(
            "UPDATE shred_keys SET key = NULL, destroyed_at = hex(zeroblob(9999))"
        )


def ran(script, *arguments):
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours


def test_a_shred_key_is_found_by_its_id(keystore):
    one, two = keystore.make(Side.STUDY, TODAY), keystore.make(Side.EXPRESSION, TODAY)

    assert len(keystore.key(one)) == 32
    assert keystore.key(one) != keystore.key(two)
    assert keystore.keys([one, two, uuid4()]) == {
        one: keystore.key(one),
        two: keystore.key(two),
    }


def test_many_keys_are_found_at_once(keystore):
    made = [keystore.make(Side.STUDY, TODAY) for _ in range(3)]
    strangers = [uuid4() for _ in range(1200)]

    assert set(keystore.keys([*strangers, *made])) == set(made)
    assert keystore.keys([]) == {}


def test_a_missing_key_is_erased(keystore):
    with pytest.raises(Erased):
        keystore.key(uuid4())


def test_the_file_is_closed_to_others_and_set_up_as_designed(keystore):
    assert stat.S_IMODE(keystore.path.stat().st_mode) == 0o600
    with keystore.reading() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "secure_delete", "synchronous", "temp_store")
        }
    assert settings == {
        "journal_mode": "truncate",
        "secure_delete": 1,
        "synchronous": 2,
        "temp_store": 2,
    }


def test_creating_again_changes_nothing(keystore):
    made = keystore.make(Side.STUDY, TODAY)
    key = keystore.key(made)

    keystore.create()

    assert keystore.key(made) == key


def test_a_destroyed_key_is_in_no_file_and_its_row_stays(keystore, ledger):
    made = keystore.make(Side.STUDY, TODAY)
    key = keystore.key(made)
    assert key in everything_in(keystore)

    keystore.destroy([made], NOW, ledger)

    assert key not in everything_in(keystore)
    assert key not in ledger.read_bytes()
    with pytest.raises(Erased):
        keystore.key(made)
    with keystore.reading() as connection:
        gone = "SELECT id, destroyed_at FROM shred_keys WHERE key IS NULL"
        rows = connection.execute(gone).fetchall()
    assert rows == [(made.bytes, "2026-11-23T08:20:19.123456Z")]


def test_destroying_some_of_many_leaves_no_trace_of_them_and_all_of_the_others(
    keystore, ledger
):
    # Enough rows that pages of the file were split and filled up again.
    with keystore.writing() as connection:
        connection.executemany(
            "INSERT INTO shred_keys (id, side, participant_id, key, made_on)"
            " VALUES (?, ?, ?, ?, '2026-11-23')",
            [
                (uuid4().bytes, side, person, uuid4().bytes + uuid4().bytes)
                for person in [uuid4().bytes for _ in range(80)]
                for side in OF_PEOPLE
            ],
        )
        ids = [UUID(bytes=row[0]) for row in connection.execute("SELECT id FROM shred_keys")]
    keys = keystore.keys(ids)
    gone = sorted(ids)[::3]

    keystore.destroy(gone[:50], NOW, ledger)
    keystore.destroy(gone[50:], NOW, ledger)

    raw = everything_in(keystore)
    assert not [shred_id for shred_id in gone if keys[shred_id] in raw]
    assert set(keystore.keys(ids)) == set(ids) - set(gone)


def test_a_key_is_gone_also_after_a_destroying_process_was_killed(keystore, ledger):
    made = keystore.make(Side.STUDY, TODAY)
    key = keystore.key(made)

    process = ran(KILLED_WHILE_DESTROYING, keystore.path)
    process.communicate()

    # The half-done change lies in the journal, and the next use takes it back.
    assert process.returncode == -signal.SIGKILL
    assert key in (keystore.path.parent / "keystore.db-journal").read_bytes()
    assert keystore.key(made) == key
    keystore.destroy([made], NOW, ledger)
    assert key not in everything_in(keystore)


def test_destroying_twice_writes_one_line(keystore, ledger):
    made = keystore.make(Side.STUDY, TODAY)

    keystore.destroy([made, made], NOW, ledger)
    keystore.destroy([made], NOW + timedelta(days=1), ledger)

    assert [(line.at, line.shred_id) for line in read_ledger(ledger)] == [(NOW, made)]


def test_a_try_that_stopped_after_the_ledger_is_finished_by_the_next(keystore, ledger):
    made = keystore.make(Side.STUDY, TODAY)
    add_to_ledger(ledger, [made], NOW)

    keystore.destroy([made], NOW, ledger)

    assert len(read_ledger(ledger)) == 1
    with pytest.raises(Erased):
        keystore.key(made)


def test_without_a_ledger_nothing_is_destroyed(keystore, tmp_path):
    made = keystore.make(Side.STUDY, TODAY)

    with pytest.raises(FileNotFoundError):
        keystore.destroy([made], NOW, tmp_path / "gone" / "erasures.log")

    assert keystore.key(made)


def test_a_ledger_line_is_as_designed(keystore, ledger):
    one, two = (keystore.make(Side.STUDY, TODAY) for _ in range(2))

    keystore.destroy([one, two], NOW, ledger)

    first = f"2026-11-23T08:20:19.123456Z {one} {'0' * 64}"
    second = f"2026-11-23T08:20:19.123456Z {two} {sha256(first.encode()).hexdigest()}"
    assert ledger.read_text() == f"{first}\n{second}\n"
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600


def test_a_line_cut_short_is_cut_off_and_written_again(ledger):
    one, two = uuid4(), uuid4()
    add_to_ledger(ledger, [one, two], NOW)
    ledger.write_bytes(ledger.read_bytes()[:-20])

    add_to_ledger(ledger, [two], NOW)

    assert [line.shred_id for line in read_ledger(ledger)] == [one, two]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0].replace(b"2026", b"2025"), *lines[1:]],
        lambda lines: [lines[0], b"", *lines[1:]],
        lambda lines: [lines[0], b"\xff \xff \xff", *lines[1:]],
        lambda lines: [lines[0].replace(b" ", b"  ", 1), *lines[1:]],
        lambda lines: [b"yesterday " + lines[0].split(b" ", 1)[1], *lines[1:]],
    ],
)
def test_a_changed_ledger_is_corrupt_to_read_and_still_takes_lines(ledger, change):
    add_to_ledger(ledger, [uuid4(), uuid4(), uuid4()], NOW)
    lines = ledger.read_bytes().splitlines()
    ledger.write_bytes(b"\n".join(change(lines)) + b"\n")

    with pytest.raises(Corrupt):
        read_ledger(ledger)
    before = ledger.read_bytes()
    add_to_ledger(ledger, [uuid4()], NOW)

    assert ledger.read_bytes().startswith(before)
    assert ledger.read_bytes().count(b"\n") == before.count(b"\n") + 1


def test_a_missing_ledger_is_not_found(ledger):
    with pytest.raises(NotFound):
        read_ledger(ledger)


def test_a_restored_keystore_forgets_again_what_the_ledger_lists(keystore, ledger):
    kept, gone = keystore.make(Side.STUDY, TODAY), shred_for(keystore, HELEN, "contact", TODAY)
    key, old = keystore.key(gone), keystore.image()
    keystore.destroy([gone, uuid4()], NOW, ledger)
    restored = Keystore(keystore.path.with_name("restored.db"))

    restored.restore(old)
    assert restored.key(gone) == key

    assert restored.replay(ledger, NOW) == 1
    assert restored.replay(ledger, NOW) == 0
    assert key not in everything_in(restored)
    assert restored.key(kept) == keystore.key(kept)
    assert shreds_of(restored, HELEN) == {Side.CONTACT: gone}


def test_a_keystore_is_restored_only_where_there_is_none(keystore):
    with pytest.raises(WrongState):
        keystore.restore(keystore.image())


@pytest.mark.parametrize("image", [b"", b"no database", bytes(8192)])
def test_other_bytes_are_no_copy_of_a_keystore(tmp_path, image):
    with pytest.raises(Corrupt):
        Keystore(tmp_path / "restored.db").restore(image)

    assert not (tmp_path / "restored.db").exists()


def test_a_lost_keystore_does_not_come_back_empty(tmp_path):
    lost = Keystore(tmp_path / "keystore.db")

    with pytest.raises(Corrupt):
        lost.make(Side.STUDY, TODAY)

    assert not lost.path.exists()


def test_a_damaged_keystore_is_corrupt(keystore):
    keystore.path.write_bytes(b"no database at all" * 100)

    with pytest.raises(Corrupt, match="damaged"):
        keystore.key(uuid4())


def test_a_keystore_in_use_for_too_long_is_busy(keystore):
    hasty = Keystore(keystore.path, wait=0)

    with keystore.writing(), pytest.raises(Busy):
        hasty.make(Side.STUDY, TODAY)

    assert hasty.make(Side.STUDY, TODAY)


def test_a_full_disk_is_said_and_changes_nothing(keystore):
    made = keystore.make(Side.STUDY, TODAY)

    with pytest.raises(NoSpace):
        fill_up(keystore)

    assert keystore.key(made)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM shred_keys",
        "UPDATE shred_keys SET key = randomblob(32)",
        "UPDATE shred_keys SET key = NULL",
        "UPDATE shred_keys SET destroyed_at = 'now'",
        "UPDATE shred_keys SET id = randomblob(16)",
        "UPDATE shred_keys SET side = 'expression'",
        "UPDATE shred_keys SET participant_id = randomblob(16)",
        "INSERT INTO shred_keys (id, side, key, made_on)"
        " VALUES (randomblob(16), 'contact', randomblob(32), '2026-11-23')",
        "INSERT INTO shred_keys (id, side, key, made_on)"
        " VALUES (randomblob(16), 'study', randomblob(16), '2026-11-23')",
    ],
)
def test_the_keystore_itself_refuses_what_would_break_it(keystore, statement):
    made = keystore.make(Side.STUDY, TODAY)

    with pytest.raises(HouseRuleBroken), keystore.writing() as connection:
        connection.execute(statement)

    assert keystore.key(made)


def test_a_destroyed_key_cannot_be_put_back(keystore, ledger):
    made = keystore.make(Side.STUDY, TODAY)
    keystore.destroy([made], NOW, ledger)

    with pytest.raises(HouseRuleBroken), keystore.writing() as connection:
        connection.execute("UPDATE shred_keys SET key = zeroblob(32), destroyed_at = NULL")


@pytest.mark.parametrize("side", [*OF_PEOPLE[:-1], "nonsense"])
def test_a_key_of_nobody_is_of_an_expression_or_the_study(keystore, side):
    with pytest.raises(HouseRuleBroken):
        keystore.make(side, TODAY)


@pytest.mark.parametrize("side", [Side.EXPRESSION, Side.STUDY])
def test_a_participant_has_no_key_of_an_expression_or_the_study(keystore, side):
    with pytest.raises(HouseRuleBroken):
        shred_for(keystore, HELEN, side, TODAY)


def test_a_participant_has_one_key_for_each_side(keystore):
    made = {side: shred_for(keystore, HELEN, side, TODAY) for side in OF_PEOPLE}
    shred_for(keystore, uuid4(), Side.CONTACT, TODAY)

    assert shreds_of(keystore, HELEN) == made
    assert len(set(keystore.keys(made.values()).values())) == len(OF_PEOPLE)
    assert {side: shred_for(keystore, HELEN, side, TODAY) for side in OF_PEOPLE} == made


def test_nothing_new_is_written_about_an_erased_side(keystore, ledger):
    contact = shred_for(keystore, HELEN, Side.CONTACT, TODAY)
    keystore.destroy([contact], NOW, ledger)

    with pytest.raises(Erased):
        shred_for(keystore, HELEN, Side.CONTACT, TODAY)

    assert shreds_of(keystore, HELEN) == {Side.CONTACT: contact}


def test_a_release_whose_pointer_was_cut_stays_readable_and_is_nobody_s(keystore):
    contact = shred_for(keystore, HELEN, Side.CONTACT, TODAY)
    release = shred_for(keystore, HELEN, Side.RELEASE, TODAY)

    cut_release_pointer(keystore, HELEN)
    cut_release_pointer(keystore, HELEN)

    assert shreds_of(keystore, HELEN) == {Side.CONTACT: contact}
    assert keystore.key(release)


def test_a_cut_pointer_is_in_no_file(keystore):
    shred_for(keystore, HELEN, Side.RELEASE, TODAY)
    assert HELEN.bytes in everything_in(keystore)

    cut_release_pointer(keystore, HELEN)

    assert HELEN.bytes not in everything_in(keystore)


def test_everybody_who_asks_at_once_gets_the_same_key(keystore):
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: shred_for(keystore, HELEN, "contact", TODAY), range(24))

    assert len(set(answers)) == 1


def test_processes_that_create_and_ask_at_once_get_the_same_key(tmp_path):
    path = tmp_path / "keystore.db"

    processes = [ran(ASKS_FOR_A_KEY, path) for _ in range(3)]
    answers = {process.communicate()[0] for process in processes}

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert answers == {f"{shreds_of(Keystore(path), HELEN)[Side.CONTACT]}\n"}


def test_an_open_reader_does_not_keep_a_destroyed_key(keystore, ledger):
    made = keystore.make(Side.STUDY, TODAY)
    key = keystore.key(made)

    with closing(sqlite3.connect(keystore.path)) as reader:
        reader.execute("SELECT id FROM shred_keys").fetchall()
        keystore.destroy([made], NOW, ledger)

        assert key not in everything_in(keystore)
