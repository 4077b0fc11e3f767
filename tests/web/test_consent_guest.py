"""The consent form by link: word for word, nothing chosen, without script or cookie."""

import html
import re
from base64 import b64encode

import pytest

from studyhub.domain.statements import STARTERS
from tests.web.informed import ready, small_study
from tests.web.pages import HOSTILE, words
from tests.web.signing import LASTING, agreed, form_of, link, person, sent, wordings
from tests.workflows.consenting import PNG, records

__all__ = ["link", "person", "ready", "small_study"]

LEGEND = re.compile(r"<legend[^>]*>(.*?)</legend>", re.DOTALL)


# -- the page ----------------------------------------------------------------------


def test_every_statement_stands_word_for_word_in_a_legend_of_its_own(person, link, small_study):
    page, _ = form_of(person, link)

    legends = [html.unescape(each) for each in LEGEND.findall(page.text)]
    assert legends == wordings(small_study)
    assert "checked" not in page.text
    assert page.text.count("needed</strong></span>") == sum(s.mandatory for s in STARTERS)


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
