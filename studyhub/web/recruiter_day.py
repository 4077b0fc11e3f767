"""What waits for a recruiter today, by number and code: it leads to lists, and names nobody."""

from dataclasses import dataclass

from flask import url_for

from studyhub.web import guard, times, waits
from studyhub.web.frame import Due, Waiting
from studyhub.workflows import recruitment_waits
from studyhub.workflows.kernel import Desk
from studyhub.workflows.recruitment_waits import Pile, Waits
from studyhub.workflows.whereabouts import Whereabouts


@dataclass(frozen=True)
class Person:
    """Somebody by code, since when they are where they are, and what is due."""

    code: str
    href: str
    since: str
    left: int
    due: Due | None


@dataclass(frozen=True)
class Day:
    """The numbers of the day, the queue of those that are not zero, and who is behind two."""

    stats: list[tuple[str, int]]
    queue: list[Waiting]
    reminders: list[Person]
    again: list[Person]


def day_of(desk: Desk, slug: str) -> Day:
    """Count what waits, longest first."""
    found = recruitment_waits.waits(desk)
    stats = [
        ("replies to read", found.expressions.number),
        ("questions open", found.questions.number),
        ("letters came back", found.letters_back.number),
        ("letters in doubt", found.letters_in_doubt.number),
        ("reminders allowed today", len(found.reminders)),
        ("must sign again", len(found.sign_again)),
    ]
    return Day(
        stats,
        _queue(slug, found),
        [_person(slug, each) for each in found.reminders],
        [_person(slug, each) for each in found.sign_again],
    )


def _queue(slug: str, found: Waits) -> list[Waiting]:
    letters = url_for("letters.show", slug=slug)
    people = url_for("recruitment.show", slug=slug)
    rows = [
        _row("quest", found.questions, "question open", url_for("questions.inbox", slug=slug)),
        _row("reply", found.expressions, "reply to read", url_for("triage.inbox", slug=slug)),
        _row("mail", found.letters_in_doubt, "letter in doubt", f"{letters}?state=sending"),
        _row("mail", found.letters_back, "letter came back", f"{letters}?state=bounced"),
        _row("people", found.to_invite, "contact not written to", f"{people}?tab=listed"),
    ]
    return [row for row in rows if row is not None]


# Why each of them is in the queue; the first two are owed an answer.
_WHY = {
    "quest": "Somebody may wait for the answer before deciding.",
    "reply": "Read it, and say who it is.",
    "mail": "Look at the letter, or correct the address.",
    "people": "The invitation is one step further.",
}
_OWED = ("quest", "reply")


def _row(icon: str, pile: Pile, words: str, href: str) -> Waiting | None:
    if not pile.number or pile.since is None:
        return None
    thing, _, rest = words.partition(" ")
    several = {"reply": "replies"}.get(thing, f"{thing}s")
    what = f"{pile.number} {thing if pile.number == 1 else several} {rest}"
    since = times.since(pile.since, guard.zone(), guard.hub().now())
    due = waits.answer_due(pile.since, is_open=icon in _OWED)
    return Waiting(icon, what, href, _WHY[icon], since, due)


def _person(slug: str, each: Whereabouts) -> Person:
    return Person(
        each.code,
        url_for("recruitment.person", slug=slug, participant_id=each.participant_id),
        times.since(each.sign_again_since or each.stage.since, guard.zone(), guard.hub().now()),
        each.reminders_left,
        waits.due_on(each.next.due),
    )
