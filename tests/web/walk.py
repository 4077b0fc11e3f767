"""Walk from page to page as somebody who follows every link, and keep what was found."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from studyhub.store.db import Base
from studyhub.workflows import accounts, visitors
from studyhub.workflows.kernel import Hub
from tests.web.markup import Markup, read

A_FEW = 2  # pages of one kind that are looked at: rows of lists are alike
START = "the start"
UNCOUNTED = {"events", "chain_heads"}  # who looked at what is on the record


@dataclass(frozen=True)
class Stop:
    """One page on a walk."""

    path: str
    came_from: str
    endpoint: str
    answer: TestResponse
    page: Markup


def walk(app: Flask, client: FlaskClient, starts: Iterable[str]) -> list[Stop]:
    """Follow every link of this site from these pages, a few of each kind."""
    found, seen, kinds = [], set(), Counter()
    ahead = [(start, START) for start in starts]
    while ahead:
        path, came_from = ahead.pop(0)
        kind = kind_of(app, path)
        if path in seen or (kinds[kind] >= A_FEW and came_from != START):
            continue
        seen.add(path)
        kinds[kind] += 1
        answer = client.get(path)
        is_page = answer.mimetype == "text/html"
        page = read(answer.text) if is_page else Markup()
        found.append(Stop(path, came_from, kind[0], answer, page))
        links = [answer.location] if answer.location else page.links
        ahead += [(there, path) for there in map(ours(path), links) if there]
    return found


def ours(path):
    """Turns a link of a page into a path of this site, or nothing."""

    def there(link):
        whole = urldefrag(urljoin(f"http://localhost{path}", link)).url
        parts = urlsplit(whole)
        if parts.netloc != "localhost" or parts.scheme != "http":
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")

    return there


def kind_of(app: Flask, path: str) -> tuple[str, ...]:
    """Which page this is, and with which names in its address."""
    parts = urlsplit(path)
    names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    try:
        endpoint, _ = app.url_map.bind("localhost").match(parts.path, "GET")
    except HTTPException as error:
        endpoint = f"{parts.path}: {error.code}"
    return endpoint, *sorted(names)


def at_role(app: Flask, login: str, password: str, place: visitors.Place | None):
    """A browser at which somebody is signed in, in this role."""
    hub, client = app.extensions["studyhub"], app.test_client()
    where = {"study": place.slug, "role": place.role} if place else {}
    arrival = accounts.sign_in(hub, login, password, "test", **where)
    client.set_cookie("sid", arrival.cookie)
    return client


def rows(hub: Hub) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database but the record of who looked at what."""
    with hub.sessions.reading.begin() as session:
        # As they are stored: this is asked a thousand times, and took a fifth of its tests.
        raw = session.connection().connection.cursor()
        return {
            name: raw.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - our own tables
            for name in Base.metadata.tables
            if name not in UNCOUNTED
        }
