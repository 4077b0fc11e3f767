"""The pages on which identifiers are taken out, read again, and looked for once more."""

import re
from dataclasses import replace

import pytest

from studyhub.workflows import withdrawal
from tests.makers import SLUG, password_of
from tests.web.apps import app_over
from tests.web.browser import complaints, open_page, serve, sign_in_at, violations
from tests.web.pages import at_browser, fits_everywhere, words
from tests.workflows.deidentifying import (
    begun_on,
    decide_all,
    look,
    propose,
    row_of,
    send,
)

HERE = f"/s/{SLUG}/deidentification"
EVERYBODY = ("petra", "rita", "ivan", "tess", "ravi", "ann", "ada", "nina")


@pytest.fixture
def study_and_text(clock):
    with begun_on("sqlite", clock) as made:
        yield made


def statuses(study, path):
    """What each of the cast gets from an address."""
    app = app_over(study.hub)
    return {login: at_browser(app, study, login).get(path).status_code for login in EVERYBODY}


def test_only_who_was_given_the_text_opens_the_workbench_and_its_marks(study_and_text):
    study, made = study_and_text

    for path in (f"{HERE}/{made}", f"/transcripts/{made}/marks"):
        found = statuses(study, path)
        assert found["tess"] == 200
        assert found["petra"] in (403, 404)
        assert found["ravi"] in (403, 404)
        assert {found[login] for login in ("rita", "ann", "ada")} == {404}


def test_only_the_second_reader_reads_and_nobody_else_learns_that_there_is_a_text(
    study_and_text,
):
    study, made = study_and_text
    decide_all(study, made)
    propose(study, made)

    reading = statuses(study, f"{HERE}/{made}/reading")
    gate = statuses(study, f"{HERE}/{made}/leak-gate")

    assert reading["ravi"] == gate["ravi"] == gate["petra"] == 200
    assert reading["tess"] == gate["tess"] == 403
    assert {reading[login] for login in ("rita", "ann", "ada", "nina")} == {404}


def test_a_text_on_hold_offers_nothing(study_and_text):
    study, _made = study_and_text
    tess = at_browser(app_over(study.hub), study, "tess")
    code = re.search(r">([A-Z0-9]{4})<", tess.get(HERE).text)[1]
    told = withdrawal.Told(("transcript",), code, "telephone", study.clock())

    withdrawal.receive(study.rita, told)

    listed = words(tess.get(HERE))
    assert "On hold It cannot be opened now." in listed
    assert "Go on" not in listed


def test_a_wrong_message_is_refused_in_words_and_takes_nothing(study_and_text):
    study, made = study_and_text
    tess = at_browser(app_over(study.hub), study, "tess")
    address = f"/transcripts/{made}/marks"
    shown = tess.get(address).json
    mark = next(each for each in shown["marks"] if each["kind"] == "direct")
    message = {"base_rev": shown["rev"], "client_id": "page", "seq": 1}

    def patch(**more):
        return tess.client.patch(
            address,
            json={**message, **more},
            headers={"X-CSRF-Token": shown["csrf"]},
            environ_base={"HTTP_COOKIE": f"sid={tess.cookie}"},
        )

    refused = patch(decisions=[{**mark, "state": "reject"}])
    assert refused.status_code == 422
    assert "note" in refused.json["problems"]
    for wrong in ({"decisions": "all"}, {"decisions": [{"id": 1}]}, {"base_rev": -1}):
        assert patch(**wrong).status_code == 400
    taken = patch(decisions=[{**mark, "state": "accept"}])
    assert taken.status_code == 200
    stale = patch(decisions=[{**mark, "state": "suppress"}], client_id="other")
    assert (stale.status_code, stale.json["rev"]) == (409, taken.json["rev"])


def test_the_second_reading_and_the_gate_work_without_script(study_and_text):
    study, made = study_and_text
    decide_all(study, made)
    tess = at_browser(app_over(study.hub), study, "tess")
    assert tess.post(f"{HERE}/{made}/propose").location == f"{HERE}?done=handed"

    ravi = at_browser(app_over(study.hub), study, "ravi")
    assert "Read the text of" in words(ravi.get("/home"))
    page = ravi.get(f"{HERE}/{made}/reading")
    assert "[Name 1] founded [Organisation 1] in [Place 1]." in words(page)
    assert "Maureen" not in page.text
    asked = set(re.findall(r'name="(answer:\w+)"', page.text))
    assert len(asked) == 6
    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
    missing = ravi.post(f"{HERE}/{made}/reading", seen=seen)
    assert missing.status_code == 422
    answers = dict.fromkeys(asked, "no")
    assert ravi.post(f"{HERE}/{made}/reading", seen="0" * 64, **answers).status_code == 409
    passed = ravi.post(f"{HERE}/{made}/reading", seen=seen, **answers)

    assert passed.location == f"{HERE}/{made}/leak-gate"
    gate = words(ravi.get(passed.location))
    assert "Nothing found: it can be released" in gate
    assert "What the gate cannot see" in gate


def test_a_place_found_by_the_gate_goes_back_to_the_workbench(study_and_text):
    study, made = study_and_text
    bench = look(study, made)
    first = next(mark for mark in bench.marks if mark.surface == "Maureen Tolley")
    send(study, made, replace(first, state="reject", note="public_figure"))
    decide_all(study, made)
    propose(study, made)
    ravi = at_browser(app_over(study.hub), study, "ravi")
    gate = words(ravi.get(f"{HERE}/{made}/leak-gate"))
    assert "Turn 2, characters 0" in gate
    assert "Must go" in gate

    ravi.post(f"{HERE}/{made}/reading", marked="yes")

    assert row_of(study, made).state == "returned"
    tess = at_browser(app_over(study.hub), study, "tess")
    tess.post(f"{HERE}/{made}/begin")
    places = tess.get(f"/transcripts/{made}/marks").json["returned"]
    assert [place["turn"] for place in places] == [2]


def test_the_names_of_a_person_open_for_who_works_on_the_text_and_ask_the_pi_why(
    study_and_text,
):
    study, made = study_and_text
    tess = at_browser(app_over(study.hub), study, "tess")
    assert "Grace Adeyemi" not in tess.get(f"{HERE}/{made}/register").text
    assert "Grace Adeyemi" in words(tess.post(f"{HERE}/{made}/register"))
    petra = at_browser(app_over(study.hub), study, "petra")
    study.clock.advance(minutes=12)

    without = petra.post(f"{HERE}/{made}/register")
    asked = petra.post(f"{HERE}/{made}/register", reason="law")

    assert without.status_code == 422
    assert "password" in words(asked).lower()
    assert "Grace" not in asked.text


def test_a_text_is_decided_marked_and_handed_in_by_the_keyboard_alone(study_and_text, chromium):
    study, made = study_and_text
    app = app_over(study.hub)
    with serve(app) as address, open_page(chromium, 1280) as page:
        sign_in_at(page, address, "tess", password_of("tess"))
        page.goto(f"{address}{HERE}/{made}")
        page.wait_for_selector(".di-mark.is-current")
        fits_everywhere(page)
        page.set_viewport_size({"width": 1280, "height": 900})

        for key in ("a", "e", "Enter", "s", "u", "g"):
            page.keyboard.press(key)
            page.wait_for_timeout(60)
        for key in ("m", "p", "t", "Enter"):
            page.keyboard.press(key)
            page.wait_for_timeout(60)
        assert violations(page) == []
        page.keyboard.press("x")
        for _ in range(20):
            if page.locator("dialog[open]").count():
                break
            page.keyboard.press("j")
            page.keyboard.press("a")
            page.wait_for_timeout(60)
        page.wait_for_selector("text=Every suggestion is decided")
        assert violations(page) == []
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"propose|done=handed"))
        assert [each for each in complaints(page) if "409" not in each] == []

    bench = look(study, made)
    by_words = {mark.surface: mark for mark in bench.marks}
    assert by_words["PTSD"].category == "OTHER_QUASI"
    assert by_words["PTSD"].by == str(study.membership_id("tess"))
    assert by_words["Maureen Tolley"].state == by_words["Maureen"].state == "accept"
    assert by_words["Lantern House"].state == "generalise"


def test_the_second_reader_marks_a_place_by_the_keyboard_and_sends_it_back(
    study_and_text, chromium
):
    study, made = study_and_text
    decide_all(study, made)
    propose(study, made)
    app = app_over(study.hub)
    with serve(app) as address, open_page(chromium, 1280) as page:
        sign_in_at(page, address, "ravi", password_of("ravi"))
        page.goto(f"{address}{HERE}/{made}/reading")
        page.wait_for_selector("#bar:not([hidden])")
        fits_everywhere(page)
        page.locator("#paper").focus()
        for key in ("j", "j", "i"):
            page.keyboard.press(key)
        page.wait_for_selector("dialog[open]")
        assert violations(page) == []
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_selector("#doubts li strong")
        page.click("text=Send it back")
        page.wait_for_url(re.compile("done=returned"))
        assert complaints(page) == []

    assert row_of(study, made).state == "returned"
