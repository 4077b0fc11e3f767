"""Fixtures: an approved study with somebody who was informed a day ago, ready to consent."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.makers import SLUG, Clock, Study
from tests.web.pages import at_browser
from tests.web.visits import Visit
from tests.workflows.consenting import informed_on
from tests.workflows.informed import code

__all__ = ["CONSENT", "PDF", "but_for_its_consent", "code", "ivan", "ready", "small_study"]

PDF = b"%PDF-1.7\n" + b"a paper that somebody signed " * 300
CONSENT = f"/s/{SLUG}/consent"


@pytest.fixture
def ready(clock: Clock) -> Iterator[tuple[Study, str]]:
    """The study, and the link of that person."""
    with informed_on("sqlite", clock) as made:
        yield made


@pytest.fixture
def small_study(ready: tuple[Study, str]) -> Study:
    return ready[0]


@pytest.fixture
def ivan(app: Flask, small_study: Study, code: str) -> Visit:
    """A browser of the interviewer, who may take their consent."""
    return at_browser(app, small_study, "ivan")


def but_for_its_consent(page: TestResponse, number: str) -> str:
    """A page without the link to the consent of this number, where who verifies finds it."""
    return page.text.replace(f'href="{CONSENT}/{number}"', "")
