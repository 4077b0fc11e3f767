"""Take the pictures of the README from a running demonstration.

    make run                                    in one terminal
    .venv/bin/python docs/pictures/take.py      in another

It signs in with the demonstration's own passwords, so it works on nothing else. It needs
Debian's chromium package, as the browser tests do.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = Path("/usr/bin/chromium")
STUDY = "voices"
WIDTH, HEIGHT = 1280, 900


class Picture(NamedTuple):
    """Who looks at what."""

    name: str
    login: str
    address: str


PICTURES = (
    Picture("team-1280.png", "petra", f"/s/{STUDY}/team"),
    Picture("flow-1280.png", "petra", f"/s/{STUDY}/flow"),
    Picture("participants-1280.png", "rita", f"/s/{STUDY}/recruitment"),
    Picture("release-1280.png", "ann", f"/s/{STUDY}/analysis/P*"),
    Picture("trail-1280.png", "ada", f"/s/{STUDY}/trail"),
)


def main() -> int:
    """Take every picture; an error of any page ends it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--instance", type=Path, default=HERE.parents[1] / "instance")
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    asked = parser.parse_args()
    told = json.loads((asked.instance / "demo-sign-ins.json").read_text())
    passwords = {person["login"]: person["password"] for person in told["people"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for picture in PICTURES:
            with browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT},
                color_scheme="light",
                reduced_motion="reduce",
                locale="en-GB",
            ) as context:
                page = context.new_page()
                sign_in(page, asked.address, picture.login, passwords[picture.login])
                take(page, asked.address, picture)
        browser.close()
    return 0


def sign_in(page: Page, address: str, login: str, password: str) -> None:
    """Sign in by the form that people use."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda at: not at.endswith("/sign-in"))


def take(page: Page, address: str, picture: Picture) -> None:
    """Go there and keep what can be seen."""
    where = picture.address
    if where.endswith("*"):  # the first link of that beginning: labels are drawn by chance
        page.goto(address + where.rpartition("/")[0])
        where = str(page.get_attribute(f'main a[href^="{where[:-1]}"]', "href"))
    answer = page.goto(address + where)
    if answer is None or not answer.ok:
        raise SystemExit(f"{picture.address} did not open for {picture.login}")
    page.screenshot(path=HERE / picture.name)
    sys.stdout.write(f"{picture.name}\n")


if __name__ == "__main__":
    sys.exit(main())
