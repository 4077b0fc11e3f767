"""What a study may settle for itself, and what holds until it does (``studies.settings``)."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from studyhub.domain.markdown import is_hidden

GIB = 1024**3

DEFAULTS: dict[str, Any] = {
    "consider_time": 24,  # hours between information sheet and signing
    "countersign": False,
    "countersign_log": [],  # (since, asked) of each change: what was settled then still counts
    "typed_name_enough": True,
    "typed_name_reason": "",
    "planned_sample": 6,
    "reminders_max": 1,
    "reminder_days": 0,  # that pass after a letter before the next reminder
    "quarantine_days": 14,
    "call_sheet_hours": [24, 24],
    "link_days": 60,
    "notes_only_allowed": True,
    "default_transcriber": None,
    "quota": 100 * GIB,  # bytes of sealed objects
    "threshold_k": 3,
    "languages": ["en"],
    "sensitive_terms": [],
    "safe_site": "https://www.bbc.co.uk/weather",
    "team_phone": "",  # both for the pages of participants
    "team_email": "",
    "agreement_figures": True,
}

# The least and the most of each number, as people count it.
RANGES: Mapping[str, tuple[int, int]] = {
    "consider_time": (1, 720),
    "planned_sample": (1, 500),
    "reminders_max": (0, 5),
    "reminder_days": (0, 90),
    "quarantine_days": (1, 90),
    "link_days": (1, 365),
    "quota": (1, 10_000),
    "threshold_k": (3, 50),
    "call_sheet_before": (0, 168),
    "call_sheet_after": (0, 168),
}
MOST_TERMS = 50
_SHORTEST_TERM, _LONGEST_TERM = 3, 60
_MOST_LANGUAGES = 20
_LONGEST_ADDRESS = 200
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def settled(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a study has settled, with what holds where it has not."""
    return {**DEFAULTS, **settings}


def asks_to_countersign(settings: Mapping[str, Any], entered_at: datetime) -> bool:
    """Whether a consent that was entered then is countersigned.

    A later change of the setting alters no answer that was given (invariant 44).
    """
    asks = bool(settings.get("countersign"))
    for since, asked in settings.get("countersign_log") or ():
        if not since or datetime.fromisoformat(since) <= entered_at:
            asks = asked
    return asks


def with_countersign(settings: Mapping[str, Any], at: datetime, *, wanted: bool) -> list[Any]:
    """The log of that setting after a change at an instant; the same where nothing changes."""
    before = bool(settings.get("countersign"))
    log = list(settings.get("countersign_log") or ())
    if wanted == before:
        return log
    return [*(log or [["", before]]), [at.isoformat(), wanted]]


def problems_of_numbers(numbers: Mapping[str, int]) -> dict[str, str]:
    """Say which numbers are out of their range."""
    return {
        name: f"Enter a number from {least} to {most}"
        for name, (least, most) in RANGES.items()
        if name in numbers and not least <= numbers[name] <= most
    }


def problem_of_languages(tags: list[str]) -> str:
    """Say what is wrong with a list of languages, or nothing."""
    if not tags:
        return "Write at least one language, like en"
    if len(tags) > _MOST_LANGUAGES:
        return f"Write at most {_MOST_LANGUAGES} languages"
    wrong = [tag for tag in tags if not _LANGUAGE.fullmatch(tag)]
    return "Write each language as its short code, like en or pt-BR" if wrong else ""


def problem_of_terms(terms: list[str]) -> str:
    """Say what is wrong with a list of sensitive terms, or nothing."""
    if len(terms) > MOST_TERMS:
        return f"Write at most {MOST_TERMS} terms"
    if any(is_hidden(sign) for term in terms for sign in term):
        return "Use letters that can be seen"
    if any(len(term) < _SHORTEST_TERM for term in terms):
        return (
            f"Write terms of at least {_SHORTEST_TERM} letters: "
            "shorter ones stand inside too many other words"
        )
    longest = max(map(len, terms), default=0)
    return f"Write at most {_LONGEST_TERM} letters a term" if longest > _LONGEST_TERM else ""


def problem_of_site(address: str) -> str:
    """Say why *Leave this page* cannot lead there, or nothing."""
    says = "Write a whole address, like https://www.bbc.co.uk/weather"
    if len(address) > _LONGEST_ADDRESS or any(
        not sign.isascii() or not sign.isprintable() or sign in ' "<>\\^`{|}'
        for sign in address
    ):
        return says
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return says
    whole = parts.scheme == "https" and "." in host.strip(".") and "@" not in parts.netloc
    return "" if whole else says


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of the settings that differ, in order."""
    return sorted(name for name in after if before.get(name) != after[name])


def lines_of(text: str) -> list[str]:
    """What was written one a line, or between commas, each once."""
    parts: Iterable[str] = (part.strip() for part in re.split(r"[\n,]", text))
    return list(dict.fromkeys(part for part in parts if part))
