"""What every page of a participant shares: who comes with this link, the frame, the form token.

There is no cookie and nobody signs in: the token in the address is the whole key. A token that
is unknown, was revoked or has expired gets one and the same page, byte for byte; it is drawn in
``refusals``.
"""

import hmac
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import abort, g, request
from markupsafe import Markup

from studyhub.domain.rendering import to_html
from studyhub.web import guard
from studyhub.web.frame import PublicFrame
from studyhub.web.headers import nonce
from studyhub.workflows import links
from studyhub.workflows.links import Guest


class OfStudy(Protocol):
    """What the pages of a study lead to when somebody wants to be elsewhere."""

    @property
    def time_zone(self) -> str: ...
    @property
    def safe_site(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def email(self) -> str: ...


ELSEWHERE = "You can do all of this on paper or by phone instead."


def of(token: str, purpose: str = "") -> Guest:
    """Who comes with this link, if it is valid for ``purpose``; without one, for anything.

    NotFound otherwise, always the same; Throttled for who tries many tokens.
    """
    found = links.knock(guard.hub(), token, purpose, guard.source())
    stand_in(found)
    return found


def stand_in(study: OfStudy) -> None:
    """Write the times of this answer as the study has them, and say how to reach its team."""
    g.zone, g.team = ZoneInfo(study.time_zone), study


def frame(guest: Guest, form: str = "") -> PublicFrame:
    """Around a page of this link; ``form`` names the form that it holds, if any."""
    return neutral_frame(guest, csrf=token(guest, form) if form else "")


def neutral_frame(study: OfStudy, csrf: str = "") -> PublicFrame:
    """Around any page for participants: nothing on it names the product or the subject.

    It always says how to do the same on paper or by telephone (invariant 42).
    """
    return PublicFrame(
        nonce=nonce(),
        csrf=csrf,
        neutral=True,
        leave_url=study.safe_site,
        footer=ELSEWHERE,
        phone=study.phone,
        email=study.email,
    )


def token(guest: Guest, form: str) -> str:
    """The forgery token of one form of this link, as ``csrf_token`` of the form."""
    return guest.form_token(form)


def check(guest: Guest, form: str) -> None:
    """Refuse (400) a form that did not come from the page of this link."""
    sent = request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), token(guest, form).encode()):
        abort(400)


def document(body: str) -> Markup:
    """A text of the study as HTML: its tags come from an allow-list, the rest is escaped."""
    return Markup(to_html(body))  # noqa: S704 - to_html escapes every word
