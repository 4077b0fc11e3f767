"""Nothing that was typed is lost when a session lapses or the password is asked for."""

import pytest
from flask import abort, request

from studyhub.domain import errors
from studyhub.workflows import visitors
from tests.makers import SLUG, password_of
from tests.web.guarded import REFERENCE, app, fail
from tests.web.visits import Visit, hidden

__all__ = ["app"]


@pytest.fixture
def notes(app):
    """A form of some stage: it takes a note, and asks for the password where told to."""
    kept, asks = [], []

    def take():
        if asks:
            raise errors.PasswordNeeded("This act asks for the password again.")
        kept.append(request.form.to_dict(flat=False))
        return "kept"

    app.add_url_rule("/notes", "notes", take, methods=["POST"])
    app.add_url_rule("/notes/ask", "ask", lambda: fail(errors.PasswordNeeded("x")))
    app.extensions["asks"] = asks
    return kept


@pytest.mark.parametrize("minutes", [16, 8 * 60 + 1])
def test_a_lapsed_session_keeps_what_was_typed(notes, petra, small_study, minutes):
    token, old = petra.token, petra.cookie
    small_study.clock.advance(minutes=minutes)

    page = petra.client.post(
        "/notes",
        data={
            "csrf_token": token,
            "text": "<b>Long\nthought",
            "kind": ["a", "b"],
            "password": "p",
        },
    )

    assert page.status_code == 401
    assert "Sign in again" in page.text
    assert "&lt;b&gt;Long" in page.text
    assert token not in page.text
    assert notes == []
    fields = hidden(page)
    assert set(fields) == {"typed_path", "typed:text", "typed:kind"}

    sent = {"login": "petra", "password": password_of("petra")}
    carried = {
        "typed_path": "/notes",
        "typed:text": "<b>Long\nthought",
        "typed:kind": ["a", "b"],
    }
    wrong = petra.client.post("/sign-in", data={**sent, **carried, "password": "wrong"})
    assert wrong.status_code == 422
    assert "&lt;b&gt;Long" in wrong.text
    again = petra.client.post("/sign-in", data={**sent, **carried})
    assert "You are signed in again" in again.text
    assert "Nothing was lost" in again.text
    assert "Principal investigator" in again.text
    assert petra.cookie != old
    assert notes == []

    new = hidden(again)["csrf_token"]
    done = petra.client.post(
        "/notes", data={"csrf_token": new, "text": "<b>Long\nthought", "kind": ["a", "b"]}
    )
    assert done.text == "kept"
    assert notes[0]["text"] == ["<b>Long\nthought"]
    assert notes[0]["kind"] == ["a", "b"]


def test_a_lapsed_session_shows_and_does_nothing_else(petra, small_study):
    small_study.clock.advance(minutes=16)

    assert petra.get("/account").location == "/sign-in"
    assert "You were signed out after 15 minutes" in petra.get("/sign-in").text


def test_a_session_in_use_lasts_eight_hours_and_no_longer(petra, small_study):
    for _ in range(47):
        small_study.clock.advance(minutes=10)
        assert petra.get("/alive").status_code == 204

    small_study.clock.advance(minutes=11)

    assert petra.get("/alive").status_code == 401


def test_what_one_person_typed_is_not_given_to_another(notes, petra, small_study):
    token = petra.token
    small_study.clock.advance(minutes=16)
    petra.client.post("/notes", data={"csrf_token": token, "text": "a name"})

    answer = petra.sign_in("ada", typed_path="/notes", **{"typed:text": "a name"})

    assert (answer.status_code, answer.location) == (302, "/home")


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/nowhere",
        "/sign-in",
        "notes",
        "/notes\n",
    ],
)
def test_what_was_typed_goes_only_to_closed_addresses_of_ours(notes, visit, path):
    answer = visit.sign_in("petra", typed_path=path, **{"typed:text": "x"})

    assert (answer.status_code, answer.location) == (302, "/home")


def test_an_act_that_asks_for_the_password_keeps_what_was_typed(app, notes, petra):
    app.extensions["asks"].append(True)
    page = petra.post("/notes", text="a reason")
    assert page.status_code == 403
    assert "asks for the password" in page.text
    old = petra.cookie
    app.extensions["asks"].clear()

    carried = {name: text for name, text in hidden(page).items() if name != "csrf_token"}
    again = petra.post("/step-up", password=password_of("petra"), **carried)

    assert "Nothing was lost" in again.text
    assert petra.cookie != old
    assert hidden(again)["text"] == "a reason"


def test_a_page_that_asks_for_the_password_is_found_again(notes, petra):
    to = petra.get("/notes/ask?page=2").location
    assert to == "/step-up?next=/notes/ask?page%3D2"

    field = hidden(petra.get(to))["next"]
    answer = petra.post("/step-up", password=password_of("petra"), next=field)

    assert (answer.status_code, answer.location) == (302, "/notes/ask?page=2")


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example", "//elsewhere.example", "/x"]
)
def test_a_step_up_leads_nowhere_else(petra, elsewhere):
    answer = petra.post("/step-up", password=password_of("petra"), next=elsewhere)

    assert answer.location == "/home"


def test_a_role_taken_up_on_another_page_does_not_lose_what_was_typed(notes, petra):
    token = petra.token
    petra.post("/step-up", password=password_of("petra"))

    page = petra.client.post(
        "/notes",
        data={"csrf_token": token, "text": "a reason"},
        headers={"Origin": "http://localhost"},
    )

    assert page.status_code == 400
    assert notes == []
    assert petra.client.post("/notes", data=hidden(page)).text == "kept"
    silent = petra.client.post("/notes", data={"csrf_token": token, "text": "a reason"})
    assert "a reason" not in silent.text


def test_a_form_of_a_role_that_is_not_active_asks_for_the_role_and_keeps_it(app):
    tess = Visit(app)
    tess.sign_in("tess", study="none", role="none")

    page = tess.post(f"/s/{SLUG}/team/add", name="Grace Adeyemi")

    assert page.status_code == 403
    assert "Choose a role" in page.text
    carried = {name: text for name, text in hidden(page).items() if name != "csrf_token"}
    assert carried["typed:name"] == "Grace Adeyemi"
    chosen = {"study_role": f"{SLUG}:transcriber", "password": password_of("tess")}
    assert "You have another role now" in tess.post("/role", **chosen, **carried).text


def test_scripts_are_told_in_json_to_ask_for_the_password(app):
    app.add_url_rule("/api/acts", "acts", lambda: fail(errors.PasswordNeeded("x")))
    visit = Visit(app)
    visit.sign_in("petra")

    answer = visit.get("/api/acts")

    assert answer.status_code == 403
    assert set(answer.json) == {"ref", "error"}


def test_a_wrong_address_is_not_told_apart_for_strangers(visit):
    page = visit.get("/nowhere")

    assert page.status_code == 404
    assert REFERENCE.search(page.text)


def test_the_way_back_of_a_lapsed_session_is_named_only_by_its_own_cookie(petra, small_study):
    cookie = petra.cookie
    small_study.clock.advance(minutes=16)

    left = visitors.lapsed(small_study.hub, cookie)

    assert left is not None
    assert left.place is not None
    assert left.place.slug == SLUG
    assert visitors.lapsed(small_study.hub, cookie[::-1]) is None


def test_flask_aborts_are_dressed_too(app):
    app.add_url_rule("/teapot", "teapot", lambda: abort(409))
    visit = Visit(app)
    visit.sign_in("petra")

    assert REFERENCE.search(visit.get("/teapot").text)
