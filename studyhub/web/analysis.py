"""What analysts find: released transcripts by label, and never a name, a date or a code."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from studyhub.web import guard
from studyhub.workflows import analysis

bp = Blueprint("analysis", __name__, url_prefix="/s/<slug>/analysis")


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """The releases in use, by label."""
    releases = analysis.list_releases(guard.study_desk(slug))
    return render_template(
        "analysis/releases.html", frame=guard.frame("analysis"), releases=releases
    )
