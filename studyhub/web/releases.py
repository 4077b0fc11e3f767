"""Releases for those who look after them: what is out, what was reported, what is taken back.

By label here and by code on the page of what waits: never both on one page.
"""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act, Duty
from studyhub.web import guard
from studyhub.web.filled import taken
from studyhub.web.frame import NavEntry, Status
from studyhub.web.reason_form import ReasonForm
from studyhub.web.release_waits import report_waits
from studyhub.web.release_words import (
    ASKED_BACK,
    COPIES,
    OUTCOMES,
    STANDINGS,
    state_of,
)
from studyhub.workflows import deidentification_gate, releases, releases_list, releases_reports
from studyhub.workflows.kernel import Desk
from studyhub.workflows.releases_list import ReleaseRow, TextView

bp = Blueprint("releases", __name__, url_prefix="/s/<slug>/releases")

DONE = {
    "released": Status("Released.", "Analysts find it under a label that was drawn by chance."),
    "recalled": Status(
        "Recalled.",
        "No analyst can reach it any more. Whoever has a copy is asked to delete it.",
    ),
    "held": Status("It stays on hold.", "Recall it, or lift the hold once it is looked into."),
    "lifted": Status("The hold is lifted.", "Analysts can read the release again."),
}


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """What is out, by label; reports that nobody has taken up come first."""
    desk = guard.study_desk(slug)
    rows, texts = releases_list.oversee(desk), releases_list.queue(desk)
    return _page(
        "list.html",
        slug,
        tabs=_tabs(slug, rows, texts),
        reports=report_waits(slug, rows),
        now=[row for row in rows if row.state == "current"],
        before=[row for row in rows if row.state != "current"],
    )


@bp.get("/waiting")
def waiting(slug: str) -> ResponseReturnValue:
    """What waits to be released, by code."""
    desk = guard.study_desk(slug)
    rows, texts = releases_list.oversee(desk), releases_list.queue(desk)
    tabs = _tabs(slug, rows, texts, waiting=True)
    return _page("waiting.html", slug, tabs=tabs, texts=texts, standings=STANDINGS)


def _page(template: str, slug: str, **values: object) -> str:
    return render_template(
        f"releases/{template}",
        frame=guard.frame("releases"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        state_of=state_of,
        **values,
    )


def _tabs(
    slug: str, rows: list[ReleaseRow], texts: list[TextView], *, waiting: bool = False
) -> list[NavEntry]:
    out = sum(row.state == "current" for row in rows)
    return [
        NavEntry("Released, by label", url_for(".show", slug=slug), not waiting, out),
        NavEntry(
            "Before release, by code", url_for(".waiting", slug=slug), waiting, len(texts)
        ),
    ]


@bp.route("/waiting/<uuid:transcript_id>", methods=["GET", "POST"])
def release(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """One text before its release: who looked at it, and what the leak gate finds now."""
    desk = guard.study_desk(slug)
    if request.method == "POST":
        releases.make(desk, transcript_id)
        return redirect(url_for(".show", slug=slug, done="released"))
    found = [each for each in releases_list.queue(desk) if each.id == transcript_id]
    text = found[0] if found else abort(404)
    may = (
        desk.actor.role in POLICY[Act.RELEASE_MAKE].roles and Duty.RELEASE in desk.actor.duties
    )
    ready = text.standing == "waits" and text.is_mine
    return _page(
        "release.html",
        slug,
        text=text,
        standing=STANDINGS[text.standing],
        may=may and ready,
        gate=deidentification_gate.check(desk, transcript_id) if ready else None,
    )


# -- one label -----------------------------------------------------------------------------


@bp.route("/label/<label>", methods=["GET", "POST"])
def one(slug: str, label: str) -> ResponseReturnValue:
    """Every number under a label, who took copies, what was reported; and the recall."""
    desk, form = guard.study_desk(slug), ReasonForm(request.form)
    if taken(form, lambda: releases.recall(desk, label, form.reason.data)):
        return redirect(url_for(".one", slug=slug, label=label, done="recalled"))
    page = _page(
        "one.html",
        slug,
        label=label,
        rows=_numbers(desk, label),
        form=form,
        copies=COPIES,
        asked_back=ASKED_BACK,
        outcomes=OUTCOMES,
    )
    return page, 422 if request.method == "POST" else 200


def _numbers(desk: Desk, label: str) -> list[ReleaseRow]:
    rows = [row for row in releases_list.oversee(desk) if row.label == label]
    return rows or abort(404)


# -- reports -------------------------------------------------------------------------------


@bp.get("/reports/<uuid:proposal_id>")
def report(slug: str, proposal_id: UUID) -> ResponseReturnValue:
    """The place that an analyst reported, with what is around it."""
    desk = guard.study_desk(slug)
    view = releases_reports.look(desk, proposal_id)
    stands = next(
        (
            (row, each)
            for row in _numbers(desk, view.label)
            for each in row.reports
            if each.id == proposal_id
        ),
        None,
    )
    return _page(
        "report.html", slug, view=view, stands=stands, form=ReasonForm(), outcomes=OUTCOMES
    )


@bp.post("/reports/<uuid:proposal_id>/hold")
def hold(slug: str, proposal_id: UUID) -> ResponseReturnValue:
    """Take the report up: the release stays on hold while it is looked into."""
    releases_reports.hold(guard.study_desk(slug), proposal_id)
    return redirect(url_for(".report", slug=slug, proposal_id=proposal_id, done="held"))


@bp.post("/reports/<uuid:proposal_id>/lift")
def lift(slug: str, proposal_id: UUID) -> ResponseReturnValue:
    """Say that nobody is named there."""
    releases_reports.lift(guard.study_desk(slug), proposal_id)
    return redirect(url_for(".show", slug=slug, done="lifted"))
