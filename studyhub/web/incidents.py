"""What went wrong: reported in a minute, read and decided by the principal investigator."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, interview_words, waits
from studyhub.web.filled import plain_text, taken
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.frame import Status
from studyhub.workflows import incidents
from studyhub.workflows.kernel import need_role

bp = Blueprint("incidents", __name__, url_prefix="/s/<slug>/incidents")

DONE = {
    "reported": Status("Reported.", "The principal investigator sees it at once."),
    "decided": Status("Recorded.", "It stays on record with your name."),
}
# What can be said next, from each state.
NEXT = {
    "reported": {"triaged": "I have looked at it"},
    "triaged": {"actioned": "Something was done", "closed": "It is settled: close it"},
    "actioned": {"closed": "It is settled: close it"},
}


class ReportForm(StudyForm):
    """What happened."""

    kind = one_of("What happened?", interview_words.INCIDENTS, needed="Choose what happened")
    words = TextAreaField(
        "In a sentence or two",
        [
            DataRequired("Write what happened, in a sentence or two"),
            Length(max=8000),
            plain_text,
        ],
        description="Sealed. The principal investigator reads it, and you.",
        render_kw={"rows": 5},
    )


class DecideForm(StudyForm):
    """What is done about it."""

    outcome = one_of("Where does it stand?", {}, needed="Choose where it stands")
    words = TextAreaField(
        "What is done about it",
        [DataRequired("Write what is done about it"), Length(max=8000), plain_text],
        description="Sealed, with the report.",
        render_kw={"rows": 4},
    )


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """Every incident by code and kind; no story stands here."""
    desk = guard.study_desk(slug)
    return render_template(
        "incidents/list.html",
        frame=guard.frame("incidents"),
        slug=slug,
        waiting=incidents.incidents(desk),
        closed=incidents.incidents(desk, closed=True),
        kinds=interview_words.INCIDENTS,
        states=interview_words.INCIDENT_STATES,
        due_on=waits.due_on,
        may_read=desk.actor.role in POLICY[Act.INCIDENT_DECIDE].roles,
    )


@bp.route("/report", methods=["GET", "POST"])
def report(slug: str) -> ResponseReturnValue:
    """Report an incident, perhaps of one interview."""
    desk, form = guard.study_desk(slug), ReportForm(request.form)
    need_role(desk, Act.INCIDENT_REPORT)
    interview_id = _interview()
    made: list[UUID] = []

    def act() -> None:
        kind, words = form.kind.data or "", form.words.data or ""
        made.append(incidents.report(desk, kind, words, interview_id=interview_id))

    if taken(form, act):
        return redirect(url_for(".one", slug=slug, incident_id=made[0], done="reported"))
    back = (
        url_for("interview_room.show", slug=slug, interview_id=interview_id)
        if interview_id
        else "/home"
    )
    page = render_template(
        "incidents/report.html",
        frame=guard.frame("incidents"),
        slug=slug,
        form=form,
        back=back,
        back_words="The interview" if interview_id else "Today",
    )
    return page, 422 if request.method == "POST" else 200


def _interview() -> UUID | None:
    """The interview that the address names, if it names one."""
    try:
        return UUID(request.args.get("interview", ""))
    except ValueError:
        return None


@bp.route("/<uuid:incident_id>", methods=["GET", "POST"])
def one(slug: str, incident_id: UUID) -> ResponseReturnValue:
    """One incident: what was written, and what is done about it."""
    desk, form = guard.study_desk(slug), DecideForm(request.form)
    if request.method == "POST":
        need_role(desk, Act.INCIDENT_DECIDE)
    view = incidents.read(desk, incident_id)
    form.outcome.choices = as_choices(NEXT.get(view.line.state, {}))

    def act() -> None:
        outcome, words = form.outcome.data or "", form.words.data or ""
        incidents.decide(desk, incident_id, outcome, words)

    if taken(form, act):
        return redirect(url_for(".one", slug=slug, incident_id=incident_id, done="decided"))
    page = render_template(
        "incidents/one.html",
        frame=guard.frame("incidents"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        view=view,
        form=form,
        kind=interview_words.INCIDENTS[view.line.kind],
        state=interview_words.INCIDENT_STATES[view.line.state],
        due=waits.due_on(view.line.due, "due "),
        may_decide=desk.actor.role in POLICY[Act.INCIDENT_DECIDE].roles,
        is_open=view.line.state in NEXT,
    )
    return page, 422 if request.method == "POST" else 200
