"""The first screen of each role, and proposals that a second person decides."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from studyhub.domain.vocabulary import Role
from studyhub.store.consent import Approval
from studyhub.store.users import Study
from studyhub.workflows import accounts_exceptions, accounts_team
from studyhub.workflows.accounts_exceptions import Wish
from studyhub.workflows.accounts_team import Invitation
from tests import texts
from tests.makers import (
    CAST,
    SLUG,
    approve_study,
    approve_version,
    approved_study,
    consented,
    contact,
    deidentified,
    eligible,
    give_to_read,
    in_use,
    invited,
    recorded,
    submitted,
)
from tests.web.pages import HOSTILE, TRAIL, at_browser, keep_desk, words
from tests.workflows.consenting import code_of, records

OWN_WORDS = {
    "rita": ("Never see a recording or a transcript.", "All names, addresses and letters"),
    "ivan": ("No interview is booked with you.", "Nothing yet: each thing is given by name"),
    "tess": ("No recording is assigned to you.", "Nothing yet: each thing is given by name"),
    "ravi": ("Nothing waits for your check.", "All released transcripts"),
    "ann": (
        "What was released stands on the page of releases",
        "All released transcripts, and nothing else",
    ),
}
OPENS_NOTHING = "Nothing is sealed yet"


@pytest.fixture
def petra(visit, small_study):
    visit.sign_in("petra")
    keep_desk(small_study, visit, "petra")
    return visit


def decide_at(proposal):
    return f"/s/{SLUG}/proposals/{proposal}"


@pytest.mark.parametrize("login", OWN_WORDS)
def test_every_role_is_told_in_its_own_words_what_it_does(app, small_study, login):
    page = at_browser(app, small_study, login).get("/home")

    for said in (*OWN_WORDS[login], "Who acts before you", OPENS_NOTHING):
        assert said in words(page)
    assert 'href="#"' not in page.text


BARS = {
    "petra": "Decisions Participants Interviews Texts Consent Ethics Trail Team",
    "rita": "Today Participants Interviews Consent Ethics",
    "ivan": "Today Questions Interviews Recordings Consent Ethics Withdrawals",
    "tess": "Today Recordings Transcripts De-identification Withdrawals",
    "ravi": (
        "Today Recordings Transcripts De-identification Releases Consent Ethics Withdrawals"
    ),
    "ann": "Today Releases",
}


def bar(page):
    """The links of the bar and of the row below it, as (words, where they lead, marked)."""
    rows = re.findall(r'<nav class="sh-(?:bar|sub)".*?</nav>', page.text, re.DOTALL)
    link = re.compile(r'<a href="([^"]+)"(?: aria-current="(page|true)")?>([^<]+)</a>')
    return [[(said, href, mark) for href, mark, said in link.findall(row)] for row in rows]


@pytest.mark.parametrize("login", BARS)
def test_the_bar_of_a_role_is_one_row(app, small_study, login):
    (entries,) = bar(at_browser(app, small_study, login).get("/home"))

    assert " ".join(said for said, _, _ in entries) == BARS[login]
    assert entries[0][1:] == ("/home", "page")


@pytest.mark.parametrize(
    ("of", "within"),
    [
        ("Participants", "Participants Interest Letters Questions Withdrawals Flow"),
        ("Interviews", "Interviews Recordings Incidents"),
        ("Texts", "Transcripts De-identification Releases"),
    ],
)
def test_lists_of_one_kind_stand_below_their_entry(petra, of, within):
    (entries,) = bar(petra.get("/home"))
    (first,) = [href for said, href, _ in entries if said == of]
    _, below = bar(petra.get(first))

    assert " ".join(said for said, _, _ in below) == within
    for said, href, _ in below:
        above, marked = bar(petra.get(href))
        assert [each[0] for each in above if each[2]] == [of]
        assert [each[0] for each in marked if each[2] == "page"] == [said]


def test_every_link_on_a_first_screen_leads_somewhere(app, small_study):
    for login in CAST:
        visit = at_browser(app, small_study, login)
        page = visit.get("/home", follow_redirects=True)
        links = {part.partition('"')[0] for part in page.text.split('<a href="')[1:]}
        for link in links:
            if link.startswith("/"):
                assert visit.get(link).status_code in {200, 302}, link


def test_the_auditor_begins_with_study_health(app, small_study):
    assert at_browser(app, small_study, "ada").get("/home").location == TRAIL


def test_who_has_no_role_is_asked_to_choose_or_wait(app, small_study):
    assert at_browser(app, small_study, "nina").get("/home").location == "/role"


def test_a_quiet_study_says_that_nothing_waits_and_what_comes_next(petra, small_study):
    said = words(petra.get("/home"))

    assert "Nothing waits for you." in said
    assert "No approval is recorded yet." in said
    assert f"{small_study.clock():%A %-d %B %Y}" in said


def test_the_pi_sees_what_waits_and_who_owes(petra, small_study):
    me = small_study.petra
    wanted = Invitation("Grace Adeyemi", "grace@team.test", "interviewer")
    accounts_team.invite(me, small_study.id, wanted)
    accounts_team.invite(me, small_study.id, Invitation("", "", "analyst", login="nina"))
    small_study.cookie("nina")
    ends = small_study.clock() + timedelta(days=29)
    for days, login in ((29, "tess"), (31, "rita")):
        ends = small_study.clock() + timedelta(days=days)
        wish = Wish("S-3", small_study.user_id(login), "on leave", ends)
        accounts_exceptions.declare(me, wish)

    said = words(petra.get("/home"))

    assert "For you to decide 2" in said
    assert "Compare six words with Nina Vance" in said
    assert "Exception for Tess Bowen ends" in said
    assert "Exception for Rita Osei" not in said
    assert "Grace Adeyemi has not joined yet" in said


NEWER = replace(texts.INVITATION_DRAFT, body=texts.INVITATION.replace("an hour", "an evening"))


def section(page, title):
    """What stands below one heading of a page, as it is read."""
    return words(page).partition(title)[2]


def test_the_pi_decides_about_versions_and_sees_who_must_sign_again(app, small_study):
    approval_id = approved_study(small_study)
    consented(small_study)
    small_study.clock.advance(hours=1)
    again = replace(texts.FORM_DRAFT, body=texts.FORM_DRAFT.body + "\n\nWe keep it longer.")
    in_use(small_study, again, approval_id, reconsent="all_active")
    approve_version(small_study, submitted(small_study, NEWER, author="rita"), approval_id)
    small_study.clock.advance(days=3)
    submitted(small_study, NEWER, author="rita")
    submitted(small_study, texts.SHEET_DRAFT)
    petra = at_browser(app, small_study, "petra")

    page = petra.get("/home")

    decide, owed = section(page, "For you to decide 2"), section(page, "Waiting on others 2")
    assert "Approve invitation 1.2 Written by Rita Osei." in decide
    put, _, approve = decide.partition("Approve invitation")
    assert "Put invitation 1.1 into use Approved by Ravi Nair." in put
    assert "since 4 Mar due 11 Mar" in put
    assert "since 11:00 due 14 Mar" in approve.partition("Waiting on others")[0]
    assert "Approval of information sheet 1.1 You wrote it" in owed
    code = code_of(small_study, records(small_study)[0][0].participant_id)
    assert f"1 person must sign again Their consent pauses until they sign: {code}." in owed
    assert "since 4 Mar" in owed
    rita = section(at_browser(app, small_study, "rita").get("/home"), "Must sign again 1")
    assert code in rita
    assert petra.get(f"/s/{SLUG}/recruitment?tab=again").status_code == 200


@pytest.mark.parametrize(
    ("days", "said", "colour"),
    [
        (90, "In force until 1 June 2026, 90 days left.", ""),
        (59, "59 days left.", "sh-banner--soon"),
        (1, "1 day left.", "sh-banner--soon"),
        (-1, "Ended Faculty Research Ethics Committee", "sh-banner--ended"),
    ],
)
def test_the_pi_sees_how_long_the_approval_holds(app, small_study, days, said, colour):
    approval_id = approve_study(small_study)
    petra = at_browser(app, small_study, "petra")
    assert "No end was set." in words(petra.get("/home"))
    with small_study.hub.sessions.writing.begin() as session:
        ends = small_study.clock() + timedelta(days=days)
        session.get_one(Approval, approval_id).ends_at = ends

    page = petra.get("/home")

    assert said in words(page)
    assert colour in page.text


def test_the_pi_sees_how_many_people_stand_where(app, small_study):
    approved_study(small_study)
    for name in ("Grace Adeyemi", "Owen Price"):
        invited(small_study, name)
    contact(small_study, "Mary Lunt")
    consented(small_study, eligible(small_study, "Nadia Bell"))

    page = words(at_browser(app, small_study, "petra").get("/home"))

    assert "Approached 3 2 waiting for a reply Interested 1 Informed 1 Consented 1" in page


def test_the_pi_is_told_what_nobody_was_given_to_do(app, small_study):
    approved_study(small_study)
    recorded(small_study)
    handed_in = deidentified(small_study)
    petra = at_browser(app, small_study, "petra")

    decide = section(petra.get("/home"), "For you to decide 2")

    assert re.search(r"Have \w{4} typed The recording was accepted.", decide)
    assert re.search(r"Give \w{4} to a second reader", decide)
    give_to_read(small_study, handed_in)
    assert "to a second reader" not in words(petra.get("/home"))


def test_the_kit_comes_first_in_a_new_study(petra, small_study):
    with small_study.hub.sessions.writing.begin() as session:
        session.get_one(Study, small_study.id).state = "setting_up"

    assert "Type the recovery kit back" in words(petra.get("/home"))


@pytest.mark.parametrize("login", ["rita", "ivan", "tess", "ravi", "ann"])
def test_any_other_member_finds_a_proposal_and_can_open_it(app, small_study, login):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)
    visit = at_browser(app, small_study, login)

    assert "asks for a further role" in words(visit.get("/home", follow_redirects=True))
    assert "Your decision" in words(visit.get(decide_at(proposal)))


def test_the_proposer_sees_it_waiting_and_cannot_decide(petra, small_study):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)

    assert "You ask for a further role: Interviewer" in words(petra.get("/home"))
    assert "another member of the study decides" in words(petra.get(decide_at(proposal)))
    assert petra.post(decide_at(proposal), answer="approve").status_code == 403


@pytest.mark.parametrize(("answer", "said"), [("approve", "Approved."), ("refuse", "Refused.")])
def test_a_second_person_decides_once(app, small_study, answer, said):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)
    ravi = at_browser(app, small_study, "ravi")

    sent = ravi.post(decide_at(proposal), answer=answer)

    assert said in words(ravi.get(sent.location))
    assert ravi.post(decide_at(proposal), answer=answer).status_code == 409
    assert ravi.get(decide_at(proposal)).status_code == 404


def test_deciding_asks_for_the_password(app, small_study):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)
    ravi = at_browser(app, small_study, "ravi")
    small_study.clock.advance(minutes=11)

    page = ravi.post(decide_at(proposal), answer="approve")

    assert "Your password, once more" in page.text
    assert "Your decision" in words(ravi.get(decide_at(proposal)))


@pytest.mark.parametrize("answer", ["", "perhaps", *HOSTILE.values()])
def test_anything_but_yes_or_no_decides_nothing(app, small_study, answer):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)
    ravi = at_browser(app, small_study, "ravi")

    page = ravi.post(decide_at(proposal), answer=answer)

    assert page.status_code == 422
    assert "Your decision" in words(ravi.get(decide_at(proposal)))


def test_strangers_find_no_proposal_and_leave_a_line(app, small_study):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)
    nina = at_browser(app, small_study, "nina")

    assert nina.get(decide_at(proposal)).status_code == 404
    assert nina.post(decide_at(proposal), answer="approve").status_code == 404
    assert small_study.last_event().outcome == "refused"
