"""What tests of interest ask of the tables."""

import json

from studyhub.workflows import (
    links,
)
from studyhub.workflows.expressions import Told
from studyhub.workflows.recruitment_triage import Eligible
from tests.makers import (
    letter_body,
    token_in,
)

BY_LINK = Told("", "link", note="after five")

CRITERIA = Eligible(criteria="1.0")


def rows(study, table):
    with study.hub.sessions.reading.begin() as session:
        return session.query(table).count()


def of(study, table, key):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def only(study, table, **wanted):
    with study.hub.sessions.reading.begin() as session:
        found = session.query(table).filter_by(**wanted).one()
        session.expunge(found)
        return found


def facts(study):
    return json.loads(study.last_event().line)["facts"]


def with_link(study, purpose="invitation", way="l"):
    """The guest who follows the link of the newest letter of a purpose."""
    return links.guest(study.hub, token_in(letter_body(study, purpose)["text"], way))
