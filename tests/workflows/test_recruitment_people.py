"""The participants list: by stage, by what waits, page by page, and found by name."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from studyhub.domain.errors import Hidden, NotPermitted
from studyhub.store.consent import Participant
from studyhub.store.withdrawals import Hold
from studyhub.workflows import (
    links,
    recruitment_contacts,
    recruitment_letters,
    recruitment_people,
    recruitment_questions,
    recruitment_triage,
    recruitment_waits,
)
from studyhub.workflows.recruitment_people import ORDERS, Wish
from studyhub.workflows.recruitment_questions import Asked
from tests import texts
from tests.makers import (
    approved_study,
    consented,
    contact,
    eligible,
    in_use,
    informed,
    interested,
    invited,
)

MOST_PAGES = 9
NAMES = ("Owen Price", "Grace Adeyemi", "Peter Lowe", "Maryam Sadiq", "Dilys Morgan")


def seen(desk, wish, meanwhile=lambda: None):
    """The names of every page, each as it was when it was shown."""
    found = []
    for nth in range(MOST_PAGES):
        page = recruitment_people.people(desk, wish).page
        found += [line.name or line.code for line in page.rows]
        wish = replace(wish, after=page.next_after)
        if not wish.after:
            break
        if nth == 0:
            meanwhile()
    return found


def lines(study, **wish):
    return recruitment_people.people(study.rita, Wish(**wish)).page.rows


def facts(study):
    return json.loads(study.last_event().line)["facts"]


def code_of(study, participant_id):
    with study.hub.sessions.reading.begin() as session:
        return session.get_one(Participant, participant_id).code


@pytest.fixture
def two_at_once(monkeypatch):
    monkeypatch.setattr(recruitment_people, "PAGE", 2)


# -- stages, next steps and dates -----------------------------------------------------


def test_each_stage_has_a_next_step_since_and_due(study, approved):
    contact(study, "Owen Price")
    invited(study, "Peter Lowe")
    eligible(study, "Maryam Sadiq")
    informed(study, eligible(study, "Dilys Morgan"))
    consented(study, eligible(study, "Grace Adeyemi"))

    found = {line.name: line for line in lines(study)}

    assert {name: (line.stage.name, line.next.waits_for) for name, line in found.items()} == {
        "Owen Price": ("listed", "team"),
        "Peter Lowe": ("approached", "person"),
        "Maryam Sadiq": ("interested", "team"),
        "Dilys Morgan": ("informed", "person"),
        "Grace Adeyemi": ("consented", "team"),
    }
    for line in found.values():
        assert line.stage.since <= study.clock()
        assert line.next.due is not None or line.stage.name == "listed"


def test_who_left_left_when_that_was_decided_however_often_it_is_read_later(study, approved):
    expression_id = interested(study, "Owen Price")
    recruitment_triage.attach(study.rita, expression_id, "new")
    criteria = recruitment_triage.Eligible(criteria="1.0")
    recruitment_triage.decide(study.rita, expression_id, "eligible", criteria)
    study.clock.advance(days=1)
    recruitment_triage.decide(study.rita, expression_id, "unreachable")
    decided = study.clock()
    study.clock.advance(days=1)
    recruitment_triage.read(study.rita, expression_id)

    (line,) = lines(study, tab="left")

    assert (line.stage.name, line.stage.since) == ("unreachable", decided)


def test_an_open_question_comes_first_and_waits_for_the_team(study, approved):
    guest = links.guest(study.hub, informed(study))
    recruitment_questions.ask(guest.desk, Asked("Who hears it?", blocks=True))

    (line,) = lines(study, waits_for="team")

    assert line.next.step == "Answer the question"
    assert (line.next.due - study.clock()).days == 2
    assert lines(study, waits_for="person") == []


def test_the_tabs_count_everybody_and_hold_their_own(study, approved):
    contact(study, "Owen Price")
    invited(study, "Peter Lowe")
    left = invited(study, "Maryam Sadiq")
    recruitment_contacts.note_call(study.rita, left, outcome="declined", channel="telephone")

    people = recruitment_people.people(study.rita, Wish())

    assert {tab: number for tab, number in people.counts.items() if number} == {
        "all": 3,
        "listed": 1,
        "approached": 1,
        "left": 1,
    }
    assert [line.name for line in lines(study, tab="left")] == ["Maryam Sadiq"]
    assert [line.name for line in lines(study, tab="approached")] == ["Peter Lowe"]


def test_who_is_on_hold_stands_in_a_tab_of_their_own_until_it_is_lifted(study):
    person = contact(study)
    contact(study, "Owen Price")
    hold = Hold(
        id=uuid4(),
        participant_id=person,
        scope="all",
        cause="withdrawal",
        opened_at=study.clock(),
    )
    with study.hub.sessions.writing.begin() as session:
        session.add(hold)

    (line,) = lines(study, tab="hold")
    assert (line.name, line.on_hold) == ("On hold", True)  # and nobody opens their card

    with study.hub.sessions.writing.begin() as session:
        session.query(Hold).update({"closed_at": study.clock()})

    assert lines(study, tab="hold") == []


def test_inv_9_who_must_sign_again_is_listed_for_the_recruiter_with_since_and_due(
    study, approved
):
    approval_id = study.approval_id
    consented(study, eligible(study, "Grace Adeyemi"))
    study.clock.advance(hours=1)
    consented(study, eligible(study, "Owen Price"))
    assert recruitment_waits.waits(study.rita).sign_again == ()
    study.clock.advance(days=1)

    in_use(study, texts.FORM_DRAFT, approval_id, reconsent="all_active")

    again = recruitment_waits.waits(study.rita).sign_again
    assert len(again) == 2
    assert {line.name for line in lines(study, tab="again")} == {"Grace Adeyemi", "Owen Price"}
    for each in again:
        assert each.next.step == "Ask them to sign again"
        assert (each.next.due - study.clock()).days == 7


# -- the day of a recruiter -------------------------------------------------------------


def test_the_day_counts_what_waits_since_the_first_of_it_and_opens_nothing(study):
    begun = study.clock()
    approved_study(study)
    interested(study, "Maryam Sadiq")
    study.clock.advance(hours=2)
    interested(study, "Owen Price")
    contact(study, "Dilys Morgan")
    rita, before = study.rita, study.events()

    found = recruitment_waits.waits(rita)

    assert (found.expressions.number, found.expressions.since) == (2, begun)
    assert (found.to_invite.number, found.questions.number) == (1, 0)
    assert found.questions.since is None
    assert study.events() == before


def test_a_reminder_is_offered_once_a_week_has_gone_and_the_protocol_allows_it(study, approved):
    person = invited(study)
    study.clock.advance(days=6)
    assert recruitment_waits.waits(study.rita).reminders == ()

    study.clock.advance(days=1)
    (found,) = recruitment_waits.waits(study.rita).reminders
    assert (found.participant_id, found.reminders_left) == (person, 1)

    recruitment_letters.remind(study.rita, person)
    study.clock.advance(days=9)
    assert recruitment_waits.waits(study.rita).reminders == ()


# -- pages ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_every_page_together_is_the_whole_list(study, two_at_once, order):
    for name in NAMES:
        contact(study, name)
    rita = study.rita

    found = seen(rita, Wish(order=order))

    assert sorted(found) == sorted(NAMES)
    if order == "name":
        assert found == sorted(NAMES)


@pytest.mark.parametrize("order", ORDERS)
def test_nobody_is_shown_twice_or_left_out_by_what_happens_meanwhile(
    study, two_at_once, order, approved
):
    people = {name: contact(study, name) for name in NAMES}
    rita = study.rita

    def meanwhile():
        # One who was shown leaves the tab, and somebody new comes.
        shown = recruitment_people.people(rita, Wish("listed", order=order)).page.rows
        recruitment_letters.invite(rita, people[shown[1].name])
        contact(study, "Zadie New")

    found = seen(rita, Wish("listed", order=order), meanwhile)

    assert len(found) == len(set(found))
    assert set(NAMES) <= set(found)


def test_a_mark_that_is_none_is_the_first_page(study, two_at_once):
    for name in NAMES[:3]:
        contact(study, name)

    for order in ORDERS:
        for after in ("gone", "1~2", "0~x~K7Q4", "0~99999999999999999999~K7Q4", "\u0661~1~K"):
            page = recruitment_people.people(study.rita, Wish(order=order, after=after)).page
            assert len(page.rows) == 2, (order, after)


def test_one_look_at_a_page_is_one_line_and_says_how_many_names(study, two_at_once):
    for name in NAMES:
        contact(study, name)
    rita, before = study.rita, study.events()

    recruitment_people.people(rita, Wish())

    assert (study.events() - before, facts(study)) == (1, {"count": 2})


def test_the_list_has_names_for_recruiters_and_codes_for_the_pi(study):
    contact(study, "Owen Price")

    assert [line.name for line in lines(study)] == ["Owen Price"]
    (line,) = recruitment_people.people(study.petra, Wish()).page.rows
    assert (line.name, len(line.code)) == ("", 4)


# -- finding --------------------------------------------------------------------------


def test_somebody_is_found_by_name_address_number_or_code(study):
    grace = contact(study, "Grace Adeyemi", phone="01632 960 144")
    contact(study, "Owen Price")

    for words in ("adeYEMI", "grace.adeyemi@", "960 144", code_of(study, grace).lower()):
        assert [line.name for line in lines(study, search=words)] == ["Grace Adeyemi"], words
    assert [line.name for line in lines(study, code=code_of(study, grace)[:3])] != []
    assert lines(study, search="nobody") == []


def test_who_sees_no_names_finds_nobody_by_name(study):
    grace = contact(study)
    petra = study.petra

    assert recruitment_people.people(petra, Wish(search="Adeyemi")).page.rows == []
    (line,) = recruitment_people.people(petra, Wish(search=code_of(study, grace))).page.rows
    assert line.name == ""


@pytest.mark.parametrize("login", ["ivan", "tess", "ravi", "ann", "ada", "nina"])
def test_the_list_is_for_recruiters_and_the_pi(study, login):
    contact(study)
    desk = study.desk(login)

    for act in (
        lambda: recruitment_people.people(desk, Wish()),
        lambda: recruitment_waits.waits(desk),
    ):
        with pytest.raises((NotPermitted, Hidden)):
            act()


def test_junk_is_nobody_of_the_list(study):
    made = interested(study)
    recruitment_triage.attach(study.rita, made, "junk")

    assert lines(study) == []


def test_a_page_of_long_ago_is_still_a_page(study, two_at_once):
    contact(study)

    after = f"0~{int(datetime(1999, 1, 1, tzinfo=UTC).timestamp()) * 10**6}~0000"

    assert len(lines(study, after=after)) == 1
