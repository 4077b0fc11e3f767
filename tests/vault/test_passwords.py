"""Passwords: stretched a few at a time, compared, and refused when they are guessed early."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Busy, Corrupt, Invalid
from studyhub.vault.guessing import is_weak
from studyhub.vault.passwords import Cost, Kitchen, same, verifier_of

PUBLISHED = json.loads(
    (Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8")
)["password"]
PEPPER = bytes(range(32))
CHEAP = Cost(memory_kib=8, iterations=1)
GOOD = "violet tractor eleven muffins"
CONTEXT = ["nina", "Nina Marsh", "Caregivers and sleep"]

FIFTY_AT_ONCE = """
import resource
from concurrent.futures import ThreadPoolExecutor
from studyhub.domain.errors import Busy
from studyhub.vault.passwords import Cost, Kitchen

kitchen, cost = Kitchen(seconds=60), Cost(memory_kib=32 * 1024, iterations=1)

def sign_in(_):
    try:
        return len(kitchen.stretch("a password", bytes(16), b"pepper", cost))
    except Busy:
        return None

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

sign_in(None)
before = peak()
with ThreadPoolExecutor(50) as pool:
    answers = list(pool.map(sign_in, range(50)))
print(peak() - before, sum(answer == 32 for answer in answers))
"""


@pytest.fixture
def kitchen():
    return Kitchen(CHEAP, CHEAP)


def test_stretching_is_as_published(kitchen):
    prk = kitchen.stretch(PUBLISHED["text"], bytes(16), PEPPER, CHEAP)

    assert prk.hex() == PUBLISHED["prk"]
    assert verifier_of(prk).hex() == PUBLISHED["verifier"]


def test_the_same_letters_written_otherwise_are_the_same_password(kitchen):
    composed, decomposed = "Zw\u00f6lf graue Tauben", "Zwo\u0308lf graue Tauben"

    assert kitchen.stretch(composed, bytes(16), PEPPER, CHEAP) == kitchen.stretch(
        decomposed, bytes(16), PEPPER, CHEAP
    )


def test_password_salt_pepper_and_cost_all_count(kitchen):
    given = (GOOD, bytes(16), PEPPER, CHEAP)
    changed = ("other", b"1" * 16, b"other", Cost(memory_kib=16, iterations=1))

    results = {kitchen.stretch(*given)}
    for place, value in enumerate(changed):
        results.add(kitchen.stretch(*given[:place], value, *given[place + 1 :]))

    assert len(results) == 5


def test_only_the_right_password_opens(kitchen):
    prk, stored = kitchen.keep(GOOD, PEPPER)

    assert kitchen.check(GOOD, PEPPER, stored) == prk
    assert kitchen.check(GOOD.upper(), PEPPER, stored) is None
    assert kitchen.check(GOOD, b"another pepper", stored) is None
    assert stored.cost == CHEAP


def test_an_unknown_person_is_refused_after_the_same_work():
    calls = []

    class Counting(Kitchen):
        def stretch(self, password, salt, pepper, cost):
            calls.append(cost)
            return super().stretch(password, salt, pepper, cost)

    kitchen = Counting(CHEAP)

    assert kitchen.check(GOOD, PEPPER, None) is None
    assert calls == [CHEAP]


def test_two_passwords_of_the_same_letters_are_stored_differently(kitchen):
    assert kitchen.keep(GOOD, PEPPER)[1] != kitchen.keep(GOOD, PEPPER)[1]


def test_showing_what_is_stored_does_not_show_it(kitchen):
    _, stored = kitchen.keep(GOOD, PEPPER)

    assert repr(stored) == f"Stored(cost={CHEAP!r})"


def test_the_memorable_word_fits_in_any_case(kitchen):
    kept = kitchen.keep_word("Stra\u00dfe", PEPPER)

    assert len(kept) == 48
    assert kitchen.word_fits("STRASSE", PEPPER, kept)
    assert not kitchen.word_fits("strase", PEPPER, kept)
    with pytest.raises(Corrupt):
        kitchen.word_fits("strasse", PEPPER, kept[:-1])


@pytest.mark.parametrize("text", ["x" * 1025, "\ud800" * 20, "é" * 513])
def test_what_cannot_be_a_password_is_refused_in_words(kitchen, text):
    with pytest.raises(Invalid):
        kitchen.stretch(text, bytes(16), PEPPER, CHEAP)
    with pytest.raises(Invalid):
        kitchen.keep_word(text, PEPPER)


def test_a_salt_of_a_wrong_size_is_corrupt(kitchen):
    with pytest.raises(Corrupt):
        kitchen.stretch(GOOD, b"short", PEPPER, CHEAP)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"memory_kib": 65536, "iterations": 3},
        {"memory_kib": 65536, "iterations": 3, "lanes": 1, "more": 1},
        {"memory_kib": "65536", "iterations": 3, "lanes": 1},
        {"memory_kib": True, "iterations": 3, "lanes": 1},
        {"memory_kib": 2**31, "iterations": 3, "lanes": 1},
        {"memory_kib": 65536, "iterations": 0, "lanes": 1},
        {"memory_kib": 16, "iterations": 3, "lanes": 4},
    ],
)
def test_a_changed_cost_is_corrupt(stored):
    with pytest.raises(Corrupt):
        Cost.from_json(stored)


def test_a_cost_comes_back_from_its_row():
    assert Cost.from_json(Cost().as_json()) == Cost(65536, 3, 1)


def test_secrets_are_compared_whole():
    assert same(b"abc", b"abc")
    assert not same(b"abc", b"abd")
    assert not same(b"abc", b"ab")


def test_no_more_than_two_run_at_once():
    kitchen, lock, running, most = Kitchen(CHEAP, waiting=50, seconds=60), Lock(), [0], [0]
    start = Barrier(12)

    def cook(_):
        start.wait()
        with kitchen.stove():
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            Kitchen(CHEAP).stretch(GOOD, bytes(16), PEPPER, CHEAP)
            with lock:
                running[0] -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(cook, range(12)))

    assert most[0] <= 2


def test_a_full_queue_is_busy_at_once():
    kitchen = Kitchen(CHEAP, at_once=1, waiting=0)

    with kitchen.stove(), pytest.raises(Busy):
        kitchen.keep(GOOD, PEPPER)

    assert kitchen.keep(GOOD, PEPPER)


def test_whoever_waits_too_long_is_told_so_and_makes_room():
    kitchen = Kitchen(CHEAP, at_once=1, waiting=1, seconds=0.01)

    with kitchen.stove():
        for _ in range(3):
            with pytest.raises(Busy):
                kitchen.keep(GOOD, PEPPER)

    assert kitchen.keep(GOOD, PEPPER)


def test_a_failed_run_gives_its_place_back():
    kitchen = Kitchen(CHEAP, at_once=1, waiting=0)

    with pytest.raises(ZeroDivisionError), kitchen.stove():
        raise ZeroDivisionError

    assert kitchen.keep(GOOD, PEPPER)


def test_fifty_people_signing_in_at_once_take_the_memory_of_two():
    run = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", FIFTY_AT_ONCE], capture_output=True, check=True, text=True
    )
    grown_kib, served = map(int, run.stdout.split())

    assert grown_kib < 3 * 32 * 1024
    assert served >= 10


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "hd83kd02kf9sk2m",
        "ich esse gern drei Birnen",
        "my cat eats welcome mats",
        "Nina and the seven green kettles",
        "\u5bc6\u7801\u662f\u5f88\u96be\u7684\u4e1c\u897f",
        "\U0001f98a\U0001f34b\U0001f6f6\U0001f39b\U0001f9f2",
        "x7" * 3 + "kdlepqmsu49cuw",
        "qfzmwhxplkvbtcg" * 2,
        "kdlepqmsu49cuwx" * 68,
    ],
)
def test_a_long_password_that_nobody_knows_may_be_kept(password):
    assert is_weak(password, CONTEXT) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 15"),
        ("hd83kd02kf9sk2", "at least 15"),
        ("kd8" * 342, "too long"),
        ("\ud800" * 20, "cannot be stored"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abcabcabcabcabca", "repeats"),
        ("zqvwxkjpzqvwxkjp", "repeats"),
        ("zqvwxkjpZQVWXKJPzq", "repeats"),
        ("Password1234567!", "tried first"),
        ("p4ssw0rd-p4$$w0rd", "tried first"),
        ("Welcome2024Welcome!", "tried first"),
        ("correct horse battery staple", "tried first"),
        ("Correct-Horse-Battery-Staple-1", "tried first"),
        ("To be, or not to be, that is the question", "tried first"),
        ("qwertyuiopasdfgh", "tried first"),
        ("1qaz2wsx3edc4rfv", "tried first"),
        ("9876543210987654", "tried first"),
        ("abcdefghijklmnopqrstuvwxyz", "tried first"),
        ("aaaaaaaaaabbbbbbbbbbcccccc", "tried first"),
        ("StudyHub-StudyHub-1", "tried first"),
        ("nina.marsh.nina.22", "your own name"),
        ("caregivers-sleep-x9", "your own name"),
        ("Caregivers and Sleep", "your own name"),
    ],
)
def test_a_password_that_is_guessed_early_is_refused_with_its_reason(password, reason):
    message = is_weak(password, CONTEXT)

    assert message is not None
    assert reason in message


@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=3))
def test_any_text_gets_an_answer(password, context):
    answer = is_weak(password, context)

    assert answer is None or answer.endswith(".")
