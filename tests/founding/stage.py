"""The stage of the founding study: an instance in files, its real server, a real mail server.

Everybody has a browser of their own. Who adds nothing by a browser works at the same instance
in this process, or sends what a browser would send.
"""

import html
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import requests
from playwright.sync_api import Browser, Locator, Page

from studyhub.config import load
from studyhub.store.db import make_sessions
from studyhub.workflows.kernel import Hub
from studyhub.workflows.worker import work_once
from tests import engines
from tests.founding.clock import FileClock
from tests.makers import SLUG, Study, hub_over, password_of
from tests.smtp_server import Delivery, MailServer, mail_server
from tests.staged import staged, study_in_files
from tests.web.browser import complaints, open_page
from tests.web.real_server import Served, free_port, served_by, temporary_of
from tests.web.visits import hidden

HERE = f"/s/{SLUG}"
STAYS_SIGNED_IN = timedelta(minutes=9)
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/l/[\w-]{43})")


class Scene:
    """Who is there, and where they look."""

    def __init__(self, study: Study, server: Served, mail: MailServer, stack: ExitStack):
        self.study, self.server, self.mail = study, server, mail
        self.clock = study.clock
        self._stack = stack
        self._pages: dict[str, Page] = {}
        self._since: dict[str, object] = {}

    chromium: Browser

    def at(self, login: str, path: str = "/home") -> Page:
        """A member of the team comes to their browser, signs in if need be, opens a page."""
        page = self._page(login, 1280)
        since = self._since.get(login)
        if since is None or self.clock() - since > STAYS_SIGNED_IN:
            self._signs_in(page, login)
        page.goto(self.server.address + path)
        return page

    def _signs_in(self, page: Page, login: str) -> None:
        page.context.clear_cookies()
        page.goto(f"{self.server.address}/sign-in")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(password_of(login))
        press(page, "Sign in")
        self._since[login] = self.clock()

    def phone(self, path: str) -> Page:
        """A participant opens a page on a telephone."""
        page = self._page("phone", 390)
        page.goto(self.server.address + path)
        return page

    def _page(self, who: str, width: int) -> Page:
        if who not in self._pages:
            page = self._stack.enter_context(open_page(self.chromium, width))
            page.set_default_timeout(60_000)
            self._pages[who] = page
        return self._pages[who]

    def mail_goes(self) -> None:
        """The worker does what is due; time passes so that letters may leave."""
        self.clock.advance(minutes=11)
        work_once(self.study.hub)

    def mail_to_participants(self) -> list[Delivery]:
        """What left to people who are not of the team."""
        return [one for one in self.mail.taken if "@team.test" not in one.recipients[0]]

    def letters_to(self, email: str) -> list[str]:
        """The words of every letter that somebody got, oldest first."""
        mine = [one.message for one in self.mail.taken if one.recipients == [email]]
        return [
            message.get_body(("plain",)).get_content()  # type: ignore[union-attr] # each has words
            for message in mine
        ]

    def links_to(self, email: str) -> list[str]:
        """The links that somebody was sent, oldest first, without the address of the server."""
        return [found for text in self.letters_to(email) for found in LINK.findall(text)]

    def link_to(self, email: str) -> str:
        """The newest of them."""
        return self.links_to(email)[-1]

    def sends(self, path: str, **fields: str) -> requests.Response:
        """Somebody fills in the first form of a page, without a browser of this test."""
        with requests.Session() as session:
            page = session.get(self.server.address + path, timeout=60)
            assert page.status_code == 200, page.text
            told = {**hidden(page), **fields}
            return session.post(self.server.address + path, data=told, timeout=60)

    def reads(self, path: str) -> str:
        """The page somebody sees who opens an address without a browser of this test."""
        found = requests.get(self.server.address + path, timeout=60)
        assert found.status_code == 200, found.text
        return html.unescape(found.text)

    def complaints(self) -> list[str]:
        """What any browser had to complain about."""
        return [each for page in self._pages.values() for each in complaints(page)]

    @property
    def cookies_of_participants(self) -> list[object]:
        """What the phone of the participants was asked to keep."""
        return list(self._page("phone", 390).context.cookies())


def follow(leads_on: Locator) -> None:
    """Press what leads to another page, and be there."""
    with leads_on.page.expect_navigation():
        leads_on.click()


def press(page: Page, name: str) -> None:
    """Press a button that leads to another page."""
    follow(page.get_by_role("button", name=name, exact=True))


def to(page: Page, name: str) -> None:
    """Follow a link by its words."""
    follow(page.get_by_role("link", name=name, exact=True).first)


@contextmanager
def on_stage(chromium: Browser, kind: str, folder: Path) -> Iterator[Scene]:
    """The study with its team in files on this engine, behind the real server."""
    clock = FileClock(folder.with_name("clock"))
    clock.at = staged(kind).made.clock.at + timedelta(days=1)
    with ExitStack() as stack:
        mail = stack.enter_context(mail_server())
        stack.enter_context(study_in_files(kind, folder))
        port = free_port()
        _configure(folder, port, mail.url)
        hub = stack.enter_context(_hub_over(folder, clock))
        server = stack.enter_context(_served(folder, port, clock))
        study = replace(staged(kind).made, hub=hub, clock=clock, desks={})
        scene = Scene(study, server, mail, stack)
        scene.chromium = chromium
        yield scene


@contextmanager
def _hub_over(folder: Path, clock: FileClock) -> Iterator[Hub]:
    settings = load(folder)
    with engines.ended(make_sessions(settings.database)) as sessions:
        yield hub_over(settings, sessions, clock)


def _configure(folder: Path, port: int, smtp_url: str) -> None:
    """Links lead to the server under test, and letters leave by the mail server."""
    config = folder / "config.toml"
    text = config.read_text().replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    config.write_text(f'smtp_url = "{smtp_url}"\n{text}')


@contextmanager
def _served(folder: Path, port: int, clock: FileClock) -> Iterator[Served]:
    """The real server under this clock; what it says goes where the watcher looks."""
    temporary_of(folder).mkdir()
    command = [sys.executable, "-m", "tests.founding.clocked", str(folder), str(clock.path)]
    with (temporary_of(folder) / "server.log").open("wb") as log:
        found = served_by(command, folder, port, log)
        try:
            yield found
        finally:
            found.kill()
