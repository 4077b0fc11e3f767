"""What another server reports about a letter after ours took it (invariant 16)."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from studyhub.domain.errors import NotFound, NotPermitted, WrongState
from studyhub.domain.mail_reports import read_returned
from studyhub.store.audit import Event
from studyhub.store.outbox import Letter, MailEvent
from studyhub.store.people import Approach, Contact
from studyhub.workflows import (
    bounces,
    mailroom,
    recruitment_contacts,
    recruitment_letters,
    recruitment_list,
    recruitment_people,
    recruitment_waits,
)
from studyhub.workflows.recruitment_people import Wish
from tests.mail.returned import ADDRESS, complaint, reply, report
from tests.makers import LATER, invited, letter_body
from tests.smtp_server import mail_server


@pytest.fixture
def left(study, approved):
    """The id of an invitation that a relay took, and the token of its return address."""
    with study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    invited(study)
    token = letter_body(study, "invitation")["bounce"]
    send(study)
    return token


def send(study, **answers):
    study.clock.advance(minutes=11)
    with mail_server(**answers) as server:
        settings = replace(study.hub.settings, smtp_url=server.url)
        mailroom.run_once(replace(study.hub, settings=settings))


def letter(study):
    with study.hub.sessions.reading.begin() as session:
        wanted = select(Letter).where(Letter.purpose == "invitation")
        found = session.scalars(wanted.order_by(Letter.not_before).limit(1)).one()
        session.expunge(found)
        return found


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table)))
        session.expunge_all()
        return found


def told(study, raw):
    return bounces.record(study.hub, raw, read_returned(raw))


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        ("failed", "5.1.1", "bounced_hard"),
        ("failed", "4.4.7", "bounced_final"),
        ("delayed", "4.4.1", "relay_accepted"),
        ("relayed", "2.0.0", "relay_accepted"),
        ("expanded", "2.0.0", "relay_accepted"),
        ("delivered", "2.0.0", "confirmed"),
    ],
)
def test_inv_16_only_a_final_word_moves_a_letter(study, left, action, status, state):
    assert told(study, report(left, action, status)) == letter(study).id

    assert letter(study).state == state
    (event,) = rows(study, MailEvent)
    assert (event.kind, event.status) == (action, status)
    (approach,) = rows(study, Approach)
    assert approach.outcome == ("bounced" if state.startswith("bounced") else None)


def test_inv_16_a_letter_that_came_back_is_a_task_until_another_is_sent(study, left):
    assert recruitment_waits.waits(study.rita).letters_back.number == 0

    told(study, report(left))

    assert recruitment_waits.waits(study.rita).letters_back.number == 1
    (line,) = recruitment_list.letters(study.rita, "bounced").lines
    assert (line.code_of_report, line.is_outstanding) == ("5.1.1", True)
    (person,) = recruitment_people.people(study.rita, Wish()).page.rows
    assert person.stage.name == "unreachable"
    view = recruitment_contacts.read(study.rita, person.participant_id)
    card = replace(view.opened.card, email="grace@new.test")
    recruitment_contacts.change(
        study.rita, person.participant_id, recruitment_contacts.Wanted(card)
    )
    recruitment_letters.invite(study.rita, person.participant_id)
    assert recruitment_waits.waits(study.rita).letters_back.number == 0
    (line,) = recruitment_list.letters(study.rita, "bounced").lines
    assert not line.is_outstanding


def test_inv_16_an_automatic_answer_is_no_bounce(study, left):
    told(study, reply(left, "Auto-Submitted: auto-replied"))

    assert letter(study).state == "relay_accepted"
    (event,) = rows(study, MailEvent)
    assert (event.kind, event.status) == ("auto_reply", "")


def test_inv_11_who_marks_a_letter_as_unwanted_gets_no_more(study, left):
    told(study, complaint(left))

    assert letter(study).state == "complained"
    (event,) = rows(study, MailEvent)
    assert (event.kind, event.status) == ("complaint", "")
    (contact,) = rows(study, Contact)
    assert contact.opted_out_at == study.clock()
    assert b'"reason":"opted_out"' in study.last_event().line
    (person,) = recruitment_people.people(study.rita, Wish()).page.rows
    assert person.stage.name == "suppressed"
    with pytest.raises(WrongState):
        recruitment_letters.remind(study.rita, contact.participant_id)
    # No letter confirms it: that would be one more that nobody wants.
    purposes = [each.purpose for each in rows(study, Letter) if each.study_id]
    assert purposes == ["invitation"]


def test_inv_11_a_complaint_about_a_letter_that_came_back_stops_letters_too(study, left):
    told(study, report(left))
    told(study, complaint(left))

    assert letter(study).state == "bounced_hard"
    assert rows(study, Contact)[0].opted_out_at is not None


def test_the_same_report_twice_is_one(study, left):
    for _ in range(2):
        told(study, report(left, "delayed", "4.4.1"))
    told(study, report(left))
    told(study, report(left))

    assert [event.kind for event in rows(study, MailEvent)] == ["delayed", "failed"]
    assert letter(study).state == "bounced_hard"


def test_a_word_that_comes_too_late_changes_no_state(study, left):
    told(study, report(left))
    told(study, report(left, "delivered", "2.0.0"))

    assert letter(study).state == "bounced_hard"
    assert len(rows(study, MailEvent)) == 2


def test_a_report_about_a_letter_in_doubt_settles_it(study, approved):
    with study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    invited(study)
    token = letter_body(study, "invitation")["bounce"]
    send(study, end=None)
    assert letter(study).state == "sending"

    told(study, report(token))

    assert letter(study).state == "bounced_hard"
    assert letter(study).body_sealed is None


def test_inv_16_of_a_report_only_a_keyed_digest_and_codes_are_kept(study, left):
    told(study, report(left))

    (event,) = rows(study, MailEvent)
    assert ADDRESS.encode() not in event.report_hash
    assert len(event.report_hash) == 32
    line = study.last_event().line
    assert b'"code":"5.1.1"' in line
    assert not any(ADDRESS.encode() in each.line for each in rows(study, Event))


def test_a_token_that_is_nobody_s_is_no_letter(study, left):
    with pytest.raises(NotFound):
        told(study, report("c" * 42 + "A"))
    with pytest.raises(NotFound):
        told(study, report("c" * 43))  # no token is written like this
    assert letter(study).state == "relay_accepted"
    assert rows(study, MailEvent) == []


def test_nobody_with_an_account_records_a_report(small_study):
    row = rows(small_study, Letter)[0]
    for login in ("rita", "petra", "ann", "nina"):
        with pytest.raises((NotPermitted, NotFound)):
            bounces.bounce(
                small_study.desk(login), row.id, report=bounces.Report("failed", "5.1.1", b"x")
            )
        assert small_study.last_event().outcome == "refused"
    assert rows(small_study, MailEvent) == []
