"""The leak gate: what the study knows and what still stands in the text that would leave."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.policy import POLICY
from studyhub.domain.reasons import REASONS
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, times
from studyhub.web.deidentification_words import CATEGORIES, DONE, PARTS
from studyhub.workflows import deidentification_gate

bp = Blueprint("leak_gate", __name__, url_prefix="/s/<slug>/deidentification")


@bp.get("/<uuid:transcript_id>/leak-gate")
def show(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Run the gate over the text as it would leave now. That is on the record."""
    desk = guard.study_desk(slug)
    gate = deidentification_gate.check(desk, transcript_id)
    counted = dict.fromkeys(gate.found.looked_at, 0)
    for each in gate.found.leaks:
        counted[each.leak.where] += 1
    return render_template(
        "deidentification/gate.html",
        frame=guard.frame("deidentification"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        transcript_id=transcript_id,
        gate=gate,
        ran_at=times.moment(guard.hub().now(), guard.zone()),
        blocking=[each for each in gate.found.leaks if each.blocks],
        direct=sum(each.leak.direct for each in gate.found.leaks),
        looked=[(PARTS[where], number) for where, number in counted.items()],
        parts=PARTS,
        categories=CATEGORIES,
        reasons=REASONS,
        may_overrule=desk.actor.role in POLICY[Act.TRANSCRIPT_OVERRULE].roles,
    )


@bp.post("/<uuid:transcript_id>/leak-gate/allow")
def allow(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """The PI allows one place that names nobody by itself."""
    form = request.form
    deidentification_gate.overrule(
        guard.study_desk(slug),
        transcript_id,
        where=form.get("where", ""),
        start=form.get("start", type=int, default=-1),
        end=form.get("end", type=int, default=-1),
        reason=form.get("reason", ""),
    )
    to = url_for(".show", slug=slug, transcript_id=transcript_id, done="allowed")
    return redirect(to)
