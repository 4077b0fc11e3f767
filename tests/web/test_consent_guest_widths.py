"""The form at every width, by keyboard and without script."""

from playwright.sync_api import expect

from studyhub.domain.statements import STARTERS
from tests.web.browser import aria, assert_fit, complaints, open_page, serve
from tests.web.informed import ready, small_study
from tests.web.pages import fits_everywhere
from tests.web.signing import link, wordings
from tests.workflows.consenting import asked, records

__all__ = ["link", "ready", "small_study"]


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
