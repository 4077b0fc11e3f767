"""What the written pages promise: links that lead somewhere, settings and commands that are."""

import argparse
import re
from pathlib import Path

import pytest

from studyhub import cli
from studyhub.config import KNOWN

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
SETTING = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
COMMAND = re.compile(r"studyhub ((?:[a-z]+(?:-[a-z]+)* ?)+)")
LONGEST_DECISION = 30


def _name(page):
    return str(page.relative_to(ROOT))


def _links(page):
    return LINK.findall(CODE.sub("", page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_file_of_the_project(page):
    away = [link for link in _links(page) if "://" not in link and not link.startswith("#")]

    missing = [
        link for link in away if not (page.parent / link.partition("#")[0]).resolve().exists()
    ]

    assert missing == []


def test_the_running_page_names_every_setting_and_no_other():
    text = (ROOT / "docs" / "RUNNING.md").read_text()
    table = text.partition("## Settings")[2].partition("\n## ")[0]

    assert sorted(SETTING.findall(table)) == sorted(KNOWN)


def test_decisions_are_short_numbered_in_order_and_say_what_was_given_up():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [int(page.name[:4]) for page in decisions] == list(range(1, len(decisions) + 1))
    for page in decisions:
        lines = page.read_text().splitlines()
        assert len(lines) <= LONGEST_DECISION, page
        for part in ("**Context.**", "**Decision.**", "**What we gave up.**"):
            assert any(line.startswith(part) for line in lines), (page, part)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_that_a_page_names_exists(page):
    parser = cli._parser()
    named = {tuple(words.split()) for words in COMMAND.findall(page.read_text())}

    unknown = [words for words in named if not _exists(parser, words)]

    assert unknown == []


def _exists(parser, words):
    """Whether these words begin with a whole command; what follows it may be an argument."""
    for word in words:
        inside = _commands_of(parser)
        if inside is None:
            return True
        if word not in inside:
            return False
        parser = inside[word]
    return _commands_of(parser) is None


def _commands_of(parser):
    """The commands under a parser, or nothing if it is a whole command."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return action.choices
    return None
