"""Pages of accounts in a real browser."""

from flask import render_template_string, request
from playwright.sync_api import expect

from studyhub.web import guard
from tests.makers import password_of
from tests.web.account_people import NEW, invited_as_reviewer, join_link, two_roles
from tests.web.browser import (
    HEIGHT,
    complaints,
    open_page,
    serve,
    sideways,
    sign_in_at,
    violations,
)
from tests.web.pages import fits_everywhere


def fits(page):
    """As assert_fit, but the browser may say that a page came with an error's status."""
    found = violations(page) + [
        said for said in complaints(page) if "Failed to load resource" not in said
    ]
    assert not found, "\n".join([page.url, *found])
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert sideways(page) <= 0


def test_who_has_no_role_and_who_has_two_meet_accessible_pages(chromium, app, small_study):
    invited_as_reviewer(small_study)
    two_roles(small_study)
    with serve(app) as address, open_page(chromium, 1280) as page:
        sign_in_at(page, address, "nina", password_of("nina"))
        expect(page.get_by_role("heading", level=1)).to_have_text("No role is open to you yet")
        fits_everywhere(page)
        with page.expect_navigation():
            page.get_by_role("button", name="Sign out").click()
        sign_in_at(page, address, "ravi", password_of("ravi"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Choose a role")
        fits_everywhere(page)


def test_pages_of_accounts_are_accessible_with_problems_shown(chromium, app, small_study):
    link = join_link(small_study)
    two_roles(small_study)
    with serve(app) as address, open_page(chromium, 1280) as page:
        for path, button in (("/sign-in", "Sign in"), (link, "Keep this password")):
            page.goto(address + path)
            page.get_by_role("button", name=button).click()
            expect(page.locator(".govuk-error-summary")).to_be_focused()
            fits(page)
        sign_in_at(page, address, "ravi", password_of("ravi"))
        for path, button in (
            ("/account", "Change password"),
            ("/account", "Make a new code"),
            ("/role", "Take up this role"),
            ("/step-up", "Go on"),
        ):
            page.goto(address + path)
            page.get_by_role("button", name=button).click()
            expect(page.locator(".govuk-error-summary")).to_be_visible()
            fits(page)


def test_accounts_work_without_script(chromium, app, small_study):
    two_roles(small_study)
    with serve(app) as address, open_page(chromium, 390, javascript=False) as page:
        sign_in_at(page, address, "ravi", password_of("ravi"))
        page.get_by_label("Reviewer, Voices of Support").check()
        page.get_by_label("Your password").fill(password_of("ravi"))
        with page.expect_navigation():
            page.get_by_role("button", name="Take up this role").click()
        page.goto(address + "/account")
        page.get_by_label("Your password now").fill(password_of("ravi"))
        page.get_by_label("New password").fill(NEW)
        page.get_by_label("The same password again").fill(NEW)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("status")).to_contain_text("Your new password is kept.")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


NOTES = """{% extends "base.html" %}{% block title %}Notes{% endblock %}{% block main %}
<h1>Notes</h1><form method="post">{{ sh.csrf(frame) }}<label for="text">Note</label>
<textarea id="text" name="text"></textarea><button>Keep</button></form>
<p id="kept">{{ text }}</p>{% endblock %}"""


def take_notes():
    text = request.form.get("text", "")
    return render_template_string(
        "{% import '_macros.html' as sh %}" + NOTES, frame=guard.frame(), text=text
    )


def test_what_was_typed_survives_the_end_of_a_session(chromium, own_app, small_study):
    own_app.add_url_rule("/notes", "notes", take_notes, methods=["GET", "POST"])
    with serve(own_app) as address, open_page(chromium, 390) as page:
        sign_in_at(page, address, "petra", password_of("petra"))
        page.goto(address + "/notes")
        page.get_by_label("Note").fill("She said <twice>:\n“never alone”")
        small_study.clock.advance(minutes=20)
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in again")
        fits(page)
        page.get_by_label("Sign-in name").fill("petra")
        page.get_by_label("Password", exact=True).fill(password_of("petra"))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in again")
        fits(page)
        page.get_by_role("button", name="Send it now").click()

        expect(page.locator("#kept")).to_have_text("She said <twice>: “never alone”")
