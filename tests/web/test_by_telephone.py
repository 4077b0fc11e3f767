"""What people tell by telephone is recorded by a recruiter, with the channel and the time."""

import json

import pytest

from studyhub.store.audit import Event
from studyhub.store.consent import DocumentGiven
from studyhub.store.people import Contact, Expression
from studyhub.workflows import links
from studyhub.workflows.recruitment_contacts import read
from tests.makers import SLUG, approved_study, eligible, informed, token_in
from tests.web.pages import HOSTILE, at_browser, words

PEOPLE = f"/s/{SLUG}/recruitment"
TOLD = {
    "name": "Grace Adeyemi",
    "email": "grace.adeyemi@home.test",
    "by_email": "y",
    "mailbox_private": "y",
    "phone": "01632 960 155",
    "by_telephone": "y",
    "safe_contact": "Never before nine",
    "channel": "telephone",
}


@pytest.fixture
def person(small_study):
    """Somebody who was informed and thinks about it."""
    approved_study(small_study)
    made = eligible(small_study)
    informed(small_study, made, hours=1)
    return made


@pytest.fixture
def rita(app, small_study, person):
    return at_browser(app, small_study, "rita")


def only(study, table):
    with study.hub.sessions.reading.begin() as session:
        found = session.query(table).one()
        session.expunge(found)
        return found


def line(study, act):
    """The newest line of the record about an act, with what it says."""
    with study.hub.sessions.reading.begin() as session:
        found = session.query(Event).filter_by(act=act, outcome="done").order_by(Event.seq)
        newest = found.all()[-1]
        return newest.at, json.loads(newest.line)["facts"]


def test_a_no_ends_their_expression_and_is_on_the_record(rita, small_study, person):
    sent = rita.post(f"{PEOPLE}/people/{person}/call", channel="telephone", outcome="declined")

    assert "Said no" in words(rita.get(sent.location))
    at, facts = line(small_study, "contact.call")
    assert (at, facts["channel"], facts["answer"]) == (
        small_study.clock(),
        "telephone",
        "declined",
    )
    assert only(small_study, Expression).state == "declined"
    assert "Grace Adeyemi" in words(rita.get(f"{PEOPLE}?tab=left"))


def test_a_stop_holds_at_once_and_says_how_it_was_told(rita, small_study, person):
    assert rita.post(f"{PEOPLE}/people/{person}/stop").status_code == 422
    assert only(small_study, Contact).opted_out_at is None

    rita.post(f"{PEOPLE}/people/{person}/stop", channel="in_person")

    assert only(small_study, Contact).opted_out_at == small_study.clock()
    at, facts = line(small_study, "contact.opt_out")
    assert (at, facts["channel"]) == (small_study.clock(), "in_person")


def test_a_new_number_and_safe_times_replace_the_old_ones(rita, small_study, person):
    here = f"{PEOPLE}/people/{person}"
    refused = rita.post(f"{here}/change", **{**TOLD, "channel": ""})
    assert refused.status_code == 422
    assert "Choose how they told you" in words(refused)
    assert 'value="01632 960 155"' in refused.text

    told = rita.post(f"{here}/change", **TOLD, safe_from="18:00", safe_until="20:30")

    page = words(rita.get(told.location))
    assert "01632 960 155" in page
    assert "Never before nine" in page
    at, facts = line(small_study, "contact.change")
    assert (at, facts["channel"]) == (small_study.clock(), "telephone")
    opened = read(small_study.rita, person).opened
    assert (opened.card.safe_from, opened.card.safe_until) == ("18:00", "20:30")


@pytest.mark.parametrize("channel", ["in_person", "telephone", "post"])
def test_who_wants_it_on_paper_gets_sheet_and_link_by_hand(rita, small_study, person, channel):
    expression = only(small_study, Expression)

    made = rita.post(f"{PEOPLE}/interest/{expression.id}/link", channel=channel)

    token = token_in(words(made))
    assert links.guest(small_study.hub, token, "consent").participant_id == person
    at, facts = line(small_study, "link.make")
    assert (at, facts["channel"]) == (small_study.clock(), channel)
    with small_study.hub.sessions.reading.begin() as session:
        given = session.query(DocumentGiven).filter_by(given_at=small_study.clock()).all()
        assert {each.channel for each in given} == {channel}


@pytest.mark.parametrize("path", ["call", "stop", "change"])
def test_a_channel_of_ones_own_records_nothing(rita, small_study, person, path):
    before = small_study.events()
    for value in HOSTILE.values():
        sent = {**TOLD, "outcome": "declined", "channel": value}
        page = rita.post(f"{PEOPLE}/people/{person}/{path}", **sent)
        assert page.status_code == 422
        assert "<script>alert" not in page.text

    seen = 1 if path == "change" else 0  # opening the form of a contact is a line of its own
    assert small_study.events() - before == seen * len(HOSTILE)
    assert only(small_study, Expression).state == "info_sent"
