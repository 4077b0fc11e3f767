"""May this person sign now: each reason why not, alone and together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from studyhub.domain.consent_history import Period
from studyhub.domain.signing import Given, InUse, SigningFacts, may_sign, may_sign_from

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SINCE = Period(NOW - timedelta(days=90))
OVER = Period(NOW - timedelta(days=90), NOW)
FORM, SHEET, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
READY = SigningFacts(
    signed_at=NOW,
    form=InUse(FORM, SINCE),
    sheet=InUse(SHEET, SINCE),
    given=Given(SHEET, NOW - timedelta(hours=24)),
    approved=(SINCE,),
    consider_hours=24,
)


def codes(**changes):
    return [obstacle.code for obstacle in may_sign(replace(READY, **changes))]


def test_somebody_may_sign_when_nothing_stands_in_the_way():
    assert may_sign(READY) == []


@pytest.mark.parametrize("approved", [(), (OVER,)])
def test_inv_8_nobody_signs_without_an_approval_at_that_time(approved):
    assert codes(approved=approved) == ["not_approved"]


def test_inv_25_a_question_that_blocks_is_answered_first():
    assert codes(blocking_questions=1) == ["question_open"]


@pytest.mark.parametrize("form", [None, InUse(FORM, None), InUse(FORM, OVER)])
def test_inv_27_no_form_is_opened_that_is_not_in_use(form):
    assert codes(form=form) == ["no_form_in_use"]


def test_inv_36_the_time_to_consider_is_kept_unless_the_person_waives_it():
    given = Given(SHEET, NOW - timedelta(hours=23))

    (obstacle,) = may_sign(replace(READY, given=given))

    assert obstacle.code == "time_to_consider"
    assert obstacle.until == may_sign_from(given.given_at, 24) == NOW + timedelta(hours=1)
    assert codes(given=given, wait_waived=True) == []
    assert codes(given=given, consider_hours=23) == []


def test_inv_37_the_sheet_named_is_the_one_last_given():
    assert codes(sheet=InUse(OTHER, SINCE)) == ["other_sheet"]
    assert codes(sheet=None) == ["other_sheet"]
    assert codes(given=None) == ["no_sheet_given"]
    assert codes(given=Given(SHEET, NOW + timedelta(hours=1)), wait_waived=True) == [
        "no_sheet_given"
    ]


@pytest.mark.parametrize("effective", [None, OVER])
def test_inv_37_the_sheet_named_is_in_use_at_signing(effective):
    assert codes(sheet=InUse(SHEET, effective)) == ["sheet_not_in_use"]


def test_every_obstacle_is_told_at_once_in_whole_sentences():
    facts = replace(READY, form=None, sheet=None, given=None, approved=(), blocking_questions=2)

    told = may_sign(facts)

    assert [obstacle.code for obstacle in told] == [
        "not_approved",
        "no_form_in_use",
        "no_sheet_given",
        "question_open",
    ]
    assert all(obstacle.says.endswith(".") for obstacle in told)
