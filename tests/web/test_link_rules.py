"""The rules of links to people: one answer to whoever may not enter, and neutral pages."""

import re

import pytest

from studyhub.workflows import links, recruitment_information
from tests.makers import informed, invited, letter_body, token_in

PAGES = ("", "/interest", "/sheet", "/questions", "/consent", "/copy", "/decline", "/nothing")
FIELDS = {"question": "Who hears it?", "blocks": "no", "channel": "link"}


@pytest.fixture
def ready(small_study, approved):
    return small_study


def test_every_way_of_sending_to_a_dead_link_gets_the_same_page_to_the_byte(app, ready):
    revoked = informed(ready, hours=1)
    guest = links.guest(ready.hub, revoked)
    good = {**FIELDS, "csrf_token": guest.form_token("questions")}
    recruitment_information.revoke(ready.rita, guest.link_id)
    invited(ready, "Peter Lowe")
    expired = token_in(letter_body(ready, "invitation")["text"])
    ready.clock.advance(days=400)
    answers = set()
    for number, token in enumerate((revoked, expired, "A" * 43, "short", "%00")):
        for page in PAGES:
            sent_from = {"REMOTE_ADDR": f"192.0.2.{number}"}
            client = app.test_client()
            for answer in (
                client.get(f"/l/{token}{page}", environ_base=sent_from),
                client.post(f"/l/{token}{page}", data=good, environ_base=sent_from),
            ):
                assert answer.status_code in (404, 405), page
                if answer.status_code == 404:
                    kept = {"Content-Type", "Cache-Control", "Referrer-Policy", "X-Robots-Tag"}
                    heads = {name: answer.headers.get(name) for name in sorted(kept)}
                    answers.add((answer.data, str(heads)))

    ((page, heads),) = answers
    assert b"Leave this page" in page
    assert "no-store" in heads
    assert "noindex" in heads


def test_a_link_opens_the_pages_of_its_purposes_and_no_others(app, ready):
    invited(ready, "Peter Lowe")
    token = token_in(letter_body(ready, "invitation")["text"])
    client = app.test_client()

    assert client.get(f"/l/{token}/interest").status_code == 200
    for page in ("/consent", "/copy"):
        assert client.get(f"/l/{token}{page}").status_code == 404


def test_sending_to_links_that_are_none_is_slowed_down_like_looking(app, ready):
    client = app.test_client()

    answers = [
        client.post(f"/l/{number:043d}/questions", data=FIELDS).status_code
        for number in range(links.FREE_KNOCKS + 2)
    ]

    assert answers[-1] == 429
    assert set(answers[: links.FREE_KNOCKS]) == {404}


def test_who_tries_too_often_is_told_so_on_a_neutral_page(app, ready):
    client = app.test_client()
    for number in range(links.FREE_KNOCKS + 1):
        page = client.get(f"/l/{number:043d}")

    assert page.status_code == 429
    assert re.search("<title>(.*?)</title>", page.text)[1] == "Your invitation"
    assert "Leave this page" in page.text
    assert "StudyHub" not in re.sub(
        r"<script.*?</script>|<link[^>]*>", "", page.text, flags=re.S
    )


def test_inv_42_every_page_of_a_link_names_paper_or_telephone_and_leads_nowhere_else(
    app, ready
):
    token = informed(ready)
    client = app.test_client()
    for page in ("", "/sheet", "/questions", "/consent"):
        answer = client.get(f"/l/{token}{page}")
        assert answer.status_code == 200
        assert "You can do all of this on paper or by phone instead." in answer.text, page
        fetched = re.findall(
            r'<(?:link|img|script|form|iframe)[^>]*="(?:https?:)?//', answer.text
        )
        assert not fetched, page
        if page != "/sheet":  # where the study names its own complaint route
            assert len(re.findall(r'href="https?://', answer.text)) == 1, page
