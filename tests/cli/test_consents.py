"""``consent in-force`` gives the answer of every gate, by code."""

import sqlite3

import pytest

from tests.makers import SLUG, START

AT = START.isoformat()


@pytest.fixture
def ask(small_shell, listed):
    def asked(*words):
        return small_shell.json("consent", "in-force", SLUG, *words)

    return asked


@pytest.fixture
def listed(small_shell):
    """One participant without any consent, in the file of that instance."""
    with sqlite3.connect(small_shell.folder / "studyhub.sqlite3") as database:
        (study,) = database.execute("SELECT id FROM studies").fetchone()
        database.execute(
            "INSERT INTO participants (id, study_id, code, language, listed_on)"
            " VALUES (?, ?, 'K7Q4', 'en', '2026-03-02')",
            ("0" * 31 + "1", study),
        )


def test_somebody_who_signed_nothing_agreed_to_nothing(ask):
    ran = ask("k7q4", "participate", "--at", AT)

    assert ran.code == 0
    assert ran.values == {
        "answer": False,
        "reason": "no_consent",
        "consent": None,
        "version": None,
    }


def test_an_unknown_code_is_no_such_thing(ask):
    assert ask("ZZZZ", "participate", "--at", AT).code == 4


@pytest.mark.parametrize("at", ["yesterday", "2026-11-23T14:00:00", ""])
def test_a_time_without_a_zone_is_not_understood(ask, at):
    assert ask("K7Q4", "participate", "--at", at).code == 2
