"""Where a person stands, since when, and what is next: derived, never stored.

The recruiter's list shows it with a date for everything that waits (M21, M22; domain.md 3.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from studyhub.domain.words import WORDS


@dataclass(frozen=True)
class Facts:
    """What happened to one person. ``reached`` maps stages, ``left`` maps exits, to instants.

    ``consented`` counts while ``participate`` is in force, ``scheduled`` while an appointment
    stands, ``withdrawn`` while a withdrawal of everything, of the text or of taking part was
    neither retracted nor followed by another signature.
    ``came_back`` is when the person last wrote of their own accord; ``declined`` also counts a
    refused form.
    """

    reached: Mapping[str, datetime]
    left: Mapping[str, datetime]
    came_back: datetime | None = None


@dataclass(frozen=True)
class Stage:
    """Where somebody stands, and since when. ``is_exit``: nothing more is to be done."""

    name: str
    since: datetime
    is_exit: bool = False


# Exits in the order in which they count.
_EXITS = ("withdrawn", "suppressed", "declined", "ineligible", "unreachable", "lapsed")

# Exits that end when the person writes again; nobody else lifts them.
_LIFTED_BY_WRITING = frozenset({"suppressed", "unreachable", "lapsed"})


def stage_of(facts: Facts) -> Stage:
    """The furthest stage reached, unless the person left. Needs at least ``listed``."""
    for name in _EXITS:
        since = _left_at(facts, name)
        if since is not None:
            return Stage(name, since, is_exit=True)
    furthest = [name for name in WORDS["stages"] if name in facts.reached][-1]
    return Stage(furthest, facts.reached[furthest])


def _left_at(facts: Facts, name: str) -> datetime | None:
    since = facts.left.get(name)
    back = facts.came_back if name in _LIFTED_BY_WRITING else None
    if name == "declined":
        back = facts.reached.get("consented")
    return None if since and back and back > since else since


@dataclass(frozen=True)
class Next:
    """What is next, who has to do it, and by when; no date where nobody is waiting."""

    step: str
    waits_for: str
    due: datetime | None = None


@dataclass(frozen=True)
class Plans:
    """What else the next step depends on, beside the stage."""

    reminders_left: int = 0
    consider_until: datetime | None = None
    question_since: datetime | None = None
    interview_at: datetime | None = None
    sign_again_since: datetime | None = None
    offered_at: datetime | None = None


# How long each thing may wait before the list shows it as late.
_DAYS = {
    "interested": 2,
    "consented": 7,
    "interviewed": 14,
    "transcribed": 14,
}
_ANSWER_DAYS = 2
_REPLY_DAYS = 7
_AGAIN_DAYS = 7

_STEPS: Mapping[str, tuple[str, str]] = {
    "listed": ("Send the invitation", "team"),
    "interested": ("Send the information sheet", "team"),
    "consented": ("Agree a time for the interview", "team"),
    "interviewed": ("Transcribe the interview", "team"),
    "transcribed": ("De-identify and release the text", "team"),
    "released": ("Nothing until the study closes", "nobody"),
    "closed": ("Nothing", "nobody"),
}


def next_step(stage: Stage, plans: Plans, now: datetime) -> Next:
    """Say what is next: an open question first, then a form that changed since they signed."""
    if stage.is_exit:
        return Next("Nothing", "nobody")
    if plans.question_since or plans.sign_again_since:
        return _first(plans)
    if stage.name == "approached":
        return _after_approach(stage, plans)
    if stage.name == "informed":
        return _after_sheet(stage, plans, now)
    if stage.name == "scheduled":
        return Next("Hold the interview", "team", plans.interview_at)
    return _usual(stage, plans)


def _usual(stage: Stage, plans: Plans) -> Next:
    """What follows a stage where nothing else comes first."""
    if stage.name == "consented" and plans.offered_at:
        due = plans.offered_at + timedelta(days=_REPLY_DAYS)
        return Next("Choose one of the times offered", "person", due)
    step, who = _STEPS[stage.name]
    days = _DAYS.get(stage.name)
    return Next(step, who, stage.since + timedelta(days=days) if days else None)


def _first(plans: Plans) -> Next:
    """What comes before everything else of a stage."""
    if plans.question_since:
        due = plans.question_since + timedelta(days=_ANSWER_DAYS)
        return Next("Answer the question", "team", due)
    since = plans.sign_again_since
    return Next(
        "Ask them to sign again", "team", since + timedelta(days=_AGAIN_DAYS) if since else None
    )


def _after_approach(stage: Stage, plans: Plans) -> Next:
    due = stage.since + timedelta(days=_REPLY_DAYS)
    if plans.reminders_left:
        return Next("Send a reminder if there is no reply", "person", due)
    return Next("Close without a reply", "person", due)


def _after_sheet(stage: Stage, plans: Plans, now: datetime) -> Next:
    if plans.consider_until and now < plans.consider_until:
        return Next("Time to consider", "person", plans.consider_until)
    due = (plans.consider_until or stage.since) + timedelta(days=_REPLY_DAYS)
    return Next("Ask whether the person wants to sign", "person", due)
