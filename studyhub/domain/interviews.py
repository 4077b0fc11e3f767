"""When an interview may be planned, when it may begin, and what must be known when it is over.

Plain values in, plain values out; the acts of ``workflows/interviews*`` ask here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from studyhub.domain.words import WORDS, YES_NO

# How long an appointment is in calendars; nobody is held to it.
LASTS = timedelta(hours=1)
OFFERED_AT_ONCE = 8
_ENDINGS = ("completed", "ended_early")


@dataclass(frozen=True)
class Check:
    """What the person answers right before the interview (invariant 48): yes or no."""

    still_willing: str
    may_record: str


@dataclass(frozen=True)
class Told:
    """What the interviewer tells about an interview that is over."""

    outcome: str
    setting: str = ""
    others_present: str = ""
    has_guide: bool = False
    mode: str = ""


def problems_of_plan(
    mode: str, starts_at: datetime | None, slots: tuple[datetime, ...], now: datetime
) -> dict[str, str]:
    """What is missing or wrong about a plan, by field."""
    problems = {}
    if mode not in WORDS["interviews.mode"]:
        problems["mode"] = "Choose how you will talk"
    if starts_at is None and not slots:
        problems["starts_at"] = "Give a time, or offer several"
    if starts_at is not None and slots:
        problems["slots"] = "Either give one time, or offer several"
    if starts_at is not None and starts_at <= now:
        problems["starts_at"] = "This time has passed"
    if any(each <= now for each in slots):
        problems["slots"] = "One of these times has passed"
    if len(slots) > OFFERED_AT_ONCE or len(set(slots)) != len(slots):
        problems["slots"] = f"Offer each time once, and at most {OFFERED_AT_ONCE}"
    return problems


def problems_of_check(check: Check, *, may_be_recorded: bool) -> dict[str, str]:
    """Why an interview cannot begin with these answers (invariants 48, 53)."""
    problems = {}
    if check.still_willing not in YES_NO:
        problems["still_willing"] = "Ask whether they are still willing"
    elif check.still_willing == "no":
        problems["still_willing"] = "Do not begin. Change or cancel the appointment instead"
    if check.may_record not in YES_NO:
        problems["may_record"] = "Ask whether you may record"
    elif check.may_record == "yes" and not may_be_recorded:
        problems["may_record"] = "They did not agree to be recorded: you may take notes only"
    return problems


def problems_of_end(
    told: Told, started: datetime, ended: datetime, now: datetime
) -> dict[str, str]:
    """What is missing before an interview is over (invariant 52). Ended early asks for less."""
    problems = {}
    if told.outcome not in _ENDINGS:
        problems["outcome"] = "Choose how it ended"
    if ended > now:
        problems["ended_at"] = "This time has not come yet"
    elif ended <= started:
        problems["ended_at"] = "It ended after it started"
    if told.outcome == "completed":
        problems |= _missing(told)
    return problems


def _missing(told: Told) -> dict[str, str]:
    found = {}
    if told.setting not in WORDS["interviews.setting"]:
        found["setting"] = "Choose where they were"
    if told.others_present not in YES_NO:
        found["others_present"] = "Say whether anybody else was there"
    if not told.has_guide:
        found["guide"] = "Choose the topic guide you used"
    if told.mode not in WORDS["interviews.mode"]:
        found["mode"] = "Choose how you talked"
    return found


def window(
    planned_at: datetime, hours: list[int] | tuple[int, int]
) -> tuple[datetime, datetime]:
    """From when until when the interviewer sees the call sheet: hours before and after."""
    before, after = hours
    return planned_at - timedelta(hours=before), planned_at + timedelta(hours=after)
