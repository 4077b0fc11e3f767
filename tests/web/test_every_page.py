"""Everybody follows every link: each page is there, whole, and changes nothing."""

import re

import pytest

from studyhub.app import create_app
from tests.staged import copied
from tests.web.walk import rows
from tests.web.walk_all import Walks, busy_walks, walks_of
from tests.workflows.demo import staged_demo

# Pages to which no link leads.
NOT_REACHED = {
    "static": "files of the layout; test_assets asks for them",
    "health.alive": "for the machine that watches the server",
    "health.ready": "for the machine that watches the server",
    "accounts.alive": "only script asks for it",
    "transcript_saving.working": "only script asks for it: test_transcription",
    "workbench_saving.marks": "only script asks for it",
    "playback.audio": "its address comes from opening a recording: test_playback",
    "playback.peaks": "its address comes from opening a recording: test_playback",
    "spoken.sound": "its address comes from opening a sound: test_consent_spoken",
    "committee.letter": "its link stands where a letter was kept: test_ethics",
}
LEFTOVERS = re.compile(r"\{%|%\}|\bUndefined\b|<built-in|object at 0x|&lt;Markup|&amp;lt;")
PLACEHOLDERS = (
    "documents.",
    "decisions.",
    "ethics.",
)  # pages of texts with {{name}} and the like


@pytest.fixture(scope="module")
def demo_walks():
    """What everybody of the demonstration came by."""
    stage = staged_demo()
    with copied(stage, stage.made.clock) as hub:
        app, before, found = create_app(hub), rows(hub), {}
        for told in stage.made.told["people"]:
            found |= walks_of(app, told["login"], told["password"])
        yield Walks(app, found, before, rows(hub))


@pytest.fixture(params=["demonstration", "busy"])
def walks(request):
    """The walks of everybody in one of the two studies."""
    return busy_walks() if request.param == "busy" else request.getfixturevalue("demo_walks")


def told(who, stop, what=""):
    return f"{who}: {stop.path} (from {stop.came_from}) {what}"


def test_every_link_leads_to_a_page(walks):
    wrong = [
        told(who, stop, stop.answer.status_code)
        for who, stop in walks.stops
        if stop.answer.status_code not in {200, 302}
    ]

    assert not wrong, "\n".join(["", *wrong])


def test_every_page_has_one_heading_a_title_and_no_marks_of_a_template(walks):
    wrong = [
        told(who, stop, problem)
        for who, stop in walks.stops
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
    assert [name for name in walks.before if walks.before[name] != walks.after[name]] == []


def test_every_page_is_reached_by_somebody(demo_walks):
    reached = {stop.endpoint for walks in (busy_walks(), demo_walks) for _, stop in walks.stops}
    rules = busy_walks().app.url_map.iter_rules()
    pages = {rule.endpoint for rule in rules if "GET" in rule.methods}

    assert pages - reached == NOT_REACHED.keys()
