"""Answers that say no: a page, or JSON for scripts, with a reference that leads to the cause.

The log gets the reference, the kind of mistake and the places in our code it went through. It
never gets what an error says, since that may quote what somebody typed.
"""

import logging
import secrets
import traceback
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from flask import Response, g, jsonify, make_response, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from studyhub.domain import errors
from studyhub.domain.settings import DEFAULTS
from studyhub.web import guard, times, typed
from studyhub.web.frame import Frame, Link, PublicFrame, wrong
from studyhub.web.headers import UNLISTED

_log = logging.getLogger("studyhub.web")

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
# Pages for participants.
_NEUTRAL = ("/l/", "/o/", "/interest/")
_ELSEWHERE = "You can do all of this on paper or by phone instead."
_OURS = frozenset({403, 500, 507})
_CALL = "Try again later, or call us: the number stands in our letter."
_DEEPEST = 12
_LINKS_OF_LETTERS = ("/join/", "/reset/")
# The same words whether the link ever was one: they tell nobody which it is.
_WORN_LINK = {
    "title": "This link does not work",
    "reason": "It was used already, is too old, or was not copied whole.",
    "advice": "If you have set your password, sign in. If not, ask whoever sent you the link "
    "for a new one.",
}


def refuse(error: Exception, statuses: Mapping[type[Exception], int]) -> Response:
    """Turn an error into its status, page and line in the log."""
    if isinstance(error, RequestRedirect):
        return make_response(error.get_response())
    status = _status(error, statuses)
    reference = write_down(error, status)
    if is_neutral():
        answer = make_response(_neutral_page(error, status, reference))
    elif is_for_script():
        answer = jsonify(ref=reference, error=HTTPStatus(status).phrase, **_says(error))
    else:
        answer = make_response(_page(error, status, reference))
    answer.status_code = status
    return _with_headers(answer, error)


def write_down(error: Exception, status: int) -> str:
    """Put the cause into the log. Returns the reference under which it is found there."""
    reference = _reference()
    level = logging.ERROR if status >= HTTPStatus.INTERNAL_SERVER_ERROR else logging.INFO
    told = (reference, status, request.method, name_of_address(), cause(error))
    _log.log(level, "%s %d %s %s: %s", *told)
    return reference


def name_of_address() -> str:
    """The address of this request as the log may name it."""
    if request.url_rule is None:
        return "an unknown address"
    # Behind these a token or the words of a stranger follow.
    return request.url_rule.rule if request.path.startswith(UNLISTED) else request.path


def cause(error: BaseException) -> str:
    """The kinds of an error and of what led to it, each with its way through our code."""
    told = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)[-_DEEPEST:]
        way = " < ".join(f"{_short(at.filename)}:{at.lineno}" for at in reversed(frames))
        # Our own mistakes name acts and facts, never what somebody typed.
        said = f" ({seen})" if isinstance(seen, errors.HouseRuleBroken) else ""
        told.append(f"{type(seen).__name__}{said} at {way or 'no place'}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "; because of ".join(told)


def _status(error: Exception, statuses: Mapping[type[Exception], int]) -> int:
    if isinstance(error, HTTPException):
        return error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    found = (statuses[kind] for kind in type(error).__mro__ if kind in statuses)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def _reference() -> str:
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def is_for_script() -> bool:
    """Whether script reads the answer, and no person."""
    accepted = request.accept_mimetypes
    return (
        guard.is_scripted()
        or request.is_json
        or (
            accepted["application/json"] > accepted["text/html"]
            and accepted.best == "application/json"
        )
    )


def is_neutral() -> bool:
    """Whether the page is for participants: nothing on it names the product or the subject."""
    return request.path.startswith(_NEUTRAL)


def _neutral_page(error: Exception, status: int, reference: str) -> str:
    """One and the same page for every link that is not valid; plain words for the rest."""
    safe_site = DEFAULTS["safe_site"]
    around = PublicFrame(nonce="", neutral=True, leave_url=safe_site, footer=_ELSEWHERE)
    if status == HTTPStatus.NOT_FOUND:
        return render_template("guest/gone.html", frame=around)
    if team := g.get("team"):
        leads = {"leave_url": team.safe_site, "phone": team.phone, "email": team.email}
        around = replace(around, **leads)
    words = _words(error)
    if status in _OURS:
        words["advice"] = _CALL
    at = times.moment(guard.hub().now(), guard.zone())
    page = wrong(status, reference=reference, at=at, links=(), **words)
    return render_template("guest/wrong.html", frame=around, wrong=page)


def _page(error: Exception, status: int, reference: str) -> str:
    page = wrong(
        status,
        reference=reference,
        at=times.moment(guard.hub().now(), guard.zone()),
        links=_ways_on(),
        **_words(error),
    )
    again = typed.from_this_request() if g.get("outdated") else None
    return render_template("errors/error.html", frame=_frame(), wrong=page, again=again)


def _frame() -> Frame | PublicFrame:
    """The frame of who is asking, as far as that is known: a mistake may have come first."""
    if guard.is_signed_in():
        return guard.frame()
    return guard.public_frame()


def _ways_on() -> list[Link]:
    if guard.is_signed_in():
        return [Link("Go to your first page", "/home")]
    return [Link("Sign in", url_for("accounts.sign_in"))]


def _says(error: Exception) -> dict[str, str]:
    """What a page can show to whoever sent something that cannot be taken, or not now."""
    shown = (errors.Invalid, errors.WrongState, errors.Stale)
    return {"says": str(error)} if isinstance(error, shown) else {}


def _words(error: Exception) -> dict[str, str]:
    """Words that fit better than those of the status, where the error has some for people."""
    if isinstance(error, errors.Throttled):
        return {"advice": f"Try again in {times.span(error.seconds)}."}
    if isinstance(error, errors.WrongState):
        said = str(error)
        return {
            "title": "This cannot be done now",
            "reason": said[:1].upper() + said[1:].rstrip(".") + ".",
            "advice": "Nothing was changed.",
        }
    if isinstance(error, errors.Invalid):
        return {"reason": str(error) + "."}
    if isinstance(error, errors.NotFound) and request.path.startswith(_LINKS_OF_LETTERS):
        return _WORN_LINK
    return {}


def _with_headers(answer: Response, error: Exception) -> Response:
    if isinstance(error, errors.Throttled):
        answer.headers["Retry-After"] = str(error.seconds)
    if isinstance(error, errors.Busy):
        answer.headers["Retry-After"] = "5"
    if isinstance(error, HTTPException) and "Allow" in (kept := error.get_response().headers):
        answer.headers["Allow"] = kept["Allow"]
    return answer


def _short(filename: str) -> str:
    return "/".join(filename.rsplit("/", 2)[-2:])
