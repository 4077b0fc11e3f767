"""What the analyst sees: six releases under labels, and nothing else of anybody."""

import html
import re

import requests
from playwright.sync_api import expect

from tests.founding import texts
from tests.founding.people import CLIVE, LIZ, NINE, SAID, SIX, Person
from tests.founding.stage import HERE, Scene, to
from tests.web.real_server import signed_in

# Of each area a page that somebody of the team opens.
CLOSED = (
    *("recruitment", "recruitment/interest", "recruitment/questions", "recruitment/letters"),
    *("consent", "interviews", "recordings", "transcription", "deidentification"),
    *("releases", "ethics", "trail", "incidents", "team"),
)
TURN = re.compile(r"<[^>]+>")


def the_analyst_sees_six_releases(scene: Scene, labels: dict[Person, str]) -> None:
    """On the first page, on the page of releases, and read one after the other."""
    page = scene.at("ann", f"{HERE}/analysis")
    expect(page.locator("main tbody th")).to_have_text(sorted(labels.values(), key=_number))
    page = scene.at("ann")
    for label in labels.values():
        expect(page.get_by_role("link", name=label, exact=True).first).to_be_visible()
    to(page, labels[LIZ])
    page.get_by_label("Find in this release").fill("plumber")
    expect(page.locator("[data-said]")).to_have_text(re.compile("^1 of "))


def _number(label: str) -> int:
    return int(label.removeprefix("P"))


def the_analyst_sees_nothing_else(
    scene: Scene, labels: dict[Person, str], codes: set[str]
) -> None:
    """Other areas are closed; no text has an identifier, and no page a code or a name."""
    with signed_in(scene.server, "ann") as (session, _headers):
        seen = {path: get(scene, session, path) for path in ("", *map(_path, labels.values()))}
        for area in CLOSED:
            answer = session.get(f"{scene.server.address}{HERE}/{area}", timeout=60)
            assert answer.status_code in {403, 404}, area
    for person, label in labels.items():
        assert_free_of_identifiers(person, seen[_path(label)])
    everything = "\n".join(seen.values())
    assert [each.name for each in NINE if each.name in everything] == []
    assert [code for code in codes if code in everything] == []


def _path(label: str) -> str:
    return f"/{label}"


def get(scene: Scene, session: requests.Session, path: str) -> str:
    """The words of a page of analysis."""
    answer = session.get(f"{scene.server.address}{HERE}/analysis{path}", timeout=60)
    assert answer.status_code == 200, path
    return html.unescape(TURN.sub(" ", answer.text.partition("<main")[2]))


def assert_free_of_identifiers(person: Person, text: str) -> None:
    """What was said stands there; what names somebody by itself does not."""
    stays, goes = SAID[person.text]
    assert stays in text
    assert goes not in text
    direct = {each["text"] for each in texts.annotated(person) if each["kind"] == "direct"}
    left = [one for one in direct if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)]
    assert left == []


def the_copy_is_what_was_decided(scene: Scene, label: str, text: str) -> None:
    """The analyst takes a copy as plain text: byte for byte what two people agreed on."""
    page = scene.at("ann", f"{HERE}/analysis/{label}")
    to(page, "Take a copy")
    page.get_by_label("Plain text", exact=True).check()
    page.get_by_label("To code it in another program").check()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take the copy").click()
    assert taken.value.suggested_filename == f"{label}.txt"
    assert taken.value.path().read_bytes().decode() == text


def assert_labels(labels: dict[Person, str]) -> None:
    """Drawn from sixty by chance: in no order in which the six were met or worked on."""
    assert CLIVE not in labels
    drawn = [_number(labels[each]) for each in SIX]
    assert len(set(drawn)) == len(SIX)
    assert set(drawn) <= set(range(1, 61))
    in_order = list(range(1, 7))
    assert drawn != in_order
    assert list(reversed(drawn)) != in_order
    assert [_number(label) for label in labels.values()] != in_order
