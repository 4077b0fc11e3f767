"""Pages of interviews: planned by a recruiter, chosen by link, held by the interviewer."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from studyhub.store.interviews import Interview
from studyhub.workflows import interviews, interviews_held
from tests.makers import (
    SLUG,
    agreed,
    confirmed,
    guide_in_use,
    interviewed,
    letter_body,
    planned,
    started,
    token_in,
)
from tests.web.browser import complaints, let_in, open_page, serve
from tests.web.pages import HOSTILE, at_browser, fits_everywhere, words
from tests.workflows.test_interviews import of

HERE = f"/s/{SLUG}/interviews"


def page_of(interview_id):
    return f"{HERE}/{interview_id}"


def send(visit, path, **fields):
    """Send a form and go where it leads."""
    page = visit.post(path, **fields)
    return visit.get(page.location) if page.status_code == 302 else page


def interview_of(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(Interview.id)).one()


def test_a_recruiter_plans_an_interview_from_the_page_of_a_person(app, small_study, approved):
    who = agreed(small_study)
    rita = at_browser(app, small_study, "rita")
    person = rita.get(f"/s/{SLUG}/recruitment/people/{who}")
    assert "Plan an interview" in person.text
    at = small_study.clock() + timedelta(days=3)

    done = send(
        rita,
        f"{HERE}/plan/{who}",
        mode="telephone",
        interviewer_id=str(small_study.membership_id("ivan")),
        settled="agreed",
        starts_at=f"{at:%Y-%m-%dT%H:%M}",
        place="",
        zone="",
    )

    assert "Planned. The letter with the calendar entry is queued." in words(done)
    assert of(small_study, Interview, interview_of(small_study)).planned_at == at
    assert "Hold the interview" in rita.get(f"/s/{SLUG}/recruitment/people/{who}").text


@pytest.mark.parametrize("field", ["mode", "settled", "starts_at", "interviewer_id"])
def test_a_plan_that_misses_something_says_so_and_keeps_the_rest(
    app, small_study, approved, field
):
    who = agreed(small_study)
    rita = at_browser(app, small_study, "rita")
    sent = {
        "mode": "telephone",
        "interviewer_id": str(small_study.membership_id("ivan")),
        "settled": "agreed",
        "starts_at": "2030-01-01T10:00",
        "place": "By the river",
        field: "",
    }

    page = send(rita, f"{HERE}/plan/{who}", **sent)

    assert page.status_code == 422
    assert "One thing to look at" in words(page)
    assert "By the river" in page.text


@pytest.fixture
def offer(small_study, approved):
    """Two times offered to somebody. Returns the address of their page."""
    start = small_study.clock() + timedelta(days=5)
    planned(small_study, starts_at=None, slots=(start, start + timedelta(days=1)))
    return f"/l/{token_in(letter_body(small_study, 'appointment')['text'])}/interview"


def fields(page):
    token = re.search(r'name="csrf_token" value="([^"]*)"', page.text)
    slots = re.findall(r'name="slot" type="radio" value="([^"]*)"', page.text)
    return token[1], slots


def test_a_person_chooses_without_script_and_without_a_cookie(app, small_study, offer):
    person = app.test_client(use_cookies=False)
    page = person.get(offer)
    token, slots = fields(page)
    assert "checked" not in page.text
    before = small_study.events()

    empty = person.post(offer, data={"csrf_token": token})
    assert (empty.status_code, small_study.events()) == (422, before)
    assert "Two things to look at" in words(empty)
    kept = person.post(offer, data={"csrf_token": token, "slot": slots[1]})
    assert kept.status_code == 422
    assert re.search(f'value="{slots[1]}" checked', kept.text)
    sent = {"csrf_token": token, "slot": slots[1], "mode": "video"}
    done = person.post(offer, data=sent, follow_redirects=True)

    assert "We talk on" in words(done)
    row = of(small_study, Interview, interview_of(small_study))
    assert (row.state, row.mode) == ("scheduled", "video")
    assert person.post(offer, data=sent).status_code == 409


def test_inv_12_looking_at_the_times_changes_nothing(app, small_study, offer):
    before = small_study.events()

    app.test_client(use_cookies=False).get(offer + "?zone=Europe/Madrid")

    assert small_study.events() == before


def test_a_forged_choice_and_a_strange_one_are_refused(app, small_study, offer):
    person = app.test_client(use_cookies=False)
    token, slots = fields(person.get(offer))

    forged = {"csrf_token": "x", "slot": slots[0], "mode": "video"}
    assert person.post(offer, data=forged).status_code == 400
    for strange in HOSTILE.values():
        answer = person.post(
            offer, data={"csrf_token": token, "slot": strange, "mode": strange}
        )
        assert answer.status_code == 422
    assert person.get("/l/" + "a" * 43 + "/interview").status_code == 404


def test_times_are_shown_for_another_place(app, small_study, offer):
    person = app.test_client(use_cookies=False)
    here, there = person.get(offer), person.get(offer + "?zone=Asia/Tokyo")

    hours = [
        re.findall(r"radios__label[^>]*>(\d\d:\d\d)<", each.text) for each in (here, there)
    ]
    assert int(hours[1][0][:2]) == (int(hours[0][0][:2]) + 9) % 24
    assert "Tokyo" in words(there)


def test_the_page_of_the_times_fits_every_width_without_script(app, chromium, offer):
    with serve(app) as address, open_page(chromium, 320) as page:
        page.goto(address + offer)
        fits_everywhere(page)
        page.get_by_role("button", name="Choose this time").click()
        page.get_by_role("alert").wait_for()
        complaints(page).clear()  # the browser complains of every 422
        fits_everywhere(page)
        assert page.get_by_role("link", name="Leave this page").is_visible()
    with serve(app) as address, open_page(chromium, 320, javascript=False) as page:
        page.goto(address + offer)
        page.get_by_label("By phone").check()
        page.locator("input[name=slot]").first.check()
        page.get_by_role("button", name="Choose this time").click()
        assert "We talk on" in page.inner_text("h1")


# The interviewer.


def test_an_interview_is_confirmed_started_and_ended_on_its_page(app, small_study, approved):
    interview_id = planned(small_study)
    ivan = at_browser(app, small_study, "ivan")
    page = page_of(interview_id)

    assert send(ivan, page + "/confirm").status_code == 422
    send(ivan, page + "/confirm", relationship="none")
    small_study.clock.at = of(small_study, Interview, interview_id).planned_at
    ivan.cookie = small_study.cookie("ivan")
    assert send(ivan, page + "/start", still_willing="no", may_record="yes").status_code == 422
    send(ivan, page + "/start", still_willing="yes", may_record="yes")
    small_study.clock.advance(minutes=10)
    assert "00:10:00" in ivan.get(page).text
    missing = send(ivan, page + "/end", outcome="completed", mode="telephone")
    assert (missing.status_code, "Choose where they were" in missing.text) == (422, True)
    done = send(
        ivan,
        page + "/end",
        outcome="completed",
        mode="telephone",
        setting="home",
        others_present="no",
        guide=str(guide_in_use(small_study)),
    )

    assert "Write the log while you remember it." in words(done)
    assert of(small_study, Interview, interview_id).state == "completed"


def test_the_clock_survives_an_hour_and_a_lost_session(app, small_study, approved):
    interview_id = started(small_study)
    ivan = at_browser(app, small_study, "ivan")
    ivan.get(page_of(interview_id))
    small_study.clock.advance(minutes=61)
    assert ivan.get(page_of(interview_id)).status_code in (302, 401)

    ivan.cookie = small_study.cookie("ivan")
    page = ivan.get(page_of(interview_id))

    assert "01:01:00" in page.text
    assert "The start is kept here" in page.text
    assert "In progress since" in words(page)


def test_a_clock_that_nobody_stopped_asks_for_the_end(app, small_study, approved):
    interview_id = started(small_study)
    small_study.clock.advance(hours=100)

    page = at_browser(app, small_study, "ivan").get(page_of(interview_id))

    assert "It has run for longer than an interview does" in words(page)


def test_the_call_sheet_is_offered_inside_its_window_and_hidden_after_it(
    app, small_study, approved
):
    interview_id = confirmed(small_study)
    ivan = at_browser(app, small_study, "ivan")
    page = page_of(interview_id)
    assert "Open the call sheet" in ivan.get(page).text
    before = small_study.events()
    assert "Grace" in words(send(ivan, page + "/call-sheet"))
    assert small_study.events() == before + 1

    small_study.clock.advance(hours=25)
    ivan.cookie = small_study.cookie("ivan")

    assert "Open the call sheet" not in ivan.get(page).text
    assert send(ivan, page + "/call-sheet").status_code == 403


def test_the_first_screen_of_an_interviewer_says_what_is_next_and_what_is_left(
    app, small_study, approved
):
    interviewed(small_study)
    confirmed(small_study)
    ivan = at_browser(app, small_study, "ivan")

    said = words(ivan.get("/home"))

    assert "Next interview" in said
    assert "You may begin and record" in said
    assert "Hand in the recording of" in said
    assert "Write the log of" in said


def test_notes_stand_on_the_page_of_their_writer_alone(app, small_study, approved):
    interview_id = started(small_study)
    ivan = at_browser(app, small_study, "ivan")
    send(ivan, page_of(interview_id) + "/notes", kind="field_note", text="A long pause at noon")

    assert "A long pause at noon" in ivan.get(page_of(interview_id)).text
    for login in ("petra", "rita", "ada"):
        page = at_browser(app, small_study, login).get(page_of(interview_id))
        assert (page.status_code, "A long pause" in page.text) == (200, False)
    for login in ("tess", "ann", "nina"):
        page = at_browser(app, small_study, login).get(page_of(interview_id))
        assert page.status_code in (403, 404)


def test_an_incident_is_reported_from_the_interview_and_stands_first_for_the_pi(
    app, small_study, approved
):
    interview_id = started(small_study)
    ivan = at_browser(app, small_study, "ivan")
    where = f"/s/{SLUG}/incidents/report?interview={interview_id}"
    told = send(ivan, where, kind="distress", words="She wept and wanted to go on.")
    assert "She wept" in words(told)

    petra = at_browser(app, small_study, "petra")
    home = petra.get("/home")
    assert "Somebody was in distress" in words(home)
    assert "She wept" not in home.text
    place = re.search(r'href="(/s/[^"]*/incidents/[0-9a-f-]{36})"', home.text)[1]
    assert "She wept" in words(petra.get(place))
    decided = send(petra, place, outcome="triaged", words="Called her back.")
    assert "Called her back." in words(decided)


def test_a_recruiter_moves_and_cancels_and_notes_that_nobody_came(app, small_study, approved):
    interview_id = planned(small_study)
    rita = at_browser(app, small_study, "rita")
    page = page_of(interview_id)
    at = small_study.clock() + timedelta(days=6)
    sent = {
        "mode": "in_person",
        "interviewer_id": str(small_study.membership_id("ivan")),
        "starts_at": f"{at:%Y-%m-%dT%H:%M}",
        "place": "Room 2.14",
    }
    assert "Changed." in words(send(rita, page + "/change", **sent))
    assert send(rita, page + "/no-show").status_code == 409
    assert send(rita, page + "/cancel").status_code == 422
    assert "Cancelled." in words(send(rita, page + "/cancel", reason="person_asked"))
    assert of(small_study, Interview, interview_id).state == "cancelled"


def test_pages_of_an_interview_fit_every_width(app, chromium, small_study, approved):
    interview_id = started(small_study)
    interviews_held.log(small_study.ivan, interview_id, "field_note", "A quiet room")
    confirmed_id = planned(small_study)
    interviews.confirm(small_study.ivan, confirmed_id, relationship="none")
    with serve(app) as address, open_page(chromium, 1280) as page:
        let_in(page, small_study.cookie("ivan"))
        for path in (
            page_of(confirmed_id) + "/change",
            "/home",
            HERE,
            f"/s/{SLUG}/incidents/report?interview={interview_id}",
            page_of(interview_id),
        ):
            page.goto(address + path)
            fits_everywhere(page)
        first = page.get_by_role("timer").inner_text()
        page.wait_for_function(
            "before => document.querySelector('[role=timer]').textContent !== before", arg=first
        )
        assert complaints(page) == []
