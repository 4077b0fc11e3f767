"""The team's pages about withdrawals: noted, decided, looked at twice, carried out."""

import pytest
from playwright.sync_api import expect

from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.consent import Participant
from studyhub.store.withdrawals import Erasure, Hold, Withdrawal
from studyhub.workflows import withdrawal, withdrawal_deciding
from studyhub.workflows.withdrawal_deciding import Decision
from tests import makers
from tests.makers import SLUG
from tests.web.browser import complaints, let_in, open_page, serve
from tests.web.pages import at_browser, fits_everywhere, words
from tests.web.visits import Visit
from tests.workflows.withdrawing import items, row, rows, steps

pytestmark = pytest.mark.usefixtures("approved")
PAGES = f"/s/{SLUG}/withdrawals"


def code_of(study, person):
    return rows(study, Participant, Participant.id == person)[0].code


def page_of(study, withdrawal_id):
    return f"{PAGES}/{row(study, withdrawal_id).reference}"


def test_a_member_who_was_told_puts_it_on_hold_and_is_asked_for_no_reason(app, small_study):
    person = makers.agreed(small_study)
    tess = at_browser(app, small_study, "tess")

    form = tess.get(f"{PAGES}/record")
    assert "reason" not in form.text.partition("<form")[2].partition("</form>")[0]
    told = {"code": code_of(small_study, person), "channel": "telephone", "scope": ["audio"]}
    answer = tess.post(f"{PAGES}/record", **told)

    assert "It is on hold." in words(tess.get(answer.location))
    assert rows(small_study, Hold)[0].participant_id == person


def test_a_code_that_nobody_has_keeps_what_was_chosen(app, small_study):
    rita = at_browser(app, small_study, "rita")

    told = {"code": "ZZZZ", "channel": "telephone", "scope": ["quotes"]}
    answer = rita.post(f"{PAGES}/record", **told)

    assert answer.status_code == 422
    assert "There is no such code in this study" in words(answer)
    assert 'value="quotes" checked' in answer.text


def test_the_pi_decides_all_as_they_asked_and_has_it_carried_out(app, small_study):
    made = makers.withdrawn(small_study)
    petra, page = at_browser(app, small_study, "petra"), page_of(small_study, made)
    petra.post("/step-up", password=makers.password_of("petra"), next=page)
    assert "Decide about the withdrawal of" in words(petra.get("/home"))
    assert "checked" not in petra.get(page).text
    chosen = dict.fromkeys(items(small_study, made), "erase")
    assert 'value="erase" checked' in petra.get(f"{page}?fill=yes").text

    petra.post(page, **chosen)
    assert "carried out" in words(petra.get("/home"))
    assert rows(small_study, Erasure) == []
    petra.post(f"{page}/carry-out")

    assert steps(small_study, made)[-1] == "executing"
    assert "It is being carried out." in words(petra.get(f"{page}?done=begun"))


def test_what_is_not_decided_stays_beside_its_item(app, small_study):
    made = makers.withdrawn(small_study)
    petra, page = at_browser(app, small_study, "petra"), page_of(small_study, made)

    answer = petra.post(page, contact="erase")

    assert answer.status_code == 422
    assert "Choose what happens to: Letters" in words(answer)


@pytest.mark.parametrize(("login", "status"), [("ada", 403), ("rita", 403), ("ann", 403)])
def test_who_may_not_decide_has_no_form_and_is_refused(app, small_study, login, status):
    made = makers.withdrawn(small_study)
    visit, page = at_browser(app, small_study, login), page_of(small_study, made)

    seen = visit.get(page)

    assert "Record the decision" not in seen.text
    assert visit.post(page, contact="erase").status_code == status
    assert visit.post(f"{page}/carry-out").status_code == status


def test_the_recruiter_is_reminded_to_tell_who_telephoned_and_does(app, small_study):
    person = makers.agreed(small_study)
    told = withdrawal.Told(("audio",), code_of(small_study, person), "telephone")
    withdrawal.receive(small_study.ivan, told)
    rita = at_browser(app, small_study, "rita")
    page = f"{PAGES}/{rows(small_study, Withdrawal)[0].reference}"

    assert "that their withdrawal arrived" in words(rita.get("/home"))
    rita.post(f"{page}/acknowledge")

    letter = makers.letter_body(small_study, "withdrawal_received", person)
    assert rows(small_study, Withdrawal)[0].reference in letter["text"]
    assert "that their withdrawal arrived" not in words(rita.get("/home"))


def test_a_second_person_with_the_duty_confirms_what_cannot_be_done(app, small_study):
    made = makers.withdrawn(small_study, ("contact",))
    cannot = Decision("cannot", "not_found")
    chosen = dict.fromkeys(items(small_study, made), cannot)
    withdrawal_deciding.decide(small_study.petra, made, chosen)
    makers.invite_and_grant(small_study, "tess", Role.REVIEWER, (Duty.ASSESS,))
    tess, page = Visit(app), page_of(small_study, made)
    tess.cookie = small_study.cookie("tess", Role.REVIEWER)
    tess.post("/step-up", password=makers.password_of("tess"), next=page)
    assert "Second person" in words(tess.get(page))

    tess.post(f"{page}/second", answer="yes")

    assert items(small_study, made)["contact"].second_by
    assert steps(small_study, made)[-1] == "assessed"


def test_after_five_working_days_the_auditor_finds_it_on_the_first_page(app, small_study):
    makers.withdrawn(small_study)
    said = "Withdrawals that nobody decided in five working days"

    assert said not in words(at_browser(app, small_study, "ada").get(f"/s/{SLUG}/trail"))
    small_study.clock.advance(days=8)
    assert said in words(at_browser(app, small_study, "ada").get(f"/s/{SLUG}/trail"))


def test_the_pages_fit_and_read_well(app, small_study, chromium):
    made = makers.withdrawn(small_study)
    with serve(app) as address, open_page(chromium, 1280) as page:
        visit = at_browser(app, small_study, "petra")
        let_in(page, visit.cookie)
        for path in (PAGES, f"{PAGES}/record", page_of(small_study, made)):
            page.goto(address + path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            fits_everywhere(page)
        assert complaints(page) == []
