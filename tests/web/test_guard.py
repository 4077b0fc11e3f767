"""Everything is closed, forged requests go nowhere, and each answer carries its headers."""

import base64
import io
import logging
import re
import sqlite3
from dataclasses import replace
from uuid import UUID

import pytest
from flask import abort, request

from studyhub.app import create_app
from studyhub.domain import errors
from studyhub.vault.sittings import Sittings
from studyhub.web import guard
from studyhub.web.headers import UNLISTED
from studyhub.workflows import accounts_team, visitors
from tests.makers import SLUG, password_of
from tests.web.visits import Visit, hidden

REFERENCE = re.compile(r'<span class="sh-ref">([2-9A-Z]{4}-[2-9A-Z]{4})</span>')
SAMPLE = {"slug": SLUG, "token": "x" * 43, "thing": "recording", "code": "K7Q4"}
UNREAD = (302, 400, 415, 422)  # what was sent is no answer to any form: nothing was looked up
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


# Whoever sent what cannot be taken learns why.
SAYS = (errors.Invalid, errors.WrongState, errors.Stale)
PLACE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


def addresses(app):
    """Every rule with something in each place, and its methods."""
    for rule in app.url_map.iter_rules():
        path = PLACE.sub(fill, rule.rule)
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, method, path


def fill(place):
    kind, name = place.groups()
    return {"int": "7", "path": "app.js", "uuid": str(UUID(int=7))}.get(
        kind, SAMPLE.get(name, "x")
    )


def test_every_address_outside_public_sends_strangers_to_sign_in(app, visit):
    closed = [found for found in addresses(app) if found[0] not in guard.PUBLIC]

    assert len(closed) > 10
    for endpoint, method, path in closed:
        answer = visit.client.open(path, method=method)
        if guard.SCRIPTED.match(path):
            assert answer.status_code == 401, endpoint
            assert answer.json["ref"]
        else:
            assert (answer.status_code, answer.location) == (302, "/sign-in"), endpoint


def test_public_names_only_addresses_that_exist(app):
    assert {endpoint for endpoint, _, _ in addresses(app)} >= guard.PUBLIC


def test_every_unsafe_address_outside_public_needs_the_token(app, petra, small_study):
    unsafe = [
        found for found in addresses(app) if found[1] in UNSAFE and found[0] not in guard.PUBLIC
    ]
    before = small_study.events(), small_study.last_event(small_study.id).seq

    for endpoint, method, path in unsafe:
        for token in (None, "é" * 64):
            fields = {} if token is None else {"csrf_token": token}
            answer = petra.client.open(path, method=method, data=fields)
            assert answer.status_code == 400, endpoint
            assert answer.is_json or REFERENCE.search(answer.text)

    assert (small_study.events(), small_study.last_event(small_study.id).seq) == before


def test_a_token_of_another_session_does_not_fit(app, petra):
    other = Visit(app)
    other.sign_in("ada")

    answer = petra.client.post("/sign-out", data={"csrf_token": other.token})

    assert answer.status_code == 400


def test_the_token_may_come_in_the_header(petra):
    answer = petra.client.post("/sign-out", headers={"X-CSRF-Token": petra.token})

    assert (answer.status_code, answer.location) == (302, "/sign-in")


class Untouched:
    """A body that nobody may read."""

    def tell(self):
        return 0

    def seek(self, *_places):
        return 0

    def read(self, *_sizes):
        raise AssertionError("the body was read")

    readline = readlines = read


@pytest.mark.parametrize(
    ("headers", "kind", "status"),
    [
        ({"X-CSRF-Token": "wrong"}, guard.FORM, 400),
        ({"Origin": "https://elsewhere.example"}, guard.FORM, 400),
        ({"Sec-Fetch-Site": "cross-site"}, guard.FORM, 400),
        ({}, "application/offset+octet-stream", 400),
        ({}, "application/json", 400),
        ({}, "multipart/form-data; boundary=x", 415),
    ],
)
def test_no_body_is_read_before_the_request_is_known_to_be_ours(petra, headers, kind, status):
    answer = petra.client.post(
        "/account",
        headers=headers,
        content_type=kind,
        input_stream=Untouched(),
        content_length=1000,
    )

    assert answer.status_code == status


ELSEWHERE = [
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.elsewhere.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://elsewhere.example", "Host": "elsewhere.example"},
]


@pytest.mark.parametrize("path", ["/sign-in", "/join/x", "/reset/x", "/sign-out"])
def test_unsafe_requests_from_elsewhere_are_refused(petra, path):
    fields = {"login": "petra", "password": password_of("petra"), "csrf_token": petra.token}

    for headers in ELSEWHERE:
        answer = petra.client.post(path, data=fields, headers=headers)
        assert answer.status_code == 400, headers
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://localhost"}, {"Origin": "http://127.0.0.1:8000"}, {}],
)
def test_our_own_pages_are_not_elsewhere(visit, headers):
    fields = {"login": "petra", "password": password_of("petra")}

    assert visit.client.post("/sign-in", data=fields, headers=headers).location == "/home"


@pytest.mark.parametrize("path", ["/sign-in", "/csp-report", "/account", "/nowhere"])
def test_files_are_refused_everywhere(visit, path):
    sent = {"login": "x", "file": (io.BytesIO(b"clear"), "clear.txt")}

    answer = visit.client.post(path, data=sent, content_type="multipart/form-data")

    assert answer.status_code == 415


def test_a_form_beyond_two_megabytes_is_too_large(petra):
    answer = petra.post("/account", old_password="x" * guard.TWO_MIB)

    assert answer.status_code == 413


def test_characters_no_database_takes_are_refused(visit):
    assert (
        visit.client.post("/sign-in", data={"login": "a\0", "password": "b"}).status_code == 400
    )
    assert visit.get("/join/a%00b").status_code == 404
    assert visit.get("/sign-in?study=a%00b").status_code == 404


def test_a_remember_cookie_of_somebody_changes_nothing(petra):
    petra.client.set_cookie("remember_token", "1|" + "0" * 128)
    petra.client.set_cookie("session", "x")

    assert petra.get("/account").status_code == 200


# -- headers -------------------------------------------------------------------------


def answers(app, visit):
    """One answer of each kind, good and bad, with its path."""
    for path in ("/sign-in", "/account", "/nowhere", "/healthz", "/csp-report", "/alive"):
        yield path, visit.get(path)
    for _, method, path in addresses(app):
        yield path, visit.client.open(path, method=method)
    yield "/sign-in", visit.client.post("/sign-in", data={"login": "x"})
    yield "/static/none", visit.get("/static/none")


def test_every_answer_carries_the_headers(app, visit):
    for path, answer in answers(app, visit):
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Permissions-Policy" in headers
        assert "Server" not in headers
        is_kept = path.startswith("/static") and answer.status_code == 200
        assert (headers["Cache-Control"] != "no-store") == is_kept, path
        assert ("X-Robots-Tag" in headers) == path.startswith(UNLISTED), path
        answer.close()


def test_the_nonce_of_a_page_is_that_of_its_policy_and_used_once(visit):
    pages = [visit.get("/sign-in") for _ in range(2)]

    nonces = [set(re.findall(r'nonce="([^"]+)"', page.text)) for page in pages]
    assert all(len(found) == 1 for found in nonces)
    assert nonces[0] != nonces[1]
    for page, (used,) in zip(pages, nonces, strict=True):
        assert f"'nonce-{used}'" in page.headers["Content-Security-Policy"]


# -- the cookie and what lies behind it ----------------------------------------------


def test_the_cookie_on_loopback_is_kept_from_scripts_and_other_sites(visit):
    sent = visit.sign_in("petra").headers["Set-Cookie"]

    assert re.fullmatch(r"sid=[\w-]{86}; HttpOnly; Path=/; SameSite=Lax", sent)


def test_the_cookie_anywhere_else_is_bound_to_the_host_and_to_tls(small_study):
    settings = replace(
        small_study.hub.settings, insecure_loopback=False, public_url="https://hub.example"
    )
    visit = Visit(create_app(replace(small_study.hub, settings=settings)))

    answer = visit.sign_in("petra")

    assert re.fullmatch(
        r"__Host-sid=[\w-]{86}; Secure; HttpOnly; Path=/; SameSite=Lax",
        answer.headers["Set-Cookie"],
    )
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    refused = visit.client.post("/sign-in", headers={"Origin": "http://localhost"})
    assert refused.status_code == 400


def test_a_stolen_sessions_file_opens_nothing(petra, small_study, tmp_path):
    stolen = tmp_path / "sessions.db"
    with sqlite3.connect(small_study.hub.settings.sessions) as source:
        with sqlite3.connect(stolen) as target:
            source.backup(target)
        rows = source.execute("SELECT id, blob_sealed FROM sessions").fetchall()
    source.close()
    target.close()

    assert petra.cookie.encode() not in stolen.read_bytes()
    for row_id, blob in rows:
        for guess in (row_id * 2, row_id + blob[:32], blob[:64]):
            text = base64.urlsafe_b64encode(guess).decode().rstrip("=")
            assert Sittings(stolen).find(text, small_study.clock()) is None
            petra.cookie = text
            assert petra.get("/account").location == "/sign-in"


def test_who_lost_their_membership_is_out_at_the_next_request(app, small_study):
    tess = Visit(app)
    tess.sign_in("tess")
    assert tess.get("/account").status_code == 200

    accounts_team.end(small_study.petra, small_study.membership_id("tess"))

    assert tess.get("/account").location == "/sign-in"


# -- desks -----------------------------------------------------------------------------


def test_inv_81_outsiders_meet_a_404_and_leave_a_refused_event(app, small_study):
    nina = Visit(app)
    nina.sign_in("nina")

    answer = nina.get(f"/s/{SLUG}/team")

    assert answer.status_code == 404
    assert small_study.last_event().outcome == "refused"
    assert small_study.last_event().actor_id == small_study.user_id("nina")


def test_inv_81_no_page_of_a_study_is_there_for_who_is_no_member(app, small_study):
    nina = Visit(app)
    nina.sign_in("nina")
    pages = [found for found in addresses(app) if f"/s/{SLUG}" in found[2]]
    assert len(pages) > 100

    for endpoint, method, path in pages:
        before = small_study.events()
        sent = nina.client.open(path, method=method, headers={"X-CSRF-Token": nina.token})
        if method == "POST" and sent.status_code in UNREAD:
            continue
        assert sent.status_code == 404, endpoint
        assert small_study.events() == before + 1, endpoint
        assert small_study.last_event().outcome == "refused"


def test_an_unknown_study_looks_like_one_of_others(app):
    nina = Visit(app)
    nina.sign_in("nina")

    pages = [nina.get(f"/s/{slug}/team") for slug in (SLUG, "nothing")]

    assert [page.status_code for page in pages] == [404, 404]
    assert same_but_for_reference(pages[0]) == same_but_for_reference(pages[1])


def test_a_member_in_another_role_is_asked_to_take_it_up(app, small_study):
    tess = Visit(app)
    tess.sign_in("tess", study="none", role="none")
    assert tess.get("/home").location == "/role"

    assert tess.get(f"/s/{SLUG}/team").location == "/role"


# -- saying no -------------------------------------------------------------------------


def same_but_for_reference(page):
    text = re.sub(r'nonce="[^"]+"', "", REFERENCE.sub("", page.text))
    return re.sub(r'value="[0-9a-f]{64}"', "", text)


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


def fail(error):
    raise error


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


# -- nothing typed is lost -------------------------------------------------------------


@pytest.fixture
def app(own_app):
    """Most of these tests add a page of their own."""
    return own_app


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
