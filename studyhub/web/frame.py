"""Plain values that the templates draw around and inside a page; they decide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["ok", "info", "warn", "stop"]


@dataclass(frozen=True)
class Link:
    """Somewhere to go. A link changes nothing."""

    label: str
    href: str


@dataclass(frozen=True)
class NavEntry:
    """One entry of the bar; ``count`` is what waits there for this person."""

    label: str
    href: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Frame:
    """Everything around a signed-in page. Empty texts and addresses are left out."""

    template: ClassVar[str] = "base.html"

    person: str
    csrf: str
    nonce: str
    study: str = ""
    role: str = ""
    nav: Sequence[NavEntry] = ()
    within: Sequence[NavEntry] = ()  # below the entry that is current
    idle_seconds: int = 1800
    home_url: str = "/"
    role_url: str = ""
    person_url: str = ""
    sign_out_url: str = ""
    keep_alive_url: str = ""
    settings_url: str = ""
    help_url: str = ""


@dataclass(frozen=True)
class PublicFrame:
    """Around pages that nobody is signed in to.

    ``neutral`` is for participants: no product name in title or header, and
    *Leave this page* (to ``leave_url``) always on screen. ``phone`` and ``email`` are where
    the team is reached instead.
    """

    template: ClassVar[str] = "base_public.html"

    nonce: str
    csrf: str = ""
    home_url: str = "/"
    idle_minutes: int = 30
    neutral: bool = False
    leave_url: str = ""
    footer: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Status:
    """What just happened; ``undo`` is a button that posts."""

    strong: str
    text: str = ""
    kind: Kind = "ok"
    undo: Link | None = None


@dataclass(frozen=True)
class Due:
    """A date that matters."""

    text: str
    state: Literal["", "soon", "late"] = ""


@dataclass(frozen=True)
class Waiting:
    """One thing in a queue: what, one line of why, since and due."""

    icon: str
    what: str
    href: str
    why: str = ""
    since: str = ""
    due: Due | None = None


@dataclass(frozen=True)
class Opens:
    """What one member's password opens: per compartment ``open``, ``own`` or ``shut``."""

    name: str
    role: str
    marks: Sequence[Literal["open", "own", "shut"]]
    words: str


@dataclass(frozen=True)
class Light:
    """One statement and whether it is in force: ``ok``, ``part``, ``no`` or ``none``."""

    statement: str
    why: str
    state: Literal["ok", "part", "no", "none"]
    words: str


@dataclass(frozen=True)
class Step:
    """One step from approached to released; ``share`` is percent of the first."""

    name: str
    number: int
    share: float
    exits: Sequence[str] = ()


@dataclass(frozen=True)
class Wrong:
    """A page that says no: what is so, then what to do, and what to tell the operator."""

    status: int
    short: str
    title: str
    reason: str
    advice: str
    reference: str
    at: str
    links: Sequence[Link] = ()


_TRY_AGAIN = "Try again in a minute. If it happens again, give this reference to your operator."

# status: (short name, title, what is so, what to do)
_WORDS: dict[int, tuple[str, str, str, str]] = {
    400: (
        "400 Not understood",
        "We could not take that",
        "The page was open too long, or something was missing from what it sent.",
        "Nothing was changed. Go back, load the page again and send it once more.",
    ),
    403: (
        "403 Not permitted",
        "This page is not part of your role",
        "Your role does not open this.",
        "Switch to a role that does, or ask the principal investigator.",
    ),
    404: (
        "404 Not found",
        "We cannot find that page",
        "The address may be mistyped, or the page belongs to a study you are not a member of.",
        "",
    ),
    405: (
        "405 Not this way",
        "This address works differently",
        "It takes a form that was filled in, or only shows a page.",
        "Nothing was changed. Go back and use the buttons of the page.",
    ),
    409: (
        "409 Changed meanwhile",
        "Someone was faster",
        "This was changed while you had it open. Your change was not saved.",
        "Look at how it is now, then decide again.",
    ),
    410: (
        "410 Erased",
        "This was erased",
        "Its key was destroyed, so nobody can open it again.",
        "The record still shows that it existed, and why it was erased.",
    ),
    413: (
        "413 Too large",
        "This is too large",
        "It is larger than we can take in one piece. Nothing was kept.",
        "Send a smaller one.",
    ),
    415: (
        "415 Other kind",
        "We cannot take this kind of file",
        "What was sent is not one of the kinds that this page names. Nothing was kept.",
        "Send it in one of those kinds.",
    ),
    422: (
        "422 Not complete",
        "Something is missing",
        "What was sent cannot be taken as it is. Nothing was saved.",
        "Go back, check what you entered and send it again.",
    ),
    423: (
        "423 On hold",
        "This is on hold",
        "Nobody can open it until somebody has decided about it.",
        "You need do nothing.",
    ),
    429: (
        "429 Too many tries",
        "Too many tries",
        "We wait a little after several wrong tries, so that nobody can guess.",
        "Try again in a few minutes.",
    ),
    500: (
        "500 Our mistake",
        "Something went wrong on our side",
        "Nothing you entered was half done: either it was saved whole or not at all.",
        _TRY_AGAIN,
    ),
    503: (
        "503 Busy",
        "Too much at once",
        "Many people are signing in or sending just now. Nothing was changed.",
        "Wait a few seconds, then send it again.",
    ),
    507: (
        "507 No room",
        "There is no room left",
        "The disk is too full to keep this. Nothing was saved.",
        "Tell your operator, with this reference. Reading and withdrawing still work.",
    ),
}


def wrong(
    status: int,
    *,
    reference: str,
    at: str,
    title: str = "",
    reason: str = "",
    advice: str = "",
    links: Sequence[Link] = (),
) -> Wrong:
    """The words for one status; those given take the place of the usual ones."""
    usual = _WORDS.get(status) or _WORDS[400 if status < 500 else 500]  # noqa: PLR2004 - HTTP
    return Wrong(
        status=status,
        short=usual[0],
        title=title or usual[1],
        reason=reason or usual[2],
        advice=advice or usual[3],
        reference=reference,
        at=at,
        links=links,
    )
