"""The warning before the session ends, with the browser's clock in our hand."""

import pytest
from playwright.sync_api import expect

from tests.web.browser import assert_fit, complaints, open_page, serve
from tests.web.components_app import make_app

WARNING = "You will be signed out in 2 minutes. What you typed stays."
GONE = (
    "You are signed out. What you typed is still on this page: send it and sign in on the way."
)


@pytest.fixture(scope="module")
def address():
    with serve(make_app()) as here:
        yield here


@pytest.fixture
def page(chromium, address):
    with open_page(chromium, 390) as opened:
        opened.clock.install()
        opened.goto(address + "/")
        opened.get_by_label("E-mail address").fill("ann@example.org")
        yield opened


def test_nothing_is_said_while_there_is_time(page):
    page.clock.fast_forward("27:55")

    expect(page.locator(".sh-idle")).to_have_count(0)


def test_two_minutes_before_the_end_it_says_so(page):
    page.clock.fast_forward("28:01")

    expect(page.get_by_role("alert")).to_contain_text(WARNING)
    assert_fit(page)


def test_the_warning_does_not_cover_the_field_being_filled_in(page):
    field = page.get_by_label("E-mail address")
    page.clock.fast_forward("28:01")
    expect(page.get_by_role("alert")).to_contain_text(WARNING)

    banner, below = page.locator(".sh-idle").bounding_box(), field.bounding_box()
    assert banner
    assert below
    assert below["y"] + below["height"] <= banner["y"]


def test_staying_begins_the_time_again(page):
    page.clock.fast_forward("28:01")
    with page.expect_response("**/alive"):
        page.get_by_role("button", name="Stay signed in").click()

    expect(page.locator(".sh-idle")).to_have_count(0)
    page.clock.fast_forward("27:55")
    expect(page.locator(".sh-idle")).to_have_count(0)
    page.clock.fast_forward("00:10")
    expect(page.get_by_role("alert")).to_contain_text(WARNING)


def test_after_the_end_what_was_typed_is_still_there(page):
    page.clock.fast_forward("30:01")

    expect(page.get_by_role("alert")).to_contain_text(GONE)
    expect(page.get_by_role("button", name="Stay signed in")).to_have_count(0)
    expect(page.get_by_label("E-mail address")).to_have_value("ann@example.org")
    assert complaints(page) == []


def test_a_server_that_has_forgotten_us_says_the_same(page):
    page.clock.fast_forward("28:01")
    page.route("**/alive", lambda route: route.fulfill(status=302, headers={"Location": "/"}))
    page.get_by_role("button", name="Stay signed in").click()

    expect(page.get_by_role("alert")).to_contain_text(GONE)


def test_a_broken_line_leaves_the_button(page):
    page.clock.fast_forward("28:01")
    page.route("**/alive", lambda route: route.abort())
    page.get_by_role("button", name="Stay signed in").click()

    expect(page.get_by_role("alert")).to_contain_text("We could not reach StudyHub.")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_visible()


def test_another_page_in_use_keeps_this_one_quiet(page):
    page.clock.fast_forward("28:01")
    expect(page.get_by_role("alert")).to_contain_text(WARNING)

    other = page.context.new_page()
    other.goto(page.url)

    expect(page.locator(".sh-idle")).to_have_count(0)
