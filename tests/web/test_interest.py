"""What people see before they decide: the public form, their own page, sheet and questions."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from studyhub.store.db import Base
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression, Question
from studyhub.workflows import links, recruitment_information, recruitment_questions
from tests.makers import informed, invited, letter_body, token_in
from tests.web.browser import complaints, open_page, serve
from tests.web.pages import HOSTILE, words

PUBLIC = "/interest/voices"
GRACE = {"name": "Grace Adeyemi", "channel": "email", "email": "grace@home.test"}
BY_LINK = {"channel": "link", "note": "after five"}
QUESTION = {"question": "Who hears it?", "blocks": "yes"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def ready(app, small_study, approved):
    """The study has its approval and its documents."""
    return small_study


@pytest.fixture
def invitation(ready):
    """The token in the invitation of Peter Lowe."""
    invited(ready, "Peter Lowe")
    return token_in(letter_body(ready, "invitation")["text"])


@pytest.fixture
def own(ready):
    """The token in the letter with sheet and consent form of Grace Adeyemi."""
    return informed(ready)


def send(visit, page, path="", **fields):
    """Send a form as its page would: the forgery token is in the page, in no cookie."""
    tokens = TOKEN.findall(visit.get(page).text)
    given = {"csrf_token": tokens[-1 if path.endswith("decline") else 0]} if tokens else {}
    return visit.client.post(path or page, data={**given, **fields})


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.query(table).count()


def counts(study):
    with study.hub.sessions.reading.begin() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


def pages(invitation, own):
    return [
        PUBLIC,
        *(f"/l/{invitation}{page}" for page in ("", "/interest", "/sheet", "/questions")),
        *(f"/l/{own}{page}" for page in ("", "/sheet", "/questions")),
    ]


# -- what holds of every page -------------------------------------------------------------


def test_inv_12_looking_at_any_page_changes_no_row(app, ready, invitation, own):
    before = counts(ready)

    for path in pages(invitation, own):
        for method in ("GET", "HEAD"):
            assert app.test_client().open(path, method=method).status_code == 200, path

    assert counts(ready) == before


def test_no_page_sets_a_cookie_or_names_the_product(visit, invitation, own):
    for path in pages(invitation, own):
        page = visit.get(path)

        assert "Set-Cookie" not in page.headers, path
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert re.search(r"<title>(.*?)</title>", page.text)[1] == "Your invitation", path
        shown = re.sub(r"<script.*?</script>|<link[^>]*>", "", page.text, flags=re.S)
        assert "StudyHub" not in shown, path
        assert "Voices of Support" not in shown, path
        assert ">Leave this page</a>" in page.text, path


def test_unknown_revoked_expired_and_foreign_links_are_one_page(visit, ready, invitation, own):
    guest = links.guest(ready.hub, own)
    recruitment_information.revoke(ready.rita, guest.link_id)
    ready.clock.advance(days=61)
    stop = token_in(letter_body(ready, "acknowledgement")["text"], "o")

    answers = {
        visit.get(path, environ_base={"REMOTE_ADDR": source}, headers=headers).data
        for source, headers in (
            ("192.0.2.1", {}),
            ("192.0.2.2", {"Accept": "application/json"}),
        )
        for path in (
            *(f"/l/{own}{page}" for page in ("", "/sheet", "/questions", "/nothing")),
            *(f"/l/{invitation}", f"/l/{'A' * 43}", "/l/short", "/l/%00", "/l/%F0%9F%8E%88"),
            *(f"/l/{stop}/sheet", f"/l/{stop}/questions", f"/l/{stop}/interest"),
        )
    }

    assert len(answers) == 1
    assert b"does not work any more" in answers.pop()
    assert visit.get(f"/l/{own}").status_code == 404
    assert visit.client.post(f"/l/{own}/questions", data=QUESTION).status_code == 404


def test_who_tries_tokens_waits_and_who_has_one_enters_all_the_same(visit, own):
    answers = [visit.get(f"/l/{nth:043d}").status_code for nth in range(30)]

    assert set(answers) == {404, 429}
    assert answers.index(429) == links.FREE_KNOCKS
    assert visit.get(f"/l/{own}").status_code == 200


def test_inv_87_no_token_stands_in_the_log(visit, own, caplog):
    visit.get(f"/l/{own}/questions")
    visit.client.post(f"/l/{own}/questions", data=QUESTION)
    visit.get(f"/l/{'B' * 43}")

    assert own not in caplog.text
    assert "B" * 43 not in caplog.text


def test_a_form_needs_the_token_of_its_own_page_and_link(visit, ready, invitation, own):
    page = TOKEN.search(visit.get(f"/l/{own}/questions").text)[1]
    foreign = TOKEN.search(visit.get(f"/l/{invitation}/questions").text)[1]
    other_form = TOKEN.search(visit.get(f"/l/{own}").text)[1]

    for given in ("", foreign, other_form, page[:-1]):
        sent = visit.client.post(f"/l/{own}/questions", data={**QUESTION, "csrf_token": given})
        assert sent.status_code == 400
        assert "StudyHub" not in words(sent)
    elsewhere = {"Origin": "https://elsewhere.test"}
    sent = visit.client.post(
        f"/l/{own}/questions", data={**QUESTION, "csrf_token": page}, headers=elsewhere
    )
    assert sent.status_code == 400
    assert visit.client.post(PUBLIC, data=GRACE, headers=elsewhere).status_code == 400
    assert rows(ready, Question) == 0
    assert rows(ready, Expression) == 1  # that of the person who was informed


# -- the public form ------------------------------------------------------------------------


def test_the_page_says_what_it_commits_to_and_shows_nothing_again(visit, ready):
    assert "Saying you are interested commits you to nothing." in words(visit.get(PUBLIC))

    sent = send(visit, PUBLIC, **GRACE, note="after five")

    assert sent.location == f"{PUBLIC}?done=interested"
    after = visit.get(sent.location)
    assert "We have your message." in words(after)
    assert "Grace" not in after.text
    assert rows(ready, Expression) == 1


def test_the_trap_is_answered_like_everything_and_keeps_nothing(visit, ready):
    honest = send(visit, PUBLIC, **GRACE)
    before = counts(ready)

    trapped = send(visit, PUBLIC, **GRACE, website="https://spam.test")

    assert (trapped.status_code, trapped.location) == (honest.status_code, honest.location)
    assert counts(ready) == before


def test_too_many_from_one_place_are_asked_to_wait(visit, ready):
    answers = [send(visit, PUBLIC, **GRACE).status_code for _ in range(23)]

    assert answers.index(429) == 20
    assert rows(ready, Expression) == 20


def test_a_study_that_does_not_exist_is_not_there(visit):
    assert visit.get("/interest/nowhere").status_code == 404
    assert visit.client.post("/interest/nowhere", data=GRACE).status_code == 404


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize(
    "field",
    ["name", "channel", "email", "phone", "safe_contact", "note", "preference", "website"],
)
def test_hostile_words_in_the_public_form_get_a_plain_answer(visit, ready, field, kind):
    before = counts(ready)

    sent = send(visit, PUBLIC, **{**GRACE, field: HOSTILE[kind]})

    assert sent.status_code in {302, 422}
    if sent.status_code == 422:
        assert counts(ready) == before
        assert "Nothing was saved" in words(sent)
        assert "<script>alert" not in sent.text


@pytest.mark.parametrize(
    "address",
    ["a@b.test,c@d.test", "Grace <a@b.test>", "a@b.test\r\nBcc: c@d.test", "nobody", "@b.test"],
)
def test_one_whole_address_and_nothing_else_is_taken(visit, ready, address):
    assert send(visit, PUBLIC, **{**GRACE, "email": address}).status_code == 422
    assert rows(ready, Expression) == 0


# -- by a personal link -----------------------------------------------------------------------


def test_the_invitation_takes_interest_and_then_shows_where_it_stands(visit, ready, invitation):
    page = visit.get(f"/l/{invitation}")
    assert "Would you talk to us?" in words(page)
    assert " checked" not in page.text
    assert "peter" not in page.text.lower()

    sent = send(visit, f"/l/{invitation}", f"/l/{invitation}/interest", **BY_LINK)

    assert sent.location == f"/l/{invitation}?done=interested"
    assert "You told us that you are interested" in words(visit.get(sent.location))
    assert rows(ready, Expression) == 1


def test_who_is_invited_says_no_with_one_button(visit, ready, invitation):
    sent = send(visit, f"/l/{invitation}", f"/l/{invitation}/decline")

    assert sent.status_code == 302
    page = words(visit.get(sent.location))
    assert "You told us that you do not want to take part." in page
    assert "I am interested after all" in page


def test_the_sheet_shows_its_version_and_when_it_was_given(visit, own):
    page = visit.get(f"/l/{own}/sheet")

    assert "Version 1.0, in use from" in words(page)
    assert "Given to you on 3 March 2026" in words(page)
    assert '<h2 id="section-withdrawal">' in page.text


def test_inv_36_the_page_says_from_when_the_form_opens(visit, ready):
    token = informed(ready, hours=1)
    assert "the form opens on 4 March 2026" in words(visit.get(f"/l/{token}"))

    ready.clock.advance(hours=24)

    assert "the form opens on" not in words(visit.get(f"/l/{token}"))


def test_inv_25_the_page_says_that_the_form_waits_for_the_answer(visit, ready, own):
    assert send(visit, f"/l/{own}/questions", **QUESTION).status_code == 302
    assert "The form opens when your question has been answered" in words(
        visit.get(f"/l/{own}")
    )
    with ready.hub.sessions.reading.begin() as session:
        asked = session.query(Question).one().id

    recruitment_questions.answer(ready.rita, asked, "Only Ivan.", channel="telephone")

    assert "opens when your question" not in words(visit.get(f"/l/{own}"))
    assert "Only Ivan." in words(visit.get(f"/l/{own}/questions"))


def test_a_question_is_kept_and_answered_on_the_same_page(visit, ready, own):
    sent = send(visit, f"/l/{own}/questions", **QUESTION)

    page = words(visit.get(sent.location))
    assert "We have your question." in page
    assert "Who hears it? There is no answer yet." in page


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("field", ["question", "blocks"])
def test_hostile_words_in_a_question_get_a_plain_answer(visit, ready, own, field, kind):
    sent = send(visit, f"/l/{own}/questions", **{**QUESTION, field: HOSTILE[kind]})

    assert sent.status_code in {302, 422}
    assert rows(ready, Question) == (sent.status_code == 302)
    assert "<script>alert" not in visit.get(f"/l/{own}/questions").text


def test_nothing_is_chosen_for_anybody(visit, ready, own):
    sent = send(visit, f"/l/{own}/questions", question="Who hears it?")

    assert sent.status_code == 422
    assert "Choose whether you will wait" in words(sent)
    assert "Who hears it?" in sent.text
    assert rows(ready, Question) == 0


# -- in a browser -----------------------------------------------------------------------------


def test_without_script_somebody_on_a_telephone_is_interested_and_asks(
    chromium, app, ready, invitation
):
    with serve(app) as address, open_page(chromium, 320, javascript=False) as page:
        page.goto(f"{address}/l/{invitation}")
        page.get_by_label("By e-mail, to the address our letter came to").check()
        page.get_by_role("button", name="I am interested").click()
        page.get_by_role("link", name="Ask us anything").click()
        page.get_by_label("Your question").fill("May I bring a friend?")
        page.get_by_label("No, I can decide without it").check()
        page.get_by_role("button", name="Send my question").click()
        expect(page.get_by_text("May I bring a friend?")).to_be_visible()
        expect(page.get_by_role("link", name="Leave this page")).to_be_visible()
        assert complaints(page) == []
        assert page.context.cookies() == []
    with ready.hub.sessions.reading.begin() as session:
        assert session.query(Letter).filter_by(purpose="acknowledgement").count() == 1
