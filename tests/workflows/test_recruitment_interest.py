"""Expressions of interest: taken from anybody, sorted and decided by a recruiter."""

import json
from dataclasses import replace

import pytest

from studyhub.domain.errors import (
    Hidden,
    Invalid,
    NotFound,
    NotPermitted,
    Throttled,
    WrongState,
)
from studyhub.store.audit import Event
from studyhub.store.consent import DocumentGiven, Participant
from studyhub.store.keys import DataKey
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Contact, Expression, Link
from studyhub.workflows import (
    links,
    mailroom,
    recruitment_guest,
    recruitment_information,
    recruitment_interest,
    recruitment_triage,
)
from studyhub.workflows.expressions import Told
from studyhub.workflows.recruitment_triage import Eligible
from tests.makers import (
    approved_study,
    contact,
    eligible,
    informed,
    interested,
    invited,
    letter_body,
    stranger,
    token_in,
)

BY_LINK = Told("", "link", note="after five")
CRITERIA = Eligible(criteria="1.0")


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.query(table).count()


def of(study, table, key):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def only(study, table, **wanted):
    with study.hub.sessions.reading.begin() as session:
        found = session.query(table).filter_by(**wanted).one()
        session.expunge(found)
        return found


def facts(study):
    return json.loads(study.last_event().line)["facts"]


def letters_to_people(study):
    with study.hub.sessions.reading.begin() as session:
        return session.query(Letter).filter(Letter.study_id == study.id).count()


def sent(study):
    """The guest of an invitation that left: they can only answer what reached them."""
    guest = with_link(study)
    study.clock.advance(minutes=11)
    letter = only(study, Letter, purpose="invitation")
    mailroom.take(study.worker, letter.id)
    mailroom.confirm(study.worker, letter.id)
    return guest


def with_link(study, purpose="invitation", way="l"):
    """The guest who follows the link of the newest letter of a purpose."""
    return links.guest(study.hub, token_in(letter_body(study, purpose)["text"], way))


# -- receiving --------------------------------------------------------------------------


def test_whoever_writes_is_thanked_by_a_letter_and_needs_no_key(study):
    made = interested(study, note="after five")

    row = of(study, Expression, made)
    assert (row.state, row.channel, row.participant_id) == ("acknowledged", "web", None)
    last = study.last_event()
    assert (last.act, last.actor_id, facts(study)) == (
        "expression.receive",
        None,
        {"channel": "web", "state": "acknowledged"},
    )
    body = letter_body(study, "acknowledgement")
    assert body["to"] == "grace.adeyemi@home.test"
    assert f"<{study.hub.settings.public_url}/o/" in body["headers"]["List-Unsubscribe"]
    assert rows(study, Participant) == 0


def test_letter_link_and_text_lie_under_the_key_of_the_expression_alone(study):
    made = interested(study)

    key = of(study, DataKey, of(study, Expression, made).data_key_id).shred_id
    assert study.hub.keystore.sides([key]) == {key: "expression"}
    assert only(study, Letter, expression_id=made).shred_id == key
    assert only(study, Link, expression_id=made).shred_id == key


def test_inv_14_the_link_for_stopping_lasts_and_holds_no_name(study):
    made = interested(study)

    link = only(study, Link, expression_id=made)
    assert (link.purposes, link.expires_at) == (["opt_out"], None)
    token = token_in(letter_body(study, "acknowledgement")["text"], "o")
    study.clock.advance(days=3000)
    assert links.guest(study.hub, token, "opt_out").expression_id == made


def test_nothing_is_sent_to_who_gave_a_number_only(study):
    made = interested(study, channel="telephone", email="", phone="01632 960 144")

    assert of(study, Expression, made).state == "received"
    assert letters_to_people(study) == 0
    recruitment_triage.acknowledge(study.rita, made)
    assert of(study, Expression, made).state == "acknowledged"
    assert facts(study) == {"channel": "telephone", "state": "acknowledged"}


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (Told("", "email", email="a@home.test"), "name"),
        (Told("Grace", "email"), "email"),
        (Told("Grace", "telephone"), "phone"),
        (Told("Grace", "link", email="a@home.test"), "channel"),
        (Told("Grace", ""), "channel"),
    ],
)
def test_what_nobody_could_answer_is_refused_and_nothing_is_kept(study, told, field):
    with pytest.raises(Invalid) as found:
        recruitment_interest.receive(stranger(study), told)

    assert set(found.value.problems) == {field}
    assert rows(study, Expression) == letters_to_people(study) == rows(study, Link) == 0


def test_a_recruiter_notes_who_called(study):
    told = Told("Owen Price", "telephone", phone="01632 960 144")
    made = recruitment_interest.receive(study.rita, told)

    row = of(study, Expression, made)
    assert (row.channel, row.state) == ("telephone", "received")


@pytest.mark.parametrize("login", ["ivan", "tess", "ravi", "ann", "ada"])
def test_others_of_the_team_note_no_interest(study, login):
    with pytest.raises((NotPermitted, Hidden)):
        recruitment_interest.receive(study.desk(login), Told("x", "email", email="a@b.test"))

    assert rows(study, Expression) == 0
    assert study.last_event().outcome == "refused"


def test_a_study_that_is_not_open_takes_nothing(study):
    with pytest.raises(NotFound):
        recruitment_interest.public_study(study.hub, "nowhere")


def test_one_place_cannot_send_without_end_and_holds_up_no_sign_in(study):
    for _ in range(recruitment_interest.MOST_FROM_ONE_PLACE):
        recruitment_interest.slow_down(study.hub, "192.0.2.1")

    with pytest.raises(Throttled):
        recruitment_interest.slow_down(study.hub, "192.0.2.1")
    recruitment_interest.slow_down(study.hub, "192.0.2.2")
    assert study.hub.throttles.wait("rita", "192.0.2.1", study.clock()) == 0


# -- by a personal link -----------------------------------------------------------------


def test_who_was_invited_answers_by_their_link_to_the_address_we_wrote_to(study, approved):
    person = invited(study)

    made = recruitment_interest.receive(sent(study).desk, BY_LINK)

    row = of(study, Expression, made)
    assert (row.participant_id, row.channel, row.state) == (person, "link", "acknowledged")
    assert letter_body(study, "acknowledgement")["to"] == "grace.adeyemi@home.test"
    assert only(study, Approach, participant_id=person).outcome == "replied"
    opened = recruitment_triage.read(study.rita, made).view
    assert (opened.told.name, opened.told.note) == ("Grace Adeyemi", "after five")


def test_sent_twice_by_a_link_it_is_one_expression_with_the_newest_words(study, approved):
    invited(study)
    guest = with_link(study)

    first = recruitment_interest.receive(guest.desk, BY_LINK)
    second = recruitment_interest.receive(guest.desk, replace(BY_LINK, note="mornings"))

    assert first == second
    assert rows(study, Expression) == 1
    assert recruitment_triage.read(study.rita, first).view.told.note == "mornings"


def test_no_letter_with_a_link_goes_to_a_mailbox_that_others_read(study, approved):
    invited(study)
    guest = with_link(study)
    with study.hub.sessions.writing.begin() as session:
        session.query(Contact).update({"mailbox_private": False})

    recruitment_interest.receive(guest.desk, BY_LINK)

    assert only(study, Expression).state == "received"
    with study.hub.sessions.reading.begin() as session:
        assert session.query(Letter).filter_by(purpose="acknowledgement").count() == 0


def test_who_says_no_by_their_link_is_declined_and_says_it_twice_the_same(study, approved):
    person = invited(study)
    guest = sent(study)

    for _ in range(2):
        assert recruitment_triage.decide(guest.desk, None, "declined") == person

    assert only(study, Expression).state == "declined"
    assert only(study, Approach, participant_id=person).outcome == "declined"
    assert rows(study, Expression) == 1


def test_by_a_link_nobody_decides_anything_but_no(study, approved):
    invited(study)

    recruitment_triage.decide(with_link(study).desk, None, "eligible", CRITERIA)

    assert only(study, Expression).state == "declined"


def test_who_was_lost_and_writes_again_is_considered_again(study, approved):
    invited(study)
    guest = with_link(study)
    made = recruitment_interest.receive(guest.desk, BY_LINK)
    recruitment_triage.decide(study.rita, made, "unreachable")

    assert recruitment_interest.receive(guest.desk, BY_LINK) == made

    assert of(study, Expression, made).state == "considering"


def test_who_declined_and_writes_again_starts_anew(study, approved):
    invited(study)
    guest = with_link(study)
    recruitment_triage.decide(guest.desk, None, "declined")
    study.clock.advance(days=1)

    made = recruitment_interest.receive(guest.desk, BY_LINK)

    assert of(study, Expression, made).state == "acknowledged"
    assert rows(study, Expression) == 2


def test_a_link_for_stopping_takes_no_interest(study, approved):
    invited(study)
    guest = with_link(study, way="o")

    with pytest.raises(NotFound):
        recruitment_interest.receive(guest.desk, BY_LINK)
    with pytest.raises(NotFound):
        recruitment_triage.decide(guest.desk, None, "declined")


# -- triage -----------------------------------------------------------------------------


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


# -- information ------------------------------------------------------------------------


def test_nobody_is_informed_before_they_are_eligible_or_without_an_approval(study):
    person = contact(study)
    with pytest.raises(WrongState, match="approval"):
        recruitment_information.send(study.rita, person)
    approved_study(study)
    with pytest.raises(WrongState, match="interested"):
        recruitment_information.send(study.rita, person)

    assert rows(study, DocumentGiven) == 0


def test_which_versions_were_given_is_kept_with_the_time(study, approved):
    person = eligible(study)
    at = study.clock()

    recruitment_information.send(study.rita, person)

    with study.hub.sessions.reading.begin() as session:
        given = session.query(DocumentGiven).filter_by(participant_id=person).all()
        told = [(each.channel, each.given_at) for each in given]
    assert told == [("email", at), ("email", at)]
    assert only(study, Expression).state == "info_sent"
    assert facts(study)["version"] == "1.0"


def test_the_link_of_the_sheet_lasts_as_long_as_the_study_says_and_replaces_the_last(
    study, approved
):
    person = eligible(study)
    first = informed(study, person, hours=1)
    guest = links.guest(study.hub, first, "consent")
    assert guest.purposes == {"sheet", "questions", "consent"}

    second = informed(study, person, hours=1)

    with pytest.raises(NotFound):
        links.guest(study.hub, first)
    assert links.guest(study.hub, second, "consent").participant_id == person
    study.clock.advance(days=60)
    with pytest.raises(NotFound):
        links.guest(study.hub, second)


def test_a_link_handed_over_is_marked_and_gives_the_sheet_in_that_way(study, approved):
    person = eligible(study)

    address = recruitment_information.make(study.rita, person, channel="in_person")

    guest = links.guest(study.hub, token_in(address), "consent")
    assert of(study, Link, guest.link_id).seen_by_staff
    page = recruitment_guest.see(guest.desk)
    assert (page.state, page.sheet.given_at) == ("info_sent", study.clock())
    with study.hub.sessions.reading.begin() as session:
        assert {each.channel for each in session.query(DocumentGiven)} == {"in_person"}
        assert session.query(Letter).filter_by(purpose="information").count() == 0


def test_a_link_is_made_useless_at_once_but_never_a_way_to_stop(study, approved):
    token = informed(study)
    guest = links.guest(study.hub, token)

    recruitment_information.revoke(study.rita, guest.link_id)

    with pytest.raises(NotFound):
        links.guest(study.hub, token)
    with pytest.raises(WrongState):
        recruitment_information.revoke(study.rita, guest.link_id)
    stop = only(study, Link, expires_at=None).id
    with pytest.raises(WrongState):
        recruitment_information.revoke(study.rita, stop)


@pytest.mark.parametrize("login", ["petra", "ivan", "tess", "ravi", "ann", "ada", "nina"])
def test_only_a_recruiter_informs_and_makes_links(study, login, approved):
    person = eligible(study)

    for act in (
        lambda desk: recruitment_information.send(desk, person),
        lambda desk: recruitment_information.make(desk, person, channel="post"),
        lambda desk: recruitment_information.revoke(desk, person),
    ):
        with pytest.raises((NotPermitted, Hidden)):
            act(study.desk(login))

    assert rows(study, DocumentGiven) == 0
