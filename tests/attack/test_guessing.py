"""Guessing, and what a stranger can make the server do with one request."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from studyhub.domain.errors import Busy, Invalid, Throttled
from studyhub.vault.guessing import is_weak
from studyhub.vault.passwords import Cost, Kitchen
from studyhub.vault.primitives import random_key
from studyhub.vault.throttles import FREE_TRIES, Throttles
from studyhub.workflows.entrance import prove
from tests.makers import password_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# Folding as many accents over one letter as fit into a form takes hours.
ENDLESS = "a" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING DOT BELOW}" * 400_000
# Text that cannot be encoded: the answer tells which of the two was looked at first.
ODD_AND_LONG = "\ud800" + "a" * 100_000


@pytest.fixture
def throttles(tmp_path):
    return Throttles(tmp_path / "sessions.db", random_key())


def spend(throttles, sources):
    for source in sources:
        throttles.attempt("ann", source, NOW)


def test_a_guesser_does_not_get_new_tries_by_changing_addresses_of_one_site(throttles):
    spend(throttles, [f"2001:db8:1:2::{number}" for number in range(5)])

    with pytest.raises(Throttled):
        throttles.attempt("ann", "2001:db8:1:2:ffff:1:2:3", NOW)

    throttles.attempt("ann", "2001:db8:1:3::1", NOW)


def test_an_address_written_in_two_ways_is_one_source(throttles):
    spend(throttles, ["192.0.2.7"] * 5)

    with pytest.raises(Throttled):
        throttles.attempt("ann", "::ffff:192.0.2.7", NOW)


def test_a_name_of_two_mebibytes_is_cut_before_it_is_folded(throttles):
    throttles.attempt(ENDLESS, "192.0.2.7", NOW)

    assert throttles.wait(ENDLESS, "192.0.2.7", NOW) == 0


def test_a_password_of_two_mebibytes_is_refused_before_it_is_folded():
    kitchen = Kitchen(Cost(memory_kib=8, iterations=1))

    for text in (ENDLESS, ODD_AND_LONG):
        with pytest.raises(Invalid, match="too long"):
            kitchen.check(text, random_key(), None)
        with pytest.raises(Invalid, match="too long"):
            kitchen.keep_word(text, random_key())
        assert "too long" in (is_weak(text) or "")


def test_a_right_password_that_found_the_server_busy_is_no_wrong_try(small_study):
    full = replace(small_study.hub, kitchen=Kitchen(at_once=0, seconds=0.01))

    for _ in range(FREE_TRIES):
        with pytest.raises(Busy):
            prove(full, "ann", password_of("ann"), "192.0.2.9")

    assert prove(small_study.hub, "ann", password_of("ann"), "192.0.2.9").login == "ann"


def test_a_server_kept_busy_gives_no_further_guesses(small_study):
    full = replace(small_study.hub, kitchen=Kitchen(at_once=0, seconds=0.01))
    for number in range(FREE_TRIES):
        with pytest.raises(Invalid):
            prove(small_study.hub, "ann", f"wrong guess number {number}", "192.0.2.9")

    for hub in (full, small_study.hub):
        with pytest.raises(Throttled):
            prove(hub, "ann", "another wrong guess of mine", "192.0.2.9")
