"""The pictures of the README are pages of the demonstration, taken here.

They come to lie in build/pictures; ``make docs`` runs this and copies them to docs/pictures.
"""

import re
from pathlib import Path

import pytest

from studyhub.app import create_app
from studyhub.workflows.demonstration_stage import SLUG
from tests.staged import copied
from tests.web.browser import complaints, open_page, serve, sign_in_at
from tests.workflows.demo import staged_demo

ROOT = Path(__file__).parents[2]
TAKEN = ROOT / "build" / "pictures"
SHOWN = re.compile(r"!\[[^]]+\]\(docs/pictures/(\S+)\)")

# Who looks at what. A star is the first link of that beginning: labels are drawn by chance.
PICTURES = {
    "team-1280.png": ("petra", f"/s/{SLUG}/team"),
    "flow-1280.png": ("petra", f"/s/{SLUG}/flow"),
    "participants-1280.png": ("rita", f"/s/{SLUG}/recruitment"),
    "release-1280.png": ("ann", f"/s/{SLUG}/analysis/P*"),
    "trail-1280.png": ("ada", f"/s/{SLUG}/trail"),
}


def test_the_readme_shows_these_pictures():
    assert sorted(SHOWN.findall((ROOT / "README.md").read_text())) == sorted(PICTURES)
    assert {path.name for path in (ROOT / "docs" / "pictures").iterdir()} == PICTURES.keys()


@pytest.fixture(scope="module")
def demonstration():
    """The demonstration behind a server, and the password of each."""
    stage = staged_demo()
    told = {person["login"]: person["password"] for person in stage.made.told["people"]}
    with copied(stage, stage.made.clock) as hub, serve(create_app(hub)) as address:
        yield address, told


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_taken_as_somebody_sees_the_page(chromium, demonstration, name):
    address, passwords = demonstration
    login, where = PICTURES[name]
    with open_page(chromium, 1280) as page:
        sign_in_at(page, address, login, passwords[login])
        if where.endswith("*"):
            page.goto(address + where.rpartition("/")[0])
            where = page.get_attribute(f'main a[href^="{where[:-1]}"]', "href")
        assert page.goto(address + where).ok
        TAKEN.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=TAKEN / name)

        assert page.locator("h1").is_visible()
        assert not complaints(page)
