"""What a version of a document must hold before it is submitted, and the text that is hashed.

An information sheet marks five sections by what stands at the end of their heading, in any
language: ``## How to complain {#complaints}``. A mail begins with a ``##`` heading, which is
its subject.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from studyhub.domain import deadlines
from studyhub.domain.consent_history import Period, covered
from studyhub.domain.markdown import MARKS, Heading, cleaned, is_hidden, parse
from studyhub.domain.placeholders import placeholders_in, problem_of_placeholders
from studyhub.domain.rendering import to_text
from studyhub.domain.words import STATEMENT_CODES

MAIL_KINDS = frozenset({"invitation", "reminder", "summary", "confirmation", "debrief"})
MOST_LETTERS = 100_000
_OWN_CODE = re.compile(r"x_[a-z0-9_]{1,40}")
_NUMBER = re.compile(r"(\d{1,4})\.(\d{1,4})")

# What each marked section of a sheet is about, for the message that it is missing.
SECTIONS: Mapping[str, str] = {
    "withdrawal": "until when what was said can be taken out",
    "retention": "how long what was said is kept",
    "controller": "who is responsible for the data",
    "dpo": "how to reach the data protection officer",
    "complaints": "how to complain",
}


class Number(NamedTuple):
    """The number of a version. Ordered by integers: 1.10 is after 1.9 (invariant 7)."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


def number_from(text: str) -> Number | None:
    """Read a number as it is written, or nothing if it is none."""
    found = _NUMBER.fullmatch(text)
    return Number(int(found[1]), int(found[2])) if found else None


def next_version(numbers: Iterable[Number], *, major: bool = False) -> Number:
    """The number of the next version. The first is 1.0, or 0.1 while it is a draft only."""
    newest = max(numbers, default=Number(0, 0))
    return Number(newest.major + 1, 0) if major else Number(newest.major, newest.minor + 1)


@dataclass(frozen=True)
class StatementText:
    """One statement of a consent form as it stands in a version, in the order of the form."""

    code: str
    wording: str
    mandatory: bool


@dataclass(frozen=True)
class VersionText:
    """Everything of a version that participants are shown."""

    kind: str
    language: str
    number: Number
    body: str
    statements: tuple[StatementText, ...] = ()
    deadline_rule: Mapping[str, Any] | None = None


def problems_at_submit(version: VersionText) -> dict[str, str]:
    """Say what keeps a draft from being submitted, a message for each field (domain.md 3.2)."""
    found = {
        "body": _problem_of_body(version),
        "statements": _problem_of_statements(version),
        "deadline_rule": _problem_of_deadline(version),
    }
    return {name: problem for name, problem in found.items() if problem}


def _problem_of_body(version: VersionText) -> str | None:
    if not version.body.strip():
        return "Write the text"
    if len(version.body) > MOST_LETTERS:
        return f"The text is longer than {MOST_LETTERS} letters"
    if _has_unseen(version.body):
        return "The text holds signs that cannot be seen"
    missing = missing_sections(version.body) if version.kind == "pis" else []
    if missing:
        return "The sheet has no section that says " + "; ".join(
            f"{SECTIONS[mark]} {{#{mark}}}" for mark in missing
        )
    if version.kind in MAIL_KINDS and not subject_of(version.body):
        return "Begin with the subject, as a heading: ## Subject"
    return problem_of_placeholders(version.kind, version.body)


def _has_unseen(text: str) -> bool:
    return any(is_hidden(character) for character in text if character not in "\r\n\t")


def missing_sections(body: str) -> list[str]:
    """Name the sections that a sheet does not have, or has as a heading with nothing below."""
    blocks = parse(body)
    told = {
        block.mark
        for block, below in pairwise(blocks)
        if isinstance(block, Heading) and not isinstance(below, Heading)
    }
    return [mark for mark in MARKS if mark not in told]


def _problem_of_statements(version: VersionText) -> str | None:
    statements = version.statements
    if version.kind != "consent_form":
        return "Only a consent form has statements" if statements else None
    if not any(statement.mandatory for statement in statements):
        return "A consent form has at least one mandatory statement"
    if len({statement.code for statement in statements}) < len(statements):
        return "Each code can stand in a form once"
    problems = (_problem_of_statement(statement) for statement in statements)
    return next(filter(None, problems), None)


def _problem_of_statement(statement: StatementText) -> str | None:
    code, wording = statement.code, statement.wording
    if code not in STATEMENT_CODES and not _OWN_CODE.fullmatch(code):
        return f"{code} is no code: a code of your own begins with x_"
    if _has_unseen(wording):
        return f"The wording of {code} holds signs that cannot be seen"
    if not wording.strip() or placeholders_in(wording):
        return f"Write out the whole wording of {code}"
    return None


def _problem_of_deadline(version: VersionText) -> str | None:
    if version.kind != "pis" and not version.deadline_rule:
        return None
    return deadlines.problem_of_rule(version.deadline_rule or {})


def subject_of(body: str) -> str:
    """The subject of a mail: its first block, if that is a heading of level 2."""
    first = cleaned(body).lstrip("\n").partition("\n")[0]
    blocks = parse(first)
    is_subject = bool(blocks) and isinstance(blocks[0], Heading) and first.startswith("## ")
    return to_text(first, None) if is_subject else ""


def letter_of(body: str) -> str:
    """What stands below the subject of a mail."""
    return cleaned(body).lstrip("\n").partition("\n")[2]


def sensitive_in(text: str, terms: Iterable[str]) -> list[str]:
    """Find the study's sensitive terms in a subject, sender or title (invariant 19)."""
    plain = cleaned(text).casefold()
    return [term for term in terms if cleaned(term).casefold() in plain]


def problems_of_use(
    use_from: datetime, now: datetime, approved: tuple[Period, ...]
) -> dict[str, str]:
    """Say why a version cannot be used from that instant (invariants 4, 44)."""
    if use_from < now:
        return {"use_from": "A version cannot be used from a time that has passed"}
    if not covered(approved, use_from):
        return {"use_from": "No approval covers this version then"}
    return {}


def text_of_form(version: VersionText) -> str:
    """Write the words everybody is shown, in the one form whose SHA-256 is ``body_hash``.

    Nothing about a participant (invariant 31). Lines that we add begin at the margin, lines of
    the document with two blanks, so no document can pass for another.
    """
    lines = [
        f"{version.kind} {version.number} {version.language}",
        *_indented(to_text(version.body, None)),
    ]
    for nth, statement in enumerate(version.statements, 1):
        must = "mandatory" if statement.mandatory else "optional"
        lines += [f"statement {nth} {statement.code} {must}"]
        lines += _indented(cleaned(statement.wording))
    if version.deadline_rule:
        rule = version.deadline_rule
        lines.append("deadline " + " ".join(f"{key}={rule[key]}" for key in sorted(rule)))
    return "\n".join(lines) + "\n"


def bytes_of_form(version: VersionText) -> bytes:
    """The bytes that are hashed."""
    return text_of_form(version).encode("utf-8")


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.split("\n")]
