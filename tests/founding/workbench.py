"""The first transcript by browsers alone: heard, typed, freed of names, released."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.founding.people import INTERVIEWS, LIZ
from tests.founding.stage import HERE, Scene, follow, press, to
from tests.founding.texts import ORDINARY
from tests.makers import password_of
from tests.web.browser import complaints, violations


def the_transcriber_listens_and_types(scene: Scene) -> None:
    """Sound in ranges, and a file from elsewhere."""
    page = scene.at("tess")
    ranges: list[int] = []
    page.on("response", lambda one: "/audio?" in one.url and ranges.append(one.status))
    follow(page.locator(".sh-queue__what a").first)
    page.get_by_role("button", name=re.compile("^Play ")).first.click()
    page.wait_for_function("() => window.studyhub.player.now > 200")
    to(page, "Import")
    page.locator("#file").set_input_files(INTERVIEWS / f"{LIZ.text}.txt")
    page.get_by_label("P12 is shown as").fill("Participant")
    page.get_by_label("INT is shown as").fill("Interviewer")
    assert violations(page) == []
    follow(page.get_by_role("button", name="Import it"))
    to(page, "Finish")
    page.get_by_label("I compared the whole text with what can be heard").check()
    press(page, "The text is finished")
    assert set(ranges) == {206}


def the_investigator_gives_it_to_two(scene: Scene) -> None:
    page = scene.at("petra", f"{HERE}/transcription")
    follow(page.locator("main th a").first)
    for who, duty in {
        "Tess Bowen, transcriber": "De-identify it",
        "Ravi Nair, reviewer": "Read it a second time",
    }.items():
        page.get_by_label("To", exact=True).select_option(label=who)
        page.get_by_label("Type it").uncheck()
        page.get_by_label(duty).check()
        press(page, "Give it")
        expect(page.get_by_text("Given.")).to_be_visible()


def the_transcriber_takes_names_out(scene: Scene) -> dict[str, Any]:
    """By keyboard alone. Returns the text and what was decided, as the page has them.

    What she learns to the register on the way brings more suggestions at the end.
    """
    page = scene.at("tess", f"{HERE}/deidentification")
    press(page, "Begin")
    told = page.locator("#app").get_attribute("data-marks")
    expect(page.locator(".di-mark.is-current .di-mark__words")).to_be_visible()
    decide(page)
    follow_key(page, "Enter")
    expect(page.get_by_text("some may have come only now")).to_be_visible()
    forgiven(page, "409")
    decide(page)
    found: dict[str, Any] = page.request.get(f"{scene.server.address}{told}").json()
    with page.expect_navigation(url=re.compile("done=handed")):
        page.keyboard.press("Enter")
    return found


def decide(page: Page) -> None:
    """Replace one after the other; a word of the language may stay, with that reason."""
    left: Locator = page.locator(".di-bar__left strong")
    current = page.locator(".di-mark.is-current .di-mark__words")
    while many := int(left.inner_text()):
        stays = current.inner_text() in ORDINARY
        page.keyboard.press("r" if stays else "a")
        if stays:
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.press("1")
        expect(left).not_to_have_text(str(many))
    expect(page.get_by_text("Every suggestion is decided")).to_be_visible()
    page.locator(".wb-state--saved").wait_for()


def follow_key(page: Page, key: str) -> None:
    """Press a key that leads to another page, and be there."""
    with page.expect_navigation():
        page.keyboard.press(key)


def the_second_reader_releases_it(scene: Scene) -> str:
    """Returns the label that was drawn."""
    page = scene.at("ravi")
    scene.clock.advance(minutes=11)
    follow(page.get_by_role("link", name=re.compile("^Read the text of")).first)
    expect(page.get_by_text("[Name 1]").first).to_be_visible()
    assert "Carrow" not in page.content()
    for question in page.locator("#questions fieldset").all():
        with page.expect_response(re.compile("/doubts$")):  # kept before the next
            question.locator("[value=no]").check()
    press(page, "Pass it to the leak gate")
    expect(page.get_by_text("Nothing found: it can be released")).to_be_visible()
    to(page, "Go to the release")
    press(page, "Release this text")
    page.locator("[name=password]").fill(password_of("ravi"))
    press(page, "Go on")
    expect(page.get_by_text("Release a text to analysts")).to_be_visible()
    press(page, "Send it now")
    forgiven(page, "403")  # with which the password is asked for
    expect(page.get_by_text("Released.")).to_be_visible()
    return page.locator("main tbody th a").inner_text()


def forgiven(page: Page, status: str) -> None:
    """Forget that the browser complained of this one answer, which was meant."""
    found = complaints(page)
    assert [each for each in found if f"status of {status}" not in each] == []
    found.clear()


def as_released(told: dict[str, Any], label: str) -> str:
    """What has to come out, worked out here from what was decided alone."""
    text, stands = told["text"], {each["id"]: each for each in told["entities"]}
    for mark in sorted(told["marks"], key=lambda one: one["start"], reverse=True):
        if mark["state"] == "accept":
            of = stands[mark["entity"]]
            words = f"[{label}]" if of["own"] else of["replacement"]
            text = text[: mark["start"]] + words + text[mark["end"] :]
    return text.replace("Participant: ", f"{label}: ")
