"""Forms that ask for a password, what follows when it is right, and what when it is not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from flask import Response, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms import PasswordField
from wtforms.validators import InputRequired

from studyhub.domain.errors import Busy, Invalid, Throttled
from studyhub.web import guard, refusals, times
from studyhub.web.cookies import give_cookie
from studyhub.web.forms import StudyForm
from studyhub.web.typed import Typed

T = TypeVar("T")

NEEDED = "Write your password"
BUSY = (
    "Many people are signing in just now. Nothing was changed. "
    "Wait a few seconds, then press the button again"
)


@dataclass(frozen=True)
class NotNow:
    """The page is shown again with this status; ``reference`` leads to the cause in the log."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""


class PasswordForm(StudyForm):
    """The password alone."""

    password = PasswordField(
        "Your password",
        [InputRequired(NEEDED)],
        render_kw={"autocomplete": "current-password"},
    )


def with_password(form: StudyForm, act: Callable[[], T]) -> T | NotNow:
    """Do what needs a password; what stands against it is written onto the form.

    Not left to the error pages: what was typed, or carried along, must stay on the page.
    """
    if not form.validate():
        return NotNow(HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        return act()
    except Invalid as error:
        form.refuse(error.problems)
        return NotNow(HTTPStatus.UNPROCESSABLE_ENTITY)
    except Throttled as error:
        wait = times.span(error.seconds)
        form.refuse({"": f"There were too many wrong tries. Wait {wait}, then try again"})
        status = HTTPStatus.TOO_MANY_REQUESTS
        headers = {"Retry-After": str(error.seconds)}
        return NotNow(status, headers, refusals.write_down(error, status))
    except Busy as error:
        form.refuse({"": BUSY})
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return NotNow(status, {"Retry-After": "5"}, refusals.write_down(error, status))


def shown_again(page: str, why: NotNow) -> ResponseReturnValue:
    """The same page with what stood against it."""
    return page, why.status, why.headers


def go_on(cookie: str, again: Typed | None, to: str, title: str) -> Response:
    """Show what was typed before, or go where the person wanted; with the new cookie."""
    if again is None:
        answer = make_response(redirect(to))
    else:
        page = {"frame": guard.frame(), "again": again, "title": title}
        answer = make_response(render_template("accounts/again.html", **page))
    return give_cookie(guard.hub().settings, answer, cookie)
