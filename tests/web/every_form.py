"""Every form of the product: where it was found, and how it is sent again on a copy."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from secrets import token_hex
from sqlite3 import Connection

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from studyhub.store.consent import DocumentVersion
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact, Expression
from studyhub.workflows import visitors
from studyhub.workflows.kernel import Hub
from tests.makers import SLUG, Clock, password_of
from tests.staged import Staged, copied
from tests.web.busy import Busy, staged_busy
from tests.web.markup import Field, Form, Markup, read
from tests.web.walk import at_role, ours, rows
from tests.web.walk_all import busy_walks

TRAP = "website"  # which nobody sees: whoever fills it in is thanked, and nothing is kept
NOT_TYPED = {"hidden", "button", "submit"}
PLAIN = {
    "email": "sam@home.test",
    "tel": "01632 960 009",
    "date": "2026-07-01",
    "time": "10:00",
    "datetime-local": "2026-07-01T10:00",
    "checkbox": "",
    "textarea": "Some plain words.",
}


@dataclass(frozen=True)
class Spot:
    """A form on a page, as somebody found it; ``sent`` led to the page, where no link does."""

    login: str
    place: visitors.Place | None
    path: str
    sent: tuple[tuple[str, str], ...] = ()
    endpoint: str = ""
    about: str = ""


class World:
    """A copy of the busy study behind one app; it is thrown away once something succeeded."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._signed_in: dict[tuple[str, visitors.Place | None], tuple[Staged[Busy], str]] = {}
        self.app = busy_walks().app
        self._renew(staged_busy())

    def _renew(self, stage: Staged[Busy]) -> None:
        self._stack.close()
        clock = Clock(stage.made.study.clock())
        self.hub = self._stack.enter_context(copied(stage, clock))
        self.app.extensions["studyhub"] = self.hub
        self.look_again()

    def look_again(self) -> None:
        """Take what is in the database now for what nothing may change."""
        self._written, self._rows = self._changes(), rows(self.hub)

    def changed(self) -> list[str]:
        """The tables that are not as they were, but the record itself."""
        if self._changes() == self._written:
            return []  # not one row was written, not even of the record
        now = rows(self.hub)
        return [name for name in now if now[name] != self._rows[name]]

    def _changes(self) -> int:
        """How many rows were ever written over the one connection to this copy."""
        return _driver(self.hub).total_changes

    def close(self) -> None:
        self._stack.close()

    def browser(self, spot: Spot) -> FlaskClient:
        """A browser of whoever found the form, over a copy in which nothing was sent.

        Who signed in once is signed in to each copy, by the same cookie.
        """
        client = self.app.test_client()
        if not spot.login:
            self._renew(staged_busy())
            return client
        who = (spot.login, spot.place)
        if who not in self._signed_in:
            self._signed_in[who] = self._sign_in(spot)
        stage, cookie = self._signed_in[who]
        self._renew(stage)
        client.set_cookie("sid", cookie)
        return client

    def _sign_in(self, spot: Spot) -> tuple[Staged[Busy], str]:
        """The study with somebody signed in to it, and their cookie."""
        self._renew(staged_busy())
        client = at_role(self.app, spot.login, password_of(spot.login), spot.place)
        cookie = client.get_cookie("sid")
        assert cookie is not None
        folder = self.hub.settings.instance
        kept = folder.with_name(f"signed-in-{token_hex(8)}")
        shutil.copytree(folder, kept)
        made = staged_busy().made
        return Staged(_driver(self.hub).serialize(), kept, made), cookie.value

    def page(self, client: FlaskClient, spot: Spot) -> TestResponse:
        """The page of the form, as it is now."""
        if not spot.sent:
            return client.get(spot.path)
        token = read(client.get("/account").text).forms[0].fields[0].value
        fields = MultiDict([*spot.sent, ("csrf_token", token)])
        return client.post(spot.path, data=fields)

    def forms(self, client: FlaskClient, spot: Spot) -> list[tuple[Form, str]]:
        """The forms of a page, each with where it goes and what it holds."""
        page = read(self.page(client, spot).text)
        return [(form, about(self.app, form, spot.path)) for form in page.forms]


def _driver(hub: Hub) -> Connection:
    """The one connection to a database in memory."""
    with hub.sessions.reading.begin() as session:
        found = session.connection().connection.driver_connection
    assert isinstance(found, Connection)
    return found


@cache
def every_form() -> list[Spot]:
    """One place of each form, by where it goes and what it holds."""
    world = World()
    found: dict[str, Spot] = {}
    for spot, page in _pages(world):
        for form in page.forms:
            told = about(world.app, form, spot.path)
            made = replace(spot, endpoint=told.split()[1], about=told)
            found.setdefault(told, made)
    world.close()
    return [spot for spot in found.values() if spot.endpoint != "accounts.sign_out"]


def about(app: Flask, form: Form, path: str) -> str:
    """Where a form goes and what it holds, without the ids in its address."""
    action = ours(path)(form.action or path).partition("?")[0]
    endpoint, _ = app.url_map.bind("localhost").match(action, form.method.upper())
    names = sorted({each.name for each in form.fields} - {"csrf_token"})
    return f"{form.method} {endpoint} {' '.join(names)}"


def _pages(world: World) -> Iterator[tuple[Spot, Markup]]:
    """Every page that anybody finds, and those that a form leads to."""
    for who, stop in busy_walks().stops:
        yield Spot(who.login, who.place, stop.path), stop.page
    for spot in _behind_forms(world):
        yield spot, read(world.page(world.browser(spot), spot).text)


def _behind_forms(world: World) -> Iterator[Spot]:
    """Pages that only a form leads to."""
    with world.hub.sessions.reading.begin() as session:
        person = session.scalars(
            select(Contact.participant_id).where(
                Contact.participant_id.not_in(
                    select(Letter.participant_id).where(Letter.participant_id.is_not(None))
                )
            )
        ).first()
        queued = session.scalars(select(Letter.id).where(Letter.purpose == "invitation")).all()
        expressions = session.scalars(select(Expression.id)).all()
        versions = session.scalars(select(DocumentVersion.id)).all()
    start = f"/s/{SLUG}/recruitment"
    sent = (("kind", "invitation"), ("pick", str(person)))
    yield Spot("rita", None, f"{start}/letters/preview", sent)
    yield Spot("rita", None, f"{start}/letters?" + "&".join(f"letter={one}" for one in queued))
    for one in expressions:
        yield Spot("rita", None, f"{start}/interest/{one}")
    for one in versions:
        yield Spot("petra", None, f"/s/{SLUG}/ethics/documents/{one}")


# -- what is sent ------------------------------------------------------------------------


def plain(form: Form) -> MultiDict[str, str]:
    """A form filled in as a person would who answers everything."""
    sent: MultiDict[str, str] = MultiDict()
    for each in form.fields:
        if each.kind == "button" or (each.kind == "radio" and each.name in sent):
            continue
        value = _plain(each)
        if each.kind != "checkbox" or each.chosen:
            sent.add(each.name, value)
    pressed = [
        each for each in form.fields if each.kind == "button" and each.name == form.first
    ]
    sent.update({each.name: each.value for each in pressed[:1]})
    return sent


def _plain(each: Field) -> str:
    if each.kind in {"hidden", "radio", "checkbox"}:
        return each.value
    if each.kind == "select":
        return next((choice for choice in each.choices if choice), each.value)
    if each.name == TRAP:
        return ""
    if each.kind == "password":
        return "seven grey herons keep it"
    return each.value or PLAIN.get(each.kind, "Sam Oakes")


def typed(form: Form) -> list[str]:
    """The names of what a person fills in or chooses, each once."""
    names = [each.name for each in form.fields if each.kind not in NOT_TYPED]
    return [name for name in dict.fromkeys(names) if name != TRAP]


def carried(form: Form) -> list[str]:
    """The hidden fields but the forgery token."""
    hidden = [each.name for each in form.fields if each.kind in NOT_TYPED or each.name == TRAP]
    return [name for name in dict.fromkeys(hidden) if name != "csrf_token"]
