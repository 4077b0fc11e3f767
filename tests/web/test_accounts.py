"""Sign in, and end sessions."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from studyhub.app import create_app
from studyhub.hub import open_hub
from studyhub.vault.passwords import Cost, Kitchen
from tests.makers import SLUG, password_of
from tests.staged import study_in_files
from tests.web.account_people import NEW, two_roles
from tests.web.visits import Visit


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
