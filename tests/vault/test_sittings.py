import sqlite3
import stat
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest

from studyhub.domain.errors import Busy, HouseRuleBroken, NotFound
from studyhub.vault import sessions_file
from studyhub.vault.keys import MembershipKeys
from studyhub.vault.places import session_aad
from studyhub.vault.primitives import box, hkdf
from studyhub.vault.sittings import Sittings

NOW = datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
KEYS = MembershipKeys(opening=b"o" * 32, signing=b"s" * 32)
PETRA, RITA, MEMBERSHIP = uuid4(), uuid4(), uuid4()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.db"


@pytest.fixture
def sittings(path):
    return Sittings(path)


def rows(path, query, *values):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.commit()
        connection.close()


def raw_of(cookie):
    return urlsafe_b64decode(cookie + "==")


def sealed_as(raw, user_id, plain):
    """Seal as the page of formats says, apart from the module under test."""
    aad = session_aad(sha256(raw[:32]).digest(), user_id, None)
    return box(hkdf(raw[32:], "studyhub/session/v1", salt=raw[:32]), plain, aad)


def other_letter(text, at):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def test_a_cookie_brings_back_the_person_and_the_keys_of_one_membership(sittings):
    cookie = sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=KEYS)

    sitting = sittings.find(cookie, NOW)

    assert len(cookie) == 86
    assert (sitting.user_id, sitting.membership_id) == (PETRA, MEMBERSHIP)
    assert sitting.keys == KEYS
    assert len(sitting.csrf) == 32
    assert sitting.signed_in_at == sitting.seen_at == NOW
    assert sitting.stepped_up_until is None


def test_a_person_without_an_active_membership_has_no_keys(sittings):
    sitting = sittings.find(sittings.begin(PETRA, NOW), NOW)

    assert sitting.membership_id is None
    assert sitting.keys is None


def test_no_key_and_no_secret_is_shown_when_a_sitting_is_printed(sittings):
    sitting = sittings.find(
        sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=KEYS), NOW
    )

    assert "oooo" not in repr(sitting)
    assert repr(sitting.csrf) not in repr(sitting)


def test_keys_without_a_membership_are_our_mistake(sittings):
    with pytest.raises(HouseRuleBroken):
        sittings.begin(PETRA, NOW, keys=KEYS)


def test_only_the_owner_of_the_process_reads_the_file(sittings, path):
    sittings.begin(PETRA, NOW)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_stolen_file_has_neither_cookie_nor_key(sittings, path):
    cookie = sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=KEYS)
    sitting = sittings.find(cookie, NOW)

    stolen = path.read_bytes()

    assert KEYS.opening not in stolen
    assert sitting.csrf not in stolen
    assert cookie.encode() not in stolen
    assert sitting.id in stolen


@pytest.mark.parametrize(("keys", "size"), [(None, 62), (KEYS, 126)])
def test_the_secret_part_has_the_published_size(sittings, path, keys, size):
    sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=keys)

    assert rows(path, "SELECT length(blob_sealed), length(id) FROM sessions") == [(size, 32)]


def test_the_row_id_alone_opens_nothing(sittings, path):
    sittings.begin(PETRA, NOW)
    (row_id,) = rows(path, "SELECT id FROM sessions")[0]

    assert sittings.find((row_id + row_id).hex(), NOW) is None


def test_every_letter_of_the_cookie_counts(sittings):
    cookie = sittings.begin(PETRA, NOW)

    assert all(sittings.find(other_letter(cookie, at), NOW) is None for at in range(86))
    assert sittings.find(cookie, NOW)


@pytest.mark.parametrize("cookie", ["", "A", "A" * 85, "A" * 86, "A" * 88, "é" * 86, "=" * 86])
def test_a_malformed_cookie_is_nobody(sittings, cookie):
    assert sittings.find(cookie, NOW) is None
    assert sittings.expired(cookie, NOW) is None
    sittings.end(cookie)


def test_a_changed_or_moved_row_opens_nothing(sittings, path):
    cookie = sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=KEYS)
    good = rows(path, "SELECT blob_sealed FROM sessions")[0][0]

    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 1
        rows(path, "UPDATE sessions SET blob_sealed = ?", bytes(bad))
        assert sittings.find(cookie, NOW) is None
    rows(path, "UPDATE sessions SET blob_sealed = ?, user_id = ?", good, RITA.bytes)
    assert sittings.find(cookie, NOW) is None


def test_a_blob_of_a_later_version_opens_nothing(sittings, path):
    cookie = sittings.begin(PETRA, NOW)
    raw = raw_of(cookie)
    later = sealed_as(raw, PETRA, b"\2" + b"c" * 32)

    rows(path, "UPDATE sessions SET blob_sealed = ?", later)

    assert sittings.find(cookie, NOW) is None


def test_the_secret_part_opens_as_the_page_of_formats_says(sittings, path):
    cookie = sittings.begin(PETRA, NOW)

    rows(
        path,
        "UPDATE sessions SET blob_sealed = ?",
        sealed_as(raw_of(cookie), PETRA, b"\1" + b"c" * 32),
    )

    assert sittings.find(cookie, NOW).csrf == b"c" * 32


def test_a_sitting_lapses_fifteen_minutes_after_the_last_request(sittings):
    cookie = sittings.begin(PETRA, NOW)

    assert sittings.find(cookie, NOW + 15 * MINUTE)
    assert sittings.find(cookie, NOW + 30 * MINUTE)
    assert sittings.find(cookie, NOW + 45 * MINUTE + SECOND) is None


def test_the_request_is_written_at_most_once_a_minute(sittings, path):
    cookie = sittings.begin(PETRA, NOW)

    sittings.find(cookie, NOW + 59 * SECOND)
    before = path.read_bytes()
    assert sittings.find(cookie, NOW + 59 * SECOND).seen_at == NOW
    assert path.read_bytes() == before
    assert sittings.find(cookie, NOW + 60 * SECOND).seen_at == NOW + 60 * SECOND
    assert sittings.list_of(PETRA, NOW + 60 * SECOND)[0].seen_at == NOW + 60 * SECOND


def test_an_active_person_is_never_idle_before_fourteen_minutes(sittings):
    cookie = sittings.begin(PETRA, NOW)
    unwritten = NOW + 59 * SECOND

    assert sittings.find(cookie, unwritten)

    assert sittings.find(cookie, unwritten + 14 * MINUTE)


def test_a_sitting_ends_eight_hours_after_signing_in_however_busy(sittings):
    cookie = sittings.begin(PETRA, NOW)

    at = NOW
    while at < NOW + 8 * HOUR:
        at += 15 * MINUTE
        assert sittings.find(cookie, at)
    assert sittings.find(cookie, NOW + 8 * HOUR + SECOND) is None


def test_a_clock_that_goes_back_ends_nothing(sittings):
    cookie = sittings.begin(PETRA, NOW)

    assert sittings.find(cookie, NOW - 5 * MINUTE).seen_at == NOW


def test_a_lapsed_cookie_names_its_person_and_membership_until_it_is_swept(sittings):
    cookie = sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=KEYS)

    assert sittings.expired(cookie, NOW + 15 * MINUTE) is None
    assert sittings.expired(cookie, NOW + 16 * MINUTE) == (PETRA, MEMBERSHIP)
    assert sittings.expired(other_letter(cookie, 60), NOW + 16 * MINUTE) is None
    assert sittings.sweep(NOW + 8 * HOUR) == 0
    assert sittings.sweep(NOW + 8 * HOUR + SECOND) == 1
    assert sittings.expired(cookie, NOW + 9 * HOUR) is None


def test_a_fourth_sitting_ends_the_one_unseen_for_longest(sittings):
    first, second, third = (sittings.begin(PETRA, NOW + n * SECOND) for n in range(3))
    sittings.find(first, NOW + 2 * MINUTE)
    of_rita = sittings.begin(RITA, NOW)

    fourth = sittings.begin(PETRA, NOW + 3 * MINUTE)

    alive = [
        bool(sittings.find(cookie, NOW + 3 * MINUTE))
        for cookie in (first, second, third, fourth, of_rita)
    ]
    assert alive == [True, False, True, True, True]


def test_lapsed_sittings_take_no_place_and_go_when_their_person_signs_in(sittings):
    old = [sittings.begin(PETRA, NOW) for _ in range(3)]
    later = NOW + HOUR

    new = [sittings.begin(PETRA, later) for _ in range(3)]

    assert all(sittings.find(cookie, later) for cookie in new)
    assert [sittings.expired(cookie, later) for cookie in old] == [None] * 3


def test_a_renewed_sitting_has_a_new_cookie_and_the_old_one_is_dead(sittings):
    old = sittings.begin(PETRA, NOW)
    before = sittings.find(old, NOW)
    later, until = NOW + MINUTE, NOW + 11 * MINUTE

    new = sittings.renew(
        old, later, membership_id=MEMBERSHIP, keys=KEYS, stepped_up_until=until
    )

    after = sittings.find(new, later)
    assert sittings.find(old, later) is None
    assert sittings.expired(old, later + HOUR) is None
    assert (after.membership_id, after.keys) == (MEMBERSHIP, KEYS)
    assert (after.signed_in_at, after.seen_at) == (NOW, later)
    assert after.stepped_up_until == until
    assert after.csrf != before.csrf
    assert {old[:43], old[43:]}.isdisjoint({new[:43], new[43:]})


def test_renewing_does_not_lengthen_the_eight_hours(sittings):
    cookie = sittings.begin(PETRA, NOW)

    at = NOW
    for _ in range(32):
        at += 15 * MINUTE
        cookie = sittings.renew(
            cookie, at, membership_id=None, keys=None, stepped_up_until=None
        )

    assert sittings.find(cookie, at + SECOND) is None


def test_a_dead_cookie_cannot_be_renewed(sittings):
    cookie = sittings.begin(PETRA, NOW)
    sittings.end(cookie)

    with pytest.raises(NotFound):
        sittings.renew(cookie, NOW, membership_id=None, keys=None, stepped_up_until=None)


def test_signing_out_kills_every_copy_of_the_cookie(sittings, path):
    cookie = sittings.begin(PETRA, NOW)
    other = sittings.begin(PETRA, NOW)

    sittings.end(cookie)

    assert sittings.find(cookie, NOW) is None
    assert sittings.find(other, NOW)
    assert rows(path, "SELECT count(*) FROM sessions") == [(1,)]


def test_what_was_ended_is_overwritten_in_the_file(sittings, path):
    cookie = sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=KEYS)
    (blob,) = rows(path, "SELECT blob_sealed FROM sessions")[0]
    assert blob in path.read_bytes()

    sittings.end(cookie)

    left = [file.read_bytes() for file in path.parent.iterdir()]
    assert not any(blob in content for content in left)


def test_a_person_ends_one_of_their_sittings_and_nobody_elses(sittings):
    cookie = sittings.begin(PETRA, NOW)
    row = sittings.list_of(PETRA, NOW)[0]

    sittings.end_one(RITA, row.id)
    assert sittings.find(cookie, NOW)

    sittings.end_one(PETRA, row.id)
    assert sittings.find(cookie, NOW) is None


def test_all_sittings_of_a_person_end_and_nobody_elses(sittings):
    for _ in range(3):
        sittings.begin(PETRA, NOW)
    of_rita = sittings.begin(RITA, NOW)

    sittings.end_all(PETRA)

    assert sittings.list_of(PETRA, NOW) == []
    assert sittings.find(of_rita, NOW)


def test_the_end_of_a_membership_ends_its_sittings_only(sittings):
    active = sittings.begin(PETRA, NOW, membership_id=MEMBERSHIP, keys=KEYS)
    other = sittings.begin(PETRA, NOW, membership_id=uuid4(), keys=KEYS)

    sittings.end_membership(MEMBERSHIP)

    assert sittings.find(active, NOW) is None
    assert sittings.find(other, NOW)


def test_the_list_shows_living_sittings_the_last_seen_first(sittings):
    sittings.begin(PETRA, NOW)
    second = sittings.begin(PETRA, NOW + 10 * MINUTE, membership_id=MEMBERSHIP, keys=KEYS)
    third = sittings.begin(PETRA, NOW + 14 * MINUTE)

    listed = sittings.list_of(PETRA, NOW + 16 * MINUTE)

    assert [row.id for row in listed] == [
        sha256(raw_of(cookie)[:32]).digest() for cookie in (third, second)
    ]
    assert [row.membership_id for row in listed] == [None, MEMBERSHIP]


def test_a_write_that_fails_leaves_nothing_behind(sittings, path):
    cookie = sittings.begin(PETRA, NOW)

    def fail_half_way():
        with sessions_file.SessionsFile(path).writing() as connection:
            connection.execute("DELETE FROM sessions")
            connection.execute("INSERT INTO sessions (id) VALUES (x'00')")

    with pytest.raises(sqlite3.IntegrityError):
        fail_half_way()

    assert sittings.find(cookie, NOW)


def test_whoever_waits_too_long_for_another_write_is_told_busy(sittings, path, monkeypatch):
    monkeypatch.setattr(sessions_file, "_PATIENCE", 0.01)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    try:
        with pytest.raises(Busy):
            sittings.begin(PETRA, NOW)
    finally:
        holder.close()


def test_a_broken_file_is_not_mistaken_for_a_busy_one(sittings, path):
    rows(path, "DROP TABLE sessions")

    with pytest.raises(sqlite3.OperationalError):
        sittings.list_of(PETRA, NOW)


WORKER = """
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from studyhub.vault.places import session_aad
from studyhub.vault.primitives import box, hkdf
from studyhub.vault.sittings import Sittings

sittings, now = Sittings(Path(sys.argv[1])), datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
for n in range(25):
    cookie = sittings.begin(UUID(int=n), now)
    cookie = sittings.renew(
        cookie, now, membership_id=None, keys=None, stepped_up_until=now
    )
    assert sittings.find(cookie, now).user_id == UUID(int=n)
print("done")
"""


def test_two_processes_share_the_file(path):
    root = Path(__file__).parents[2]
    workers = [
        subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-c", WORKER, str(path)],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]

    answers = [worker.communicate(timeout=60) for worker in workers]

    assert answers == [(b"done\n", b"")] * 2
    assert rows(path, "SELECT count(*) FROM sessions") == [(50,)]


def test_of_several_renewals_at_once_one_wins(sittings, path):
    cookie = sittings.begin(PETRA, NOW)
    won = []

    def renew():
        try:
            told = {"membership_id": None, "keys": None, "stepped_up_until": None}
            won.append(sittings.renew(cookie, NOW, **told))
        except NotFound:
            pass

    threads = [Thread(target=renew) for _ in range(4)]
    with sessions_file.SessionsFile(path).writing():
        for thread in threads:
            thread.start()
        time.sleep(0.2)  # all have found the old one and wait to write
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert rows(path, "SELECT count(*) FROM sessions") == [(1,)]
