"""What every page about one version draws: its words, its statements, its difference."""

from typing import Any

from flask import render_template, request
from markupsafe import Markup

from studyhub.domain.deadlines import in_words
from studyhub.domain.differences import compare, with_neighbours
from studyhub.domain.document_names import KIND_NAMES, STATE_NAMES
from studyhub.domain.documents import MAIL_KINDS, letter_of, subject_of
from studyhub.domain.policy import POLICY
from studyhub.domain.policy_documents import may_approve
from studyhub.domain.rendering import to_html
from studyhub.domain.statements import GROUPS, STARTERS
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.document_words import KINDS, label_of
from studyhub.workflows.consent_documents_view import VersionView
from studyhub.workflows.kernel import Desk


def version(desk: Desk, found: VersionView) -> dict[str, Any]:
    """What the pages of one version draw."""
    body = found.text.body
    is_mail = found.text.kind in MAIL_KINDS
    rule = found.text.deadline_rule
    return {
        "found": found,
        "row": found.row,
        "name": f"{KIND_NAMES[found.text.kind]} {found.row.number}",
        "subject": subject_of(body) if is_mail else "",
        # The tags of this HTML stand in domain/rendering.py; everything else is escaped.
        "html": Markup(to_html(letter_of(body) if is_mail else body)),  # noqa: S704 - so
        "groups": _grouped(found),
        "until": in_words(rule) if rule else "",
        "may": _may(desk, found),
    }


def _grouped(found: VersionView) -> list[tuple[str, list[Any]]]:
    """The statements under the headings of the starter list, in the order of the form."""
    group_of = {one.code: GROUPS[one.group] for one in STARTERS}
    found_groups: list[tuple[str, list[Any]]] = []
    for one in found.text.statements:
        name = group_of.get(one.code, "More")
        if not found_groups or found_groups[-1][0] != name:
            found_groups.append((name, []))
        found_groups[-1][1].append(one)
    return found_groups


def _may(desk: Desk, found: VersionView) -> dict[str, bool]:
    """Which buttons somebody sees. The acts decide; this only spares a refusal."""
    state, own, role = found.row.state, found.row.is_own, desk.actor.role
    approves = role in POLICY[Act.DOCUMENT_APPROVE].roles and may_approve(desk.actor, None)
    pi = role in POLICY[Act.DOCUMENT_USE].roles
    return {
        "write": state == "draft" and own,
        "submit": state == "draft" and own and not found.problems,
        "decide": state == "submitted" and approves,
        "use": state == "approved" and pi,
        "retire": state in {"approved", "effective"} and pi,
    }


def beside(found: VersionView, *, whole: bool = False) -> dict[str, Any]:
    """Draw a version beside another one, if there is one."""
    if found.other is None:
        return {"other": None}
    rows = compare(found.other.text, found.text)
    return {
        "other": found.other,
        "rows": with_neighbours(rows, whole=whole),
        "whole": whole,
        "places": sum(row.places for row in rows),
        "changed": sum(not row.same for row in rows),
        "count": len(rows),
    }


def page(template: str, desk: Desk, **values: object) -> str:
    """A page of this stage."""
    return render_template(
        f"ethics/{template}",
        frame=guard.frame("ethics"),
        slug=guard.place().slug,
        kinds=KINDS,
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
        approval_label=label_of,
        actor=desk.actor,
        done=request.args.get("done", ""),
        **values,
    )
