"""A real browser before a real server, and what to ask of every page in it.

    def test_my_page(chromium):
        with serve(app) as address, open_page(chromium, 390, dark=True) as page:
            page.goto(address + "/mine")
            assert_fit(page)

There is no skipping: without Chromium these tests fail.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = (Path(axe_playwright_python.__file__ or "").parent / "axe.min.js").read_text()
AXE_RULES = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
]
AXE_RUN = """([type, values, without]) => axe.run(document, {
    runOnly: {type, values}, resultTypes: ['violations'], preload: false,
    rules: Object.fromEntries(without.map((name) => [name, {enabled: false}]))
})"""
HEIGHT = 900

# Held while a server of a test answers. A test that acts meanwhile, with a page open, holds it.
undisturbed = threading.Lock()
_complaints: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser, with temporary files of its own: it is somebody else's machine."""
    assert CHROMIUM.exists(), "The browser tests need Debian's chromium package."
    around = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("chromium"))}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=around)
        yield browser
        browser.close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: pages under test are opened by the hundred."""


def _one_at_a_time(app: Any) -> Any:
    """The app, answering one request after the other: a database in memory is one connection.

    What happens at once is tested with real processes and databases in files.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with undisturbed, closing(app(environ, start_response)) as pieces:
            return [b"".join(pieces)]

    return answer


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """The app behind a threaded server on a free port of this machine; gives its address."""
    quiet = _one_at_a_time(app)
    server = make_server("127.0.0.1", 0, quiet, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def open_page(
    browser: Browser, width: int, *, dark: bool = False, javascript: bool = True
) -> Iterator[Page]:
    """One page in a context of its own, cookies and all, that remembers every complaint."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if dark else "light",
        java_script_enabled=javascript,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/London",
    )
    page = context.new_page()
    found: list[str] = []
    _complaints[page] = found

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") or "Content Security Policy" in message.text:
            found.append(f"{message.type}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on(
        "request",
        lambda sent: found.append(f"report: {sent.url}") if "csp" in sent.url else None,
    )
    try:
        yield page
    finally:
        context.close()


def sign_in_at(page: Page, address: str, login: str, password: str) -> None:
    """Sign in by the form that people use."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("Sign-in name").fill(login)
    page.get_by_label("Password", exact=True).fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def let_in(page: Page, cookie: str) -> None:
    """Give a browser the session of somebody who signed in elsewhere."""
    page.context.add_cookies(
        [{"name": "sid", "value": cookie, "domain": "127.0.0.1", "path": "/"}]
    )


def complaints(page: Page) -> list[str]:
    """Console errors, uncaught errors and broken policy since the page was opened."""
    return _complaints[page]


def violations(page: Page, *rules: str, without: tuple[str, ...] = ()) -> list[str]:
    """What axe finds by all rules or by these, each with the first places. Needs script."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    asked = ["rule", list(rules), []] if rules else ["tag", AXE_RULES, list(without)]
    found = page.evaluate(AXE_RUN, asked)
    return [
        f"{rule['id']}: {rule['help']}: "
        + "; ".join(f"{node['target']} {node['html'][:160]}" for node in rule["nodes"][:3])
        for rule in found["violations"]
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def aria(page: Page, selector: str = "main") -> str:
    """Names and roles as a screen reader meets them."""
    return page.locator(selector).aria_snapshot()


def assert_fit(page: Page) -> None:
    """Accessible, no wider than the window, and nothing in the console."""
    wide = sideways(page)
    found = violations(page) + complaints(page) + ([f"{wide} px too wide"] if wide > 0 else [])
    assert not found, "\n".join([page.url, *found])
