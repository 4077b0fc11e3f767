"""Expressions of interest are sorted and decided by a recruiter."""

import json

import pytest

from studyhub.domain.errors import (
    Hidden,
    Invalid,
    NotPermitted,
    WrongState,
)
from studyhub.store.audit import Event
from studyhub.store.consent import Participant
from studyhub.store.people import Contact, Expression, Link
from studyhub.workflows import (
    recruitment_interest,
    recruitment_triage,
)
from studyhub.workflows.recruitment_triage import Eligible
from tests.makers import (
    contact,
    eligible,
    interested,
    invited,
)
from tests.workflows.interested import BY_LINK, CRITERIA, facts, of, only, rows, with_link


def test_inv_23_a_known_address_is_attached_however_it_is_written(study):
    person = contact(study)
    made = interested(study, email="GRACE.Adeyemi@Home.Test")

    opened = recruitment_triage.read(study.rita, made)
    assert [each.participant_id for each in opened.known] == [person]
    recruitment_triage.attach(study.rita, made, "known", known_as=person)

    assert of(study, Expression, made).participant_id == person
    assert rows(study, Participant) == rows(study, Contact) == 1
    code = of(study, Participant, person).code
    assert facts(study) == {"kind": "known", "code": code, "state": "screening"}
    assert not recruitment_triage.read(study.rita, made).known
    assert only(study, Link, expression_id=made).participant_id == person


def test_inv_23_a_known_address_is_never_made_twice_without_a_recorded_decision(study):
    contact(study)
    made = interested(study)

    with pytest.raises(Invalid, match="already known as"):
        recruitment_triage.attach(study.rita, made, "new")
    assert of(study, Expression, made).state == "acknowledged"
    recruitment_triage.attach(study.rita, made, "new", another_person=True)
    assert facts(study)["answer"] == "another_person"
    with pytest.raises(Invalid, match="already known as"):
        recruitment_triage.decide(study.rita, made, "eligible", CRITERIA)

    assert rows(study, Participant) == 1
    sure = Eligible(criteria="1.0", another_person=True)
    recruitment_triage.decide(study.rita, made, "eligible", sure)
    assert rows(study, Participant) == 2


@pytest.mark.parametrize("criteria", ["", "newest", "1", "1.0; DROP"])
def test_inv_24_nobody_is_made_without_the_version_of_the_criteria(study, criteria):
    made = interested(study)
    recruitment_triage.attach(study.rita, made, "new")

    with pytest.raises(Invalid, match="version of the criteria"):
        recruitment_triage.decide(study.rita, made, "eligible", Eligible(criteria=criteria))

    assert rows(study, Participant) == rows(study, Contact) == 0
    assert of(study, Expression, made).state == "screening"


def test_inv_24_the_record_says_by_which_criteria_and_who_decided(study):
    person = eligible(study, phone="01632 960 144", safe_contact="No calls at work.")

    with study.hub.sessions.reading.begin() as session:
        line = session.query(Event).filter_by(act="expression.decide").one()
        said = json.loads(line.line)
    code = of(study, Participant, person).code
    assert said["facts"] == {"version": "1.0", "code": code, "state": "eligible"}
    assert said["actor"] == str(study.user_id("rita"))
    assert study.last_event().act == "register.write"


def test_nobody_exists_before_they_are_eligible(study):
    made = interested(study)
    recruitment_triage.attach(study.rita, made, "new")
    recruitment_triage.decide(study.rita, made, "ineligible")

    assert rows(study, Participant) == 0
    with pytest.raises(WrongState):
        recruitment_triage.decide(study.rita, made, "eligible", CRITERIA)


def test_junk_is_put_away_and_sends_nothing_more(study):
    made = interested(study)
    recruitment_triage.attach(study.rita, made, "junk")

    assert facts(study) == {"kind": "junk", "state": "ineligible"}
    assert recruitment_triage.waiting(study.rita).number == 0
    done = recruitment_triage.waiting(study.rita, done=True)
    assert [each.id for each in done.page.rows] == [made]


def test_an_expression_of_one_person_is_not_attached_to_another(study, approved):
    invited(study)
    other = contact(study, "Peter Lowe")
    made = recruitment_interest.receive(with_link(study).desk, BY_LINK)

    with pytest.raises(WrongState):
        recruitment_triage.attach(study.rita, made, "known", known_as=other)
    with pytest.raises(WrongState):
        recruitment_triage.attach(study.rita, made, "new")


@pytest.mark.parametrize("login", ["petra", "ivan", "tess", "ravi", "ann", "ada", "nina"])
def test_only_a_recruiter_sorts_and_decides(study, login):
    made = interested(study)

    for act in (
        lambda desk: recruitment_triage.acknowledge(desk, made),
        lambda desk: recruitment_triage.attach(desk, made, "junk"),
        lambda desk: recruitment_triage.decide(desk, made, "ineligible"),
    ):
        with pytest.raises((NotPermitted, Hidden)):
            act(study.desk(login))

    assert of(study, Expression, made).state == "acknowledged"


def test_one_look_at_the_list_is_one_line_however_many_it_shows(study):
    for name in ("Grace Adeyemi", "Owen Price", "Maryam Sadiq"):
        interested(study, name)
        study.clock.advance(hours=1)
    rita = study.rita
    before = study.events()

    found = recruitment_triage.waiting(rita).page.rows

    assert [each.told.name for each in found] == ["Grace Adeyemi", "Owen Price", "Maryam Sadiq"]
    assert (study.events() - before, facts(study)) == (1, {"count": 3})


def test_the_inbox_shows_everybody_page_by_page_and_each_once(study, monkeypatch):
    monkeypatch.setattr(recruitment_triage, "AT_ONCE", 2)
    names = ["Grace Adeyemi", "Owen Price", "Maryam Sadiq", "Peter Lowe", "Dilys Morgan"]
    for name in names[:4]:
        interested(study, name)
        study.clock.advance(hours=1)
    rita = study.rita
    first = recruitment_triage.waiting(rita)
    assert first.number == 4

    recruitment_triage.attach(rita, first.page.rows[1].id, "junk")
    interested(study, names[4])

    seen, after = [each.told.name for each in first.page.rows], first.page.next_after
    while after:
        page = recruitment_triage.waiting(rita, after=after).page
        seen, after = seen + [each.told.name for each in page.rows], page.next_after
    assert seen == names


def test_what_is_done_stands_newest_first_page_by_page(study, monkeypatch):
    monkeypatch.setattr(recruitment_triage, "AT_ONCE", 2)
    rita, names = study.rita, ["Grace Adeyemi", "Owen Price", "Maryam Sadiq"]
    for name in names:
        recruitment_triage.attach(rita, interested(study, name), "junk")
        study.clock.advance(minutes=1)

    first = recruitment_triage.waiting(rita, done=True).page
    rest = recruitment_triage.waiting(rita, done=True, after=first.next_after).page

    assert [each.told.name for each in (*first.rows, *rest.rows)] == names[::-1]
    assert rest.next_after == ""
