"""An interviewer's day: the next interview, what is left to finish, and what comes later."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import url_for

from studyhub.web import guard, interview_words, times, waits
from studyhub.web.consent_words import lights
from studyhub.web.frame import Light, Waiting
from studyhub.workflows import interviews_list
from studyhub.workflows.interviews_list import InterviewLine, InterviewView
from studyhub.workflows.kernel import Desk

FINISH_WITHIN = timedelta(days=2)


@dataclass(frozen=True)
class Ahead:
    """An interview that is still to come, in words."""

    line: InterviewLine
    href: str
    when: str
    mode: str
    state: str
    kind: str
    light: tuple[str, str] | None


@dataclass(frozen=True)
class Day:
    """What stands on the first screen."""

    next: Ahead | None
    sheet_url: str
    lights: list[Light]
    left: list[Waiting]
    later: list[Ahead]


def day_of(desk: Desk, slug: str) -> Day:
    """Gather it: times ahead first, what was promised before that longest."""
    found = interviews_list.interviews(desk)
    ahead = [
        _ahead(slug, each)
        for each in found
        if each.state in ("scheduled", "confirmed", "in_progress")
    ]
    first = ahead[0] if ahead else None
    shown = interviews_list.show(desk, first.line.id) if first else None
    over = sorted((each for each in found if each.ended_at), key=_ended)
    left = [each for line in over for each in _left(slug, line)]
    return Day(
        first,
        _sheet(slug, shown) if shown else "",
        lights(shown.statements) if shown else [],
        left + _questions(desk, slug),
        ahead[1:],
    )


def _ended(line: InterviewLine) -> datetime:
    return line.ended_at or datetime.max.replace(tzinfo=UTC)


def _sheet(slug: str, shown: InterviewView) -> str:
    """Where the call sheet of the next interview opens, inside its window only."""
    begins, ends = shown.sheet_from, shown.sheet_until
    if begins is None or ends is None or not begins <= guard.hub().now() <= ends:
        return ""
    return url_for("interview_room.call_sheet", slug=slug, interview_id=shown.line.id)


def _ahead(slug: str, line: InterviewLine) -> Ahead:
    state, kind = interview_words.STATES[line.state]
    return Ahead(
        line,
        url_for("interview_room.show", slug=slug, interview_id=line.id),
        interview_words.when(line.planned_at),
        interview_words.MODES[line.mode],
        state,
        kind,
        None if line.state == "in_progress" else interview_words.LIGHTS.get(line.light),
    )


def _left(slug: str, line: InterviewLine) -> list[Waiting]:
    """What an interview that is over still lacks."""
    if line.ended_at is None:
        return []
    href = url_for("interview_room.show", slug=slug, interview_id=line.id)
    since = times.since(line.ended_at, guard.zone(), guard.hub().now())
    due = waits.due_on(line.ended_at + FINISH_WITHIN, "due ")
    rows = []
    if line.needs_recording:
        what = f"Hand in the recording of {line.code}"
        why, there = "Nobody can type it before.", _recording(slug, line)
        rows.append(Waiting("up", what, there, why, since, due))
    if line.needs_log:
        what = f"Write the log of {line.code}"
        rows.append(Waiting("doc", what, href, "While you remember it.", since, due))
    return rows


def _recording(slug: str, line: InterviewLine) -> str:
    """Where the recording of an interview is handed in."""
    return url_for("recordings.send", slug=slug, interview_id=line.id)


def _questions(desk: Desk, slug: str) -> list[Waiting]:
    """Questions that were passed on: how many, and where they are. None is opened here."""
    number, since = interviews_list.passed_on(desk)
    if since is None:
        return []
    what = f"Answer {number} question{'' if number == 1 else 's'} passed on to you"
    href = url_for("questions.inbox", slug=slug)
    began = waits.Began(since, is_open=True)
    return [waits.line("quest", what, href, "Somebody waits for the answer.", began)]
