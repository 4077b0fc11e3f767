"""Sheet and link go to who may take part, with proof of version and time."""

import pytest

from studyhub.domain.errors import (
    Hidden,
    NotFound,
    NotPermitted,
    WrongState,
)
from studyhub.store.consent import DocumentGiven
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression, Link
from studyhub.workflows import (
    links,
    recruitment_guest,
    recruitment_information,
)
from tests.makers import (
    approved_study,
    contact,
    eligible,
    informed,
    token_in,
)
from tests.workflows.interested import facts, of, only, rows


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
