"""Everybody follows every link: each page is there, whole, and changes nothing."""

import re

import pytest

from studyhub.app import create_app
from studyhub.workflows import accounts_admin, visitors
from tests.makers import CAST, password_of
from tests.staged import copied
from tests.web.busy import busy_study
from tests.web.walk import at_role, rows, walk
from tests.workflows.demo import staged_demo

# Pages to which no link leads.
NOT_REACHED = {
    "static": "files of the layout; test_assets asks for them",
    "health.alive": "for the machine that watches the server",
    "health.ready": "for the machine that watches the server",
    "accounts.alive": "only script asks for it",
    "accounts.step_up": "shown in the place of what needs the password once more",
}
LEFTOVERS = re.compile(r"\{%|%\}|\bUndefined\b|<built-in|object at 0x|&lt;Markup|&amp;lt;")
PLACEHOLDERS = ("documents.", "decisions.")  # pages of texts with {{name}} and the like


@pytest.fixture(scope="module")
def busy():
    with busy_study() as made:
        yield made


@pytest.fixture(scope="module")
def busy_walks(busy):
    """What everybody of the busy study, and who has a link, came by."""
    app = create_app(busy.study.hub)
    before = rows(busy.study.hub)
    found = {}
    # Whoever signs in needs no link to a new password any more, so the links come first.
    for name, start in busy.links.items():
        found[name] = walk(app, app.test_client(use_cookies=False), [start])
    found["nobody"] = walk(app, app.test_client(), ["/"])
    for login in CAST:
        found |= of_one(app, login, password_of(login))
    return app, found, before, rows(busy.study.hub)


@pytest.fixture(scope="module")
def demo_walks():
    """What everybody of the demonstration came by."""
    stage = staged_demo("sqlite")
    with copied(stage, stage.made.clock) as hub:
        app, before, found = create_app(hub), rows(hub), {}
        for told in stage.made.told["people"]:
            found |= of_one(app, told["login"], told["password"])
        yield app, found, before, rows(hub)


def of_one(app, login, password):
    """The walks of one person, in each role they have."""
    hub = app.extensions["studyhub"]
    places = visitors.places_of(hub, accounts_admin.find_person(hub, login))
    return {
        f"{login}, {place.role if place else 'no role'}": walk(
            app, at_role(app, login, password, place), ["/"]
        )
        for place in places or [None]
    }


@pytest.fixture(params=["demonstration", "busy"])
def walks(request):
    """The walks of everybody in one of the two studies."""
    name = "busy_walks" if request.param == "busy" else "demo_walks"
    return request.getfixturevalue(name)


def stops(walks):
    return [(who, stop) for who, found in walks[1].items() for stop in found]


def told(who, stop, what=""):
    return f"{who}: {stop.path} (from {stop.came_from}) {what}"


def test_every_link_leads_to_a_page(walks):
    wrong = [
        told(who, stop, stop.answer.status_code)
        for who, stop in stops(walks)
        if stop.answer.status_code not in {200, 302}
    ]

    assert not wrong, "\n".join(["", *wrong])


def test_every_page_has_one_heading_a_title_and_no_marks_of_a_template(walks):
    wrong = [
        told(who, stop, problem)
        for who, stop in stops(walks)
        if stop.answer.mimetype == "text/html" and stop.answer.status_code == 200
        for problem in problems(stop)
    ]

    assert not wrong, "\n".join(["", *wrong])


def problems(stop):
    """What is wrong with one page."""
    page, text = stop.page, stop.answer.text
    if len(page.headings) != 1 or not page.headings[0].strip():
        yield f"headings {page.headings}"
    if not page.title.removesuffix("· StudyHub").strip():
        yield f"title {page.title}"
    if left := LEFTOVERS.search(text):
        yield f"leftover {text[left.start() - 40 : left.end() + 40]!r}"
    if "{{" in text and not stop.endpoint.startswith(PLACEHOLDERS):
        yield "a placeholder"
    if twice := {name for name in page.ids if page.ids.count(name) > 1}:
        yield f"ids twice {twice}"
    if lost := {
        link
        for link in (*page.links, *page.pictures)
        if link.startswith("#") and link[1:] not in page.ids
    }:
        yield f"links to nothing {lost}"


def test_looking_changes_nothing(walks):
    _, _, before, after = walks

    assert [name for name in before if before[name] != after[name]] == []


def test_every_page_is_reached_by_somebody(busy_walks, demo_walks):
    app = busy_walks[0]
    reached = {stop.endpoint for walks in (busy_walks, demo_walks) for _, stop in stops(walks)}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}

    assert pages - reached == NOT_REACHED.keys()
