"""Recordings on pages: each role sees its own, by code, and is offered only what it may do."""

from datetime import timedelta

import pytest

from studyhub.app import create_app
from tests.makers import SLUG, Clock, recorded, sent
from tests.web.pages import at_browser, words
from tests.workflows.recording import SPEECH, begun, interviewed_on

LIST = f"/s/{SLUG}/recordings"


@pytest.fixture
def made():
    with interviewed_on("sqlite", Clock()) as (study, by_link, on_paper):
        yield study, by_link, on_paper, create_app(study.hub)


def test_the_interviewer_sends_goes_on_and_hears_their_own(made):
    study, by_link, _, app = made
    ivan = at_browser(app, study, "ivan")
    page = f"/s/{SLUG}/interviews/{by_link}/recording"
    assert "Hand in the recording of" in words(ivan.get(LIST))
    assert "Choose a file" in words(ivan.get(page))
    begun(study, by_link)
    assert "Choose the same file to go on" in words(ivan.get(page))

    recording = sent(study, by_link, SPEECH)

    assert "consent in force at start" in words(ivan.get(page))
    assert "Choose a file" not in words(ivan.get(page))
    opened = ivan.post(f"{LIST}/{recording}/listen")
    assert opened.location.startswith(f"{LIST}/{recording}?p=")
    assert "<audio" in ivan.get(opened.location).text


def test_what_waits_too_long_is_put_before_the_pi_who_decides_with_a_reason(made):
    study, _, on_paper, app = made
    recording = recorded(study, on_paper)
    one = f"{LIST}/{recording}"
    study.clock.at += timedelta(days=15)
    petra = at_browser(app, study, "petra")
    assert "Decide about the recording of" in words(petra.get("/home"))

    assert petra.post(f"{one}/extend").status_code == 422
    assert petra.post(f"{one}/accept").status_code == 409
    assert petra.post(f"{one}/extend", reason="protocol").location.endswith("done=extended")
    assert "Decide about the recording of" not in words(petra.get("/home"))
    assert petra.post(f"{one}/reject", reason="quality").location.endswith("done=rejected")
    assert "Destroyed" in words(petra.get(one))


@pytest.mark.parametrize(
    ("login", "sees"),
    [("petra", True), ("ada", True), ("tess", False), ("ravi", False)],
)
def test_each_role_sees_its_own_and_no_name(made, login, sees):
    study, by_link, _, app = made
    recording = recorded(study, by_link)
    visit = at_browser(app, study, login)

    page = visit.get(LIST)

    assert page.status_code == 200
    assert (str(recording) in page.text) is sees
    assert "Grace" not in page.text
    assert visit.get(f"{LIST}/{recording}").status_code == (200 if sees else 404)
    assert visit.get(f"/s/{SLUG}/interviews/{by_link}/recording").status_code == 404


@pytest.mark.parametrize(("login", "status"), [("rita", 404), ("ann", 404), ("nina", 404)])
def test_to_others_there_are_no_recordings(made, login, status):
    study, by_link, _, app = made
    recorded(study, by_link)

    assert at_browser(app, study, login).get(LIST).status_code == status
