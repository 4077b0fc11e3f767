"""The workspace in a real browser: two pages lose nothing, and signing out loses nothing."""

import pytest

from studyhub.domain import turns
from studyhub.workflows import accounts, transcripts, transcripts_import, visitors
from studyhub.workflows.transcripts_import import Document
from tests.makers import INTERVIEW, SLUG, password_of
from tests.web.browser import complaints, let_in, open_page, serve, undisturbed
from tests.web.given import small_study, transcript_id
from tests.web.pages import fits_everywhere

__all__ = ["small_study", "transcript_id"]

WORDS = ".tr-turn__text"
STATE = "#save-line .wb-state"


@pytest.fixture
def address(app, small_study, transcript_id):
    """The workspace of a transcript of 39 turns, before a server."""
    found = transcripts_import.take_in
    found(small_study.tess, transcript_id, Document(INTERVIEW), {}, rev=0)
    with serve(app) as server:
        yield f"{server}/s/{SLUG}/transcription/{transcript_id}"


def opened(page, address, cookie):
    """The page with its text, for whoever has this cookie."""
    let_in(page, cookie)
    page.goto(address)
    page.locator(WORDS).first.wait_for()


def type_into(page, turn, text):
    page.locator(WORDS).nth(turn).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def saved(page):
    page.locator(f"{STATE}[data-state=saved]").wait_for()


def kept(study, transcript_id):
    with undisturbed:
        body = turns.read(transcripts.read(study.tess, transcript_id).text)
    return [turn.text for turn in body.turns]


def test_two_pages_in_one_transcript_lose_nothing(
    chromium, small_study, address, transcript_id
):
    cookie = small_study.cookie("tess")
    with open_page(chromium, 1280) as one, open_page(chromium, 1280) as two:
        opened(one, address, cookie)
        opened(two, address, cookie)

        type_into(one, 0, " first page")
        saved(one)
        type_into(two, 4, " second page")
        two.locator(".wb-toast").wait_for()  # other turns: merged without a question
        saved(two)
        type_into(one, 4, " mine")
        one.get_by_role("dialog").wait_for()
        assert_fit_but_conflicts(one)
        one.get_by_role("radio", name="Own wording").check()
        one.get_by_role("textbox", name="Own wording").fill("Both of us.")
        one.get_by_role("button", name="Save the merged text").click()
        saved(one)

        assert one.evaluate("localStorage.length + sessionStorage.length") == 0
    texts = kept(small_study, transcript_id)
    assert texts[0].endswith("first page")
    assert texts[4] == "Both of us."


def assert_fit_but_conflicts(page):
    """409 is an answer of the plan, but the console of a browser shows every one."""
    assert {each for each in complaints(page) if "409" not in each} == set()


def test_what_was_typed_outlives_the_session(chromium, small_study, address, transcript_id):
    cookie = small_study.cookie("tess")
    with open_page(chromium, 1280) as page:
        opened(page, address, cookie)
        sign_out(small_study, cookie)

        type_into(page, 1, " kept")
        page.get_by_role("dialog").wait_for()
        page.get_by_label("Sign-in name").fill("tess")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_text("That did not work").wait_for()
        page.get_by_label("Password").fill(password_of("tess"))
        page.get_by_role("button", name="Sign in", exact=True).click()
        saved(page)

    assert kept(small_study, transcript_id)[1].endswith("kept")


def sign_out(study, cookie):
    with undisturbed:
        found = visitors.visitor(study.hub, cookie)
        assert found is not None
        accounts.sign_out(study.hub, cookie, found)


def test_keys_split_join_and_undo_and_pasted_breaks_go(
    chromium, small_study, address, transcript_id
):
    with open_page(chromium, 1280) as page:
        opened(page, address, small_study.cookie("tess"))
        before = page.locator(WORDS).count()

        type_into(page, 2, " end")
        page.keyboard.press("Alt+Enter")
        page.keyboard.type("new turn")
        assert page.locator(WORDS).count() == before + 1
        page.keyboard.press("Alt+p")
        page.evaluate(
            """() => { const data = new DataTransfer();
            data.setData('text/plain', 'two\\r\\n lines\\tand \\u0007 more');
            document.activeElement.dispatchEvent(new ClipboardEvent('paste',
                {clipboardData: data, bubbles: true, cancelable: true})); }"""
        )
        saved(page)
        texts = kept(small_study, transcript_id)
        page.keyboard.press("Control+/")
        page.get_by_role("dialog").wait_for()
        fits_everywhere(page)
        page.keyboard.press("Escape")

        fits_everywhere(page)
    assert len(texts) == before + 1
    assert texts[3].startswith("new turn [pause]")
    assert texts[3].endswith("two lines and  more")
