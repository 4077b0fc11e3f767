"""Since when and until when somebody waits, in the words of every queue and list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from flask import request

from studyhub.web import guard, times
from studyhub.web.frame import Due, Link, Waiting
from studyhub.workflows.pages import Cut

T = TypeVar("T")

ANSWER_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class Began:
    """Since when somebody waits, and whether they still do."""

    at: datetime
    is_open: bool


def due_on(until: datetime | None, before: str = "") -> Due | None:
    """When something is due: late, soon, or on a day. ``before`` stands before the day."""
    if until is None:
        return None
    here = guard.zone()
    days = (until.astimezone(here).date() - guard.hub().now().astimezone(here).date()).days
    if days < 0:
        return Due(f"{-days} day{'' if days == -1 else 's'} late", "late")
    if days <= 1:
        return Due(before + ("tomorrow" if days else "today"), "soon")
    return Due(before + times.short_day(until, here))


def answer_due(since: datetime, *, is_open: bool = True) -> Due | None:
    """When the answer to somebody is due who waits since then; nothing once they have it."""
    return due_on(since + ANSWER_WITHIN, "due ") if is_open else None


def line(icon: str, what: str, href: str, why: str, began: Began) -> Waiting:
    """One line of an inbox."""
    since = times.since(began.at, guard.zone(), guard.hub().now())
    return Waiting(icon, what, href, why, since, answer_due(began.at, is_open=began.is_open))


@dataclass(frozen=True)
class Inbox:
    """One page of what waits for an answer, or of what is done, and where the other is."""

    done: bool
    rows: list[Waiting]
    number: int
    other: Link
    shown: str
    start: str
    next: str


def is_done() -> bool:
    """Whether this address asks for what is done."""
    return request.args.get("show") == "done"


def inbox(found: Cut[T], draw: Callable[[T], Waiting], here: str, done_words: str) -> Inbox:
    """A page of an inbox whose address is ``here``; ``done_words`` lead to what is done."""
    done, page = is_done(), found.page
    own = f"{here}?show=done" if done else here
    following = f"{own}{'&' if done else '?'}after={page.next_after}"
    return Inbox(
        done,
        [draw(each) for each in page.rows],
        found.number,
        Link("Waiting", here) if done else Link(done_words, f"{here}?show=done"),
        f"{len(page.rows)} of {found.number} shown, {'newest' if done else 'longest'} first",
        own if request.args.get("after") else "",
        following if page.next_after else "",
    )
