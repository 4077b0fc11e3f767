"""The list of transcripts, the workspace in which one is typed, and finishing it."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, times, waits
from studyhub.web.filled import end_of
from studyhub.web.forms import StudyForm
from studyhub.web.frame import Due, Status
from studyhub.web.transcript_words import STATES, duties_in_words
from studyhub.workflows import transcripts, transcripts_list
from studyhub.workflows.kernel import need_role
from studyhub.workflows.transcripts_list import TranscriptRow, TranscriptView

bp = Blueprint("transcription", __name__, url_prefix="/s/<slug>/transcription")

DONE = {
    "finished": Status("Checked.", "The text is kept as a version and can be de-identified."),
    "imported": Status("Imported.", "It is the text now. What stood there before is kept."),
}


class FinishForm(StudyForm):
    """Saying that a text is finished."""

    rev = HiddenField()
    checked = BooleanField(
        "I compared the whole text with what can be heard",
        [InputRequired("Say that you compared it")],
    )


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """What was given to the person; for a PI all transcripts, by code."""
    desk = guard.study_desk(slug)
    rows = transcripts_list.listed(desk)
    return render_template(
        "transcription/list.html",
        frame=guard.frame("transcription"),
        slug=slug,
        status=DONE.get(request.args.get("done", "")),
        rows=[(row, _due(row), duties_in_words(row.duties)) for row in rows],
        states=STATES,
        may_give=desk.actor.role in POLICY[Act.ASSIGNMENT_GIVE].roles,
        may_open=desk.actor.role in POLICY[Act.TRANSCRIPT_SHOW].roles,
    )


def _due(row: TranscriptRow) -> Due | None:
    return waits.due_on(end_of(row.due_on)) if row.due_on else None


@bp.get("/<uuid:transcript_id>")
def one(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """The workspace. The text itself comes by script, and that opening is on the record."""
    view = transcripts_list.show(guard.study_desk(slug), transcript_id)
    if not view.may_type:
        return redirect(url_for("transcript_versions.show", slug=slug, transcript_id=view.id))
    return _page("workspace.html", slug, view, person=guard.visitor().name)


def _page(template: str, slug: str, view: TranscriptView, **values: object) -> str:
    """A page about one transcript."""
    return render_template(
        f"transcription/{template}",
        frame=guard.frame("transcription"),
        slug=slug,
        view=view,
        state=STATES[view.state],
        status=DONE.get(request.args.get("done", "")),
        **values,
    )


@bp.route("/<uuid:transcript_id>/finish", methods=["GET", "POST"])
def finish(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Say that the text was compared with the sound and is finished."""
    desk, form = guard.study_desk(slug), FinishForm(request.form)
    if request.method == "POST" and form.validate():
        sent = form.rev.data or ""
        rev = int(sent) if sent.isdecimal() else -1
        transcripts.verify(desk, transcript_id, rev=rev)
        return redirect(url_for(".show", slug=slug, done="finished"))
    need_role(desk, Act.TRANSCRIPT_VERIFY)
    view = transcripts_list.show(desk, transcript_id)
    form.rev.data = form.rev.data or str(view.rev)
    saved = times.moment(view.saved_at, guard.zone())
    answer = _page("finish.html", slug, view, form=form, saved=saved)
    return answer, 422 if request.method == "POST" else 200
