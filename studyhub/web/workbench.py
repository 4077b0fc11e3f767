"""Where identifiers are taken out of a text: the list, the workbench, handing it in."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.errors import NotFound, NotPermitted, Refused
from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, times
from studyhub.web.deidentification_words import CATEGORIES, DONE, NEXT
from studyhub.web.frame import Status
from studyhub.web.reason_form import ReasonForm
from studyhub.web.transcript_words import STATES
from studyhub.workflows import deidentification, register
from studyhub.workflows.deidentification import Awaiting
from studyhub.workflows.kernel import Desk

bp = Blueprint("workbench", __name__, url_prefix="/s/<slug>/deidentification")

UNDECIDED = Status(
    "Not handed in yet.",
    "There are suggestions that nobody has decided; some may have come only now.",
    "warn",
)
_BEGINS = frozenset({"raw_verified", "returned", "released"})


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """How far each text is: one's own, or all by code for a PI."""
    desk = guard.study_desk(slug)
    rows = sorted(deidentification.awaiting(desk), key=lambda row: row.state == "released")
    return render_template(
        "deidentification/list.html",
        frame=guard.frame("deidentification"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        rows=[(row, STATES[row.state], _since(row), _ways(desk, slug, row)) for row in rows],
        next=NEXT,
    )


def _since(row: Awaiting) -> str:
    if row.since is None:
        return ""
    return times.since(row.since, guard.zone(), guard.hub().now())


def _ways(desk: Desk, slug: str, row: Awaiting) -> list[tuple[str, str, bool]]:
    """What this person can do with a text now: words, address, and whether it posts."""
    if row.is_held:
        return []
    to: dict[str, Any] = {"slug": slug, "transcript_id": row.transcript_id}
    ways: list[tuple[str, str, bool]] = []
    if "deidentify" in row.duties and row.state in _BEGINS:
        ways.append((_begin_words(row), url_for(".begin", **to), True))
    if "deidentify" in row.duties and row.state == "anonymising":
        ways.append(("Go on", url_for(".bench", **to), False))
    if "review" in row.duties and row.state == "submitted":
        again = "Read it once more" if row.reading == "passed" else "Read it"
        ways.append((again, url_for("second_reader.show", **to), False))
    reads = "review" in row.duties or desk.actor.role in POLICY[Act.TRANSCRIPT_OVERRULE].roles
    if reads and row.state == "submitted":
        ways.append(("Leak gate", url_for("leak_gate.show", **to), False))
    ways.append(("Names", url_for(".names", **to), False))
    return ways


def _begin_words(row: Awaiting) -> str:
    return "Begin" if row.state == "raw_verified" else "Begin again"


@bp.post("/<uuid:transcript_id>/begin")
def begin(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Let the engine look at the text and open the workbench."""
    deidentification.deidentify(guard.study_desk(slug), transcript_id)
    return redirect(url_for(".bench", slug=slug, transcript_id=transcript_id))


@bp.get("/<uuid:transcript_id>")
def bench(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """The workbench. The text comes by script, and that opening is on the record."""
    row = _own(guard.study_desk(slug), transcript_id)
    if row.state != "anonymising":
        return redirect(url_for(".show", slug=slug))
    return _bench(slug, row)


def _bench(slug: str, row: Awaiting, status: Status | None = None) -> str:
    return render_template(
        "deidentification/bench.html",
        frame=guard.frame("deidentification"),
        status=status,
        slug=slug,
        row=row,
    )


def _own(desk: Desk, transcript_id: UUID) -> Awaiting:
    """A text given to this member to de-identify; others learn no more than who may not."""
    found = _listed(desk, transcript_id)
    if "deidentify" not in found.duties:
        raise NotPermitted("not given to this member")
    return found


@bp.post("/<uuid:transcript_id>/propose")
def propose(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Hand the text to a second reader, or say that something is undecided."""
    desk = guard.study_desk(slug)
    try:
        deidentification.propose(desk, transcript_id)
    except Refused as no:
        if no.reason != "undecided":
            raise
        return _bench(slug, _own(desk, transcript_id), UNDECIDED), 409
    return redirect(url_for(".show", slug=slug, done="handed"))


@bp.route("/<uuid:transcript_id>/register", methods=["GET", "POST"])
def names(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """What no text of this person may keep: for the PI with a reason, for their workers."""
    desk = guard.study_desk(slug)
    row = _listed(desk, transcript_id)
    form = ReasonForm(request.form)
    asks = desk.actor.role in POLICY[Act.REGISTER_READ].asks_password
    ready = request.method == "POST" and (not asks or form.validate())
    reason = form.reason.data or "" if asks else ""
    found = register.read_register(desk, row.participant_id, reason=reason) if ready else None
    page = render_template(
        "deidentification/register.html",
        frame=guard.frame("deidentification"),
        slug=slug,
        row=row,
        form=form,
        asks=asks,
        found=found,
        categories=CATEGORIES,
    )
    return page, 422 if request.method == "POST" and not ready else 200


def _listed(desk: Desk, transcript_id: UUID) -> Awaiting:
    """A text that this member sees in the list."""
    rows = deidentification.awaiting(desk)
    found = next((row for row in rows if row.transcript_id == transcript_id), None)
    if found is None:
        raise NotFound("transcript")
    return found
