"""The consent form by link: word for word, nothing chosen, without script or cookie."""

import html
import re
from base64 import b64encode

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from studyhub.domain.statements import STARTERS
from studyhub.store.consent import Statement
from studyhub.workflows import consent_ethics, consent_versions
from tests import texts
from tests.makers import eligible, in_use, informed
from tests.web.browser import aria, assert_fit, complaints, open_page, serve
from tests.web.informed import ready, small_study
from tests.web.pages import HOSTILE, fits_everywhere, words
from tests.workflows.consenting import PNG, approval_of, asked, records, version_of

__all__ = ["ready", "small_study"]

LEGEND = re.compile(r"<legend[^>]*>(.*?)</legend>", re.DOTALL)
FIELD = re.compile(r'name="(csrf_token|signing)" value="([^"]*)"')
LASTING = re.compile(r'href="http://127\.0\.0\.1:8000(/l/[\w-]{43})"')


@pytest.fixture
def link(ready):
    """The address of somebody who was informed a day ago."""
    return f"/l/{ready[1]}"


@pytest.fixture
def person(app):
    """A browser of somebody who is not signed in and keeps no cookie."""
    return app.test_client(use_cookies=False)


def form_of(person, link):
    page = person.get(link + "/consent")
    assert page.status_code == 200, page.text
    return page, dict(FIELD.findall(page.text))


def agreed(but=()):
    return {
        f"statement:{each.code}": "decline" if each.code in but else "agree"
        for each in STARTERS
    }


def sent(person, link, **fields):
    _, hidden = form_of(person, link)
    values = {**hidden, **agreed(), "typed_name": "Grace Adeyemi", **fields}
    return person.post(
        link + "/consent", data={k: v for k, v in values.items() if v is not None}
    )


# -- the page ----------------------------------------------------------------------


def test_every_statement_stands_word_for_word_in_a_legend_of_its_own(person, link, small_study):
    page, _ = form_of(person, link)

    legends = [html.unescape(each) for each in LEGEND.findall(page.text)]
    assert legends == wordings(small_study)
    assert "checked" not in page.text
    assert page.text.count("needed</strong></span>") == sum(s.mandatory for s in STARTERS)


def wordings(study):
    with study.hub.sessions.reading.begin() as session:
        return list(session.scalars(select(Statement.wording).order_by(Statement.position)))


def test_opening_the_form_stores_nothing(person, link, small_study):
    before = small_study.events()

    page, _ = form_of(person, link)

    assert records(small_study) == []
    assert small_study.events() == before
    assert "Set-Cookie" not in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    assert "StudyHub" not in page.text.replace("studyhub", "")
    assert "Leave this page" in page.text


def test_signing_shows_the_copy_at_once_and_where_to_find_it_again(person, link, small_study):
    done = sent(person, link, **{"statement:quotes": "decline"})

    assert done.status_code == 200
    assert "Your decision is recorded" in words(done)
    for wording in wordings(small_study):
        assert wording in words(done)
    lasting = LASTING.search(done.text)[1]
    again = person.get(lasting + "/copy")
    assert again.status_code == 200
    for wording in wordings(small_study):
        assert wording in words(again)
    assert "I do not agree" in words(again)
    file = person.get(lasting + "/copy?as=text")
    assert file.mimetype == "text/plain"
    assert "Grace Adeyemi" in file.text
    assert file.headers["Content-Disposition"] == "attachment; filename=copy.txt"


def test_a_form_sent_twice_counts_once(person, link, small_study):
    _, hidden = form_of(person, link)
    fields = {**hidden, **agreed(), "typed_name": "Grace Adeyemi"}

    pages = [person.post(link + "/consent", data=fields) for _ in range(3)]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "It counts once" in words(pages[1])
    assert len(records(small_study)) == 1


def test_the_token_alone_names_what_was_shown(person, link, small_study):
    """Also where only the documented fields are sent."""
    _, hidden = form_of(person, link)
    fields = {
        "csrf_token": hidden["csrf_token"],
        **agreed(),
        "typed_name": "Grace Adeyemi",
    }

    pages = [person.post(link + "/consent", data=fields) for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    assert len(records(small_study)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"csrf_token": None},
        {"csrf_token": "x" * 43},
        {"csrf_token": "\u202e"},
        {"signing": "2.00." + "0" * 32},
        {"signing": "x"},
    ],
)
def test_a_forged_form_signs_nothing(person, link, small_study, fields):
    assert sent(person, link, **fields).status_code == 400
    assert records(small_study) == []


def test_what_is_missing_is_said_and_every_answer_stays(person, link, small_study):
    page = sent(person, link, **{"statement:quotes": None, "typed_name": ""})

    assert page.status_code == 422
    assert "Some things are missing" in words(page)
    number = [each.code for each in STARTERS].index("quotes") + 1
    assert f"for sentence {number}" in words(page)
    assert "Write your name" in words(page)
    assert page.text.count("checked") == len(STARTERS) - 1
    assert records(small_study) == []


def test_no_statement_may_be_left_out(person, link, small_study):
    """Invariant 28."""
    for each in STARTERS:
        assert sent(person, link, **{f"statement:{each.code}": None}).status_code == 422
    assert records(small_study) == []


def test_a_drawing_stays_when_something_else_is_missing(person, link, small_study):
    picture = "data:image/png;base64," + b64encode(PNG).decode()

    page = sent(person, link, drawing=picture, typed_name="", word="Blue heron")

    assert page.status_code == 422
    assert f'name="drawing" value="{html.escape(picture)}"' in page.text
    assert "Your drawing was kept" in words(page)
    assert 'value="Blue heron"' in page.text
    assert records(small_study) == []


def test_refusing_takes_one_button_and_nothing_else(person, link, small_study):
    _, hidden = form_of(person, link)

    page = person.post(link + "/consent", data={**hidden, "kind": "refused"})

    assert page.status_code == 200
    assert "You do not take part" in words(page)
    ((row, answers),) = records(small_study)
    assert (row.kind, answers) == ("refused", {})


def test_a_drawing_is_taken_as_a_picture_and_as_nothing_else(person, link, small_study):
    wrong = ("data:image/png;base64,", "data:text/html;base64,PGI+", "%%%", "x" * 9)
    for drawing in wrong[1:]:
        page = sent(person, link, drawing=drawing)
        assert page.status_code == 422
        assert "Draw your signature again" in words(page)

    picture = "data:image/png;base64," + b64encode(PNG).decode()
    assert sent(person, link, drawing=picture).status_code == 200
    assert len(records(small_study)) == 1


# Where nothing hostile can be taken, and where some of it is a name or a word like any other.
CLOSED = ("drawing", "statement:quotes", "statement:x_y")
OPEN = ("typed_name", "word", "waive_wait", "kind")


@pytest.mark.parametrize("field", [*CLOSED, *OPEN])
def test_hostile_values_never_break_the_form(person, link, small_study, field):
    for name, value in HOSTILE.items():
        before = len(records(small_study))

        page = sent(person, link, **{field: value})

        assert page.status_code in ({422} if field in CLOSED else {200, 422}), name
        assert "<script>alert" not in page.text
        kept = len(records(small_study)) - before
        assert kept == (page.status_code == 200), name
        if page.status_code == 422:
            assert "Nothing was sent" in words(page)
            assert page.text.count(" checked") >= len(STARTERS) - 1, name


# -- when it cannot be opened --------------------------------------------------------


def test_somebody_may_say_that_they_do_not_want_to_wait(app, person, small_study):
    """Invariant 36."""
    link = f"/l/{informed(small_study, eligible(small_study, 'Ruth Dale'), hours=1)}"

    refused = sent(person, link)
    assert refused.status_code == 422
    assert "Tick this if you do not want to wait" in words(refused)
    assert refused.text.count("checked") == len(STARTERS)
    assert records(small_study) == []

    assert sent(person, link, waive_wait="yes").status_code == 200
    assert records(small_study)[0][0].wait_waived


def test_an_open_question_keeps_the_form_shut_and_says_so(person, link, small_study):
    """Invariant 25."""
    _, hidden = form_of(person, link)
    asked(small_study, link.rpartition("/")[2], blocks=True)

    page = person.get(link + "/consent")
    assert "wait until it has been answered" in words(page)
    assert "<fieldset" not in page.text

    late = {**hidden, **agreed(), "typed_name": "Grace Adeyemi"}
    assert person.post(link + "/consent", data=late).status_code == 409
    assert records(small_study) == []


def test_each_reason_why_not_is_said_kindly_where_the_form_was_sent(person, link, small_study):
    """The page was opened before: retired version, re-consent, another sheet, suspension."""
    _, hidden = form_of(person, link)
    late = {**hidden, **agreed(), "typed_name": "Grace Adeyemi"}
    for happens, says in REASONS:
        happens(small_study)

        page = person.post(link + "/consent", data=late)

        assert page.status_code == 409
        assert says in words(page)
        assert "Nothing was kept" in words(page)
        assert "Leave this page" in page.text
        assert small_study.last_event().outcome == "refused"
    assert records(small_study) == []


def signs_again(study):
    """A new version of the form is in use, which everybody is asked to sign."""
    in_use(
        study,
        texts.FORM_DRAFT,
        approval_of(study),
        author="petra",
        approver="ravi",
        reconsent="all_active",
    )


def retired(study):
    consent_versions.retire(study.petra, version_of(study, "consent_form"), "quality")


def suspended(study):
    consent_ethics.change(study.petra, approval_of(study), consent_ethics.Outcome("suspended"))


REASONS = (
    (signs_again, "Please read it as it is now"),
    (retired, "There is no consent form in use"),
    (suspended, "no ethics approval at this time"),
)


def test_a_form_answered_differently_from_the_first_time_says_which_counts(
    person, link, small_study
):
    _, hidden = form_of(person, link)
    fields = {**hidden, **agreed(), "typed_name": "Grace Adeyemi"}
    person.post(link + "/consent", data=fields)

    page = person.post(link + "/consent", data={**fields, "statement:quotes": "decline"})

    assert page.status_code == 409
    assert "The first ones count" in words(page)
    assert "Open the form again" in words(page)
    assert len(records(small_study)) == 1


# -- the memorable word ----------------------------------------------------------------


def locked(person, link):
    """The lasting address of somebody who chose a word."""
    done = sent(person, link, word=" Blue heron ")
    assert "asks for your memorable word" in words(done)
    return LASTING.search(done.text)[1] + "/copy"


def tried(person, address, **fields):
    page = person.get(address)
    token = re.search(r'name="csrf_token" value="([^"]*)"', page.text)[1]
    return person.post(address, data={"csrf_token": token, **fields})


def test_a_copy_is_shown_once_and_then_asks_for_the_word(person, link, small_study):
    address = locked(person, link)
    small_study.clock.advance(days=1)

    once = person.get(address)
    small_study.clock.advance(hours=1)
    asks = person.get(address)
    opened = tried(person, address, word="blue HERON")
    file = tried(person, address, word="Blue heron", **{"as": "text"})

    assert "without your memorable word" in words(once)
    assert "Grace Adeyemi" in words(once)
    assert asks.status_code == 200
    assert "Grace" not in asks.text
    assert person.get(address + "?as=text").mimetype == "text/html"
    for wording in wordings(small_study):
        assert wording in words(opened)
    assert file.headers["Content-Disposition"] == "attachment; filename=copy.txt"
    assert "heron" not in opened.text.lower()


def test_a_wrong_word_is_said_kindly_and_guessing_has_to_wait(person, link, small_study):
    address = locked(person, link)
    small_study.clock.advance(days=1)
    person.get(address)
    small_study.clock.advance(hours=1)

    missing = tried(person, address, word="  ")
    pages = [tried(person, address, word=word) for word in list(HOSTILE.values())[:5]]
    late = tried(person, address, word="Blue heron")

    assert missing.status_code == 422
    assert "Write the word you chose" in words(missing)
    for page in pages:
        assert page.status_code == 422
        assert "not the word you chose" in words(page)
        assert "never need the word to stop taking part" in words(page)
        assert "<script>alert" not in page.text
    assert (late.status_code, late.headers["Retry-After"]) == (429, "30")
    assert "Try again in" in words(late)
    assert person.post(address, data={"word": "Blue heron"}).status_code == 400


def test_the_word_is_offered_never_needed_and_not_offered_twice(person, link, small_study):
    page, _ = form_of(person, link)
    assert "A memorable word (optional)" in words(page)
    locked(person, link)

    again, _ = form_of(person, link)

    assert 'name="word"' not in again.text
    assert "that you chose before stays" in words(again)


def test_unknown_links_look_the_same_everywhere(person, link):
    token = "A" * 43
    pages = {person.get(f"/l/{token}/{page}").data for page in ("consent", "copy")}
    pages |= {person.get(f"{link}/copy").data}

    assert len({re.sub(rb'nonce="[^"]*"', b"", page) for page in pages}) == 1


# -- at every width ------------------------------------------------------------------


def at_every_width(page, selector, wanted):
    """The same words stand there, and can be seen, however wide the window is."""
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found = page.locator(selector)
        assert found.all_inner_texts() == wanted
        assert all(each.is_visible() for each in found.all())


def test_the_form_reads_the_same_at_every_width(app, link, small_study, chromium):
    with serve(app) as address, open_page(chromium, 320) as page:
        page.goto(address + link + "/consent")
        fits_everywhere(page)
        at_every_width(page, "fieldset > legend", wordings(small_study))
        assert "Your decision" in aria(page)
        asked(small_study, link.rpartition("/")[2], blocks=True)
        page.reload()
        assert "wait until it has been answered" in page.locator("main").inner_text()
        assert_fit(page)


def test_somebody_signs_with_a_keyboard_only_and_without_script(
    app, link, small_study, chromium
):
    """Invariant 42: every choice by Tab, arrows and space, with script switched off."""
    with (
        serve(app) as address,
        open_page(chromium, 320, javascript=False) as page,
    ):
        page.goto(address + link + "/consent")
        assert "on paper or by phone" in page.locator("body").inner_text()
        page.locator("#read_pis-agree").focus()
        for each in STARTERS:
            assert focused(page) == f"{each.code}-agree"
            page.keyboard.press("ArrowDown" if each.code == "quotes" else "Space")
            page.keyboard.press("Tab")
        assert focused(page) == "typed_name"
        page.keyboard.type("Grace Adeyemi")
        page.keyboard.press("Tab")
        assert focused(page) == "word"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Thank you").wait_for()
        assert complaints(page) == []
        at_every_width(page, ".sh-answers dt", wordings(small_study))
    ((row, answers),) = records(small_study)
    assert (row.kind, answers["quotes"], answers["results"]) == ("signed", "decline", "agree")


def focused(page):
    """The field that the keyboard is in."""
    return page.locator(":focus").get_attribute("id")


def test_the_confirmation_and_a_form_with_problems_are_accessible(
    app, link, small_study, chromium
):
    with serve(app) as address, open_page(chromium, 390) as page:
        page.goto(address + link + "/consent")
        page.get_by_role("button", name="Sign and send").click()
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        assert all("422" in each for each in complaints(page))
        complaints(page).clear()
        fits_everywhere(page)
        for each in STARTERS:
            page.locator(f"#{each.code}-agree").check()
        box = page.locator("canvas").bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 90, box["y"] + 60)
        page.mouse.up()
        page.get_by_label("Your name, as you sign").fill("Grace Adeyemi")
        page.get_by_label("A memorable word").fill("Blue heron")
        page.get_by_role("button", name="Sign and send").click()
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
        fits_everywhere(page)
        lasting = page.locator(".sh-once a").inner_text().partition("/l/")[2]
        small_study.clock.advance(days=1)
        page.goto(f"{address}/l/{lasting}/copy")
        small_study.clock.advance(hours=1)
        page.goto(f"{address}/l/{lasting}/copy")
        fits_everywhere(page)
        page.get_by_label("Your memorable word").fill("blue heron")
        with page.expect_navigation():
            page.get_by_role("button", name="Show my copy").click()
        fits_everywhere(page)
        at_every_width(page, ".sh-answers dt", wordings(small_study))
    assert len(records(small_study)) == 1
