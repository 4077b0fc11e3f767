"""Each page once in a real browser: open to everybody, at every width, without complaint."""

from contextlib import ExitStack

import pytest

from studyhub.app import create_app
from tests.makers import password_of
from tests.web.browser import complaints, let_in, open_page, serve
from tests.web.busy import busy_study
from tests.web.pages import amiss
from tests.web.walk import at_role
from tests.web.walk_all import busy_walks

EACH_ROLE = {"home.show"}  # the same address, another page


@pytest.fixture(scope="module")
def one_of_each():
    """One stop of each page, of a start page one for each role, by who found it."""
    found = {}
    for who, stop in busy_walks().stops:
        is_page = stop.answer.mimetype == "text/html" and stop.answer.status_code == 200
        if is_page:
            of_role = who if stop.endpoint in EACH_ROLE else None
            found.setdefault((stop.endpoint, of_role), (who, stop.path))
    by_who = {}
    for who, path in found.values():
        by_who.setdefault(who, []).append(path)
    return by_who


def test_each_page_fits_and_is_accessible_at_every_width(chromium, one_of_each):
    wrong = []
    with ExitStack() as stack:
        study = stack.enter_context(busy_study()).study
        app = create_app(study.hub)
        address = stack.enter_context(serve(app))
        for who, paths in one_of_each.items():
            with open_page(chromium, 1280) as page:
                if who.login:
                    sign_in(app, page, who)
                for path in paths:
                    page.goto(address + path)
                    wrong += [f"{who}: {path}: {each}" for each in amiss(page)]
                    complaints(page).clear()

    assert not wrong, "\n".join(["", *wrong])


def sign_in(app, page, who):
    """Give a browser the cookie of somebody who signed in."""
    client = at_role(app, who.login, password_of(who.login), who.place)
    let_in(page, client.get_cookie("sid").value)
