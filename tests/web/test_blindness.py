"""Analysis is blind: what an analyst's session asks for, and what it is told, is no person's.

The busy study holds something of everything; Ann is tried at every address of the product with
every id and code that it holds.
"""

import re
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from studyhub.app import create_app
from studyhub.domain.vocabulary import Role, Zone
from studyhub.store.consent import Participant
from studyhub.store.db import Base
from studyhub.vault.shred import Keystore
from studyhub.web.entries import PUBLIC
from studyhub.workflows import accounts, releases
from tests.makers import SLUG, password_of
from tests.web.busy import busy_study
from tests.web.visits import TOKEN
from tests.workflows.releasing import planted

OF_PERSONS = {
    table.name
    for table in Base.metadata.tables.values()
    if table.info["zone"] in {Zone.IDENTITY, Zone.MATERIAL, Zone.COURSE}
}
CHANGES = re.compile(
    r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}|nonce=\"[^\"]*\"|nonce-[\w+/=-]+|[0-9a-f]{64}"
)
# Leaving; what any member but the auditor decides; and the copies that analysts took.
NOT_TRIED = {"static", "accounts.sign_out", "exceptions.decide", "analysis.deleted"}
CURRENT, TAKEN_BACK = "P2", "P4"


@pytest.fixture(scope="module")
def world():
    """The busy study with a release in use and one that was taken back."""
    with busy_study() as busy:
        study = busy.study
        with study.hub.sessions.reading.begin() as session:
            people = session.scalars(select(Participant.id).order_by(Participant.code)).all()
        planted(study, people[1], TAKEN_BACK)
        releases.recall(study.petra, TAKEN_BACK, "quality")
        yield study


@pytest.fixture
def ann(world):
    """A browser of the analyst, over a keystore that tells what it is asked."""
    hub = replace(world.hub, keystore=Told(world.hub.keystore.path))
    app = create_app(hub)
    client = app.test_client()
    where = {"study": SLUG, "role": Role.ANALYST}
    client.set_cookie(
        "sid", accounts.sign_in(hub, "ann", password_of("ann"), "test", **where).cookie
    )
    found = TOKEN.search(client.get("/account").text)
    yield app, client, {"csrf_token": found[1]}
    hub.sittings.end_all(world.user_id("ann"))


class Told(Keystore):
    """A keystore that remembers every statement."""

    asked: list[str]

    @contextmanager
    def reading(self):
        with super().reading() as connection:
            connection.set_trace_callback(self.__dict__.setdefault("asked", []).append)
            yield connection


def addresses(app):
    """Every rule of the product that a signed-in person may try, with its methods."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC | NOT_TRIED:
            for method in sorted(rule.methods & {"GET", "POST", "PATCH", "DELETE"}):
                yield rule, method


def path_of(rule, values):
    """The address with something in each place."""
    return re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: values[found[1] or found[2]], rule.rule)


def held_by(study):
    """Two ids of every table, as anybody could read them in the PI's addresses; and codes."""
    with study.hub.sessions.reading.begin() as session:
        ids = {
            name: [str(each) for each in session.scalars(select(table.c.id).limit(2))]
            for name, table in Base.metadata.tables.items()
            if "id" in table.c
        }
        codes = session.scalars(select(Participant.code).limit(2)).all()
    return ids, codes


def real_values(rule, ids, codes):
    """What exists, for the place in an address that names something."""
    if "<label>" in rule:
        yield "label", TAKEN_BACK
    for code in codes if "<code>" in rule else ():
        yield "code", code
    for stem in re.findall(r"<uuid:(\w+)_id>", rule):
        meant = [name for name in ids if stem in name]
        for name in meant or ids:
            for each in ids[name][: 2 if meant else 1]:
                yield "uuid", each


# -- invariant 57 ----------------------------------------------------------------------------


def test_inv_57_no_address_makes_an_analyst_ask_for_a_table_of_persons(world, ann):
    app, client, token = ann
    asked = []

    def note(*told):
        asked.append(told[2])

    engine = world.hub.sessions.engine
    values = defaultdict(lambda: "copy", slug=SLUG, label=CURRENT, uuid=str(uuid4()))
    event.listen(engine, "before_cursor_execute", note)
    try:
        answers = [
            client.open(path_of(rule, values), method=method, data=token)
            for rule, method in addresses(app)
        ]
        read = client.get(f"/s/{SLUG}/analysis/{CURRENT}")
        found = client.post(f"/s/{SLUG}/analysis/search", data={**token, "words": "week"})
        copied = client.post(
            f"/s/{SLUG}/analysis/{CURRENT}/copy",
            data={**token, "file": "docx", "purpose": "coding"},
        )
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len(answers) > 60
    assert [each.status_code for each in (read, found, copied)] == [200] * 3
    words = {word for statement in asked for word in re.findall(r"\w+", statement)}
    assert "releases" in words
    assert words & OF_PERSONS == set()
    of_keys = app.extensions["studyhub"].keystore.asked
    assert [each for each in of_keys if "shred_keys" in each]
    assert [each for each in of_keys if "participant_id" in each] == []


# -- answers ---------------------------------------------------------------------------------


def told(answer, path):
    """Everything an answer says, without what differs each time, and without its address."""
    headers = [
        (name, CHANGES.sub("", value.replace(path, "PATH")))
        for name, value in answer.headers
        if name != "Content-Length"
    ]
    body = CHANGES.sub("", answer.get_data(as_text=True).replace(path, "PATH"))
    return answer.status_code, headers, body


def test_no_address_tells_an_analyst_whether_something_exists(world, ann):
    app, client, token = ann
    ids, codes = held_by(world)
    made_up = {"slug": SLUG, "uuid": str(uuid4()), "code": "ZZZZ", "label": "P77"}
    tried, wrong = 0, []

    for rule, method in addresses(app):
        values = defaultdict(lambda: "copy", made_up)
        path = path_of(rule, values)
        unknown = told(client.open(path, method=method, data=token), path)
        for name, each in real_values(rule.rule, ids, codes):
            path = path_of(rule, {**made_up, name: each, "kind": "copy"})
            tried += 1
            if told(client.open(path, method=method, data=token), path) != unknown:
                wrong.append((method, rule.rule, each))

    assert tried > 150
    assert wrong == []
