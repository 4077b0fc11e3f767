"""Letters to participants as a real mail server gets them: one recipient, our headers alone.

Invariant 22, with whatever people write as their name, and whatever the server answers.
"""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from studyhub import mail
from studyhub.domain.errors import Invalid, WrongState
from studyhub.store.outbox import Letter
from studyhub.store.users import Study
from studyhub.workflows import (
    mailroom,
    recruitment_contacts,
    recruitment_letters,
    recruitment_list,
)
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_contacts import Wanted
from tests.makers import LATER, approve_study, contact, eligible, in_use, invited
from tests.smtp_server import SILENCE, mail_server
from tests.texts import INVITATION, INVITATION_DRAFT

HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To"),
}
# As a contact may be called: seen on one line, and meant to be read as something else.
SLY = [
    "Grace <eve@else.test>",
    '"grace@home.test" <eve@else.test>',
    "Grace, eve@else.test",
    "Bcc: eve@else.test",
    ".",
    "Grace {{link}} {{stop_link}}",
    "[Grace](https://else.test)",
    "Grace %0d%0aBcc: eve@else.test",
    "Грейс Адейеми",
]
# What a strange mail program or a script may send where a name stands.
BROKEN = [
    "Grace\r\nBcc: eve@else.test",
    "Grace\nBcc: eve@else.test\n\n.\nMAIL FROM:<eve@else.test>",
    "Grace\x0bBcc: eve@else.test",
    "Grace\u2028Bcc: eve@else.test",
    "Grace\x00",
]


@pytest.fixture
def ready(small_study):
    """A study that may invite, with the name of each person in the subject too."""
    approval_id = approve_study(small_study)
    body = INVITATION.replace("## An invitation from", "## {{name}}: an invitation from")
    named = replace(INVITATION_DRAFT, body=body)
    in_use(small_study, named, approval_id, author="rita", approver="petra")
    with small_study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    return small_study


def work(study, server):
    study.clock.advance(minutes=11)
    settings = replace(study.hub.settings, smtp_url=server.url)
    mailroom.run_once(replace(study.hub, settings=settings))


def states(study):
    with study.hub.sessions.reading.begin() as session:
        wanted = select(Letter.state).where(Letter.purpose == "invitation")
        return sorted(session.scalars(wanted))


def only_ours(delivery, address):
    assert delivery.recipients == [address]
    assert set(delivery.message.keys()) == HEADERS
    assert [one.addr_spec for one in delivery.message["To"].addresses] == [address]
    assert delivery.message["To"].addresses[0].display_name == ""
    head = delivery.raw.partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert b"\nCc" not in head


def test_inv_22_whatever_people_are_called_there_is_one_recipient_and_no_other_header(ready):
    for number, name in enumerate(SLY):
        invited(ready, name, f"p{number}@home.test")

    with mail_server() as server:
        work(ready, server)

    assert len(server.seen) == len(SLY)
    for delivery in server.seen:
        only_ours(delivery, delivery.recipients[0])
    subjects = {one.message["Subject"] for one in server.seen}
    assert any(subject.startswith("Грейс Адейеми: ") for subject in subjects)
    texts = [one.message.get_content() for one in server.seen]
    assert sum(text.count("/o/") for text in texts) == len(SLY)


def test_inv_22_a_name_that_decodes_to_a_header_is_never_sent(ready):
    made = invited(ready, "=?utf-8?q?Grace=0D=0ABcc=3A_eve=40else=2Etest?=")

    with mail_server() as server:
        work(ready, server)

    assert server.seen == []
    (line,) = recruitment_list.letters(ready.rita, "bounced").lines
    assert (line.participant_id, line.code_of_report) == (made, "invalid")


def test_inv_22_a_name_that_is_more_than_a_line_never_becomes_a_header(ready):
    for number, name in enumerate(BROKEN):
        with pytest.raises(Invalid):
            contact(ready, name, f"p{number}@home.test")
        made = eligible(ready, name, email=f"q{number}@home.test")
        try:
            recruitment_letters.invite(ready.rita, made)
        except (Invalid, WrongState):
            continue

    with mail_server() as server:
        work(ready, server)

    for delivery in server.seen:
        assert len(delivery.recipients) == 1
        assert set(delivery.message.keys()) <= HEADERS
        assert b"\nBcc" not in delivery.raw.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize(
    "email",
    [
        "grace@home.test, eve@else.test",
        "grace@home.test;eve@else.test",
        "grace@home.test eve@else.test",
        "Grace <eve@else.test>",
        "grace@home.test\r\nBcc: eve@else.test",
        "grace@home.test\r\nRCPT TO:<eve@else.test>",
        "Friends: grace@home.test, eve@else.test;",
    ],
)
def test_inv_22_two_addresses_in_one_field_never_become_a_contact(small_study, email):
    with pytest.raises(Invalid) as caught:
        recruitment_contacts.add(
            small_study.rita, Wanted(Card("Grace", email), source_kind="list")
        )
    assert set(caught.value.problems) == {"email"}


def test_inv_22_the_name_of_a_study_or_of_a_recruiter_is_no_header_either(ready):
    with ready.hub.sessions.writing.begin() as session:
        session.get_one(Study, ready.id).neutral_name = "Voices\r\nBcc: eve@else.test"
    made = contact(ready, "Grace", "grace@home.test")
    try:
        recruitment_letters.invite(ready.rita, made)
    except Invalid:
        assert states(ready) == []

    with mail_server() as server:
        work(ready, server)

    assert all(len(one.recipients) == 1 for one in server.seen)
    assert not any(b"\nBcc" in one.raw.partition(b"\r\n\r\n")[0] for one in server.seen)


@pytest.mark.parametrize(
    ("answers", "state", "seen"),
    [
        ({}, "relay_accepted", 1),
        ({"rcpt": "451 later"}, "deferred", 0),
        ({"end": "451 later"}, "deferred", 1),
        ({"rcpt": "550 nobody"}, "bounced_hard", 0),
        ({"end": "550 unwanted"}, "bounced_hard", 1),
        ({"rcpt": None}, "deferred", 0),
        ({"end": None}, "sending", 1),
        ({"rcpt": SILENCE}, "deferred", 0),
        ({"end": SILENCE}, "sending", 1),
    ],
)
def test_inv_17_each_answer_of_a_server_is_shown_as_what_it_is(
    ready, monkeypatch, answers, state, seen
):
    monkeypatch.setattr(mail, "PATIENCE", 0.3)
    invited(ready)

    with mail_server(**answers) as server:
        work(ready, server)
        mailroom.run_once(ready.hub)  # the next round, at once: nothing is sent again

    assert len(server.seen) == seen
    assert states(ready) == [state]
    (line,) = recruitment_list.letters(ready.rita, "").lines
    assert line.state == state
