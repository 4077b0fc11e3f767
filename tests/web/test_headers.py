"""Each answer carries its headers; what lies behind the cookie; whose desk it is."""

import base64
import re
import sqlite3
from dataclasses import replace

from studyhub.app import create_app
from studyhub.vault.sittings import Sittings
from studyhub.web.headers import UNLISTED
from studyhub.workflows import accounts_team
from tests.makers import SLUG
from tests.web.guarded import UNREAD, addresses, app, same_but_for_reference
from tests.web.visits import Visit

__all__ = ["app"]


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
