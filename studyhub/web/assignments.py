"""Give a recording or a transcript to a member, and take it back."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectMultipleField
from wtforms.validators import InputRequired, Optional

from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, times
from studyhub.web.filled import near, taken
from studyhub.web.forms import StudyForm, as_choices, pick_from
from studyhub.web.frame import Status
from studyhub.web.transcript_words import DUTIES
from studyhub.workflows import assignments
from studyhub.workflows.assignments import Gift, GiveView
from studyhub.workflows.kernel import need_role

bp = Blueprint("assignments", __name__, url_prefix="/s/<slug>/work")

NOBODY = UUID(int=0)
DONE = {
    "given": Status("Given.", "They find it on their first page, by code only."),
    "ended": Status("Taken back.", "Its keys are gone; what was typed stays."),
}


class GiveForm(StudyForm):
    """To whom, what they are to do, and until when."""

    to = pick_from("To", {}, empty="Choose a member", needed="Choose a member")
    duties = SelectMultipleField("What they are to do", [InputRequired("Choose at least one")])
    due = DateField("Until", [Optional(), near], description="Leave empty for no date.")


@bp.route(
    "/<any(recording, transcript, interview):thing>/<uuid:thing_id>", methods=["GET", "POST"]
)
def give(slug: str, thing: str, thing_id: UUID) -> ResponseReturnValue:
    """Give out work, and see who has it."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.ASSIGNMENT_GIVE)
    view = assignments.look(desk, thing, thing_id)
    form = _form(view)
    if request.method == "POST" and taken(
        form, lambda: assignments.give(desk, _gift(view, form))
    ):
        return redirect(
            url_for(".give", slug=slug, thing=thing, thing_id=thing_id, done="given")
        )
    page = render_template(
        "transcription/give.html",
        frame=guard.frame("transcription"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        view=view,
        form=form,
        held=times.day(view.held_on, guard.zone()) if view.held_on else "",
        duties=DUTIES,
        is_pi=desk.actor.role is Role.PI,
    )
    return page, 422 if request.method == "POST" else 200


def _form(view: GiveView) -> GiveForm:
    form = GiveForm(request.form) if request.method == "POST" else GiveForm()
    named = {
        str(each.membership_id): f"{each.name}, {ROLE_NAMES[Role(each.role)].lower()}"
        for each in view.candidates
    }
    form.to.choices = as_choices({"": "Choose a member"} | named)
    form.duties.choices = as_choices({duty: DUTIES[duty] for duty in view.duties})
    if request.method == "GET":
        given = {each.duty for each in view.given}
        left = [duty for duty in view.duties if duty not in given or len(view.duties) == 1]
        form.duties.data = left[:1]
    return form


def _gift(view: GiveView, form: GiveForm) -> Gift:
    to = UUID(form.to.data) if form.to.data else NOBODY
    return Gift(view.thing, view.thing_id, to, form.duties.data or (), form.due.data)


@bp.post("/<uuid:assignment_id>/end")
def end(slug: str, assignment_id: UUID) -> ResponseReturnValue:
    """Take work back; the page it was given on says so."""
    assignments.end(guard.study_desk(slug), assignment_id)
    thing, thing_id = request.form.get("thing", ""), request.form.get("thing_id", "")
    if thing in assignments.THINGS and _is_id(thing_id):
        there = url_for(".give", slug=slug, thing=thing, thing_id=thing_id, done="ended")
        return redirect(there)
    return redirect(url_for("home.show"))


def _is_id(sent: str) -> bool:
    try:
        return bool(UUID(sent))
    except ValueError:
        return False
