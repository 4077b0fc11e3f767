"""The auditor verifies everything, and has seen no name."""

import html
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import requests
from playwright.sync_api import expect

from tests.founding.people import NINE, SAID, SECRETS
from tests.founding.stage import HERE, Scene, to
from tests.web.real_server import signed_in

LINK = re.compile(r'href="(/[^"#]*)"')
MOST = 80  # pages
FILES = ("/static/", "/export", "/certificate")


def the_auditor_verifies_the_record(scene: Scene, folder: Path) -> None:
    """Takes the record home, and checks it there with nothing but the script in it."""
    page = scene.at("ada", f"{HERE}/trail")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the export").click()
    with ZipFile(taken.value.path()) as archive:
        archive.extractall(folder)
    inside = folder / "export"
    command = [sys.executable, "export/verify_audit.py", "export/"]
    done = subprocess.run(  # noqa: S603 - the script that is given away
        command, cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_no_name("".join(each.read_text() for each in inside.iterdir()))


def every_act_was_covered(scene: Scene, on_paper: str) -> None:
    """By an approved version and a consent of its own time; a paper reads as it was signed."""
    page = scene.at("ada", f"{HERE}/trail/codes")
    expect(page.get_by_text("Every act that needed an approved version")).to_be_visible()
    to(page, on_paper)
    expect(page.get_by_text("unchanged since signing").first).to_be_visible()


def the_auditor_has_seen_no_name(scene: Scene, codes: set[str], labels: set[str]) -> None:
    """On every page that is led to: codes of people, and no label beside one."""
    with signed_in(scene.server, "ada") as (session, _headers):
        seen = every_page(scene, session)
    assert_no_name("\n".join(seen.values()))
    assert [code for code in codes if not any(code in page for page in seen.values())] == []
    for path, page in seen.items():
        with_code = [code for code in codes if code in page]
        with_label = [label for label in labels if re.search(rf"\b{label}\b", page)]
        assert not (with_code and with_label), path


def assert_no_name(text: str) -> None:
    """Nothing of what people are called, how they are reached, or what they said."""
    said = [words for pair in SAID.values() for words in pair]
    names = [word for each in NINE for word in (each.name, each.email)]
    assert [word for word in (*names, *said, *SECRETS.values()) if word in text] == []


def every_page(scene: Scene, session: requests.Session) -> dict[str, str]:
    """Follow every link from the first page; those of one kind are all alike but for ids."""
    seen: dict[str, str] = {}
    ahead = ["/home"]
    while ahead and len(seen) < MOST:
        path = ahead.pop(0)
        if path in seen or any(part in path for part in FILES):
            continue
        answer = session.get(scene.server.address + path, timeout=60)
        assert answer.status_code == 200, path
        seen[path] = html.unescape(answer.text)
        ahead += [html.unescape(found) for found in LINK.findall(answer.text)]
    return seen
