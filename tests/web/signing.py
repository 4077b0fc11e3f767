"""Somebody with a link to a consent form."""

import re

import pytest
from sqlalchemy import select

from studyhub.domain.statements import STARTERS
from studyhub.store.consent import Statement

FIELD = re.compile(r'name="(csrf_token|signing)" value="([^"]*)"')

LASTING = re.compile(r'href="http://127\.0\.0\.1:8000(/l/[\w-]{43})"')


@pytest.fixture
def link(ready):
    """The address of somebody who was informed a day ago."""
    return f"/l/{ready[1]}"


@pytest.fixture
def person(app):
    """A browser of somebody who is not signed in and keeps no cookie."""
    return app.test_client(use_cookies=False)


def form_of(person, link):
    page = person.get(link + "/consent")
    assert page.status_code == 200, page.text
    return page, dict(FIELD.findall(page.text))


def agreed(but=()):
    return {
        f"statement:{each.code}": "decline" if each.code in but else "agree"
        for each in STARTERS
    }


def sent(person, link, **fields):
    _, hidden = form_of(person, link)
    values = {**hidden, **agreed(), "typed_name": "Grace Adeyemi", **fields}
    return person.post(
        link + "/consent", data={k: v for k, v in values.items() if v is not None}
    )


def wordings(study):
    with study.hub.sessions.reading.begin() as session:
        return list(session.scalars(select(Statement.wording).order_by(Statement.position)))
