"""What analysts find: released transcripts by label, and never a name, a date or a code."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from studyhub.web import guard
from studyhub.web.filled import one_line
from studyhub.web.forms import StudyForm
from studyhub.web.frame import Status
from studyhub.workflows import analysis, analysis_reading

bp = Blueprint("analysis", __name__, url_prefix="/s/<slug>/analysis")

DONE = {
    "reported": Status(
        "Reported.", "Nobody can read this release until somebody has looked at the place."
    ),
    "deleted": Status("Thank you.", "It is on the record that your copy is deleted."),
}
COPIES = {"release_docx": "Word document", "release_txt": "Plain text"}


class SearchForm(StudyForm):
    """Words to look for. They travel in the body: no address and no log ever holds them."""

    words = StringField(
        "Words to look for",
        [InputRequired("Write what to look for"), Length(2, 100), one_line],
        render_kw={"autocomplete": "off", "spellcheck": False, "type": "search"},
    )


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """The releases in use, by label."""
    view = analysis.list_releases(guard.study_desk(slug))
    return render_template(
        "analysis/releases.html",
        frame=guard.frame("releases"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        releases=view.releases,
        to_delete=view.to_delete,
        copies=COPIES,
        form=SearchForm(),
    )


@bp.route("/search", methods=["GET", "POST"])
def search(slug: str) -> ResponseReturnValue:
    """Look for words in every release; what was found is on this page and nowhere else."""
    form, desk = SearchForm(request.form), guard.study_desk(slug)
    sent = request.method == "POST"
    found = None
    if sent and form.validate():
        found = analysis_reading.search(desk, form.words.data or "")
    else:
        analysis.list_releases(desk)  # who may not search, may not see the form
    page = render_template(
        "analysis/search.html",
        frame=guard.frame("releases"),
        slug=slug,
        form=form,
        found=found,
    )
    return page, 422 if sent and found is None else 200


@bp.post("/copies/<uuid:export_id>/deleted")
def deleted(slug: str, export_id: UUID) -> ResponseReturnValue:
    """Say that one's own copy of a recalled release is deleted."""
    analysis.confirm_deleted(guard.study_desk(slug), export_id)
    return redirect(url_for(".show", slug=slug, done="deleted"))
