"""The words of the code and the words of docs/VOCABULARY.md are the same."""

import re
from pathlib import Path

import pytest

from studyhub.domain.vocabulary import Act, Role
from studyhub.domain.words import SEVERAL, STUDY_MAY_ADD, WORDS

PAGE = Path(__file__).parents[2] / "docs" / "VOCABULARY.md"


def described():
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a list stands on the page twice"
    return {key: tuple(words.split()) for key, words in rows}


def test_the_page_names_the_same_lists_as_the_code():
    assert set(described()) == set(WORDS)


@pytest.mark.parametrize("key", WORDS)
def test_the_page_has_the_same_words_in_the_same_order(key):
    assert described()[key] == WORDS[key]


@pytest.mark.parametrize("key", WORDS)
def test_a_list_has_each_word_once_and_none_that_a_check_could_not_hold(key):
    assert WORDS[key]
    assert len(set(WORDS[key])) == len(WORDS[key])
    assert all(re.fullmatch(r"[\w./-]+", word) for word in WORDS[key])


def test_what_is_said_about_single_lists_is_said_about_lists_that_exist():
    assert set(WORDS) >= SEVERAL | STUDY_MAY_ADD


def test_a_membership_has_a_role_that_an_account_can_have():
    without_account = {Role.OPERATOR, Role.PARTICIPANT, Role.SYSTEM, Role.PUBLIC}

    assert set(WORDS["memberships.role"]) == set(Role) - without_account


def test_every_act_has_the_form_that_the_database_asks_for():
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", act) for act in Act)
