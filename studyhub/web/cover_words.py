"""Acts and their cover in words: why one was covered or not, and by what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from studyhub.domain.acts import ACT_WORDS
from studyhub.domain.cover import COVERED, KEPT_SHUT, NEEDS_NONE, NOT_COVERED
from studyhub.domain.vocabulary import Role
from studyhub.web import times
from studyhub.web.consent_words import WHY
from studyhub.web.trail_words import ROLES, fact
from studyhub.workflows.acts_done import Done

_WORLD = ZoneInfo("UTC")
_REASONS = {
    **WHY,
    "version_not_effective": "The version was not in use then",
    "not_approved": "No approval was in force then",
    "not_on_record": "No line of the record tells of it",
    "no_interview": "No interview had begun",
}
# The tag of a state: words, its kind, and the mark on the time line.
TAGS = {
    COVERED: ("Covered", "ok", "ok"),
    NOT_COVERED: ("Not covered", "stop", "stop"),
    KEPT_SHUT: ("Kept shut", "hold", "hold"),
    NEEDS_NONE: ("", "", ""),
}
# Ids and digests that the line of the record has anyway.
_LEFT_OUT = frozenset(
    {
        *("code", "digest", "root", "reference", "membership"),
        *("letter", "document", "interview", "recording", "upload", "consent", "transcript"),
    }
)


@dataclass(frozen=True)
class ActRow:
    """One act as the auditor reads it: no name, no label."""

    code: str
    when: str
    clock: str
    what: str
    name: str
    who: str
    facts: str
    tag: str
    kind: str
    dot: str
    why: str
    by: str
    line: str
    signing: Any = None


def row_of(done: Done, by: str = "", signing: Any = None) -> ActRow:
    """``by`` names the consent or version under which it was done."""
    tag, kind, dot = TAGS[done.cover.state]
    if done.outcome != "done":
        tag, kind, dot = "Refused, nothing was done", "stop", "stop"
    return ActRow(
        done.code,
        f"{times.short_day(done.at, _WORLD)} {done.at.year}",
        f"{done.at.astimezone(UTC):%H:%M:%S} UTC",
        "Document given" if done.act == "document.given" else ACT_WORDS.get(done.act, done.act),
        done.act,
        ROLES[Role(done.role)] if done.role else "Nobody in the record",
        _facts(done.facts),
        tag,
        kind,
        dot,
        reason(done.cover.reason),
        by,
        str(done.seq) if done.seq is not None else "",
        signing,
    )


def reason(code: str) -> str:
    """Why something was not covered, in words."""
    return _REASONS.get(code, code.replace("_", " "))


def _facts(facts: Mapping[str, Any]) -> str:
    return ", ".join(
        fact(name, value) for name, value in facts.items() if name not in _LEFT_OUT
    )
