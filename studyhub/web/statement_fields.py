"""The statements of a consent form as fields, with what was answered and what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from studyhub.domain.documents import StatementText
from studyhub.domain.statements import GROUPS, STARTERS

BESIDES = "More"
# A longer list of what is missing would frighten more than it helps.
MOST_LINES = 4
# The other fields of the form, as they stand on the page.
_FIELDS = ("waive_wait", "typed_name", "drawing", "word")
_GROUP_OF = {starter.code: starter.group for starter in STARTERS}


@dataclass(frozen=True)
class Asked:
    """One statement on the page: its number, its words, what was typed and what is wrong."""

    number: int
    code: str
    wording: str
    mandatory: bool
    answer: str
    problem: str


@dataclass(frozen=True)
class Group:
    """Statements that stand under one heading, in the order of the form."""

    title: str
    asked: list[Asked]


def groups(statements: Sequence[StatementText], problems: Mapping[str, str]) -> list[Group]:
    """The statements in their order; a heading stands wherever the group changes."""
    found: list[Group] = []
    for number, each in enumerate(statements, 1):
        title = GROUPS.get(_GROUP_OF.get(each.code, ""), BESIDES)
        if not found or (found[-1].title != title and each.code in _GROUP_OF):
            found.append(Group(title, []))
        found[-1].asked.append(_asked(number, each, problems))
    return found


def _asked(number: int, each: StatementText, problems: Mapping[str, str]) -> Asked:
    problem = problems.get(each.code, "")
    answer = request.form.get(f"statement:{each.code}", "")
    return Asked(number, each.code, each.wording, each.mandatory, answer, problem)


def summary(
    statements: Sequence[StatementText], problems: Mapping[str, str]
) -> list[dict[str, str]]:
    """Every problem with a link to its field, in the order of the page."""
    missing = [
        (f"sentence {number}", f"#{each.code}-agree")
        for number, each in enumerate(statements, 1)
        if each.code in problems
    ]
    if len(missing) > MOST_LINES:
        missing = [(f"the {len(missing)} sentences marked below", missing[0][1])]
    found = [
        {"text": f"Choose “I agree” or “I do not agree” for {which}", "href": place}
        for which, place in missing
    ]
    found += [
        {"text": problems[name], "href": f"#{name}"} for name in _FIELDS if name in problems
    ]
    if "again" in problems:
        found.append({"text": problems["again"], "href": "#sign"})
    if problems and not found:
        found = [{"text": "Some of what was sent does not belong to this form"}]
    return found
