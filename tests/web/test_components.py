"""Every part of a page, in a real browser, under the strict policy."""

import pytest
from playwright.sync_api import expect

from studyhub.web.frame import wrong
from tests.web.browser import assert_fit, complaints, open_page, serve, sideways
from tests.web.components_app import make_app
from tests.web.pages import fits_everywhere


@pytest.fixture(scope="module")
def address():
    with serve(make_app()) as here:
        yield here


def test_every_part_is_accessible_at_every_width(chromium, address):
    with open_page(chromium, 1280) as page:
        page.goto(address + "/")

        fits_everywhere(page)


def test_every_part_is_accessible_with_problems_shown(chromium, address):
    with open_page(chromium, 1280) as page:
        page.goto(address + "/")
        page.get_by_role("button", name="Save").click()

        expect(page.locator(".govuk-error-summary")).to_be_focused()
        fits_everywhere(page)


@pytest.mark.parametrize("who", ["staff", "public", "neutral"])
def test_pages_that_say_no_are_accessible(chromium, address, who):
    with open_page(chromium, 390) as page:
        page.goto(f"{address}/wrong/410/{who}")

        assert_fit(page)


def test_a_problem_leads_to_its_field(chromium, address):
    with open_page(chromium, 1280) as page:
        page.goto(address + "/")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Choose “I agree” or “I do not agree”").click()

        expect(page.get_by_role("radio", name="I agree", exact=True)).to_be_focused()


def test_a_password_can_be_shown_and_hidden(chromium, address):
    with open_page(chromium, 390) as page:
        page.goto(address + "/sign-in")
        page.get_by_role("button", name="Show password").click()

        expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
        assert_fit(page)


def test_pages_read_and_post_without_script(chromium, address):
    with open_page(chromium, 390, javascript=False) as page:
        page.goto(address + "/sign-in")
        page.get_by_label("Sign-in name").fill("petra")
        page.get_by_role("button", name="Sign in").click()

        expect(page.locator(".govuk-error-summary")).to_be_visible()
        expect(page.get_by_label("Sign-in name")).to_have_value("petra")
        expect(page.get_by_role("button", name="Show password")).to_have_count(0)
        assert sideways(page) <= 0
        assert complaints(page) == []


def test_the_first_key_leads_past_the_header(chromium, address):
    with open_page(chromium, 1280) as page:
        page.goto(address + "/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
        page.keyboard.press("Enter")

        expect(page.locator("main")).to_be_focused()


def test_what_has_the_focus_can_be_seen(chromium, address):
    outline = "e => getComputedStyle(e).outlineWidth + getComputedStyle(e).outlineStyle"
    with open_page(chromium, 1280) as page:
        page.goto(address + "/sign-in")
        for _ in range(7):
            page.keyboard.press("Tab")
            focused = page.locator("*:focus")
            assert focused.evaluate(outline) == "3pxsolid", focused.evaluate("e => e.outerHTML")


def test_paper_shows_the_page_and_not_its_buttons(chromium, address):
    with open_page(chromium, 1280, dark=True) as page:
        page.goto(address + "/")
        page.emulate_media(media="print")

        expect(page.get_by_role("heading", name="Components")).to_be_visible()
        for hidden in (".sh-header", ".sh-bar", ".sh-foot", ".sh-status >> nth=0"):
            expect(page.locator(hidden)).to_be_hidden()
        ink = page.locator("h1").evaluate("e => getComputedStyle(e).color")
        assert ink == "rgb(0, 0, 0)"


def test_pages_for_participants_name_no_product(chromium, address):
    with open_page(chromium, 390) as page:
        page.goto(f"{address}/wrong/404/neutral")

        assert page.title() == "We cannot find that page"
        assert "StudyHub" not in page.locator("body").inner_text()
        leave = page.get_by_role("link", name="Leave this page")
        expect(leave).to_have_attribute("rel", "noreferrer")


def test_an_answer_that_says_no_always_says_why_and_what_to_do():
    for status in (400, 403, 405, 409, 410, 413, 415, 422, 423, 429, 500, 503, 507):
        page = wrong(status, reference="7Q4M-2K9D", at="now")

        assert page.short.startswith(str(status))
        assert page.reason.endswith(".")
        assert page.advice.endswith(".")
        assert "error" not in page.title.lower()


def test_a_status_without_words_borrows_them():
    assert wrong(418, reference="", at="").title == "We could not take that"
    assert wrong(502, reference="", at="").title == "Something went wrong on our side"
    assert wrong(403, reference="", at="", reason="Ask a reviewer.").reason == "Ask a reviewer."
