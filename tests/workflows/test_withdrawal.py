"""Taking a withdrawal in: everything in scope is held at once, and nothing else is asked."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from studyhub.domain.errors import Invalid, NotFound, NotPermitted, WrongState
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact
from studyhub.store.withdrawals import Hold, WithdrawalItem
from studyhub.workflows import links, withdrawal
from studyhub.workflows.withdrawal import Told
from tests import makers
from tests.makers import START, Study
from tests.workflows.withdrawing import row, rows, steps

pytestmark = pytest.mark.usefixtures("approved")


def code_of(study: Study, participant_id: UUID) -> str:
    return rows(study, Participant, Participant.id == participant_id)[0].code


def test_what_is_withdrawn_by_link_is_held_in_the_same_act(study):
    person = makers.agreed(study)

    made = makers.withdrawn(study, ("transcript", "audio"), person)

    found = row(study, made)
    assert found.scopes == ["audio", "transcript"]
    assert found.before_deadline
    assert {each.scope for each in rows(study, Hold)} == {"audio", "transcript"}
    assert all(each.closed_at is None for each in rows(study, Hold))
    assert steps(study, made) == ["received", "acknowledged"]
    event = study.last_event()
    assert (event.act, event.subject) == ("withdrawal.receive", f"participant:{person}")
    assert str(found.reference).encode() in event.line


def test_everything_takes_in_every_other_scope(small_study):
    made = makers.withdrawn(small_study, ("all", "audio"))

    assert row(small_study, made).scopes == ["all"]


def test_a_page_that_is_sent_twice_is_one_withdrawal(small_study):
    person = makers.agreed(small_study)

    made = [makers.withdrawn(small_study, ("audio",), person) for _ in range(2)]

    assert len(set(made)) == len(rows(small_study, Hold)) == 1


@pytest.mark.parametrize("scopes", [(), ("everything",)])
def test_nothing_is_chosen_for_anybody(small_study, scopes):
    desk = makers.own_link(small_study, makers.agreed(small_study))

    with pytest.raises(Invalid) as refused:
        withdrawal.receive(desk, Told(scopes))

    assert set(refused.value.problems) == {"scope"}


def test_somebody_without_that_link_withdraws_nothing(small_study):
    desk = links.guest(small_study.hub, makers.informed(small_study)).desk

    with pytest.raises(NotFound):
        withdrawal.receive(desk, Told(("all",)))


@pytest.mark.parametrize("login", ["petra", "rita", "ivan", "tess", "ravi"])
def test_any_member_who_was_told_holds_it_without_a_key(small_study, login):
    person = makers.agreed(small_study)
    desk = small_study.desk(login)
    told = Told(("all",), code_of(small_study, person).lower(), "telephone")

    made = withdrawal.receive(desk, told)

    assert rows(small_study, Hold)[0].participant_id == person
    assert row(small_study, made.id).by_id == desk.actor.membership_id
    assert steps(small_study, made.id) == ["received"]


@pytest.mark.parametrize("login", ["ada", "nina"])
def test_an_auditor_and_a_stranger_record_no_withdrawal(small_study, login):
    told = Told(("all",), code_of(small_study, makers.agreed(small_study)), "telephone")

    with pytest.raises(NotPermitted):
        withdrawal.receive(small_study.desk(login), told)

    assert not rows(small_study, Hold)


def test_a_code_that_nobody_has_is_said_at_once(small_study):
    with pytest.raises(Invalid) as refused:
        withdrawal.receive(small_study.rita, Told(("all",), "ZZZZ", "smoke signals"))

    assert set(refused.value.problems) == {"code", "channel"}


@pytest.mark.parametrize(
    "wrong",
    [
        START + timedelta(days=90),
        START - timedelta(days=1),
        datetime(1, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")),
    ],
)
def test_nobody_tells_it_in_the_future_or_before_they_were_on_the_list(small_study, wrong):
    code = code_of(small_study, makers.agreed(small_study))

    with pytest.raises(Invalid) as refused:
        withdrawal.receive(small_study.ivan, Told(("all",), code, "telephone", wrong))

    assert set(refused.value.problems) == {"told_at"}


def test_it_calls_off_the_interview_and_every_letter(small_study):
    interview_id = makers.planned(small_study)
    interview = rows(small_study, Interview, Interview.id == interview_id)[0]

    makers.withdrawn(small_study, ("all",), interview.participant_id)

    assert rows(small_study, Interview)[0].state == "cancelled"
    waiting = rows(
        small_study,
        Letter,
        Letter.participant_id == interview.participant_id,
        Letter.state.in_(("queued", "deferred")),
    )
    assert {each.purpose for each in waiting} <= {"receipt", "suppression_confirmed"}


def test_one_item_stands_for_each_class_of_which_there_is_anything(small_study):
    person = makers.agreed(small_study)

    made = makers.withdrawn(small_study, ("all",), person)

    items = rows(small_study, WithdrawalItem, WithdrawalItem.withdrawal_id == made)
    assert {each.class_ for each in items} >= {"contact", "letter"}
    assert "recording" not in {each.class_ for each in items}


def test_the_person_takes_it_back_and_everything_is_as_before(small_study):
    person = makers.agreed(small_study)
    made = makers.withdrawn(small_study, ("all",), person)
    small_study.clock.advance(hours=1)

    withdrawal.retract(makers.own_link(small_study, person), row(small_study, made).reference)

    assert steps(small_study, made)[-1] == "retracted"
    assert all(each.closed_at for each in rows(small_study, Hold))
    assert rows(small_study, Contact)[0].opted_out_at is None


def test_nobody_takes_back_what_another_person_withdrew(small_study):
    made = makers.withdrawn(small_study, ("audio",))
    other = makers.own_link(small_study, makers.agreed(small_study))

    with pytest.raises(NotFound):
        withdrawal.retract(other, row(small_study, made).reference)


def test_what_was_taken_back_once_is_not_taken_back_again(small_study):
    person = makers.agreed(small_study)
    made = makers.withdrawn(small_study, ("audio",), person)
    desk, reference = makers.own_link(small_study, person), row(small_study, made).reference
    withdrawal.retract(desk, reference)

    with pytest.raises(WrongState):
        withdrawal.retract(desk, reference)
