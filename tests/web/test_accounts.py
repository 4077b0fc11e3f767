"""Signing in and out, roles, one's own account, and the links to join and to reset."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import render_template_string, request
from playwright.sync_api import expect

from studyhub.app import create_app
from studyhub.domain.vocabulary import Role
from studyhub.hub import open_hub
from studyhub.vault.passwords import Cost, Kitchen
from studyhub.web import guard
from studyhub.workflows import accounts_admin, accounts_team
from studyhub.workflows.accounts_team import Invitation
from studyhub.workflows.kernel import operator_desk
from tests.makers import SLUG, invite_and_grant, password_of
from tests.staged import study_in_files
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
from tests.web.visits import Visit

NEW = "five green bicycles sleep"
CODE = re.compile(r'<p class="sh-once">([0-9A-Z-]{39})</p>')


class CountingKitchen(Kitchen):
    """Counts the runs of Argon2id, and how many there were at once."""

    runs = most = now = 0

    def __init__(self) -> None:
        super().__init__(Cost(memory_kib=64))
        self.lock = threading.Lock()

    @contextmanager
    def stove(self):
        with super().stove():
            with self.lock:
                self.runs += 1
                self.now += 1
                self.most = max(self.most, self.now)
            try:
                yield
            finally:
                with self.lock:
                    self.now -= 1


def invited_as_reviewer(study, login="nina"):
    wanted = Invitation("", "", Role.REVIEWER, (), login=login)
    return accounts_team.invite(study.petra, study.id, wanted)


def two_roles(study):
    """Ravi transcribes too, which no rule forbids beside reviewing."""
    return invite_and_grant(study, "ravi", Role.TRANSCRIBER)


# -- sign in -----------------------------------------------------------------------------


def test_signing_in_leads_home(visit):
    answer = visit.sign_in("petra")

    assert (answer.status_code, answer.location) == (302, "/home")
    assert visit.get("/").location == "/home"
    assert visit.get("/sign-in").location == "/home"


@pytest.mark.parametrize("code", ["", "123456"])
def test_a_code_is_ignored_while_no_factor_is_enrolled(visit, code):
    assert visit.sign_in("petra", code=code).location == "/home"


def test_known_and_unknown_names_are_answered_alike_with_the_same_work(small_study):
    kitchen = CountingKitchen()
    app = create_app(replace(small_study.hub, kitchen=kitchen))
    pages, runs = [], []

    for login in ("petra", "nobody"):
        before = kitchen.runs
        answer = Visit(app).client.post(
            "/sign-in", data={"login": login, "password": "wrong herons everywhere"}
        )
        runs.append(kitchen.runs - before)
        text = re.sub(r'nonce="[^"]+"', "", answer.text).replace(login, "NAME")
        pages.append((answer.status_code, text, sorted(answer.headers.keys())))

    assert pages[0] == pages[1]
    assert pages[0][0] == 422
    assert runs == [1, 1]


def test_a_form_that_is_not_complete_costs_no_work(visit):
    page = visit.client.post("/sign-in", data={"login": "petra"})

    assert page.status_code == 422
    assert "Write your password" in page.text


def test_what_was_typed_stays_but_never_the_password(visit):
    page = visit.client.post("/sign-in", data={"login": "petra", "password": "not it at all"})

    assert 'value="petra"' in page.text
    assert "not it at all" not in page.text


def test_wrong_tries_are_slowed_down_in_plain_words(visit, small_study):
    for _ in range(5):
        wrong = visit.client.post("/sign-in", data={"login": "petra", "password": "no"})
        assert wrong.status_code == 422

    page = visit.sign_in("petra")
    assert page.status_code == 429
    assert page.headers["Retry-After"] == "30"
    assert "Wait 30 seconds, then try again" in page.text
    assert "sh-ref" in page.text

    small_study.clock.advance(seconds=30)
    assert visit.sign_in("petra").location == "/home"


def test_an_address_named_by_a_header_is_not_believed(visit):
    for number in range(5):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        visit.client.post("/sign-in", data={"login": "a", "password": "no"}, headers=headers)

    headers = {"X-Forwarded-For": "192.0.2.99"}
    page = visit.client.post("/sign-in", data={"login": "b", "password": "x"}, headers=headers)

    assert page.status_code == 429


def test_behind_proxies_of_ours_the_last_address_they_wrote_counts(small_study):
    settings = replace(small_study.hub.settings, proxy_hops=1)
    client = create_app(replace(small_study.hub, settings=settings)).test_client()

    def tries(header):
        sent = {"login": "a", "password": "no"}
        return client.post("/sign-in", data=sent, headers={"X-Forwarded-For": header})

    statuses = [tries(f"10.0.0.{number}, 192.0.2.1").status_code for number in range(6)]

    assert statuses == [422] * 5 + [429]
    assert tries("192.0.2.2").status_code == 422


def test_too_many_at_once_are_told_to_come_back(small_study):
    kitchen = Kitchen(Cost(memory_kib=8), at_once=0, waiting=0)
    visit = Visit(create_app(replace(small_study.hub, kitchen=kitchen)))

    page = visit.sign_in("petra")

    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert "sh-ref" in page.text
    assert 'value="petra"' in page.text


def test_fifty_at_once_are_let_in_slowed_down_or_sent_away(tmp_path, clock):
    kitchen = CountingKitchen()
    with study_in_files("sqlite", tmp_path / "instance") as folder:
        hub = replace(open_hub(folder, clock), kitchen=kitchen)
        app = create_app(hub)
        logins = ["petra", "rita", "ivan", "tess", "nobody"] * 10

        def one(login):
            fields = {"login": login, "password": password_of("petra")}
            return app.test_client().post("/sign-in", data=fields).status_code

        with ThreadPoolExecutor(50) as together:
            statuses = list(together.map(one, logins))
        hub.sessions.engine.dispose()

    assert set(statuses) <= {302, 422, 429, 503}
    assert kitchen.runs > 0
    assert kitchen.most <= 2


# -- sessions ------------------------------------------------------------------------------


def test_every_proof_of_the_password_gives_a_new_cookie_and_ends_the_old(app, small_study):
    two_roles(small_study)
    ravi, copy = Visit(app), Visit(app)
    planted = small_study.cookie("ada")
    ravi.cookie = planted
    seen = [planted]

    def renewed():
        assert ravi.cookie not in seen
        copy.cookie = seen[-1]
        assert copy.get("/account").location == "/sign-in"
        seen.append(ravi.cookie)

    ravi.sign_in("ravi", study=SLUG, role="reviewer")
    renewed()
    ravi.post("/role", study=SLUG, role="transcriber", password=password_of("ravi"))
    renewed()
    ravi.post("/step-up", password=password_of("ravi"))
    renewed()
    ravi.post("/account", old_password=password_of("ravi"), password=NEW, repeat=NEW)
    renewed()


def test_signing_out_kills_every_copy_of_the_cookie(app, petra):
    copy = Visit(app)
    copy.cookie = petra.cookie
    assert copy.get("/account").status_code == 200

    answer = petra.post("/sign-out")

    assert answer.location == "/sign-in"
    assert answer.headers["Set-Cookie"].startswith("sid=;")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert petra.cookie == ""
    assert copy.get("/account").location == "/sign-in"


def test_a_new_password_ends_all_other_sessions(app, petra):
    other = Visit(app)
    other.sign_in("petra")

    answer = petra.post("/account", old_password=password_of("petra"), password=NEW, repeat=NEW)

    assert answer.location == "/account?done=password"
    assert "All your other sessions have ended" in petra.get(answer.location).text
    assert other.get("/account").location == "/sign-in"
    assert (
        other.client.post("/sign-in", data={"login": "petra", "password": NEW}).location
        == "/home"
    )


def test_one_of_ones_sessions_can_be_ended(app, petra):
    other = Visit(app)
    other.sign_in("petra")
    page = petra.get("/account").text
    ids = re.findall(r'name="session" value="([0-9a-f]{64})"', page)

    for session_id in ids:
        petra.post("/account", session=session_id)

    assert other.get("/account").location == "/sign-in"
    assert petra.get("/account").status_code == 200
    assert petra.post("/account", session="not hex").status_code == 404


def test_a_session_of_somebody_else_cannot_be_ended(app, petra, small_study):
    ada = Visit(app)
    ada.sign_in("ada")
    sessions = small_study.hub.sittings.list_of(small_study.user_id("ada"), small_study.clock())

    for session in sessions:
        petra.post("/account", session=session.id.hex())

    assert ada.get("/account").status_code == 200


# -- roles -----------------------------------------------------------------------------------


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


# -- join and reset ----------------------------------------------------------------------------


def reset_link(study, login):
    address = accounts_admin.start_reset(operator_desk(study.hub), study.user_id(login))
    return "/reset/" + address.rpartition("/")[2]


def join_link(study):
    address = accounts_admin.add(
        operator_desk(study.hub), login="gil", name="Gil Marsh", email="gil@team.test"
    )
    return "/join/" + address.rpartition("/")[2]


def test_looking_at_a_link_changes_nothing(visit, small_study):
    for link in (join_link(small_study), reset_link(small_study, "tess")):
        before = small_study.hub.settings.sessions.read_bytes()
        pages = [visit.get(link) for _ in range(2)]

        assert [page.status_code for page in pages] == [200, 200]
        assert all("Set-Cookie" not in page.headers for page in pages)
        assert small_study.hub.settings.sessions.read_bytes() == before


def test_joining_sets_a_password_and_shows_the_recovery_code_once(visit, small_study):
    link = join_link(small_study)
    assert "Join as Gil Marsh" in visit.get(link).text

    page = visit.client.post(link, data={"password": NEW, "repeat": NEW})

    assert CODE.search(page.text)
    assert visit.get(link).status_code == 404
    assert (
        visit.client.post("/sign-in", data={"login": "gil", "password": NEW}).location
        == "/role"
    )


def test_a_password_that_cannot_be_taken_leaves_the_link_as_it_was(visit, small_study):
    link = join_link(small_study)

    page = visit.client.post(link, data={"password": "short", "repeat": "short"})

    assert page.status_code == 422
    assert "short" not in re.sub(
        r"<p.*?</p>", "", page.text.partition("<form")[2].partition("</form>")[0]
    )
    assert visit.get(link).status_code == 200


def test_with_the_recovery_code_nothing_is_lost(visit, small_study):
    link = reset_link(small_study, "tess")
    fields = {"password": NEW, "repeat": NEW}

    wrong = visit.client.post(link, data={**fields, "recovery_code": "0000-0000"})
    assert wrong.status_code == 422
    page = visit.client.post(link, data={**fields, "recovery_code": small_study.codes["tess"]})

    assert "Your recovery code stays the same" in page.text
    assert (
        visit.client.post("/sign-in", data={"login": "tess", "password": NEW}).location
        == "/home"
    )


def test_without_it_the_roles_wait_for_a_fresh_grant(visit, small_study):
    link = reset_link(small_study, "tess")

    page = visit.client.post(link, data={"password": NEW, "repeat": NEW})

    assert CODE.search(page.text)[1] != small_study.codes["tess"]
    assert (
        visit.client.post("/sign-in", data={"login": "tess", "password": NEW}).location
        == "/role"
    )
    assert "Waits for a principal investigator" in visit.get("/role").text


def test_unknown_used_and_expired_links_all_look_the_same(visit, small_study):
    used, expired = join_link(small_study), reset_link(small_study, "tess")
    visit.client.post(used, data={"password": NEW, "repeat": NEW})
    small_study.clock.advance(days=30)
    asked = [used, expired, "/join/unknown", "/reset/unknown", used.replace("join", "reset")]
    assert "This link does not work" in visit.get(used).text

    def plain(page):
        text = re.sub(r'nonce="[^"]+"|<span class="sh-ref">[^<]+', "", page.text)
        return page.status_code, text

    shown = {plain(visit.get(link)) for link in asked}
    sent = {
        plain(visit.client.post(link, data={"password": NEW, "repeat": NEW})) for link in asked
    }

    assert len(shown | sent) == 1
    assert next(iter(shown))[0] == 404


# -- in a browser -----------------------------------------------------------------------------


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
