"""Who is asking, and may this request come in. Everything is closed unless it is in PUBLIC.

The checks run in the order in which they stand in ``init_guard``; no body is read before the
origin, the kind of body, the cookie and the forgery token in the header were looked at.
"""

import hmac
import re
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import (  # type: ignore[import-untyped] # it ships no types
    LoginManager,
    current_user,
)

from studyhub.config import is_loopback
from studyhub.domain.policy import POLICY
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.vocabulary import Act
from studyhub.web.bar import Bar, bar_of
from studyhub.web.cookies import cookie_of
from studyhub.web.entries import PUBLIC
from studyhub.web.frame import Frame, NavEntry, PublicFrame
from studyhub.web.headers import init_headers, nonce
from studyhub.web.times import init_times
from studyhub.workflows import visitors
from studyhub.workflows.kernel import Desk, Hub
from studyhub.workflows.visitors import Place, Visitor

# Browsers report a broken policy in their own way; nothing is done with it but counting.
FROM_ANYWHERE = frozenset({"health.csp_report", "opt_out.stop"})
# Addresses that only script calls: strangers get 401 there, since nobody sees the page.
SCRIPTED = re.compile(r"/(api/|alive$|recordings/[^/]+/(audio|peaks)$|transcripts/[^/]+/)")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 2000
TWO_MIB = 2 * 1024 * 1024
IDLE_MINUTES = 15


class Lapsed(Exception):
    """The session ended while somebody was typing; what they sent is kept for them."""


class RoleNeeded(Exception):
    """The person has a role in that study, but another one, or none, is active."""


def hub() -> Hub:
    """What the whole application shares."""
    found: Hub = current_app.extensions["studyhub"]
    return found


def visitor() -> Visitor:
    """Who is asking. Only for pages that are closed to strangers."""
    found: Visitor | None = g.get("visitor")
    if found is None:
        abort(401)
    return found


def is_signed_in() -> bool:
    """Whether it is known who is asking; on pages of PUBLIC it never is."""
    return g.get("visitor") is not None


def place() -> Place:
    """The study and role that are active; without one the person is asked to choose."""
    found = visitor().place
    if found is None:
        raise RoleNeeded
    return found


def cookie() -> str:
    """The session cookie that came with this request, or nothing."""
    return cookie_of(hub().settings)


def own_desk() -> Desk:
    """The desk for acts on one's own account."""
    return visitors.own_desk(hub(), visitor())


def study_desk(slug: str) -> Desk:
    """The desk in a study; a stranger's desk there for who has no role in it at all.

    Raises RoleNeeded for those who have one there that is not active.
    """
    active = visitor().place
    if active is None or active.slug != slug:
        held = visitors.places_of(hub(), visitor().sitting.user_id)
        if any(other.slug == slug for other in held):
            raise RoleNeeded
    return visitors.study_desk(hub(), visitor(), slug)


def csrf_token() -> str:
    """The forgery token of this session, for forms and for the header X-CSRF-Token."""
    return visitor().sitting.csrf.hex()


def source() -> str:
    """Where the request comes from, for counting wrong tries."""
    return request.remote_addr or "unknown"


def zone() -> ZoneInfo:
    """The time zone of the study that the page is about."""
    if "zone" in g:
        return g.zone  # type: ignore[no-any-return] # a page for participants set it
    found: Visitor | None = g.get("visitor")
    return ZoneInfo(found.place.time_zone if found and found.place else "UTC")


def is_scripted() -> bool:
    """Whether only script calls this address."""
    return SCRIPTED.match(request.path) is not None


# -- around the page ---------------------------------------------------------------


def frame(current: str = "") -> Frame:
    """Everything around a signed-in page; ``current`` names its entry: home, team, account."""
    who = visitor()
    active = who.place
    bar = _bar(active, current)
    return Frame(
        person=who.name,
        csrf=csrf_token(),
        nonce=nonce(),
        study=active.title if active else "",
        role=ROLE_NAMES[active.role] if active else "",
        nav=bar.entries,
        within=bar.within,
        idle_seconds=visitors.seconds_left(hub(), who),
        home_url="/home",
        role_url=url_for("roles.role"),
        person_url=url_for("account.show"),
        sign_out_url=url_for("accounts.sign_out"),
        keep_alive_url=url_for("accounts.alive"),
        settings_url=_settings(active),
    )


def _settings(active: Place | None) -> str:
    if active is None or active.role not in POLICY[Act.STUDY_READ].roles:
        return ""
    return url_for("study_settings.show", slug=active.slug)


def public_frame() -> PublicFrame:
    """Around staff pages before anybody is signed in."""
    home = url_for("accounts.sign_in")
    return PublicFrame(nonce=nonce(), home_url=home, idle_minutes=IDLE_MINUTES)


def _bar(active: Place | None, current: str) -> Bar:
    if active is None:
        own = NavEntry("Your account", url_for("account.show"), current == "account")
        return Bar([own], [])
    return bar_of(active, current, current_app.extensions["studyhub.rules"])


def become(value: str) -> None:
    """Answer the rest of this request as the person behind a cookie that was just made."""
    g.visitor = visitors.visitor(hub(), value)


# -- checks before every request -----------------------------------------------------


def init_guard(app: Flask) -> None:
    """Close every address that is not in PUBLIC, and every unsafe one to forged requests."""
    app.config["MAX_CONTENT_LENGTH"] = TWO_MIB
    app.config["MAX_FORM_MEMORY_SIZE"] = TWO_MIB
    app.config["MAX_FORM_PARTS"] = 1000
    # Flask-Login asks this cookie before our loader. No browser can send one of that name.
    app.config["REMEMBER_COOKIE_NAME"] = ";"
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_load_visitor)
    manager.init_app(app, add_context_processor=False)
    app.before_request(_refuse_odd_addresses)
    app.before_request(_stop_foreigners)
    app.before_request(_stop_files)
    app.before_request(_stop_strangers)
    app.before_request(_stop_forgeries)
    app.before_request(_refuse_odd_forms)
    init_headers(app)
    init_times(app, zone, _now)


def _now() -> datetime:
    return hub().now()


def _load_visitor(_request: object) -> Visitor | None:
    value = cookie()
    return visitors.visitor(hub(), value) if value else None


def _refuse_odd_addresses() -> None:
    # PostgreSQL takes no such character, so it would become a mistake of ours.
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        abort(404)


def _refuse_odd_forms() -> None:
    if request.method in SAFE or request.mimetype != FORM:
        return
    _refuse_endless_forms()
    if any("\0" in value for _, value in request.form.items(multi=True)):
        abort(400)


def _refuse_endless_forms() -> None:
    # A million empty fields in two mebibytes took twelve seconds to parse.
    if request.get_data(cache=True).count(b"&") > MOST_FIELDS:
        abort(413)


def _stop_foreigners() -> None:
    if request.method in SAFE or request.endpoint in FROM_ANYWHERE:
        return
    if not comes_from_us(otherwise=True):
        abort(400)


def comes_from_us(*, otherwise: bool) -> bool:
    """Whether the browser says one of our pages sent this; ``otherwise`` if it is silent."""
    said = []
    if "Origin" in request.headers:
        said.append(request.headers["Origin"] in _own_origins())
    if "Sec-Fetch-Site" in request.headers:
        said.append(request.headers["Sec-Fetch-Site"] in {"same-origin", "none"})
    return all(said) if said else otherwise


def _own_origins() -> set[str]:
    settings = hub().settings
    public = urlsplit(settings.public_url)
    own = {f"{public.scheme}://{public.netloc}"}
    if settings.insecure_loopback and is_loopback(request.host):
        own.add(f"http://{request.host}")
    return own


def _stop_files() -> None:
    # Werkzeug would write them to the disk in clear (house.md 5).
    # Mail programs send two short parts to stop letters, which are read as plain bytes.
    parts = (request.mimetype or "").startswith("multipart/")
    if parts and request.endpoint != "opt_out.stop":
        abort(415)


def _stop_strangers() -> ResponseReturnValue | None:
    if request.endpoint in PUBLIC:
        return None
    found = current_user._get_current_object()
    g.visitor = found if isinstance(found, Visitor) else None
    if g.visitor is not None or request.endpoint is None:
        return None
    if is_scripted():
        abort(401)
    if request.method not in SAFE and visitors.lapsed(hub(), cookie()):
        raise Lapsed
    return redirect(url_for("accounts.sign_in"))


def _stop_forgeries() -> None:
    if request.method in SAFE or request.endpoint in PUBLIC or request.endpoint is None:
        return
    # The header comes first: reading the form would read a whole upload.
    sent = request.headers.get("X-CSRF-Token")
    if sent is None and request.mimetype == FORM:
        _refuse_endless_forms()
        sent = request.form.get("csrf_token")
    if not hmac.compare_digest((sent or "").encode(), csrf_token().encode()):
        # Signed in anew on another page of this browser: what was typed here need not be lost.
        g.outdated = request.mimetype == FORM and comes_from_us(otherwise=False)
        abort(400)
