"""Letters and call sheets of an appointment: offered, agreed, moved, cancelled, in time."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Held, Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.interviews import Check
from studyhub.store.consent import Approval
from studyhub.store.interviews import CallSheet, Interview, Slot
from studyhub.store.keys import DataKeyGrant
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact, Question
from studyhub.store.withdrawals import Hold
from studyhub.workflows import (
    interviews,
    interviews_given,
    interviews_guest,
    interviews_held,
    interviews_list,
    links,
    mailroom,
    recruitment_contacts,
)
from studyhub.workflows.interviews import Plan
from studyhub.workflows.interviews_guest import Choice
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_contacts import Wanted
from tests.makers import agreed, confirmed, letter_body, planned, token_in
from tests.smtp_server import mail_server
from tests.workflows.test_interviews import of, setting

PLACE = "Room 2.14, Weavers House"


def moved(study, interview_id, **more):
    wanted = {
        "mode": "telephone",
        "interviewer_id": study.membership_id("ivan"),
        "starts_at": study.clock() + timedelta(days=5),
    }
    return interviews.change(study.rita, interview_id, Plan(**{**wanted, **more}))


def entry_in(study, purpose="appointment"):
    """The calendar entry of the newest letter of a purpose, as name to value."""
    (attached,) = letter_body(study, purpose)["attachments"]
    text = b64decode(attached["data"]).decode().replace("\r\n ", "")
    return attached["type"], dict(line.split(":", 1) for line in text.split("\r\n") if line)


def letters_of(study, purpose):
    with study.hub.sessions.reading.begin() as session:
        wanted = select(Letter.state).where(Letter.purpose == purpose)
        return sorted(session.scalars(wanted))


def wishes(study, participant_id, **columns):
    """Change what the person wishes, as the mailer sees it."""
    with study.hub.sessions.writing.begin() as session:
        row = session.get_one(Contact, participant_id)
        for name, value in columns.items():
            setattr(row, name, value)


def test_a_time_at_once_brings_a_letter_with_a_calendar_entry(study, approved):
    interview_id = planned(study)

    body = letter_body(study, "appointment")
    at = of(study, Interview, interview_id).planned_at
    told = f"Wednesday 4 March 2026, {at:%H:%M} (UTC time), by phone"
    assert told in " ".join(body["text"].split())
    media_type, entry = entry_in(study)
    assert media_type == "text/calendar; method=REQUEST; charset=utf-8"
    assert entry["SUMMARY"] == "Call"
    assert entry["UID"] == of(study, Interview, interview_id).calendar_uid


def test_inv_56_every_move_keeps_the_calendar_entry_and_raises_its_number(study, approved):
    interview_id = planned(study)
    _, first = entry_in(study)
    study.clock.advance(minutes=1)
    moved(study, interview_id)
    _, second = entry_in(study)
    study.clock.advance(minutes=1)
    mailroom.run_once(study.hub)
    interviews.cancel(study.rita, interview_id, reason="person_asked")

    kind, third = entry_in(study, "cancellation")
    assert {first["UID"], second["UID"], third["UID"]} == {first["UID"]}
    assert [each["SEQUENCE"] for each in (first, second, third)] == ["0", "1", "2"]
    assert (third["METHOD"], kind) == (
        *("CANCEL", "text/calendar; method=CANCEL; charset=utf-8"),
    )
    assert "cancelled" in letter_body(study, "cancellation")["subject"]


def test_a_waiting_letter_of_a_changed_interview_is_taken_back(small_study, approved):
    interview_id = planned(small_study)
    small_study.clock.advance(minutes=1)

    moved(small_study, interview_id)

    assert letters_of(small_study, "appointment") == ["cancelled", "queued"]


def test_nobody_hears_of_the_end_of_an_appointment_they_never_heard_of(small_study, approved):
    interview_id = planned(small_study)

    assert interviews.cancel(small_study.rita, interview_id, reason="protocol") is None

    assert letters_of(small_study, "appointment") == ["cancelled"]
    assert letters_of(small_study, "cancellation") == []


def test_inv_19_a_calendar_title_holds_no_sensitive_term(small_study, approved):
    who = agreed(small_study)
    setting(small_study, "sensitive_terms", ["call"])

    with pytest.raises(Invalid):
        planned(small_study, who)


def test_inv_20_where_others_read_the_mail_no_link_and_no_file_goes_out(small_study, approved):
    who = agreed(small_study)
    wishes(small_study, who, mailbox_private=False)

    planned(small_study, who)

    body = letter_body(small_study, "appointment")
    assert body["attachments"] == []
    assert "/l/" not in body["text"]


def test_inv_20_who_wants_no_letters_gets_none_and_is_offered_no_link(small_study, approved):
    who = agreed(small_study)
    wishes(small_study, who, by_email=False)
    times = (small_study.clock() + timedelta(days=3),)

    with pytest.raises(Invalid):
        planned(small_study, who, starts_at=None, slots=times)
    planned(small_study, who)

    assert letters_of(small_study, "appointment") == []


def offered(study, **more):
    """Two times offered to somebody. Returns the interview and the token of their link."""
    start = study.clock() + timedelta(days=5)
    times = (start, start + timedelta(days=1))
    interview_id = planned(study, starts_at=None, slots=times, place=PLACE, **more)
    return interview_id, token_in(letter_body(study, "appointment")["text"])


def choose(study, token, number=0, mode="telephone"):
    desk = links.guest(study.hub, token, "interview").desk
    slot = interviews_guest.offered(desk).slots[number][0]
    study.clock.advance(minutes=1)
    interviews_guest.choose(desk, Choice(mode, str(slot)), address=f"http://x.test/l/{token}")


def test_a_person_chooses_a_time_by_their_link_and_the_interviewer_gets_the_sheet(
    study, approved
):
    interview_id, token = offered(study)
    with pytest.raises(NotPermitted):
        interviews_list.call_sheet(study.ivan, interview_id)

    choose(study, token, 1)

    row = of(study, Interview, interview_id)
    assert (row.state, row.mode) == ("scheduled", "telephone")
    assert f"/l/{token}" in letter_body(study, "appointment")["text"]
    _, entry = entry_in(study)
    assert entry["DTSTART"] == f"{row.planned_at:%Y%m%dT%H%M%SZ}"
    study.clock.at = row.planned_at
    assert interviews_list.call_sheet(study.ivan, interview_id).first == "Grace"


def test_a_time_is_chosen_once_and_only_one_that_was_offered(small_study, approved):
    _, token = offered(small_study)
    desk = links.guest(small_study.hub, token, "interview").desk

    for wrong in (Choice("", "x"), Choice("telephone", "x"), Choice("telephone", "")):
        with pytest.raises(Invalid):
            interviews_guest.choose(desk, wrong)
    choose(small_study, token)
    with pytest.raises(WrongState):
        choose(small_study, token, 1)


def test_who_likes_none_of_the_times_waits_with_the_questions(small_study, approved):
    interview_id, token = offered(small_study)
    desk = links.guest(small_study.hub, token, "interview").desk

    interviews_guest.choose(desk, Choice("", "none"))

    assert of(small_study, Interview, interview_id).state == "proposed"
    with small_study.hub.sessions.reading.begin() as session:
        (question,) = session.scalars(select(Question)).all()
        assert (question.state, question.topic) == ("open", "practical")


def test_a_recruiter_notes_the_time_that_somebody_chose_by_phone(small_study, approved):
    interview_id, _ = offered(small_study)
    with small_study.hub.sessions.reading.begin() as session:
        slot = session.scalars(select(Slot.id).order_by(Slot.starts_at)).first()

    interviews_guest.choose(
        small_study.rita, Choice("in_person", str(slot)), interview_id=interview_id
    )

    assert of(small_study, Interview, interview_id).state == "scheduled"


# The call sheet.


def test_a_call_sheet_opens_inside_its_window_and_for_its_interviewer_alone(study, approved):
    interview_id = planned(study, place=PLACE)
    at = of(study, Interview, interview_id).planned_at

    study.clock.at = at - timedelta(hours=24)
    sheet = interviews_list.call_sheet(study.ivan, interview_id)
    assert (sheet.first, sheet.place) == ("Grace", PLACE)
    for other in (study.rita, study.petra, study.tess, study.ann, study.nina):
        with pytest.raises(NotPermitted):
            interviews_list.call_sheet(other, interview_id)
    for outside in (timedelta(hours=-24, seconds=-1), timedelta(hours=24, seconds=1)):
        study.clock.at = at + outside
        with pytest.raises(NotPermitted):
            interviews_list.call_sheet(study.ivan, interview_id)


def test_after_its_window_the_key_of_a_call_sheet_opens_nothing_even_without_the_rule(
    small_study, approved
):
    interview_id = planned(small_study)
    with small_study.hub.sessions.writing.begin() as session:
        row = session.scalars(select(CallSheet)).one()
        ends = row.visible_until
        row.visible_until = ends + timedelta(days=30)
    small_study.clock.at = ends + timedelta(seconds=1)

    with pytest.raises(NotPermitted):
        interviews_list.call_sheet(small_study.ivan, interview_id)


def test_moving_an_appointment_moves_the_window_and_takes_the_old_sheet_away(
    small_study, approved
):
    interview_id = planned(small_study)
    with small_study.hub.sessions.reading.begin() as session:
        before = session.scalars(select(CallSheet.data_key_id)).one()

    moved(small_study, interview_id)

    with small_study.hub.sessions.reading.begin() as session:
        (sheet,) = session.scalars(select(CallSheet)).all()
        left = session.scalars(
            select(DataKeyGrant).where(DataKeyGrant.data_key_id == before)
        ).all()
        assert left == []
        window = sheet.visible_from, sheet.visible_until
    at, day = of(small_study, Interview, interview_id).planned_at, timedelta(hours=24)
    assert window == (at - day, at + day)


def test_an_interviewer_moves_and_cancels_by_the_sheet_and_never_sees_the_card(
    small_study, approved
):
    interview_id = confirmed(small_study)
    mailroom.run_once(small_study.hub)
    at = small_study.clock() + timedelta(days=2)

    interviews.change(small_study.ivan, interview_id, Plan("video", None, at, place="By link"))

    row = of(small_study, Interview, interview_id)
    assert (row.state, row.mode, row.planned_at) == ("scheduled", "video", at)
    assert letter_body(small_study, "appointment")["to"] == "grace.adeyemi@home.test"
    small_study.clock.advance(minutes=5)
    mailroom.run_once(small_study.hub)
    assert interviews.cancel(small_study.ivan, interview_id, reason="person_asked")


def test_a_cancelled_appointment_leaves_no_call_sheet(small_study, approved):
    interview_id = planned(small_study)

    interviews.cancel(small_study.rita, interview_id, reason="person_asked")

    with pytest.raises(NotFound):
        interviews_list.call_sheet(small_study.ivan, interview_id)


def test_a_changed_card_reaches_the_call_sheet(small_study, approved):
    who = agreed(small_study)
    interview_id = planned(small_study, who)
    view = recruitment_contacts.read(small_study.rita, who)
    card = Card(**{**vars(view.opened.card), "safe_contact": "Never leave a message"})
    wanted = Wanted(card, by_email=True, mailbox_private=True)

    recruitment_contacts.change(small_study.rita, who, wanted)

    small_study.clock.at = of(small_study, Interview, interview_id).planned_at
    sheet = interviews_list.call_sheet(small_study.ivan, interview_id)
    assert sheet.safe_contact == "Never leave a message"


def test_nobody_came_is_recorded_only_once_the_time_has_come(small_study, approved):
    interview_id = planned(small_study)
    with pytest.raises(WrongState):
        interviews.no_show(small_study.rita, interview_id)

    small_study.clock.advance(days=2)
    interviews.no_show(small_study.rita, interview_id)

    assert of(small_study, Interview, interview_id).state == "no_show"


def test_nothing_is_planned_for_somebody_whose_taking_part_is_on_hold(small_study, approved):
    who = agreed(small_study)
    with small_study.hub.sessions.writing.begin() as session:
        session.add(
            Hold(
                participant_id=who,
                scope="further_participation",
                cause="withdrawal",
                opened_at=small_study.clock(),
            )
        )

    with pytest.raises(Held):
        planned(small_study, who)


def test_inv_8_nothing_is_planned_or_started_without_an_approval(small_study, approved):
    who, ready = agreed(small_study), confirmed(small_study)
    with small_study.hub.sessions.writing.begin() as session:
        approval = session.get_one(Approval, small_study.approval_id)
        approval.ends_at = small_study.clock()

    with pytest.raises(WrongState):
        planned(small_study, who)
    with pytest.raises(WrongState):
        interviews_held.start(small_study.ivan, ready, Check("yes", "yes"))
    assert of(small_study, Interview, ready).state == "confirmed"


def test_the_summary_is_sent_before_an_interview_with_proof(small_study, approved):
    interview_id = planned(small_study)

    interviews_given.give(small_study.rita, interview_id, "summary")

    papers = {
        each.kind: each for each in interviews_list.show(small_study.ivan, interview_id).papers
    }
    assert papers["summary"].given_at == small_study.clock()
    assert papers["pis"].channel == "email"
    with pytest.raises(NotPermitted):
        interviews_given.give(small_study.ivan, interview_id, "summary")


def test_the_calendar_entry_goes_over_the_wire_as_what_it_is(small_study, approved):
    planned(small_study)
    with mail_server() as server:
        hub = _with_server(small_study.hub, server.url)
        mailroom.run_once(hub)

    (delivery,) = [each for each in server.taken if "ppointment" in each.message["Subject"]]
    (part,) = [
        each for each in delivery.message.walk() if each.get_content_type() == "text/calendar"
    ]
    assert part.get_param("method") == "REQUEST"
    assert part.get_filename() == "appointment.ics"
    assert re.search(r"^METHOD:REQUEST\r?$", part.get_content(), re.MULTILINE)
    assert delivery.recipients == ["grace.adeyemi@home.test"]
    assert [each for each in delivery.message.walk() if "Acorn" in str(each)] == []


def _with_server(hub, url):
    return replace(hub, settings=replace(hub.settings, smtp_url=url))
