"""Every no has its status, its words and a reference, and quotes nobody."""

import logging

from studyhub.domain import errors
from tests.web.guarded import REFERENCE, SAYS, app, fail
from tests.web.visits import Visit

__all__ = ["app"]


def test_every_error_has_its_status_and_a_reference_that_the_log_knows(app, caplog):
    expected = {
        errors.Invalid({"": "No"}): 422,
        errors.NotPermitted("x"): 403,
        errors.Hidden("x"): 404,
        errors.NotFound("x"): 404,
        errors.WrongState("x"): 409,
        errors.Stale("x"): 409,
        errors.Erased("x"): 410,
        errors.Held("x"): 423,
        errors.Throttled(40): 429,
        errors.Corrupt("x"): 500,
        errors.Busy("x"): 503,
        errors.NoSpace("x"): 507,
        errors.HouseRuleBroken("x"): 500,
        KeyError("x"): 500,
    }
    waiting = list(expected)
    app.add_url_rule("/fails", "health.alive_", lambda: fail(waiting[0]))

    with caplog.at_level(logging.INFO, "studyhub.web"):
        visit = Visit(app)
        visit.sign_in("petra")
        while waiting:
            page = visit.get("/fails")
            assert page.status_code == expected[waiting[0]]
            reference = REFERENCE.search(page.text)[1]
            line = next(one for one in caplog.messages if reference in one)
            assert type(waiting[0]).__name__ in line
            told = visit.get("/fails", headers={"Accept": "application/json"})
            says = {"says"} if isinstance(waiting[0], SAYS) else set()
            assert set(told.json) == {"ref", "error"} | says
            waiting.pop(0)


def test_throttled_and_busy_say_when_to_come_back(app):
    waiting = [errors.Throttled(40), errors.Busy("x")]
    app.add_url_rule("/fails", "fails", lambda: fail(waiting.pop(0)))
    visit = Visit(app)
    visit.sign_in("petra")

    assert visit.get("/fails").headers["Retry-After"] == "40"
    assert visit.get("/fails").headers["Retry-After"] == "5"


def test_inv_87_the_log_never_quotes_what_was_typed(app, caplog):
    def quote():
        raise ValueError("Grace Adeyemi") from RuntimeError("grace@example.org")

    app.add_url_rule("/fails", "fails", quote)
    visit = Visit(app)
    visit.sign_in("petra")

    with caplog.at_level(logging.DEBUG):
        page = visit.get("/fails?name=Grace")
        visit.get("/join/secret-token")
        visit.get("/typed/by/Grace")
        visit.client.post("/sign-in", data={"login": "Grace", "password": "secret"})

    assert page.status_code == 500
    assert "ValueError" in caplog.text
    assert "RuntimeError" in caplog.text
    for secret in ("Grace", "grace@", "secret", visit.cookie):
        assert secret not in caplog.text
        assert secret not in page.text


def test_a_wrong_way_to_ask_names_the_right_ones(petra):
    answer = petra.get("/sign-out")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert REFERENCE.search(answer.text)
