"""Everything is closed to strangers, and forged requests go nowhere."""

import io

import pytest

from studyhub.web import guard
from tests.makers import password_of
from tests.web.guarded import REFERENCE, addresses, app
from tests.web.visits import Visit

__all__ = ["app"]

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


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
