"""Expressions of interest: taken from anybody, sorted and decided by a recruiter."""

from studyhub.store.consent import Participant
from studyhub.store.people import Expression
from studyhub.workflows import links, recruitment_guest
from studyhub.workflows.expressions import Told
from tests.makers import (
    approved_study,
    informed,
    interested,
    letter_body,
)

GRACE = Told("Grace Adeyemi", "email", email="grace.adeyemi@home.test", note="after five")


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.query(table).count()


def of(study, table, key):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def test_whoever_writes_is_thanked_by_a_letter_and_needs_no_key(study):
    made = interested(study, note="after five")

    row = of(study, Expression, made)
    assert (row.state, row.channel, row.participant_id) == ("acknowledged", "web", None)
    assert (study.last_event().act, study.last_event().actor_id) == ("expression.receive", None)
    body = letter_body(study, "acknowledgement")
    assert body["to"] == "grace.adeyemi@home.test"
    assert body["headers"]["List-Unsubscribe"] in f"<{body['text']}>" or "/o/" in body["text"]
    assert rows(study, Participant) == 0


def test_informed_gives_a_token_that_opens(study):
    approved_study(study)
    token = informed(study)
    guest = links.guest(study.hub, token, "consent")
    page = recruitment_guest.see(guest.desk)
    assert page.sheet is not None
