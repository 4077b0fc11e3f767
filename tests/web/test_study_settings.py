"""The pages of a study's settings: who reads, who settles, and what participants then see."""

import re

import pytest

from tests.makers import CAST, SLUG, informed
from tests.web.pages import at_browser, words

SETTINGS = f"/s/{SLUG}/settings"
CHANGE = f"{SETTINGS}/change"
READERS = set(CAST) - {"tess", "nina"}


def filled(visit, **other):
    """The form as it comes, with what a person would change."""
    page = visit.get(CHANGE)
    assert page.status_code == 200
    inputs = re.findall(r"<input[^>]*>", page.text)
    told = {}
    for each in inputs:
        name, value = re.search(r'name="([^"]+)"', each), re.search(r'value="([^"]*)"', each)
        if name and ('type="radio"' not in each or "checked" in each):
            told[name[1]] = value[1] if value else ""
    return {**told, "typed_name_reason": "Low risk.", "sensitive_terms": "", **other}


@pytest.mark.parametrize("login", CAST)
def test_each_page_is_open_to_whom_the_matrix_names(app, small_study, login):
    visit = at_browser(app, small_study, login)
    wrong = 404 if login == "nina" else 403

    assert visit.get(SETTINGS).status_code == (200 if login in READERS else wrong)
    assert visit.get(CHANGE).status_code == (200 if login == "petra" else wrong)
    assert visit.post(CHANGE, link_days="9").status_code == (422 if login == "petra" else wrong)
    assert ("Study settings</a>" in visit.get("/home", follow_redirects=True).text) == (
        login in READERS
    )


def test_the_pi_settles_and_sees_it(petra):
    sent = petra.post(
        CHANGE, **filled(petra, consider_time="48", sensitive_terms="drugs\nexile")
    )

    assert sent.status_code == 302
    said = words(petra.get(sent.location))
    assert "Settled. It holds from now on." in said
    assert "48 hours between sheet and signing" in said
    assert "drugs, exile" in said


def test_what_is_wrong_is_said_and_what_was_typed_stays(petra):
    form = filled(petra)

    page = petra.post(CHANGE, **{**form, "link_days": "999", "sensitive_terms": "abc"})
    assert page.status_code == 422
    assert "Enter a number from 1 to 365" in words(page)
    assert 'value="999"' in page.text


def test_the_password_is_asked_for_and_what_was_typed_comes_back(petra, small_study):
    form = filled(petra, link_days="30")
    small_study.clock.advance(minutes=11)

    page = petra.post(CHANGE, **form)

    assert page.status_code == 403
    assert 'value="30"' in page.text


@pytest.mark.usefixtures("approved")
def test_inv_42_pages_for_participants_name_the_number_of_the_team(petra, small_study, app):
    form = filled(petra, team_phone="01632 960 001", team_email="talks@uni.test")
    petra.post(CHANGE, **{**form, "safe_site": "https://weather.test/today"})
    token = informed(small_study)
    stranger = app.test_client()

    for path in (f"/interest/{SLUG}", f"/l/{token}", f"/l/{token}/consent"):
        page = stranger.get(path).text
        assert "You can do all of this on paper or by phone instead." in page, path
        assert 'Call <a href="tel:01632960001">01632 960 001</a>' in page, path
        assert 'or write to <a href="mailto:talks@uni.test">' in page, path
        assert 'href="https://weather.test/today"' in page, path

    refused = stranger.post(f"/l/{token}/decline").text
    assert "01632 960 001" in refused
    assert "01632 960 001" not in stranger.get(f"/l/{'0' * 43}").text
