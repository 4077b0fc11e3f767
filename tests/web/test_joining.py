"""Join by a link, and come back by one after a password was forgotten."""

import re

from studyhub.workflows import accounts_admin
from studyhub.workflows.kernel import operator_desk
from tests.web.account_people import CODE, NEW, join_link


def reset_link(study, login):
    address = accounts_admin.start_reset(operator_desk(study.hub), study.user_id(login))
    return "/reset/" + address.rpartition("/")[2]


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
