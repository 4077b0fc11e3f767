import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest

from studyhub.domain.errors import HouseRuleBroken, Throttled
from studyhub.vault.sittings import Sittings
from studyhub.vault.throttles import Count, Counters, Throttles

NOW = datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME, OFFICE, AWAY = "192.0.2.7", "198.51.100.1", "203.0.113.9"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.db"


@pytest.fixture
def throttles(path):
    return Throttles(path, b"k" * 32)


def fail(throttles, account, source, times, at=NOW):
    for _ in range(times):
        throttles.failed(account, source, at)


def fail_patiently(throttles, account, source, times, at=NOW):
    """Guess as fast as is let in, and return the waits and the instant of the last."""
    waits = []
    for _ in range(times):
        seconds = throttles.wait(account, source, at)
        waits.append(seconds)
        at += seconds * SECOND
        throttles.attempt(account, source, at)
    return waits, at


def test_five_wrong_tries_are_free_and_then_waiting_doubles_to_fifteen_minutes(throttles):
    waits, _ = fail_patiently(throttles, "petra", AWAY, 12)

    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_whoever_does_not_wait_is_told_for_how_long(throttles):
    fail(throttles, "petra", AWAY, 5)

    with pytest.raises(Throttled) as told:
        throttles.attempt("petra", AWAY, NOW + 10 * SECOND)

    assert told.value.seconds == 20
    assert throttles.wait("petra", AWAY, NOW + 30 * SECOND) == 0


def test_a_part_of_a_second_is_a_whole_one(throttles):
    fail(throttles, "petra", AWAY, 5)

    assert throttles.wait("petra", AWAY, NOW + 29.001 * SECOND) == 1


def test_trying_while_it_must_wait_makes_the_wait_no_longer(throttles):
    fail(throttles, "petra", AWAY, 5)

    for _ in range(10):
        with pytest.raises(Throttled):
            throttles.attempt("petra", AWAY, NOW)

    assert throttles.wait("petra", AWAY, NOW) == 30


def test_a_guesser_does_not_lock_out_the_person_at_another_source(throttles):
    fail_patiently(throttles, "petra", AWAY, 100)

    assert throttles.wait("petra", HOME, NOW) == 0


def test_a_source_that_guesses_at_many_accounts_is_slowed_down_on_all(throttles):
    for number in range(5):
        throttles.failed(f"person{number}", AWAY, NOW)

    assert throttles.wait("petra", AWAY, NOW) == 30
    assert throttles.wait("petra", HOME, NOW) == 0


def test_an_own_account_does_not_wash_away_guesses_at_others(throttles):
    fail(throttles, "petra", AWAY, 4)

    throttles.attempt("mallory", AWAY, NOW)
    throttles.succeeded("mallory", AWAY, NOW)

    throttles.attempt("rita", AWAY, NOW)
    assert throttles.wait("rita", AWAY, NOW) == 30


def test_signing_in_takes_back_the_own_wrong_tries(throttles):
    fail(throttles, "rita", OFFICE, 2)
    fail(throttles, "petra", OFFICE, 2)
    throttles.attempt("petra", OFFICE, NOW)
    assert throttles.wait("ann", OFFICE, NOW) == 30

    throttles.succeeded("petra", OFFICE, NOW)

    assert throttles.wait("ann", OFFICE, NOW) == 0
    fail(throttles, "petra", OFFICE, 2)
    assert throttles.wait("ann", OFFICE, NOW) == 0
    fail(throttles, "petra", OFFICE, 1)
    assert throttles.wait("ann", OFFICE, NOW) == 30


def test_taking_back_some_tries_keeps_the_wait_of_the_others(throttles):
    fail(throttles, "rita", OFFICE, 6)
    throttles.failed("petra", OFFICE, NOW)
    assert throttles.wait("ann", OFFICE, NOW) == 120

    throttles.succeeded("petra", OFFICE, NOW)

    assert throttles.wait("ann", OFFICE, NOW) == 120


def test_a_known_source_is_not_held_up_by_neighbours_behind_the_same_address(throttles):
    throttles.succeeded("petra", OFFICE, NOW)

    fail(throttles, "rita", OFFICE, 20)

    assert throttles.wait("petra", OFFICE, NOW) == 0
    assert throttles.wait("ann", OFFICE, NOW) == 900


def test_a_known_source_still_has_its_own_count_for_the_account(throttles):
    throttles.succeeded("petra", OFFICE, NOW)

    fail(throttles, "petra", OFFICE, 5)

    assert throttles.wait("petra", OFFICE, NOW) == 30


def test_many_sources_together_are_slowed_down_on_one_account(throttles):
    throttles.succeeded("petra", HOME, NOW)

    for number in range(10):
        fail(throttles, "petra", f"203.0.113.{number}", 5)

    assert throttles.wait("petra", "203.0.113.200", NOW) == 30
    assert throttles.wait("petra", HOME, NOW) == 0
    assert throttles.wait("rita", "203.0.113.200", NOW) == 0


def test_one_source_alone_never_slows_down_the_others(throttles):
    fail(throttles, "petra", AWAY, 500)

    assert throttles.wait("petra", HOME, NOW) == 0


def test_success_takes_back_what_counts_from_everywhere(throttles):
    for number in range(10):
        fail(throttles, "petra", f"203.0.113.{number}", 5)

    throttles.succeeded("petra", "203.0.113.0", NOW)

    assert throttles.wait("petra", "203.0.113.200", NOW) == 0


def test_a_source_is_known_for_thirty_days(throttles):
    throttles.succeeded("petra", OFFICE, NOW)

    before, after = NOW + 30 * DAY - SECOND, NOW + 30 * DAY
    fail(throttles, "rita", OFFICE, 5, at=before)

    assert throttles.wait("petra", OFFICE, before) == 0
    assert throttles.wait("petra", OFFICE, after) == 29


def test_what_was_wrong_is_forgotten_a_day_after_the_last_wait(throttles):
    fail(throttles, "petra", AWAY, 5)
    last = NOW + 30 * SECOND + DAY

    throttles.attempt("petra", AWAY, last)
    assert throttles.wait("petra", AWAY, last) == 60

    later = last + 61 * SECOND + DAY
    throttles.attempt("petra", AWAY, later)
    assert throttles.wait("petra", AWAY, later) == 0


def test_what_is_forgotten_is_swept_and_nothing_else(throttles):
    fail(throttles, "petra", AWAY, 5)
    throttles.succeeded("petra", HOME, NOW)

    assert throttles.sweep(NOW + DAY) == 0
    assert throttles.sweep(NOW + DAY + 31 * SECOND) == 3
    assert throttles.sweep(NOW + 31 * DAY) == 0
    assert throttles.sweep(NOW + 31 * DAY + SECOND) == 1


def test_the_account_is_the_same_however_it_is_typed(throttles):
    for typed in ("petra", " Petra", "PETRA ", "\uff50etra", "petra"):
        throttles.failed(typed, AWAY, NOW)

    assert throttles.wait("Petra", AWAY, NOW) == 30


def test_the_file_names_neither_account_nor_source(throttles, path):
    fail(throttles, "petra", AWAY, 3)

    content = path.read_bytes()

    assert b"petra" not in content
    assert AWAY.encode() not in content


def test_counts_under_another_key_are_others(throttles, path):
    fail(throttles, "petra", AWAY, 5)

    assert Throttles(path, b"x" * 32).wait("petra", AWAY, NOW) == 0


def test_of_many_tries_at_once_only_five_are_let_in(throttles):
    let_in = []

    def guess():
        try:
            throttles.attempt("petra", AWAY, NOW)
            let_in.append(1)
        except Throttled:
            pass

    guesses = [Thread(target=guess) for _ in range(12)]
    for thread in guesses:
        thread.start()
    for thread in guesses:
        thread.join()

    assert len(let_in) == 5


def test_throttles_counters_and_sittings_share_one_file(throttles, path):
    Counters(path).count("sign_in", NOW)
    Sittings(path)

    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    connection.close()

    assert names >= {"sessions", "throttles", "counters", "playbacks"}


def test_attempts_are_counted_by_hour_and_kind(path):
    counters = Counters(path)
    for at in (NOW, NOW + MINUTE, NOW + HOUR):
        counters.count("sign_in", at)
    counters.count("link", NOW)

    hour = NOW.replace(minute=0)
    assert counters.take_counts(NOW) == []
    assert counters.take_counts(NOW + HOUR) == [
        Count(hour, "link", 1),
        Count(hour, "sign_in", 2),
    ]
    assert len(counters.take_counts(NOW + 2 * HOUR)) == 3


def test_an_hour_is_one_of_utc_wherever_the_clock_stands(path):
    counters = Counters(path)

    counters.count("link", NOW.astimezone(timezone(timedelta(hours=5, minutes=30))))

    assert counters.take_counts(NOW + HOUR)[0].hour == NOW.replace(minute=0)


def test_counts_stay_until_they_are_forgotten_and_none_is_lost_meanwhile(path):
    counters = Counters(path)
    counters.count("link", NOW)
    counters.count("csp", NOW)
    taken = counters.take_counts(NOW + HOUR)
    assert counters.take_counts(NOW + HOUR) == taken

    counters.count("link", NOW)
    counters.forget(taken)

    assert counters.take_counts(NOW + HOUR) == [Count(NOW.replace(minute=0), "link", 1)]


def test_what_a_stranger_typed_is_never_a_kind(path):
    with pytest.raises(HouseRuleBroken):
        Counters(path).count("Helen Marsh", NOW)
