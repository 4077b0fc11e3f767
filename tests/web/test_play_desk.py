"""From the interview to the analyst's desk in one play, before a real server, in browsers."""

import html
import re
import shutil
import zipfile
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from io import BytesIO

from playwright.sync_api import expect

from studyhub.hub import server_time
from tests.makers import (
    INTERVIEW,
    SLUG,
    SOUND,
    Clock,
    agreed,
    approved_study,
    enrolled,
    new_instance,
    password_of,
    planned,
)
from tests.staged import staged_as
from tests.web.browser import complaints, open_page, violations
from tests.web.real_server import served
from tests.web.watching import clear, watched

HERE = f"/s/{SLUG}"
HEARD = SOUND.read_bytes()
LINE = "They call me Grace, Grace Adeyemi, and Perpetua Quillfeather bakes for the street."
LEFT = "Kieran"
CANARIES = (
    b"Okonjo",
    b"Portishead",
    b"walked past our door nine times",
    b"Quillfeather",
    HEARD[len(HEARD) // 2 :][:16],
)


class Play:
    """A real server, and everybody at a browser of their own."""

    def __init__(self, server, chromium, stack):
        self.server, self.chromium, self.stack = server, chromium, stack
        self.pages = {}

    def at(self, login, path="/home"):
        """Whoever it is comes to their browser and opens a page."""
        if login not in self.pages:
            self.signs_in(self.opens(login), login)
        page = self.pages[login]
        page.goto(self.server.address + path)
        return page

    def opens(self, login):
        """A browser of their own."""
        page = self.stack.enter_context(open_page(self.chromium, 1280))
        page.set_default_timeout(20_000)
        self.pages[login] = page
        return page

    def signs_in(self, page, login):
        page.goto(f"{self.server.address}/sign-in")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(password_of(login))
        press(page, "Sign in")


def follow(leads_on):
    """Press what leads to another page, and be there."""
    with leads_on.page.expect_navigation():
        leads_on.click()


def press(page, name):
    follow(page.get_by_role("button", name=name, exact=True))


def to(page, name):
    follow(page.get_by_role("link", name=name, exact=True).first)


def state_made(sessions, folder):
    """Somebody consented some days ago; Ivan talks with them in a minute.

    Ravi signed in a while ago. Returns his cookie.
    """
    now = server_time()
    clock = Clock(now - timedelta(days=4))
    study = enrolled(new_instance(sessions, folder, clock), clock)
    approved_study(study)
    person = agreed(study)
    planned(study, person, starts_at=now + timedelta(minutes=1))
    clock.at = now - timedelta(minutes=12)
    return study.cookie("ravi")


@contextmanager
def play(chromium, folder):
    stage = staged_as("play", "sqlite", state_made)
    shutil.copytree(stage.folder, folder)
    (folder / "studyhub.sqlite3").write_bytes(stage.database)
    with served(folder) as server, ExitStack() as stack:
        scene = Play(server, chromium, stack)
        ravi = scene.opens("ravi")
        ravi.context.add_cookies([{"name": "sid", "value": stage.made, "url": server.address}])
        yield scene
        assert [each for page in scene.pages.values() for each in complaints(page)] == []


def test_from_the_interview_to_the_reading(chromium, tmp_path):
    with play(chromium, tmp_path / "instance") as scene, watched(scene.server, *CANARIES):
        assert any(clear(scene.server, (b"SQLite format 3",), {}))  # it sees what there is
        the_interviewer_talks_with_somebody(scene)
        the_interviewer_sends_the_recording(scene)
        the_transcriber_listens_and_types(scene)
        the_investigator_gives_it_to_two(scene)
        told = the_transcriber_takes_names_out(scene)
        label = the_second_reader_releases_it(scene)
        the_analyst_reads_and_takes_copies(scene, label, told)
        the_analyst_reports_and_it_is_recalled(scene, label)


def the_interviewer_talks_with_somebody(scene):
    page = scene.at("ivan")
    to(page, "Open the interview")
    page.get_by_label("I do not know this person").check()
    press(page, "Confirm")
    page.locator("[name=still_willing][value=yes]").check()
    page.locator("[name=may_record][value=yes]").check()
    press(page, "Start the interview")
    expect(page.get_by_role("timer")).to_be_visible()
    page.get_by_label("We finished").check()
    page.get_by_label("Where they were").select_option("home")
    page.get_by_label("Anybody else there").select_option("no")
    page.get_by_label("Topic guide").select_option(index=1)
    press(page, "End the interview")
    expect(page.get_by_text("Write the log while you remember it.")).to_be_visible()


def the_interviewer_sends_the_recording(scene):
    page = scene.at("ivan", f"{HERE}/recordings")
    follow(page.locator(".sh-queue__what a").first)
    with page.expect_navigation(url=re.compile("done=received")):
        page.locator("#sound").set_input_files(SOUND)
    expect(page.get_by_text("Received whole", exact=True).first).to_be_visible()
    to(page, "Listen")
    to(page, "Give it to somebody")
    page.get_by_label("To", exact=True).select_option(label="Tess Bowen, transcriber")
    press(page, "Give it")
    expect(page.get_by_text("Given.")).to_be_visible()


def the_transcriber_listens_and_types(scene):
    """Sound, a file from elsewhere, one more line."""
    page = scene.at("tess")
    ranges = []
    page.on("response", lambda one: "/audio?" in one.url and ranges.append(one.status))
    follow(page.locator(".sh-queue__what a").first)
    page.get_by_role("button", name=re.compile("^Play ")).first.click()
    page.wait_for_function("() => window.studyhub.player.now > 200")
    to(page, "Import")
    page.locator("#file").set_input_files(
        {"name": "a.txt", "buffer": INTERVIEW, "mimeType": "text/plain"}
    )
    assert violations(page) == []
    follow(page.get_by_role("button", name="Import it"))
    page.locator(".tr-turn__text").last.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Alt+Enter")
    page.keyboard.type(LINE)
    page.locator("#save-line .wb-state[data-state=saved]").wait_for()
    to(page, "Finish")
    page.get_by_label("I compared the whole text with what can be heard").check()
    press(page, "The text is finished")
    assert set(ranges) == {206}


def the_investigator_gives_it_to_two(scene):
    page = scene.at("petra", f"{HERE}/transcription")
    follow(page.locator("main th a"))
    for who, duty in {
        "Tess Bowen, transcriber": "De-identify it",
        "Ravi Nair, reviewer": "Read it a second time",
    }.items():
        page.get_by_label("To", exact=True).select_option(label=who)
        page.get_by_label("Type it").uncheck()
        page.get_by_label(duty).check()
        press(page, "Give it")
        expect(page.get_by_text("Given.")).to_be_visible()


def the_transcriber_takes_names_out(scene):
    """By keyboard alone. Returns the text and what was decided, as the page has them."""
    page = scene.at("tess", f"{HERE}/deidentification")
    press(page, "Begin")
    told = page.locator("#app").get_attribute("data-marks")
    current = page.locator(".di-mark.is-current .di-mark__words")
    expect(current).to_be_visible()
    for key in ("m", "b", "a", "k", "Enter", "x"):
        page.keyboard.press(key)
    decide(page, current)
    page.locator(".wb-state--saved").wait_for()
    found = page.request.get(scene.server.address + told).json()
    with page.expect_navigation(url=re.compile("done=handed")):
        page.keyboard.press("Enter")
    return found


def decide(page, current):
    """Replace one after the other; what may stay gets its reason."""
    left = page.locator(".di-bar__left strong")
    while many := int(left.inner_text()):
        stays = current.inner_text() == LEFT
        page.keyboard.press("r" if stays else "a")
        if stays:
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.press("4")
        expect(left).to_have_text(str(many - 1))
    expect(page.get_by_text("Every suggestion is decided")).to_be_visible()


def the_second_reader_releases_it(scene):
    """Returns the label that was drawn."""
    page = scene.at("ravi")
    follow(page.get_by_role("link", name=re.compile("^Read the text of")))
    expect(page.get_by_text("[Name 1]").first).to_be_visible()
    assert "Okonjo" not in page.content()
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
    # The password is asked for with a 403.
    assert [each for each in complaints(page) if "403" not in each] == []
    complaints(page).clear()
    expect(page.get_by_text("Released.")).to_be_visible()
    return page.locator("main tbody th a").inner_text()


def the_analyst_reads_and_takes_copies(scene, label, told):
    page = scene.at("ann")
    to(page, label)
    page.get_by_label("Find in this release").fill("week")
    expect(page.locator("[data-said]")).to_have_text(re.compile("^1 of "))
    text = copy(page, f"{label}.txt", "Plain text").decode()
    word = copy(page, f"{label}.docx", "Word, each paragraph begins with the speaker")
    assert text == released(told, label)
    lines = [line for line in text.split("\n") if line]
    assert paragraphs(word) == lines
    assert all(line.startswith(("Interviewer: ", f"{label}: ")) for line in lines)


def copy(page, name, kind):
    """Take a copy as a file of this name, and give its bytes."""
    to(page, "Take a copy")
    page.get_by_label(kind, exact=True).check()
    page.get_by_label("To code it in another program").check()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take the copy").click()
    assert taken.value.suggested_filename == name
    to(page, "Back to the text")
    return taken.value.path().read_bytes()


def released(told, label):
    """What has to come out, worked out here from what was decided alone."""
    text, stands = told["text"], {each["id"]: each for each in told["entities"]}
    for mark in sorted(told["marks"], key=lambda one: one["start"], reverse=True):
        if mark["state"] == "accept":
            of = stands[mark["entity"]]
            words = f"[{label}]" if of["own"] else of["replacement"]
            text = text[: mark["start"]] + words + text[mark["end"] :]
    return text.replace("Participant: ", f"{label}: ")


def paragraphs(word):
    """The words of each paragraph of a document that says nothing of who made it."""
    with zipfile.ZipFile(BytesIO(word)) as parts:
        core = parts.read("docProps/core.xml").decode()
        assert not re.search("<(dc:creator|cp:lastModifiedBy)>[^<]", core)
        body = parts.read("word/document.xml").decode()
    found = re.findall(r"<w:p[ >].*?</w:p>", body, re.DOTALL)
    told = ["".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", each)) for each in found]
    return [html.unescape(each) for each in told]


def the_analyst_reports_and_it_is_recalled(scene, label):
    ann = scene.pages["ann"]
    ann.evaluate("getSelection().selectAllChildren(document.querySelector('#t2 p'))")
    to(ann, "I noticed an identifier")
    expect(ann.get_by_label("Number of the turn")).to_have_value("2")
    ann.get_by_label("The words, as they stand there").fill("signed the form")
    press(ann, "Report it")
    expect(ann.get_by_text("On hold", exact=True)).to_be_visible()
    assert ann.request.get(f"{scene.server.address}{HERE}/analysis/{label}").status == 423
    ravi = scene.at("ravi")
    follow(ravi.get_by_role("link", name=re.compile("Somebody may be named")))
    ravi.get_by_label("Reason").select_option("quality")
    press(ravi, "Recall release 1")
    expect(ravi.get_by_text("Recalled.")).to_be_visible()
    scene.at("ann", f"{HERE}/analysis")
    expect(ann.get_by_text("Nothing is released yet.")).to_be_visible()
    assert ann.request.get(f"{scene.server.address}{HERE}/analysis/{label}").status == 404
