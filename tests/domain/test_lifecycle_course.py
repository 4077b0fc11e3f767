"""What can happen next: every pair of state and act, listed or refused."""

import itertools

import pytest

from studyhub.domain.errors import WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import (
    AMENDMENT,
    APPROVAL,
    EXPRESSION,
    QUESTION,
    VERSION,
    choosing,
)
from studyhub.domain.words import WORDS

TABLES = {
    "approval_states": (APPROVAL, "planned"),
    "amendment_states": (AMENDMENT, "drafted"),
    "document_versions.state": (VERSION, "draft"),
    "expressions.state": (EXPRESSION, "received"),
    "questions.state": (QUESTION, "open"),
}


@pytest.mark.parametrize("words", TABLES)
def test_a_table_has_the_states_of_its_list_and_leads_to_each(words):
    table, first = TABLES[words]

    assert {first, *table.values(), *(state for state, _ in table)} == set(WORDS[words])


@pytest.mark.parametrize("words", TABLES)
def test_every_pair_that_is_not_listed_is_refused(words):
    table, _ = TABLES[words]
    acts = {act for _, act in table}

    for state, act in itertools.product(WORDS[words], acts):
        if (state, act) in table:
            assert advance(state, act, table) == table[state, act]
        else:
            with pytest.raises(WrongState, match="is not possible when"):
                advance(state, act, table)


def walk(state, table, *acts):
    for act in acts:
        state = advance(state, act, table)
    return state


def test_an_approval_can_be_suspended_and_approved_again():
    changes = [
        "submitted",
        "revision_requested",
        "submitted",
        "approved",
        "suspended",
        "approved",
    ]

    assert walk("planned", APPROVAL, *map(to, changes)) == "approved"


def to(state):
    return choosing("approval.change", state)


def test_an_approval_that_ended_stays_ended():
    assert not [state for state, _ in APPROVAL if state in {"expired", "closed"}]
    assert not [s for s, _ in AMENDMENT if s in {"rejected", "withdrawn", "implemented"}]


def test_a_version_in_use_leaves_use_only_for_a_newer_one_or_for_good():
    assert {act for state, act in VERSION if state == "effective"} == {
        choosing("document.use", "superseded"),
        choosing("document.begin", "superseded"),
        "document.retire",
    }
    assert not [state for state, _ in VERSION if state in {"superseded", "retired"}]


def test_inv_2_a_version_goes_back_to_draft_only_before_it_is_approved():
    assert [state for (state, _), to in VERSION.items() if to == "draft"] == ["submitted"]


def test_an_expression_goes_from_interest_to_consent():
    acts = [
        "expression.acknowledge",
        "expression.triage",
        choosing("expression.decide", "eligible"),
        "information.send",
        "question.ask",
        "consent.sign",
    ]

    assert walk("received", EXPRESSION, *acts) == "converted"


def test_an_expression_that_became_a_consent_is_never_declined_or_lapsed_again():
    assert not [state for state, _ in EXPRESSION if state == "converted"]


@pytest.mark.parametrize("state", ["lapsed", "unreachable", "opted_out"])
def test_somebody_who_writes_again_considers_again_and_nothing_else_leads_there(state):
    acts = {act for found, act in EXPRESSION if found == state}
    # Of who had stopped all letters a recruiter may hear it: the record says how and when.
    heard = {"contact.reopen"} if state == "opted_out" else set()
    assert acts == {"expression.receive", *heard}
    assert advance(state, "expression.receive", EXPRESSION) == "considering"


def test_no_way_leads_back_for_somebody_who_declined_or_is_not_eligible():
    assert not [state for state, _ in EXPRESSION if state in {"declined", "ineligible"}]
