"""What links, letters, reports and planned versions may not be used for."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from gunicorn.config import Config
from sqlalchemy import select, update

from studyhub.cli.web_server import QuietLog, public_part
from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.mail_reports import read_returned
from studyhub.store.consent import DocumentVersion
from studyhub.store.outbox import Letter
from studyhub.store.people import Suppression
from studyhub.store.users import Membership
from studyhub.vault.words import new_token
from studyhub.workflows import (
    consent_versions,
    letters,
    links,
    mailroom,
    recruitment_guest,
    recruitment_opt_out,
    recruitment_questions,
    recruitment_triage,
)
from studyhub.workflows.recruitment_questions import Asked
from tests import texts
from tests.makers import (
    LATER,
    approve_version,
    informed,
    interested,
    invited,
    letter_body,
    submitted,
    token_in,
)
from tests.web.apps import app_over
from tests.web.visits import Visit

HOUR = timedelta(hours=1)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


# -- links -------------------------------------------------------------------------------


@pytest.fixture
def stop(small_study, approved):
    """The token by which Grace, who is no participant yet, stops letters."""
    interested(small_study)
    return token_in(letter_body(small_study, "acknowledgement")["text"], "o")


def test_who_is_no_participant_yet_reads_nothing_of_another_who_is_none(small_study, stop):
    small_study.clock.advance(hours=1)
    other = interested(small_study, "Owen Price")
    recruitment_triage.decide(small_study.rita, other, "declined")

    seen = recruitment_guest.see(links.guest(small_study.hub, stop).desk)

    assert seen.state != "declined"


def test_a_token_that_stops_letters_opens_nobodys_page(small_study, stop):
    client = app_over(small_study.hub).test_client()
    unknown = client.get(f"/l/{new_token()[0]}")

    page = client.get(f"/l/{stop}")

    assert (page.status_code, page.data) == (404, unknown.data)
    assert client.get(f"/o/{stop}").status_code == 200


def test_the_holder_of_a_link_cannot_have_letters_sent_to_others_without_end(
    small_study, approved
):
    invited(small_study, "Peter Lowe")
    path = f"/l/{token_in(letter_body(small_study, 'invitation')['text'])}"
    client = app_over(small_study.hub).test_client()
    yes, no = TOKEN.findall(client.get(path).text)

    statuses = []
    for number in range(25):
        told = {"channel": "email", "email": f"victim{number}@home.test"}
        sent = client.post(f"{path}/interest", data={"csrf_token": yes, **told})
        statuses.append(sent.status_code)
        client.post(f"{path}/decline", data={"csrf_token": no})

    assert statuses[:5] == [302] * 5
    assert statuses[-1] == 429


def test_the_holder_of_a_link_cannot_ask_without_end(small_study, approved):
    path = f"/l/{informed(small_study)}/questions"
    client = app_over(small_study.hub).test_client()
    token = TOKEN.search(client.get(path).text)[1]
    asked = {"csrf_token": token, "question": "Why?", "blocks": "no"}

    statuses = [client.post(path, data=asked).status_code for _ in range(25)]

    assert statuses[:15] == [302] * 15
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    "name", ["Win money at prize.example", "see http://x", "a@b", "call 0800", "Grace " * 20]
)
def test_words_of_a_stranger_are_not_mailed_to_whoever_they_name(small_study, approved, name):
    interested(small_study, name, email="victim@home.test")

    told = letter_body(small_study, "acknowledgement")["text"]

    assert told.startswith("Good day,")
    assert name.strip() not in told


# -- letters -----------------------------------------------------------------------------


def test_nobody_takes_back_the_letter_by_which_an_address_is_stopped(small_study, approved):
    with small_study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    person = invited(small_study)
    recruitment_opt_out.opt_out(small_study.rita, "staff", participant_id=person)
    with small_study.hub.sessions.reading.begin() as session:
        wanted = select(Letter.id).where(Letter.purpose == "suppression_confirmed")
        letter_id = session.scalars(wanted).one()

    for desk in (small_study.rita, small_study.petra):
        with pytest.raises(WrongState):
            letters.take_back(desk, letter_id)

    mailroom.run_once(small_study.hub)
    with small_study.hub.sessions.reading.begin() as session:
        assert session.scalars(select(Suppression)).one()


def test_a_report_of_a_hundred_thousand_parts_is_not_read():
    token, _ = new_token()
    head = f"To: bounce+{token}@study.test\nContent-Type: multipart/digest; boundary=b\n\n"
    raw = head.encode() + b"--b\n\n" * 100_000

    with pytest.raises(Invalid, match="larger than a report is"):
        read_returned(raw)


# -- the record, the log, what was typed -------------------------------------------------


@pytest.mark.parametrize("path", ["//l/{}", "/L/{}/copy", "/studyhub/l/{}", "/{}"])
def test_a_token_in_a_mistyped_address_is_not_logged(path):
    token, _ = new_token()

    assert token not in public_part(path.format(token))


def test_a_token_is_not_logged_when_the_server_itself_fails(caplog):
    token, _ = new_token()
    log = QuietLog(Config())
    log.error_log.addHandler(caplog.handler)

    try:
        Path("/nowhere").read_bytes()
    except OSError:
        log.exception("Error handling request %s %s", "GET", f"/l/{token}?as=text")

    assert "Error handling request GET" in caplog.text
    assert token not in caplog.text


def test_what_the_server_cannot_read_is_not_logged_nor_who_sent_it(caplog):
    token, _ = new_token()
    log = QuietLog(Config())
    log.error_log.addHandler(caplog.handler)

    told = f"Invalid request from ip=203.0.113.7: 'GET /l/{token} x HTTP/1.1'"
    log.warning(told)
    log.warning("Worker is slow")

    assert "Invalid request" in caplog.text
    assert "Worker is slow" in caplog.text
    assert token not in caplog.text
    assert "203.0.113.7" not in caplog.text


def test_thousands_of_ids_in_a_form_are_not_looked_up(small_study, approved):
    visit = Visit(app_over(small_study.hub))
    visit.sign_in("petra")
    person = small_study.membership_id("ivan")
    many = " ".join([str(person), *(str(uuid4()) for _ in range(40_000))])
    sent = {"csrf_token": "outdated", "text": many}

    page = visit.client.post(
        "/s/voices/team/add", data=sent, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert page.status_code == 400
    assert "Ivan Malik" not in page.text


# -- keys and versions -------------------------------------------------------------------


def test_no_question_is_passed_on_to_a_member_whose_last_day_is_over(small_study, approved):
    guest = links.guest(small_study.hub, informed(small_study))
    question = recruitment_questions.ask(guest.desk, Asked("Who hears it?", blocks=True))
    member = small_study.membership_id("ivan")
    with small_study.hub.sessions.writing.begin() as session:
        session.get_one(Membership, member).valid_to = small_study.clock() - HOUR

    with pytest.raises(Invalid):
        recruitment_questions.assign(small_study.rita, question, member)
    assert str(member) not in recruitment_questions.who_may_answer(small_study.rita)


def test_a_version_whose_instant_has_come_is_not_moved_to_another(small_study, approved):
    """People may have signed it before the worker wrote that it began."""
    version_id = submitted(small_study, texts.FORM_DRAFT)
    approve_version(small_study, version_id, small_study.approval_id, reconsent="none")
    begins = small_study.clock() + HOUR
    consent_versions.use(small_study.petra, version_id, begins)
    small_study.clock.advance(hours=2)

    for later in (None, small_study.clock() + HOUR):
        with pytest.raises(WrongState):
            consent_versions.use(small_study.petra, version_id, later)

    assert consent_versions.begin_planned(small_study.hub) == 1
    with small_study.hub.sessions.reading.begin() as session:
        assert session.get_one(DocumentVersion, version_id).use_from == begins
