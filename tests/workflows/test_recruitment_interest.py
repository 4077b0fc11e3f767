"""Expressions of interest are taken from anybody, and by a personal link."""

from dataclasses import replace

import pytest

from studyhub.domain.errors import (
    Hidden,
    Invalid,
    NotFound,
    NotPermitted,
    Throttled,
)
from studyhub.store.consent import Participant
from studyhub.store.keys import DataKey
from studyhub.store.outbox import Letter
from studyhub.store.people import Approach, Contact, Expression, Link
from studyhub.workflows import (
    links,
    mailroom,
    recruitment_interest,
    recruitment_triage,
)
from studyhub.workflows.expressions import Told
from tests.makers import (
    interested,
    invited,
    letter_body,
    stranger,
    token_in,
)
from tests.workflows.interested import BY_LINK, CRITERIA, facts, of, only, rows, with_link


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
