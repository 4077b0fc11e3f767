"""Consents on pages of the team: the queue, one with its scan, a paper entered by a browser."""

import pytest

from studyhub.domain.statements import STARTERS
from tests.makers import SLUG
from tests.web.browser import open_page, serve
from tests.web.pages import HOSTILE, at_browser, fits_everywhere, words
from tests.workflows.consenting import code_of, informed_on, person_of, records

PDF = b"%PDF-1.7\n" + b"a paper that somebody signed " * 300
CONSENT = f"/s/{SLUG}/consent"


@pytest.fixture
def ready(clock):
    with informed_on("sqlite", clock) as made:
        yield made


@pytest.fixture
def small_study(ready):
    """An approved study, with somebody who was informed a day ago."""
    return ready[0]


@pytest.fixture
def code(ready):
    study, token = ready
    study.token = token
    return code_of(study, person_of(study, token))


@pytest.fixture
def ivan(app, small_study, code):
    return at_browser(app, small_study, "ivan")


def send_scan(visit, code, body=PDF, **headers):
    sent = {"X-CSRF-Token": visit.token, "Content-Type": "application/pdf", **headers}
    return visit.client.post(f"{CONSENT}/enter/{code}/scan", data=body, headers=sent)


def enter(visit, study, code, **more):
    fields = {f"statement:{each.code}": "agree" for each in STARTERS}
    fields |= {"signed_on": f"{study.clock.at:%Y-%m-%d}", **more}
    return visit.post(f"{CONSENT}/enter/{code}", **fields)


def test_a_paper_goes_from_the_scan_to_the_second_look(app, small_study, ivan, code):
    scan = send_scan(ivan, code)
    assert scan.status_code == 201
    entered = enter(ivan, small_study, code, scan=scan.json["scan"])
    assert entered.status_code == 302
    one = entered.location.partition("?")[0]

    ravi = at_browser(app, small_study, "ravi")
    queue = ravi.get(CONSENT)
    assert f"Verify the consent of {code}" in words(queue)
    assert "since" in words(queue)
    seen = ravi.get(one + "/evidence/scan")
    assert seen.data == PDF
    assert seen.headers["Content-Security-Policy"].startswith("sandbox")
    assert seen.headers["Cache-Control"] == "no-store"
    assert ravi.post(one + "/verify").status_code == 302
    assert "Nothing waits" in words(ravi.get(CONSENT))


@pytest.mark.parametrize("body", [b"", b"GIF89a" + b"x" * 50, b"<script>"])
def test_what_is_no_scan_is_refused(ivan, code, body):
    assert send_scan(ivan, code, body).status_code == 422


def test_a_scan_without_the_token_in_its_header_is_refused(ivan, code):
    sent = ivan.client.post(f"{CONSENT}/enter/{code}/scan", data=PDF)

    assert sent.status_code == 400


@pytest.mark.parametrize("login", ["tess", "ann", "nina"])
def test_consents_are_hidden_from_who_has_no_act_on_them(app, small_study, code, login):
    visit = at_browser(app, small_study, login)

    assert visit.get(CONSENT).status_code == 404


# Blanks in place of a time are no time, which a paper may lack.
ENTERED = [
    (field, value)
    for field in ("scan", "signed_on", "signed_at", "statement:quotes")
    for value in HOSTILE.values()
    if (field, value) != ("signed_at", HOSTILE["blank"])
]


@pytest.mark.parametrize(("field", "value"), ENTERED, ids=range(len(ENTERED)))
def test_hostile_values_enter_nothing(small_study, ivan, code, field, value):
    scan = send_scan(ivan, code).json["scan"]

    page = enter(ivan, small_study, code, **{"scan": scan, field: value})

    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert records(small_study) == []


def test_the_pages_are_accessible_at_every_width(app, small_study, ivan, code, chromium):
    scan = send_scan(ivan, code).json["scan"]
    one = enter(ivan, small_study, code, scan=scan).location
    with serve(app) as address, open_page(chromium, 1280) as page:
        for login, path in (
            ("ravi", CONSENT),
            ("ravi", one),
            ("ivan", f"{CONSENT}/enter/{code}"),
        ):
            cookie = small_study.cookie(login)
            page.context.add_cookies([{"name": "sid", "value": cookie, "url": address}])
            page.goto(address + path)
            fits_everywhere(page)


def test_a_scan_chosen_on_the_page_is_sent_at_once(app, small_study, ivan, code, chromium):
    with serve(app) as address, open_page(chromium, 1280) as page:
        page.context.add_cookies([{"name": "sid", "value": ivan.cookie, "url": address}])
        page.goto(f"{address}{CONSENT}/enter/{code}")
        page.get_by_label("Scan of the paper").set_input_files(
            {"name": "grace adeyemi.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        page.get_by_text("The scan was received whole.").wait_for()
        page.get_by_label("Day on the paper").fill(f"{small_study.clock.at:%Y-%m-%d}")
        for each in STARTERS:
            page.locator(f"#{each.code}-agree").check()
        page.get_by_role("button", name="Enter this paper").click()
        page.get_by_text("It counts when somebody else has verified it.").wait_for()
    assert len(records(small_study)) == 1
