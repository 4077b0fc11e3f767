"""What tests of the guard share: every address, and an application of their own."""

import re
from uuid import UUID

import pytest

from studyhub.domain import errors
from tests.makers import SLUG

REFERENCE = re.compile(r'<span class="sh-ref">([2-9A-Z]{4}-[2-9A-Z]{4})</span>')

SAMPLE = {"slug": SLUG, "token": "x" * 43, "thing": "recording", "code": "K7Q4"}

UNREAD = (302, 400, 415, 422)  # what was sent is no answer to any form: nothing was looked up

# Whoever sent what cannot be taken learns why.
SAYS = (errors.Invalid, errors.WrongState, errors.Stale)

PLACE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


def addresses(app):
    """Every rule with something in each place, and its methods."""
    for rule in app.url_map.iter_rules():
        path = PLACE.sub(fill, rule.rule)
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, method, path


def fill(place):
    kind, name = place.groups()
    return {"int": "7", "path": "app.js", "uuid": str(UUID(int=7))}.get(
        kind, SAMPLE.get(name, "x")
    )


def same_but_for_reference(page):
    text = re.sub(r'nonce="[^"]+"', "", REFERENCE.sub("", page.text))
    return re.sub(r'value="[0-9a-f]{64}"', "", text)


def fail(error):
    raise error


@pytest.fixture
def app(own_app):
    """Most of these tests add a page of their own."""
    return own_app
