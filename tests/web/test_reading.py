"""Pages of released texts: what analysts read and take out, what others look after."""

import pytest

from studyhub.workflows import analysis_reading, releases, releases_list
from studyhub.workflows.analysis_reading import Copy, Seen
from tests.makers import SLUG
from tests.web.apps import app_over
from tests.web.browser import let_in, open_page, serve
from tests.web.pages import ANALYSIS, at_browser, fits_everywhere, words
from tests.workflows.test_releasing import read_on

RELEASES = f"/s/{SLUG}/releases"


@pytest.fixture
def ready(clock):
    """A study with a text that may be released, and the app over it."""
    with read_on("sqlite", clock) as (study, made):
        yield app_over(study.hub), study, made


@pytest.fixture
def out(ready):
    """The same once it is released: the app, the study and the label."""
    app, study, made = ready
    return app, study, releases.make(study.ravi, made)


def test_a_reviewer_releases_a_text_on_its_page_and_no_page_has_code_and_label(ready):
    app, study, made = ready
    ravi = at_browser(app, study, "ravi")
    (text,) = releases_list.queue(study.ravi)
    assert text.code in words(ravi.get("/home"))
    page = ravi.get(f"{RELEASES}/waiting/{made}")
    assert "Nothing known stands in what would leave." in words(page)

    answer = ravi.post(f"{RELEASES}/waiting/{made}")

    assert answer.location.endswith("?done=released")
    after = words(ravi.get(answer.location))
    (row,) = releases_list.oversee(study.ravi)
    assert row.label in after
    assert text.code not in after
    assert row.label not in words(ravi.get(f"{RELEASES}/waiting"))
    assert row.label not in words(ravi.get("/home"))


def test_the_text_is_read_and_searched_and_the_address_never_holds_the_words(out):
    app, study, label = out
    ann = at_browser(app, study, "ann")
    body = analysis_reading.read(study.ann, label).body

    page = ann.get(f"{ANALYSIS}/{label}")
    found = ann.post(f"{ANALYSIS}/search", words="normal week")

    assert all(turn.text in page.text.replace("&#39;", "'") for turn in body.turns)
    assert f"{ANALYSIS}/{label}#t" in found.text
    assert found.status_code == 200
    assert "Nothing was found." in words(ann.post(f"{ANALYSIS}/search", words="zebra"))
    assert ann.post(f"{ANALYSIS}/search", words="x").status_code == 422


@pytest.mark.parametrize(
    ("file", "name", "media_type"),
    [
        ("docx", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml"),
        ("headings", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml"),
        ("txt", ".txt", "text/plain"),
    ],
)
def test_a_copy_comes_as_a_file_named_by_its_label(out, file, name, media_type):
    app, study, label = out
    ann = at_browser(app, study, "ann")

    answer = ann.post(f"{ANALYSIS}/{label}/copy", file=file, purpose="coding")

    assert answer.headers["Content-Disposition"] == f"attachment; filename={label}{name}"
    assert answer.mimetype.startswith(media_type)
    assert answer.headers["Cache-Control"] == "no-store"
    assert ann.post(f"{ANALYSIS}/{label}/copy", file=file).status_code == 422


def test_a_report_makes_a_task_and_a_recall_reaches_whoever_has_a_copy(out):
    app, study, label = out
    ann, petra = at_browser(app, study, "ann"), at_browser(app, study, "petra")
    ann.post(f"{ANALYSIS}/{label}/copy", file="txt", purpose="reading")

    wrong = ann.post(f"{ANALYSIS}/{label}/report", turn="2", words="no such words")
    beyond = ann.post(f"{ANALYSIS}/{label}/report", turn="999", words="the", note="Kept.")
    sent = ann.post(f"{ANALYSIS}/{label}/report", turn="1", words="the", note="Hm.")

    assert wrong.status_code == beyond.status_code == 422
    assert "The turns of this text are numbered" in words(beyond)
    assert "Kept." in beyond.text
    assert sent.location.endswith("?done=reported")
    assert ann.get(f"{ANALYSIS}/{label}").status_code == 423
    home = words(petra.get("/home"))
    assert "Somebody may be named in a release" in home
    assert "Somebody may be named in a release" in words(at_ravi(app, study).get("/home"))
    answer = petra.post(f"{RELEASES}/label/{label}", reason="quality")
    assert answer.location.endswith("?done=recalled")
    shown = words(petra.get(answer.location))
    assert "Ann Lister" in shown
    assert "Asked to delete it" in shown
    assert f"Delete every copy of {label}, release 1" in words(ann.get("/home"))
    assert ann.get(f"{ANALYSIS}/{label}").status_code == 404


def at_ravi(app, study):
    return at_browser(app, study, "ravi")


def test_a_report_is_looked_at_kept_on_hold_and_lifted(out):
    app, study, label = out
    analysis_reading.report(study.ann, label, Seen(1, "the", "The only one."))
    ravi = at_ravi(app, study)
    (report,) = releases_list.oversee(study.ravi)[0].reports
    path = f"{RELEASES}/reports/{report.id}"

    assert "The only one." in words(ravi.get(path))
    assert ravi.post(f"{path}/hold").location.endswith("?done=held")
    assert "Keep it on hold" not in words(ravi.get(path))
    assert ravi.post(f"{path}/lift").location.endswith("?done=lifted")

    assert at_browser(app, study, "ann").get(f"{ANALYSIS}/{label}").status_code == 200


@pytest.mark.parametrize("login", ["rita", "ivan", "tess", "ada", "nina"])
def test_nobody_else_reads_releases_or_looks_after_them(out, login):
    app, study, label = out
    visit = at_browser(app, study, login)
    wanted = 404 if login == "nina" else 403

    for path in (f"{ANALYSIS}/{label}", f"{ANALYSIS}/search", RELEASES, f"{RELEASES}/waiting"):
        assert visit.get(path).status_code == wanted
    for path in (f"{ANALYSIS}/{label}/copy", f"{RELEASES}/label/{label}"):
        sent = visit.post(path, file="txt", purpose="coding", reason="quality")
        assert sent.status_code == wanted


def test_pages_of_releases_fit_and_words_are_found_on_the_page_alone(out, chromium):
    app, study, label = out
    analysis_reading.download(study.ann, label, Copy("release_txt", "coding"))
    with serve(app) as address, open_page(chromium, 1280) as page:
        let_in(page, study.cookie("ann"))
        page.goto(f"{address}{ANALYSIS}/{label}")
        asked = []
        page.on("request", lambda sent: asked.append(sent.url))

        page.get_by_label("Find in this release").fill("week")

        page.get_by_text("1 of ", exact=False).first.wait_for()
        page.keyboard.press("Enter")
        assert page.locator("[data-said]").inner_text().startswith("2 of ")
        # The browser may come late for the icon of the page.
        assert [each for each in asked if "/static/" not in each] == []
        page.evaluate("getSelection().selectAllChildren(document.querySelector('#t3 p'))")
        fits_everywhere(page)
        page.get_by_role("link", name="I noticed an identifier").click()
        assert page.get_by_label("Number of the turn").input_value() == "3"
