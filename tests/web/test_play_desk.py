"""From the interview to the analyst's desk in one play, before a real server, in browsers."""

import re
import shutil
import zipfile
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from playwright.sync_api import expect

from studyhub.workflows import interviews
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
from tests.web.browser import complaints, open_page
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
            self.pages[login] = self.signs_in(login)
        page = self.pages[login]
        page.goto(self.server.address + path)
        return page

    def signs_in(self, login):
        page = self.stack.enter_context(open_page(self.chromium, 1280))
        page.set_default_timeout(20_000)
        page.goto(f"{self.server.address}/sign-in")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(password_of(login))
        press(page, "Sign in")
        return page


def follow(leads_on):
    """Press what leads to another page, and be there."""
    with leads_on.page.expect_navigation():
        leads_on.click()


def press(page, name):
    follow(page.get_by_role("button", name=name, exact=True))


def to(page, name):
    follow(page.get_by_role("link", name=name, exact=True).first)


def state_made(sessions, folder):
    """Somebody consented some days ago, and Ivan talks with them in a minute."""
    now = datetime.now(UTC)
    clock = Clock(now - timedelta(days=4))
    study = enrolled(new_instance(sessions, folder, clock), clock)
    approved_study(study)
    person = agreed(study)
    planned(study, person, starts_at=now + timedelta(minutes=1))
    return study


@contextmanager
def play(chromium, folder):
    stage = staged_as("play", "sqlite", state_made)
    shutil.copytree(stage.folder, folder)
    (folder / "studyhub.sqlite3").write_bytes(stage.database)
    with served(folder) as server, ExitStack() as stack:
        scene = Play(server, chromium, stack)
        scene.study = stage.made
        yield scene
        assert [each for page in scene.pages.values() for each in complaints(page)] == []


def test_from_the_interview_to_the_reading(chromium, tmp_path):
    with play(chromium, tmp_path / "instance") as scene, watched(scene.server, *CANARIES):
        the_interviewer_talks_with_somebody(scene)
        the_interviewer_sends_the_recording(scene)


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
    to(page, "Give it to a member")
    page.get_by_label("To", exact=True).select_option(label="Tess Bowen, transcriber")
    press(page, "Give it")
    expect(page.get_by_text("Given.")).to_be_visible()
