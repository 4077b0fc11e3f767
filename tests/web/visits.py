"""A browser without a screen: it keeps the cookie and sends the forgery token like a page."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.makers import password_of

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


@dataclass
class Visit:
    """One browser at one app."""

    app: Flask
    client: FlaskClient = field(init=False)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def sign_in(self, login: str, **more: str) -> TestResponse:
        return self.client.post(
            "/sign-in", data={"login": login, "password": password_of(login), **more}
        )

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form the way a page of this session would."""
        return self.client.post(path, data={"csrf_token": self.token, **fields})

    @property
    def token(self) -> str:
        """The forgery token of this session, read once from a page."""
        if self.cookie not in self.tokens:
            found = TOKEN.search(self.get("/account").text)
            assert found, "nobody is signed in"
            self.tokens[self.cookie] = found[1]
        return self.tokens[self.cookie]

    @property
    def cookie(self) -> str:
        found = self.client.get_cookie("sid")
        return found.value if found else ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.client.set_cookie("sid", value)


def hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the first form in the main part of a page."""
    form = page.text.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
