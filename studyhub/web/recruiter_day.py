"""What waits for a recruiter today: numbers that lead to lists, and nobody's name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for

from studyhub.domain.stages import Next
from studyhub.web import guard, people_words, times
from studyhub.web.frame import Waiting
from studyhub.workflows import recruitment_waits
from studyhub.workflows.kernel import Desk
from studyhub.workflows.recruitment_waits import Waits

ANSWER_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class Day:
    """The numbers of the day, and the queue that is made of those that are not zero."""

    stats: list[tuple[str, int]]
    queue: list[Waiting]


def day_of(desk: Desk, slug: str) -> Day:
    """Count what waits, longest first."""
    found = recruitment_waits.waits(desk)
    stats = [
        ("replies to read", found.expressions),
        ("questions open", found.questions),
        ("letters came back", found.letters_back),
        ("letters in doubt", found.letters_in_doubt),
        ("reminders allowed", found.reminders),
        ("must sign again", found.sign_again),
    ]
    return Day(stats, _queue(slug, found))


def _queue(slug: str, found: Waits) -> list[Waiting]:
    people = url_for("recruitment.show", slug=slug)
    letters = url_for("letters.show", slug=slug)
    asked, wrote = found.oldest_question, found.oldest_expression
    rows = [
        _row("quest", found.questions, "question open", f"{people}/questions", asked),
        _row("reply", found.expressions, "reply to read", f"{people}/interest", wrote),
        _row("mail", found.letters_in_doubt, "letter in doubt", f"{letters}?state=sending"),
        _row("mail", found.letters_back, "letter came back", f"{letters}?state=bounced"),
        _row("doc", found.sign_again, "person must sign again", people),
        _row("people", found.to_invite, "contact not written to", f"{people}?tab=listed"),
        _row("clock", found.reminders, "reminder allowed", f"{people}?tab=approached"),
    ]
    return [row for row in rows if row is not None]


def _row(
    icon: str, number: int, words: str, href: str, since: datetime | None = None
) -> Waiting | None:
    if not number:
        return None
    thing, _, rest = words.partition(" ")
    several = {"person": "people", "reply": "replies"}.get(thing, f"{thing}s")
    what = f"{number} {thing if number == 1 else several} {rest}"
    if since is None:
        return Waiting(icon, what, href)
    now = guard.hub().now()
    following = Next("", "team", since + ANSWER_WITHIN)
    begun = times.since(since, guard.zone(), now)
    return Waiting(icon, what, href, "", begun, people_words.due_of(following, now))
