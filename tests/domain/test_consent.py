"""Was this agreed: every reason, every rule, and agreement with the reference evaluator."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyhub.domain.consent import Answer, in_force, kind_of_signing, state_of
from studyhub.domain.consent_history import (
    ENDS,
    ConsentRecord,
    FormVersion,
    History,
    LaterEvent,
    Period,
    Withdrawal,
    ends,
    needs_countersign,
)
from studyhub.domain.errors import Invalid
from studyhub.domain.words import WORDS
from tests.domain import in_force_reference as reference
from tests.domain.consent_worlds import (
    ALWAYS,
    CODES,
    SCOPES,
    history,
    instant,
    record_id,
    stranger_world,
    version_id,
)

END = instant(300)

WORLDS_EACH = 50


def many(test):
    """Run a property on two thousand histories; hypothesis seeds their generator."""
    return settings(max_examples=40, deadline=None)(
        given(st.randoms(use_true_random=True))(test)
    )


def histories(rng):
    """Histories of both kinds, as the product reads them, with a code and an instant."""
    for nth in range(WORLDS_EACH):
        world = (stranger_world, reference.world)[nth % 2](rng)
        yield history(*world), rng.choice(CODES), instant(rng.randint(-5, 125))


def assert_same(world, code, at, known_at):
    """Compare both answers, strict and provisional."""
    versions, records, events = world
    told = history(versions, records, events)
    for provisional in (False, True):
        expected = reference.in_force(
            code, at, known_at, versions, records, events, provisional=provisional
        )
        answer = in_force(told, code, instant(at), instant(known_at), provisional=provisional)
        assert answer.opens == expected
    strict = in_force(told, code, instant(at), instant(known_at))
    assert strict.answer == ("yes" if strict.reason_code == "in_force" else "no")
    assert strict.reason_code in WORDS["gate_answers.reason_code"]
    return strict


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=True))
def test_ten_thousand_histories_get_the_answer_of_the_reference(rng):
    for nth in range(WORLDS_EACH):
        world = (stranger_world, reference.world)[nth % 2](rng)
        at = rng.randint(-5, 130)
        known_at = rng.randint(max(at, 0) - rng.choice([0, 20]), 160)
        assert_same(world, rng.choice(CODES), at, known_at)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(CODES), st.integers(-5, 125))
def test_histories_that_hypothesis_makes_small_get_it_too(rng, code, at):
    assert_same(stranger_world(rng), code, at, 160)


@many
def test_inv_43_nothing_is_agreed_before_the_first_signing(rng):
    for told, code, at in histories(rng):
        first = min((record.signed_at for record in told.records), default=END)
        before = min(at, first - timedelta(minutes=1))

        assert in_force(told, code, before, END) == Answer("no", "no_consent")


@many
def test_inv_44_what_is_entered_later_changes_no_earlier_answer(rng):
    for told, code, at in histories(rng):
        known_at = instant(rng.randint(-5, 125))

        grown = with_everything_entered(told, known_at + timedelta(minutes=1), at)

        assert in_force(grown, code, at, known_at) == in_force(told, code, at, known_at)


def with_everything_entered(told, after, at):
    """The same history, with all that can be entered about it later."""
    asks = version(900, Period(after), reconsent_from=at, known_from=after)
    again = (
        replace(r, id=UUID(int=r.id.int + 500), seq=r.seq + 500, entered_at=after)
        for r in told.records
    )
    marks = ("invalidated", "verified", "countersigned", "queried")
    taken_back = (
        w if w.retracted_at else replace(w, retracted_at=at, retraction_entered_at=after)
        for w in told.withdrawals
    )
    return History(
        versions={**told.versions, asks.id: asks},
        records=(*told.records, *again),
        events=(
            *told.events,
            *(LaterEvent(r.id, mark, after) for r in told.records for mark in marks),
        ),
        withdrawals=(*taken_back, Withdrawal(("all",), instant(0), after)),
    )


@many
def test_inv_9_a_version_that_asks_all_to_sign_again_ends_earlier_consents(rng):
    for told, code, at in histories(rng):
        start = instant(rng.randint(0, 100))
        asks = version(900, Period(start), reconsent_from=start)

        answer = in_force(with_version(told, asks), code, max(at, start), END)

        for record in told.records:
            if record.id == answer.consent_id and answer.opens:
                assert told.form_of(record) != "consent" or record.signed_at >= start


@many
def test_inv_10_a_version_that_asks_nobody_changes_no_answer(rng):
    for told, code, at in histories(rng):
        quiet = version(900, Period(instant(rng.randint(0, 100))))

        assert in_force(with_version(told, quiet), code, at, END) == in_force(
            told, code, at, END
        )


@many
def test_inv_74_a_withdrawal_ends_what_its_scope_names_and_nothing_else(rng):
    for told, code, at in histories(rng):
        scope = rng.choice(SCOPES)
        after = in_force(taking_back(told, scope, at), code, at, END)

        if ends(scope, code):
            assert not after.opens
        else:
            assert after == in_force(told, code, at, END)


@many
def test_inv_75_withdrawing_the_newest_consent_revives_no_older_one(rng):
    for told, _, at in histories(rng):
        more = taking_back(told, "all", at)

        assert not any(in_force(more, code, at, END).opens for code in CODES)


@many
def test_invalidating_a_no_never_makes_a_yes(rng):
    for told, code, at in histories(rng):
        if in_force(told, code, at, END).opens:
            continue
        for record in told.records:
            if record.says_no_to(code):
                gone = LaterEvent(record.id, "invalidated", at)
                more = replace(told, events=(*told.events, gone))
                assert not in_force(more, code, at, END).opens


def version(number, effective, **more):
    return FormVersion(version_id(number), "consent", effective, ALWAYS, **more)


def with_version(told, added):
    return replace(told, versions={**told.versions, added.id: added})


def taking_back(told, scope, at):
    taken = Withdrawal((scope,), at, at)
    return replace(told, withdrawals=(*told.withdrawals, taken))


# One history, one reason.

YES = dict.fromkeys(WORDS["statement_codes"], "agree")
FORM = FormVersion(version_id(1), "consent", Period(instant(0)), ALWAYS)
SIGNED = ConsentRecord(
    record_id(1), 1, FORM.id, "signed", "digital_link", instant(5), instant(5), YES
)


def told(*records, versions=(FORM,), events=(), withdrawals=()):
    return History(
        {version.id: version for version in versions}, tuple(records), events, withdrawals
    )


def reason(history_, code="quotes", at=50, known_at=60, **more):
    return in_force(history_, code, instant(at), instant(known_at), **more).reason_code


def later(record, seq=2, at=8, **changes):
    return replace(
        record,
        id=record_id(seq),
        seq=seq,
        signed_at=instant(at),
        entered_at=instant(at),
        **changes,
    )


def invalidated(seq, at=12):
    return LaterEvent(record_id(seq), "invalidated", instant(at))


PAPER = replace(SIGNED, mode="paper_scan")
REFUSED = later(SIGNED, kind="refused")
DECLINED = later(SIGNED, decisions={**YES, "quotes": "decline"})
NEWER = FormVersion(version_id(2), "consent", Period(instant(20)), ALWAYS, instant(20))

EXAMPLES = {
    "in_force": told(SIGNED),
    "no_consent": told(),
    "refused": told(SIGNED, REFUSED),
    "declined": told(SIGNED, DECLINED),
    "later_refusal_invalidated": told(SIGNED, REFUSED, events=(invalidated(2),)),
    "not_countersigned": told(replace(SIGNED, needs_countersign=True)),
    "not_approved": told(SIGNED, versions=(replace(FORM, approved=()),)),
    "version_not_effective": told(SIGNED, versions=(replace(FORM, effective=None),)),
    "reconsent_due": told(SIGNED, versions=(FORM, NEWER)),
    "withdrawn": told(SIGNED, withdrawals=(Withdrawal(("quotes",), instant(30), instant(30)),)),
    "expired": told(replace(SIGNED, expires_at=instant(50))),
    "unverified": told(PAPER),
}


@pytest.mark.parametrize("code", WORDS["gate_answers.reason_code"])
def test_every_reason_has_a_history_that_leads_to_it(code):
    assert reason(EXAMPLES[code]) == code


def test_an_answer_names_the_consent_and_the_version_it_rests_on():
    answer = in_force(told(SIGNED, DECLINED), "quotes", instant(50), instant(60))

    assert answer == Answer("no", "declined", DECLINED.id, FORM.id)


def test_a_consent_that_waits_for_its_check_is_provisional_only_where_that_is_asked():
    strict = in_force(told(PAPER), "participate", instant(50), instant(60))
    loose = in_force(told(PAPER), "participate", instant(50), instant(60), provisional=True)

    assert (strict.answer, strict.reason_code) == ("no", "unverified")
    assert (loose.answer, loose.reason_code, loose.opens) == ("provisional", "unverified", True)


def test_a_check_counts_for_the_time_before_it_from_when_it_is_known():
    checked = told(PAPER, events=(LaterEvent(PAPER.id, "verified", instant(20)),))

    assert reason(checked, at=6, known_at=19) == "unverified"
    assert reason(checked, at=6, known_at=20) == "in_force"


def test_a_countersigned_consent_is_in_force():
    event = LaterEvent(SIGNED.id, "countersigned", instant(6))

    assert reason(told(replace(SIGNED, needs_countersign=True), events=(event,))) == "in_force"


def test_only_a_study_that_asks_needs_a_countersign_and_never_for_a_link():
    assert needs_countersign("paper_scan", study_asks=True)
    assert not needs_countersign("paper_scan", study_asks=False)
    assert not needs_countersign("digital_link", study_asks=True)


def test_of_two_records_at_one_instant_the_later_sequence_counts():
    first, second = later(SIGNED, 3, at=5), later(DECLINED, 4, at=5)

    assert reason(told(second, first)) == "declined"
    assert reason(told(replace(first, seq=9), second)) == "in_force"


def test_a_statement_that_a_newer_form_dropped_is_neither_agreed_nor_declined():
    newer = later(SIGNED, decisions={"participate": "agree"})

    assert reason(told(SIGNED, newer)) == "no_consent"


def test_another_form_that_says_yes_counts_and_one_that_says_no_takes_nothing_away():
    other = FormVersion(version_id(3), "followup", Period(instant(0)), ALWAYS)
    no = later(SIGNED, version_id=other.id, decisions={"quotes": "decline"})
    paper = later(PAPER, version_id=other.id)

    assert reason(told(SIGNED, no, versions=(FORM, other))) == "in_force"
    assert reason(told(DECLINED, paper, versions=(FORM, other))) == "unverified"
    assert reason(told(later(DECLINED, at=5), no, versions=(FORM, other))) == "declined"


def test_an_approval_that_was_suspended_at_signing_leaves_the_consent_without_force():
    periods = (Period(instant(0), instant(3)), Period(instant(9)))
    versions = (replace(FORM, approved=periods),)

    assert reason(told(SIGNED, versions=versions)) == "not_approved"
    assert reason(told(later(SIGNED, at=9), versions=versions)) == "in_force"


def test_a_withdrawn_consent_is_called_withdrawn_even_when_signing_again_is_due():
    taken = Withdrawal(("all",), instant(10), instant(10))

    assert reason(told(SIGNED, versions=(FORM, NEWER), withdrawals=(taken,))) == "withdrawn"


def test_a_version_does_not_ask_those_to_sign_again_who_signed_it_too_early():
    early = replace(SIGNED, version_id=NEWER.id)

    assert reason(told(early, versions=(NEWER,))) == "version_not_effective"


def test_signing_again_after_a_withdrawal_is_a_new_consent():
    taken = Withdrawal(("all",), instant(6), instant(6))

    assert reason(told(SIGNED, later(SIGNED), withdrawals=(taken,))) == "in_force"


def test_a_retracted_withdrawal_ends_nothing_from_the_retraction_on():
    taken = Withdrawal(("all",), instant(10), instant(10), instant(20))

    assert reason(told(SIGNED, withdrawals=(taken,)), at=19) == "withdrawn"
    assert reason(told(SIGNED, withdrawals=(taken,)), at=20) == "in_force"


@pytest.mark.parametrize("scope", WORDS["withdrawals.scopes"])
def test_a_scope_ends_the_statements_that_the_reference_names(scope):
    named = reference.SCOPE_CODES[scope]

    assert {c for c in WORDS["statement_codes"] if ends(scope, c)} == (
        set(WORDS["statement_codes"]) if named is None else named
    )


def test_withdrawing_everything_also_ends_statements_that_a_study_added():
    assert set(ENDS) == set(WORDS["withdrawals.scopes"])
    assert ends("all", "x_own")


# Derived states.


def at_60(history_, record):
    return state_of(history_, record, instant(60))


def event(kind, at, record=SIGNED):
    return LaterEvent(record.id, kind, instant(at))


def test_a_refusal_is_refused_and_an_invalidated_record_invalidated():
    assert at_60(told(REFUSED), REFUSED) == "refused"
    assert at_60(told(REFUSED, events=(invalidated(2),)), REFUSED) == "invalidated"
    assert at_60(told(REFUSED, events=(invalidated(2, at=61),)), REFUSED) == "refused"


def test_a_signed_consent_is_effective_at_once_or_when_it_is_countersigned():
    waits = replace(SIGNED, needs_countersign=True)

    assert at_60(told(SIGNED), SIGNED) == "effective"
    assert at_60(told(waits), waits) == "signed"
    assert at_60(told(waits, events=(event("countersigned", 9),)), waits) == "effective"


def test_a_query_stays_until_it_is_resolved():
    verified = event("verified", 9)
    queried = event("queried", 10)
    resolved = event("resolved", 11)
    again = event("queried", 12)
    other = event("queried", 13, REFUSED)

    assert at_60(told(SIGNED, events=(verified, other)), SIGNED) == "verified"
    assert at_60(told(SIGNED, events=(queried, verified)), SIGNED) == "queried"
    assert at_60(told(SIGNED, events=(resolved, queried)), SIGNED) == "effective"
    assert at_60(told(SIGNED, events=(queried, resolved, again)), SIGNED) == "queried"
    assert state_of(told(SIGNED, events=(queried,)), SIGNED, instant(9)) == "effective"


def test_only_a_newer_effective_consent_to_the_same_form_supersedes():
    newer = later(SIGNED)
    other = FormVersion(version_id(3), "followup", Period(instant(0)), ALWAYS)

    def state(record, **more):
        return at_60(told(SIGNED, record, **more), SIGNED)

    assert state(newer) == "superseded"
    assert state(REFUSED) == "effective"
    assert state(newer, events=(invalidated(2),)) == "effective"
    assert state(replace(newer, needs_countersign=True)) == "effective"
    assert state(replace(newer, entered_at=instant(61))) == "effective"
    assert state(replace(newer, version_id=other.id), versions=(FORM, other)) == "effective"
    assert at_60(told(SIGNED, newer), newer) == "effective"


# What was answered on the form.


def test_inv_28_a_statement_without_an_answer_is_refused_and_so_is_one_nobody_asked():
    with pytest.raises(Invalid) as told_:
        kind_of_signing({"a": True, "b": False}, {"a": "agree", "c": "agree"})
    assert set(told_.value.problems) == {"b", "c"}

    with pytest.raises(Invalid):
        kind_of_signing({"a": True}, {"a": "yes"})


def test_inv_29_declining_a_mandatory_statement_is_a_refusal():
    asked = {"participate": True, "quotes": False}

    assert kind_of_signing(asked, {"participate": "agree", "quotes": "decline"}) == "signed"
    assert kind_of_signing(asked, {"participate": "decline", "quotes": "agree"}) == "refused"
