"""Who decides about what was withdrawn, and what is written before it is carried out."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from studyhub.domain import withdrawals
from studyhub.domain.errors import Invalid, NotPermitted, PasswordNeeded, WrongState
from studyhub.domain.vocabulary import Duty, Role, Side
from studyhub.store.outbox import Letter
from studyhub.store.withdrawals import Erasure, Withdrawal
from studyhub.vault.threads import shreds_of
from studyhub.workflows import withdrawal, withdrawal_deciding, withdrawal_list
from studyhub.workflows.kernel import Desk
from studyhub.workflows.withdrawal_deciding import Decision
from tests import makers
from tests.makers import Study
from tests.workflows.withdrawing import items, row, rows, steps

pytestmark = pytest.mark.usefixtures("approved")


def all_of(study: Study, withdrawal_id: UUID, **chosen: Decision) -> dict[str, Decision]:
    """What the person asked for about every item, but for those named."""
    asked = withdrawals.asked_for(row(study, withdrawal_id).scopes)
    found = {name: Decision(asked[name]) for name in items(study, withdrawal_id)}
    return {**found, **chosen}


def assessor(study: Study) -> Desk:
    """Ravi, who was given the duty to assess."""
    desk = study.ravi
    return replace(desk, actor=replace(desk.actor, duties=frozenset({Duty.ASSESS})))


def letters_to(study: Study, person: UUID, purpose: str) -> list[Letter]:
    return rows(study, Letter, Letter.participant_id == person, Letter.purpose == purpose)


def test_the_pi_decides_and_the_keys_that_go_are_written_down_contact_last(study):
    person = makers.agreed(study)

    made = makers.decided(study, ("all",), person)

    erasure = rows(study, Erasure)[0]
    assert (erasure.withdrawal_id, erasure.state) == (made, "requested")
    known = shreds_of(study.hub.keystore, person)
    assert erasure.shred_ids[-1] == str(known[Side.CONTACT])
    assert str(known[Side.CONSENT]) not in erasure.shred_ids
    assert steps(study, made) == ["received", "acknowledged", "assessed", "executing"]
    assert study.last_event().act == "erasure.request"


@pytest.mark.parametrize("login", ["rita", "ravi", "ada", "ann", "nina"])
def test_nobody_decides_without_the_duty(small_study, login):
    made = makers.withdrawn(small_study)

    with pytest.raises(NotPermitted):
        withdrawal_deciding.decide(small_study.desk(login), made, {})

    assert small_study.last_event().outcome == "refused"


def test_a_member_with_the_duty_decides_and_the_pi_has_it_carried_out(small_study):
    made = makers.withdrawn(small_study)

    withdrawal_deciding.decide(assessor(small_study), made, all_of(small_study, made))

    with pytest.raises(NotPermitted):
        withdrawal_deciding.request(assessor(small_study), made)
    withdrawal_deciding.request(small_study.petra, made)
    assert (
        items(small_study, made)["contact"].decided_by == small_study.ravi.actor.membership_id
    )


def test_deciding_and_erasing_ask_for_the_password_again(small_study):
    made = makers.withdrawn(small_study)
    long_ago = replace(small_study.petra, stepped_up_until=None)

    for act in (
        lambda: withdrawal_deciding.decide(long_ago, made, all_of(small_study, made)),
        lambda: withdrawal_deciding.request(long_ago, made),
    ):
        with pytest.raises(PasswordNeeded):
            act()


def test_every_item_is_decided_or_none(small_study):
    made = makers.withdrawn(small_study)

    with pytest.raises(Invalid) as refused:
        withdrawal_deciding.decide(small_study.petra, made, {"contact": Decision("erase")})
    assert "letter" in refused.value.problems

    with pytest.raises(WrongState):
        withdrawal_deciding.request(small_study.petra, made)


def test_nothing_is_erased_that_nobody_asked_to_erase(small_study):
    made = makers.withdrawn(small_study, ("contact",))
    chosen = all_of(small_study, made, contact=Decision("erase"))

    with pytest.raises(Invalid) as refused:
        withdrawal_deciding.decide(small_study.petra, made, chosen)

    assert set(refused.value.problems) == {"contact"}


@pytest.mark.parametrize("reason", ["already_published", "not_found"])
def test_inv_69_in_time_two_reasons_count_and_no_other(small_study, reason):
    made = makers.withdrawn(small_study, ("identity",))
    refused = all_of(small_study, made, contact=Decision("cannot", "legal_retention"))

    with pytest.raises(Invalid):
        withdrawal_deciding.decide(small_study.petra, made, refused)

    chosen = all_of(small_study, made, contact=Decision("cannot", reason))
    assert withdrawal_deciding.decide(small_study.petra, made, chosen)


def test_inv_69_after_the_deadline_every_reason_of_the_list_counts(small_study):
    made = late(small_study)
    chosen = all_of(small_study, made, recording=Decision("cannot", "legal_retention"))

    assert withdrawal_deciding.decide(small_study.petra, made, chosen)


def late(study: Study) -> UUID:
    """Somebody was recorded and withdraws after the time they were promised."""
    recording_id = makers.recorded(study)
    person = makers.person_of(study, recording_id)
    study.clock.advance(days=400)
    made = makers.withdrawn(study, ("audio",), person)
    assert not row(study, made).before_deadline
    return made


def test_h_10_who_says_that_something_cannot_be_done_does_not_confirm_it(small_study):
    made = makers.withdrawn(small_study, ("identity",))
    chosen = all_of(small_study, made, contact=Decision("cannot", "not_found"))
    withdrawal_deciding.decide(small_study.petra, made, chosen)

    with pytest.raises(NotPermitted):
        withdrawal_deciding.second(small_study.petra, made, agrees=True)
    with pytest.raises(WrongState):
        withdrawal_deciding.request(small_study.petra, made)

    withdrawal_deciding.second(assessor(small_study), made, agrees=True)
    withdrawal_deciding.request(small_study.petra, made)
    assert steps(small_study, made)[-1] == "executing"


def test_without_agreement_it_is_decided_anew(small_study):
    made = makers.withdrawn(small_study, ("identity",))
    chosen = all_of(small_study, made, contact=Decision("cannot", "not_found"))
    withdrawal_deciding.decide(small_study.petra, made, chosen)

    withdrawal_deciding.second(assessor(small_study), made, agrees=False)

    assert items(small_study, made)["contact"].decision is None
    assert steps(small_study, made)[-1] == "acknowledged"


def test_a_key_stays_while_something_under_it_stays(small_study):
    person = makers.agreed(small_study)
    made = makers.withdrawn(small_study, ("identity",), person)
    chosen = all_of(small_study, made, letter=Decision("stop_use"))
    withdrawal_deciding.decide(small_study.petra, made, chosen)

    withdrawal_deciding.request(small_study.petra, made)

    contact = shreds_of(small_study.hub.keystore, person)[Side.CONTACT]
    assert str(contact) not in rows(small_study, Erasure)[0].shred_ids


def test_what_is_being_carried_out_is_not_taken_back(small_study):
    person = makers.agreed(small_study)
    desk = makers.own_link(small_study, person)
    made = makers.decided(small_study, ("audio",), person)

    with pytest.raises(WrongState):
        withdrawal.retract(desk, row(small_study, made).reference)


# -- the letter about it ----------------------------------------------------------------


def test_the_letter_lies_under_a_key_of_its_own_and_waits_until_all_is_done(small_study):
    person = makers.agreed(small_study)
    makers.decided(small_study, ("all",), person)

    letter = letters_to(small_study, person, "withdrawal_confirmed")[0]

    assert small_study.hub.keystore.sides([letter.shred_id]) == {letter.shred_id: Side.STUDY}
    assert letter.not_before - small_study.clock() > timedelta(days=300)
    body = makers.letter_body(small_study, "withdrawal_confirmed", person)
    assert body["suppress"]["origin"] == "withdrawal"
    assert "your signed consent form" in " ".join(body["text"].split())


def test_who_had_stopped_all_letters_before_gets_none_about_this(small_study):
    person = makers.agreed(small_study)
    stop = withdrawal.Told(("contact",))
    withdrawal.receive(makers.own_link(small_study, person), stop)
    small_study.clock.advance(days=1)

    makers.decided(small_study, ("audio",), person)

    assert not letters_to(small_study, person, "withdrawal_confirmed")


def test_a_second_person_is_no_other_role_of_the_same_one(small_study):
    made = makers.withdrawn(small_study, ("identity",))
    chosen = all_of(small_study, made, contact=Decision("cannot", "not_found"))
    withdrawal_deciding.decide(small_study.petra, made, chosen)
    petra = small_study.petra
    other_role = replace(petra.actor, role=Role.REVIEWER, duties=frozenset({Duty.ASSESS}))

    with pytest.raises(NotPermitted):
        withdrawal_deciding.second(replace(petra, actor=other_role), made, agrees=True)


# -- who sees what ----------------------------------------------------------------------


def test_whoever_assesses_sees_classes_numbers_and_what_was_promised(small_study):
    made = row(small_study, makers.withdrawn(small_study))

    view = withdrawal_list.one(small_study.petra, made.reference)

    assert {each.class_ for each in view.items} >= {"contact", "letter"}
    assert all(not each.decision for each in view.items)
    assert view.row.in_time
    assert view.codes == ("already_published", "not_found")
    assert view.promise == "28 days after the interview"


def test_after_five_working_days_it_is_late(small_study):
    makers.withdrawn(small_study)

    assert not withdrawal_list.listed(small_study.ada)[0].is_late
    small_study.clock.advance(days=8)
    assert withdrawal_list.listed(small_study.ada)[0].is_late


def test_the_person_sees_by_the_same_link_how_far_it_came(small_study):
    person = makers.agreed(small_study)
    desk = makers.own_link(small_study, person)
    makers.withdrawn(small_study, ("audio",), person)

    seen = withdrawal_list.own(desk).withdrawals[0]

    assert (seen.state, seen.may_retract) == ("acknowledged", True)
    assert not rows(small_study, Erasure)
    assert rows(small_study, Withdrawal)[0].reference == seen.reference
