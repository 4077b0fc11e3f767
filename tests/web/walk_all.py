"""Everybody of the busy study walks through the whole product, once for each process."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from flask import Flask

from studyhub.app import create_app
from studyhub.workflows import accounts_admin, visitors
from tests.makers import CAST, password_of
from tests.web.busy import busy_study
from tests.web.walk import Stop, at_role, rows, walk


@dataclass(frozen=True)
class Who:
    """Somebody in a role; or, without a login, whoever has that link."""

    login: str
    place: visitors.Place | None = None
    link: str = ""

    def __str__(self) -> str:
        role = self.place.role if self.place else "no role"
        return f"{self.login}, {role}" if self.login else self.link


@dataclass(frozen=True)
class Walks:
    """Where everybody came by, and what the database held before and after."""

    app: Flask
    found: dict[Who, list[Stop]]
    before: dict[str, list[tuple[object, ...]]]
    after: dict[str, list[tuple[object, ...]]]

    @property
    def stops(self) -> list[tuple[Who, Stop]]:
        return [(who, stop) for who, found in self.found.items() for stop in found]


@cache
def busy_walks() -> Walks:
    """The walks through the busy study."""
    with busy_study() as busy:
        app, hub = create_app(busy.study.hub), busy.study.hub
        before, found = rows(hub), {}
        # Whoever signs in needs no link to a new password any more, so the links come first.
        for name, start in {**busy.links, "nobody": "/"}.items():
            found[Who("", link=name)] = walk(app, app.test_client(use_cookies=False), [start])
        for login in CAST:
            starts = ["/", *busy.pages.get(login, [])]
            found |= walks_of(app, login, password_of(login), starts)
        return Walks(app, found, before, rows(hub))


def walks_of(
    app: Flask, login: str, password: str, starts: Sequence[str] = ("/",)
) -> dict[Who, list[Stop]]:
    """The walks of one person, in each role they have."""
    hub = app.extensions["studyhub"]
    places = visitors.places_of(hub, accounts_admin.find_person(hub, login))
    return {
        Who(login, place): walk(
            app, at_role(app, login, password, place), [*starts, "/step-up"]
        )
        for place in places or [None]
    }
