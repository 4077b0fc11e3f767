"""The recruiter's inbox: expressions sorted and decided, questions passed on and answered."""

import re

import pytest
from sqlalchemy import func, select

from studyhub.store.consent import Participant
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression, Question
from studyhub.workflows import links, recruitment_questions, recruitment_triage
from studyhub.workflows.recruitment_questions import Asked
from tests.makers import (
    SLUG,
    contact,
    eligible,
    informed,
    interested,
    password_of,
    token_in,
)
from tests.web.pages import HOSTILE, at_browser, words

HERE = f"/s/{SLUG}/recruitment"
INTEREST, QUESTIONS = f"{HERE}/interest", f"{HERE}/questions"
NOBODY = "00000000-0000-4000-8000-000000000000"
CAST = ("rita", "petra", "ivan", "tess", "ravi", "ann", "ada", "nina")
CALLED = {"name": "Gail Foster", "channel": "telephone", "phone": "01632 960 155"}
ASKED = Asked("Who hears the recording?", blocks=True)
NOTED = {"channel": "telephone", "question": "May I stop?", "topic": "other", "blocks": "no"}


@pytest.fixture
def rita(app, small_study):
    return at_browser(app, small_study, "rita")


@pytest.fixture
def guest(small_study, approved):
    """Somebody who has the sheet and a link."""
    return links.guest(small_study.hub, informed(small_study, hours=1))


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(table)))
        session.expunge_all()
        return found


def standing(study):
    """How much there is, and in which states: what a refused form must leave as it was."""
    with study.hub.sessions.reading.begin() as session:
        numbers = [
            session.scalar(select(func.count()).select_from(table))
            for table in (Expression, Question, Participant, Letter)
        ]
        states = [
            sorted(session.scalars(select(table.state))) for table in (Expression, Question)
        ]
    return numbers, states


def path_of(expression_id):
    return f"{INTEREST}/{expression_id}"


# -- who sees what -----------------------------------------------------------------------


@pytest.mark.parametrize("login", CAST)
def test_each_page_is_for_its_roles_only(app, small_study, guest, login):
    wrote = interested(small_study, "Owen Price")
    asked = recruitment_questions.ask(guest.desk, ASKED)
    visit, before = at_browser(app, small_study, login), standing(small_study)
    reads = {
        INTEREST: {"rita", "petra"},
        path_of(wrote): {"rita", "petra"},
        f"{INTEREST}/new": {"rita"},
        QUESTIONS: {"rita", "petra", "ivan"},
        f"{QUESTIONS}/{asked}": {"rita", "petra"},
        f"{HERE}/{guest.participant_id}/questions/new": {"rita"},
    }
    for path, who in reads.items():
        page = visit.get(path)
        assert page.status_code == 200 if login in who else page.status_code in (403, 404), path
        if login not in who:
            assert "Owen Price" not in page.text, path
            assert "recording?" not in page.text, path
    if login in ("rita", "petra"):
        return
    for path, fields in (
        (f"{INTEREST}/new", CALLED),
        (f"{path_of(wrote)}/triage", {"kind": "new"}),
        (f"{path_of(wrote)}/decide", {"outcome": "ineligible"}),
        (f"{path_of(wrote)}/information", {}),
        (f"{path_of(wrote)}/link", {"channel": "post"}),
        (f"{path_of(wrote)}/acknowledge", {}),
        (f"{QUESTIONS}/{asked}/answer", {"answer": "No.", "channel": "telephone"}),
        (f"{QUESTIONS}/{asked}/assign", {"to": str(small_study.membership_id("rita"))}),
        (f"{QUESTIONS}/{asked}/close", {}),
        (f"{HERE}/{guest.participant_id}/questions/new", NOTED),
    ):
        assert visit.post(path, **fields).status_code in (403, 404), path
    assert standing(small_study) == before


def test_a_stranger_is_asked_to_sign_in(visit):
    for path in (INTEREST, QUESTIONS, f"{INTEREST}/new", path_of(NOBODY)):
        assert visit.get(path).status_code == 302


def test_the_pi_sees_what_waits_and_decides_nothing(app, small_study):
    wrote = interested(small_study, "Owen Price")
    petra = at_browser(app, small_study, "petra")

    assert "A recruiter sorts and decides this." in words(petra.get(path_of(wrote)))
    assert "Note a call" not in words(petra.get(INTEREST))
    assert petra.post(f"{path_of(wrote)}/triage", kind="new").status_code == 403


# -- expressions --------------------------------------------------------------------------


def test_somebody_new_is_sorted_found_eligible_and_informed(app, small_study, approved):
    wrote = interested(small_study, "Owen Price", note="I can talk after five.")
    rita = at_browser(app, small_study, "rita")
    page = rita.get(path_of(wrote))
    assert "I can talk after five." in words(page)
    assert " checked" not in page.text

    assert rita.post(f"{path_of(wrote)}/triage", kind="new").status_code == 302
    assert rita.post(f"{path_of(wrote)}/decide", outcome="eligible").status_code == 422
    done = rita.post(f"{path_of(wrote)}/decide", outcome="eligible", criteria="1.0")
    assert "Send the information sheet and the consent link next." in words(
        rita.get(done.location)
    )
    sent = rita.post(f"{path_of(wrote)}/information")

    page = rita.get(sent.location)
    assert "The sheet and the link are in the queue." in words(page)
    (person,) = rows(small_study, Participant)
    assert f"Open {person.code}" in words(page)
    assert rita.get(f"{HERE}/people/{person.id}").status_code == 200


def test_inv_23_a_known_address_is_attached_or_said_to_be_of_another(app, small_study):
    known = contact(small_study, "Grace Adeyemi", email="shared@home.test")
    first = interested(small_study, "G. Adeyemi", email="shared@home.test")
    other = interested(small_study, "Owen Price", email="Shared@Home.test")
    rita = at_browser(app, small_study, "rita")

    refused = rita.post(f"{path_of(other)}/triage", kind="new")
    assert refused.status_code == 422
    assert "already known as" in words(refused)
    assert 'value="new" checked' in refused.text
    assert rita.post(f"{path_of(first)}/triage", kind=f"known:{known}").status_code == 302
    agreed = rita.post(f"{path_of(other)}/triage", kind="new", another_person="y")

    assert agreed.status_code == 302
    assert {row.participant_id for row in rows(small_study, Expression)} == {known, None}
    assert len(rows(small_study, Participant)) == 1


def test_junk_is_put_away_and_stands_among_what_is_done(app, small_study):
    wrote = interested(small_study, "Cheap Pills")
    rita = at_browser(app, small_study, "rita")

    sent = rita.post(f"{path_of(wrote)}/triage", kind="junk")

    assert "Put away." in words(rita.get(sent.location))
    assert "Nobody waits for you." in words(rita.get(INTEREST))
    assert "Cheap Pills" in words(rita.get(f"{INTEREST}?show=done"))


def test_who_called_is_noted_and_told_by_telephone_that_it_arrived(rita, small_study):
    noted = rita.post(f"{INTEREST}/new", **CALLED, safe_contact="never before nine")
    assert "Noted." in words(rita.get(noted.location))
    (row,) = rows(small_study, Expression)
    assert (row.state, row.channel) == ("received", "telephone")
    assert "never before nine" in words(rita.get(path_of(row.id)))

    told = rita.post(f"{path_of(row.id)}/acknowledge")

    assert "They were told by telephone" in words(rita.get(told.location))
    assert rows(small_study, Expression)[0].state == "acknowledged"


def test_a_link_that_is_handed_over_is_shown_once_and_works(app, small_study, approved):
    person = eligible(small_study)
    (wrote,) = rows(small_study, Expression)
    rita = at_browser(app, small_study, "rita")
    assert rita.post(f"{path_of(wrote.id)}/link").status_code == 422

    made = rita.post(f"{path_of(wrote.id)}/link", channel="in_person")

    token = token_in(words(made))
    assert links.guest(small_study.hub, token).participant_id == person
    assert token not in rita.get(path_of(wrote.id)).text


def test_what_no_page_sends_changes_nothing(app, small_study):
    wrote = interested(small_study, "Owen Price")
    rita, before = at_browser(app, small_study, "rita"), standing(small_study)

    for path, fields, statuses in (
        ("triage", {"kind": "gossip"}, (422,)),
        ("triage", {"kind": "known"}, (422,)),
        ("triage", {"kind": "known:x"}, (422,)),
        ("triage", {"kind": f"known:{NOBODY}"}, (422,)),
        ("triage", {}, (422,)),
        ("decide", {"outcome": "rich"}, (422,)),
        ("decide", {"outcome": "eligible", "criteria": "1.0"}, (409,)),
        ("decide", {}, (422,)),
        ("information", {}, (409,)),
        ("link", {"channel": "post"}, (409,)),
        ("link", {"channel": "pigeon"}, (422,)),
        ("acknowledge", {}, (409,)),
    ):
        assert rita.post(f"{path_of(wrote)}/{path}", **fields).status_code in statuses, fields
        assert rita.post(f"{path_of(NOBODY)}/{path}", **fields).status_code == 404, fields

    assert standing(small_study) == before


# -- hostile words ------------------------------------------------------------------------


def try_everything(rita, study, path, good, fields):
    """Send each hostile value in each field; whatever is refused changes nothing and stays."""
    for field in fields:
        for kind, value in HOSTILE.items():
            before = standing(study)
            page = rita.post(path, **{**good, field: value})
            assert page.status_code in (302, 422), (field, kind)
            assert "<script>alert" not in page.text, (field, kind)
            if page.status_code == 422:
                assert standing(study) == before, (field, kind)
                assert "What you typed is still here." in words(page), (field, kind)
                others = [good[name] for name in good if name != field]
                assert all(kept(page, other) for other in others), (field, kind)


def kept(page, value):
    """Whether a value still stands in the form: in a field, in a box, or chosen."""
    shown = re.search(rf'value="{re.escape(value)}"[^>]*?( checked| selected)?', page.text)
    return shown is not None or f">{value}</textarea>" in page.text.replace("\n", "")


def test_hostile_words_in_a_noted_call_are_refused_or_kept_as_text(rita, small_study):
    fields = ("name", "channel", "email", "phone", "safe_contact", "preference", "note")
    try_everything(rita, small_study, f"{INTEREST}/new", CALLED, fields)

    assert "<script>alert" not in rita.get(INTEREST).text


def test_hostile_words_in_a_noted_question_are_refused_or_kept_as_text(app, small_study, guest):
    rita = at_browser(app, small_study, "rita")
    path = f"{HERE}/{guest.participant_id}/questions/new"
    try_everything(rita, small_study, path, NOTED, tuple(NOTED))

    assert "<script>alert" not in rita.get(QUESTIONS).text


def test_hostile_words_in_an_answer_are_refused_or_kept_as_text(app, small_study, guest):
    rita = at_browser(app, small_study, "rita")
    good = {"answer": "Only the interviewer.", "channel": "telephone"}
    for field in good:
        for kind, value in HOSTILE.items():
            asked = recruitment_questions.ask(guest.desk, Asked("Who?", blocks=False))
            page = rita.post(f"{QUESTIONS}/{asked}/answer", **{**good, field: value})
            assert page.status_code in (302, 422), (field, kind)
            assert "<script>alert" not in rita.get(f"{QUESTIONS}/{asked}").text
            if page.status_code == 422:
                assert "What you typed is still here." in words(page)
    assert {row.state for row in rows(small_study, Question)} == {"open", "answered"}


def test_hostile_words_in_a_decision_are_refused(app, small_study):
    wrote = interested(small_study, "Owen Price")
    recruitment_triage.attach(small_study.rita, wrote, "new")
    rita, before = at_browser(app, small_study, "rita"), standing(small_study)
    good = {"outcome": "eligible", "criteria": "1.0"}
    for field in good:
        for kind, value in HOSTILE.items():
            page = rita.post(f"{path_of(wrote)}/decide", **{**good, field: value})
            assert page.status_code == 422, (field, kind)
            assert "<script>alert" not in page.text, (field, kind)
    assert standing(small_study) == before


# -- questions ------------------------------------------------------------------------------


def test_a_question_is_answered_by_letter_and_stands_on_their_page(app, small_study, guest):
    asked = recruitment_questions.ask(guest.desk, ASKED)
    rita = at_browser(app, small_study, "rita")
    assert "consent waits for it" in words(rita.get(f"{QUESTIONS}/{asked}"))

    sent = rita.post(f"{QUESTIONS}/{asked}/answer", answer="Only Ivan.", channel="email")

    assert "the letter is queued" in words(rita.get(sent.location))
    assert "No question waits." in words(rita.get(QUESTIONS))
    assert "Who hears the recording?" in words(rita.get(f"{QUESTIONS}?show=done"))
    assert rita.post(f"{QUESTIONS}/{asked}/close").status_code == 302
    assert rows(small_study, Question)[0].state == "closed"


def test_a_question_from_a_call_is_noted_with_its_channel(app, small_study, guest):
    rita = at_browser(app, small_study, "rita")

    noted = rita.post(f"{HERE}/{guest.participant_id}/questions/new", **NOTED)

    assert noted.location == f"{QUESTIONS}?done=noted"
    (row,) = rows(small_study, Question)
    assert (row.channel, row.topic, row.blocks) == ("telephone", "other", False)
    page = rita.get(f"{HERE}/people/{guest.participant_id}")
    assert f'href="{QUESTIONS}/{row.id}"' in page.text


def test_an_interviewer_answers_what_was_passed_on_and_sees_no_way_to_anything_else(
    app, small_study, guest
):
    asked = recruitment_questions.ask(guest.desk, ASKED)
    rita = at_browser(app, small_study, "rita")
    ivan_id = str(small_study.membership_id("ivan"))
    passed = rita.post(f"{QUESTIONS}/{asked}/assign", to=ivan_id)
    assert "Ivan Malik" in words(rita.get(passed.location))
    ivan = at_browser(app, small_study, "ivan")

    page = ivan.get(f"{QUESTIONS}/{asked}")

    assert "Who hears the recording?" in words(ivan.get(QUESTIONS))
    assert "By letter" not in words(page)
    assert f"{HERE}/people/" not in page.text
    assert "/assign" not in page.text
    good = {"answer": "Only I do.", "channel": "telephone"}
    assert ivan.post(f"{QUESTIONS}/{asked}/answer", **good, to="x").status_code == 302
    assert "/close" not in ivan.get(f"{QUESTIONS}/{asked}").text


def test_a_question_goes_to_nobody_who_does_not_answer(app, small_study, guest):
    asked = recruitment_questions.ask(guest.desk, ASKED)
    rita = at_browser(app, small_study, "rita")

    for to in ("", "x", NOBODY, str(small_study.membership_id("tess"))):
        assert rita.post(f"{QUESTIONS}/{asked}/assign", to=to).status_code == 422, to

    assert rows(small_study, Question)[0].assigned_to is None


def test_what_was_chosen_before_the_password_is_shown_by_name_and_not_as_an_id(
    app, small_study, guest
):
    asked = recruitment_questions.ask(guest.desk, ASKED)
    visit = at_browser(app, small_study, "rita")
    to, token = str(small_study.membership_id("ivan")), visit.token
    small_study.clock.advance(minutes=31)

    lapsed = visit.client.post(
        f"{QUESTIONS}/{asked}/assign", data={"csrf_token": token, "to": to}
    )
    carried = dict(
        re.findall(r'name="(typed[^"]*)" value="([^"]*)"', lapsed.text),
        login="rita",
        password=password_of("rita"),
    )
    page = visit.client.post("/sign-in", data=carried)

    assert "Pass a question on" in words(page)
    assert "To Ivan Malik, interviewer" in words(page)
    assert to not in words(page)


# -- long lists ---------------------------------------------------------------------------


def test_the_inboxes_lead_from_page_to_page(app, small_study, guest, monkeypatch):
    monkeypatch.setattr(recruitment_triage, "AT_ONCE", 2)
    monkeypatch.setattr(recruitment_questions, "AT_ONCE", 2)
    for number in range(3):
        interested(small_study, f"Person {number}")
        recruitment_questions.ask(guest.desk, Asked(f"Number {number}?", blocks=False))
        small_study.clock.advance(hours=1)
    rita = at_browser(app, small_study, "rita")
    for path, first, last in (
        (INTEREST, "Person 0", "Person 2"),
        (QUESTIONS, "Number 0?", "Number 2?"),
    ):
        page = rita.get(path)
        assert "2 of 3 shown, longest first" in words(page)
        assert first in words(page)
        assert last not in words(page)

        (following,) = re.findall(r'href="([^"]+)">Next', page.text)
        page = rita.get(following.replace("&amp;", "&"))

        assert last in words(page)
        assert "Back to start" in words(page)
        assert ">Next<" not in page.text


# -- in a browser --------------------------------------------------------------------------
