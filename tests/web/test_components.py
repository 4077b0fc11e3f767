"""Every part of a page, in a real browser, under the strict policy."""

import pytest
from playwright.sync_api import expect

from tests.web.browser import assert_fit, complaints, open_page, serve, sideways
from tests.web.components_app import make_app

WIDTHS = [1280, 390, 320]
STATUSES = [400, 403, 404, 405, 409, 410, 413, 415, 422, 423, 429, 500, 503, 507]


@pytest.fixture(scope="module")
def address():
    with serve(make_app()) as here:
        yield here


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_part_is_accessible_at_every_width(chromium, address, width, dark):
    with open_page(chromium, width, dark=dark) as page:
        page.goto(address + "/")

        assert_fit(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_part_is_accessible_with_problems_shown(chromium, address, width, dark):
    with open_page(chromium, width, dark=dark) as page:
        page.goto(address + "/")
        page.get_by_role("button", name="Save").click()

        expect(page.locator(".govuk-error-summary")).to_be_focused()
        assert_fit(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_sign_in_page_is_accessible(chromium, address, width):
    with open_page(chromium, width) as page:
        page.goto(address + "/sign-in")

        assert_fit(page)


@pytest.mark.parametrize("who", ["staff", "public", "neutral"])
def test_pages_that_say_no_are_accessible(chromium, address, who):
    with open_page(chromium, 390) as page:
        for status in STATUSES:
            page.goto(f"{address}/wrong/{status}/{who}")

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
