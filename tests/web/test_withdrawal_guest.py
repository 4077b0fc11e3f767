"""Stopping by one's own link: one page, one button, on a phone and without script."""

import re

import pytest
from playwright.sync_api import expect

from studyhub.domain.statements import STARTERS
from studyhub.store.consent import Participant
from studyhub.store.withdrawals import Hold, Withdrawal
from studyhub.workflows import withdrawal_steps
from tests import makers
from tests.web.browser import complaints, open_page, serve
from tests.web.pages import fits_everywhere, words
from tests.workflows.withdrawing import rows

pytestmark = pytest.mark.usefixtures("approved")
FIELD = re.compile(r'name="(csrf_token|signing)" value="([^"]*)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')
SENSITIVE = ("withdraw", "stop", "study", "research", "interview")


@pytest.fixture
def who(small_study):
    """Somebody who agreed."""
    return makers.agreed(small_study)


@pytest.fixture
def link(small_study, who):
    return f"/l/{makers.own_token(small_study, who)}/withdraw"


@pytest.fixture
def person(app):
    """A browser that keeps no cookie."""
    return app.test_client(use_cookies=False)


def send(person, link, **fields):
    token = TOKEN.findall(person.get(link + "?more=yes").text)[0]
    return person.post(link, data={"csrf_token": token, **fields})


@pytest.mark.parametrize(
    ("days", "said"), [(1, "we can erase all of it"), (60, "It is never too late to ask")]
)
def test_after_the_interview_the_page_says_until_when_all_can_be_erased(
    person, small_study, who, link, *, days, said
):
    makers.interviewed(small_study, who)
    small_study.clock.advance(days=days)

    page = person.get(link)

    assert page.status_code == 200
    assert said in words(page)


def test_inv_66_stopping_takes_no_reason_no_login_and_no_more_posts_than_agreeing(
    person, small_study, monkeypatch
):
    posts, post = [], person.post
    monkeypatch.setattr(
        person, "post", lambda *to, **sent: posts.append(to) or post(*to, **sent)
    )
    link = f"/l/{makers.informed(small_study, makers.eligible(small_study))}/consent"
    form = dict(FIELD.findall(person.get(link).text))
    answers = {f"statement:{each.code}": "agree" for each in STARTERS}
    person.post(link, data={**form, **answers, "typed_name": "Grace Adeyemi"})
    to_agree, lasting = len(posts), f"/l/{makers.own_token(small_study, whose(small_study))}"

    page = person.get(f"{lasting}/withdraw")
    assert send(person, f"{lasting}/withdraw", scope="all").status_code == 302

    assert set(re.findall(r'<(?:input|textarea|select)[^>]*name="([^"]*)"', page.text)) == {
        *("csrf_token", "scope")
    }
    assert len(posts) - to_agree <= to_agree == 1
    assert rows(small_study, Withdrawal)[0].scopes == ["all"]


def whose(study):
    return rows(study, Participant)[0].id


def test_it_says_at_once_that_it_is_stopped_and_keeps_saying_it(person, small_study, link):
    answer = send(person, link, scope=["audio", "quotes"])

    assert "Set-Cookie" not in answer.headers
    page = words(person.get(answer.location))
    reference = rows(small_study, Withdrawal)[0].reference
    assert "Done. It is stopped." in page
    assert reference in page
    later = words(person.get(link))
    assert reference in later
    assert "Nobody can open it any more." in later


def test_nothing_chosen_is_said_beside_what_is_missing(person, small_study, link):
    answer = send(person, link)

    assert answer.status_code == 422
    assert "Choose what you would like to stop" in words(answer)
    assert not rows(small_study, Hold)


def test_a_form_of_another_page_stops_nothing(person, small_study, link):
    assert person.post(link, data={"scope": "all"}).status_code == 400
    assert not rows(small_study, Hold)


def test_a_link_for_other_things_opens_no_such_page(person, small_study):
    token = makers.informed(small_study, makers.eligible(small_study))

    assert person.get(f"/l/{token}/withdraw").status_code == 404


def test_it_is_taken_back_on_the_same_page(person, small_study, link):
    send(person, link, scope="audio")
    reference = rows(small_study, Withdrawal)[0].reference

    answer = send(person, link, retract=reference)

    assert "You took this back." in words(person.get(answer.location))
    assert rows(small_study, Hold)[0].closed_at
    assert send(person, link, retract=reference).status_code == 409
    assert send(person, link, retract="W-00000").status_code == 404


def test_what_was_erased_and_what_is_kept_stands_there_with_the_reason(
    person, small_study, who, link
):
    made = makers.decided(small_study, ("identity",), who)
    carried_out(small_study, made)

    page = words(person.get(link))

    assert "erased: your name and your address" in page
    assert "kept: your signed consent form" in page


def carried_out(study, withdrawal_id):
    """The worker finished, as far as this page is told of it."""
    with study.hub.sessions.writing.begin() as session:
        step = withdrawal_steps.WithdrawalStep
        session.add(
            step(withdrawal_id=withdrawal_id, step="completed", at=study.clock(), by_id=None)
        )


def test_the_page_names_no_subject_and_reads_well_on_a_phone(small_study, link, app, chromium):
    with (
        serve(app) as address,
        open_page(chromium, 320, javascript=False) as page,
    ):
        page.goto(address + link)
        assert not [word for word in SENSITIVE if word in page.title().lower()]
        page.get_by_label("Erase the recording").check()
        page.get_by_role("button", name="Stop what I chose").click()
        expect(page.get_by_role("heading", name="Done. It is stopped.")).to_be_visible()
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("Taken back.")).to_be_visible()

    with serve(app) as address, open_page(chromium, 390) as page:
        for path in (link, f"{link}?more=yes"):
            page.goto(address + path)
            fits_everywhere(page)
        assert complaints(page) == []
