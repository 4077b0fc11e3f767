"""The built files are those of the manifest, look like us, and ask nothing of others."""

import hashlib
import json
import re
from importlib.metadata import metadata
from pathlib import Path

import pytest
from flask import Flask

from studyhub.web.kit import STATIC, YEAR, init_kit, static_path

ROOT = STATIC.parent.parent
SOURCE = ROOT / "requirements" / "web"
TEMPLATES = STATIC.parent / "templates"
MANIFEST = json.loads((STATIC / "manifest.json").read_text())
CSS = (STATIC / "studyhub.css").read_text()
OTHERS = {"govuk-frontend.min.js", "tus.min.js"}
OWN_SCRIPTS = [path for path in STATIC.rglob("*.js") if path.name not in OTHERS]


def served() -> list[Path]:
    return [
        path for path in STATIC.rglob("*") if path.is_file() and path.name != "manifest.json"
    ]


def test_the_manifest_names_every_file_and_its_hash():
    found = {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in served()
    }

    assert found == MANIFEST["sha256"], "Run: python .ci/assets.py --manifest"


def test_the_kit_is_the_version_its_macros_follow():
    said = re.search(
        r"GOV\.UK%20Frontend-v([\d.]+)-", metadata("govuk-frontend-jinja").as_string()
    )

    assert said
    assert MANIFEST["built_from"]["govuk-frontend"] == said[1]


def test_the_lock_pins_everything_and_names_no_registry():
    lock = (SOURCE / "package-lock.json").read_text()
    wanted = json.loads((SOURCE / "package.json").read_text())

    assert '"resolved"' not in lock
    assert "registry" not in lock
    assert "omit-lockfile-registry-resolved=true" in (SOURCE / ".npmrc").read_text()
    for version in (wanted["dependencies"] | wanted["devDependencies"]).values():
        assert re.fullmatch(r"[\d.]+", version)


def test_licences_travel_with_what_they_license():
    assert "Crown Copyright" in (STATIC / "licences" / "govuk-frontend.txt").read_text()
    assert "licences/govuk-frontend.txt" in CSS[:200]
    assert "licences/tus-js-client.txt" in (STATIC / "tus.min.js").read_text()[:200]
    sender = (STATIC / "licences" / "tus-js-client.txt").read_text()
    for carried in ("js-base64", "url-parse", "querystringify", "requires-port", "ieee754"):
        assert carried in sender


def test_nothing_looks_like_a_government_page():
    assert "GDS" not in CSS
    assert "crest" not in CSS
    # The kit writes its own blue once, for a chosen option; ours comes later.
    assert CSS.count("#1d70b8") == 1
    assert CSS.rindex(".govuk-select option:checked") > CSS.index("#1d70b8")


def test_the_style_sheet_fetches_nothing():
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_colours_are_written_in_one_file_only():
    for path in SOURCE.glob("*.scss"):
        if path.name != "_palette.scss":
            code = re.sub(r"//.*", "", path.read_text())
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![\w{-])|rgba?\(", code), path.name


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_our_scripts_write_text_and_never_html(path):
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert sink not in path.read_text()


# A file to keep needs nothing beside it; it is no page of ours.
TO_KEEP = TEMPLATES / "own_data" / "held.html"


@pytest.mark.parametrize(
    "path", sorted({*TEMPLATES.rglob("*.html")} - {TO_KEEP}), ids=lambda path: path.name
)
def test_no_template_has_inline_script_or_style(path):
    html = path.read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_switches_escaping_off(path):
    assert not re.search(r"\|\s*safe\b|autoescape", path.read_text())


def test_a_versioned_path_may_be_kept_by_browsers():
    app = Flask("studyhub", static_url_path=static_path())
    init_kit(app)

    with app.test_client().get(f"{static_path()}/app.js") as answer:
        assert answer.status_code == 200
        assert answer.cache_control.max_age == YEAR
        assert 'from "./idle.js"' in answer.text


def test_without_the_version_nothing_is_kept():
    app = Flask("studyhub")
    init_kit(app)

    with app.test_client().get("/static/app.js") as answer:
        assert answer.cache_control.max_age is None
