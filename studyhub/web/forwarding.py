"""Somebody told an analyst that they want to stop: passed on, without a name or a word."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.frame import Status
from studyhub.workflows import forwarding
from studyhub.workflows.kernel import need_role

bp = Blueprint("forwarding", __name__, url_prefix="/s/<slug>/analysis/told")

SENT = Status("Passed on.", "They ask you who it was. Tell them in person or by telephone.")


@bp.get("")
def show(slug: str) -> str:
    """What happens if it is passed on, and what to say to whoever told it."""
    need_role(guard.study_desk(slug), Act.WITHDRAWAL_FORWARD)
    return render_template(
        "home/told.html",
        frame=guard.frame("analysis"),
        slug=slug,
        status=SENT if request.args.get("done") == "sent" else None,
    )


@bp.post("")
def send(slug: str) -> ResponseReturnValue:
    """Write to whoever decides about withdrawals."""
    forwarding.forward(guard.study_desk(slug))
    return redirect(url_for(".show", slug=slug, done="sent"))
