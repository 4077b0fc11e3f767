"""Roles are taken up one at a time, and what stands on the page of one's own account."""

import re

import pytest

from tests.makers import SLUG, password_of
from tests.web.account_people import CODE, NEW, invited_as_reviewer, two_roles
from tests.web.visits import Visit


def test_who_holds_two_roles_chooses_one(app, small_study):
    two_roles(small_study)
    ravi = Visit(app)

    assert ravi.sign_in("ravi").location == "/role"
    answer = ravi.post("/role", study_role=f"{SLUG}:transcriber", password=password_of("ravi"))

    assert answer.location == "/home"
    page = ravi.get("/role").text
    assert "Your role now." in page
    assert "Stay as transcriber" in page


def test_who_holds_one_role_is_told_that_there_is_no_other(petra):
    page = petra.get("/role").text

    assert "This is your only role" in page
    assert 'name="password"' not in page


def test_a_role_may_be_named_at_sign_in(app, small_study):
    two_roles(small_study)
    ravi = Visit(app)

    assert ravi.sign_in("ravi", study=SLUG, role="reviewer").location == "/home"


@pytest.mark.parametrize("path", ["/role", "/step-up", "/account"])
def test_who_is_signed_in_is_told_of_the_password_alone(petra, path):
    fields = {"study": SLUG, "role": "pi", "new_code": "yes", "password": "wrong"}
    page = petra.post(path, **fields)

    assert page.status_code == 422
    assert "This is not your password. Try again" in page.text
    assert "name or the password" not in page.text


def test_a_role_that_is_not_held_does_not_exist(petra):
    page = petra.post("/role", study=SLUG, role="analyst", password=password_of("petra"))

    assert page.status_code == 404


def test_nothing_chosen_is_said_at_its_field(petra):
    page = petra.post("/role", password=password_of("petra"))

    assert page.status_code == 422
    assert "Choose a role" in page.text


def test_who_waits_for_a_grant_reads_who_must_act_and_six_words(app, small_study):
    invited_as_reviewer(small_study)
    nina = Visit(app)

    answer = nina.sign_in("nina")

    page = nina.get(answer.location).text
    assert "Waits for a principal investigator" in page
    assert len(re.findall(r"<li>[a-z]+</li>", page)) == 6


def test_who_is_member_of_nothing_reads_who_must_act(app):
    nina = Visit(app)
    nina.sign_in("nina")

    assert "You are a member of no study" in nina.get("/role").text
    assert "You are a member of no study" in nina.get("/account").text


# -- one's own account -----------------------------------------------------------------------


def test_the_account_page_shows_roles_words_and_what_they_open(petra):
    page = petra.get("/account").text

    assert "Principal investigator, Voices of Support" in page
    assert "Opens everything" in page
    assert len(re.findall(r"<li>[a-z]+</li>", page)) == 6
    assert "This session" in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"old_password": "no"}, "This is not your password now"),
        ({"repeat": "another good long one"}, "The two passwords differ"),
        ({"password": "short", "repeat": "short"}, "15"),
        ({"old_password": ""}, "Write your password"),
    ],
)
def test_a_new_password_that_cannot_be_taken_changes_nothing(petra, fields, says):
    wanted = {"old_password": password_of("petra"), "password": NEW, "repeat": NEW}

    page = petra.post("/account", **{**wanted, **fields})

    assert page.status_code == 422
    assert says in page.text
    assert petra.get("/account").status_code == 200


def test_a_new_recovery_code_is_shown_once(petra, small_study):
    page = petra.post("/account", new_code="yes", password=password_of("petra"))

    assert page.status_code == 200
    code = CODE.search(page.text)[1]
    assert code != small_study.codes["petra"]
    assert code not in petra.get("/account").text
    wrong = petra.post("/account", new_code="yes", password="wrong")
    assert wrong.status_code == 422
    assert "password-for-code-error" in wrong.text
