"""Agree an appointment: plan it, move it, call it off, note what was chosen by phone."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateTimeLocalField, FieldList, StringField
from wtforms.validators import InputRequired, Length, Optional

from studyhub.domain.policy import check_subject
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, interview_words
from studyhub.web.filled import one_line, taken
from studyhub.web.forms import StudyForm, as_choices, one_of, pick_from
from studyhub.workflows import (
    interviews,
    interviews_given,
    interviews_guest,
    interviews_list,
    recruitment_contacts,
)
from studyhub.workflows.interviews import Plan, Planned
from studyhub.workflows.interviews_guest import Choice
from studyhub.workflows.kernel import need_role

bp = Blueprint("interview_plan", __name__, url_prefix="/s/<slug>/interviews")

_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_MORE = 5


class ChangeForm(StudyForm):
    """How, with whom, when and where."""

    mode = one_of("How do you talk?", interview_words.MODES, needed="Choose how you will talk")
    interviewer_id = pick_from(
        "Who holds the interview", {}, empty="Choose", needed="Choose who holds the interview"
    )
    starts_at = DateTimeLocalField("Time", [InputRequired("Give a time")], format=_FORMATS)
    place = StringField(
        "Where to meet, or how to join (optional)",
        [Length(max=500), one_line],
        description="For the interviewer, on the call sheet. Sealed.",
        render_kw={"autocomplete": "off"},
    )
    zone = StringField(
        "Their time zone, if it is another (optional)",
        [Length(max=60), one_line],
        description="Like Europe/Madrid. Letters then say the time as it is there.",
        render_kw={"autocomplete": "off", "spellcheck": False},
    )

    def plan(self, slots: tuple[datetime, ...] = ()) -> Plan:
        """What was typed, as the act takes it."""
        return Plan(
            self.mode.data or "",
            _id(self.interviewer_id.data),
            None if slots else _instant(self.starts_at.data),
            slots,
            (self.place.data or "").strip(),
            (self.zone.data or "").strip(),
        )


class PlanForm(ChangeForm):
    """The same for a first appointment; several times can be offered."""

    settled = one_of(
        "What is settled?",
        {
            "agreed": "One time is agreed",
            "offered": "Nothing yet: offer times, and they choose by their own link",
        },
        needed="Choose whether a time is agreed",
    )
    more = FieldList(
        DateTimeLocalField("Another time", [Optional()], format=_FORMATS),
        min_entries=_MORE,
        max_entries=_MORE,
    )

    def times(self) -> tuple[datetime, ...]:
        """Every time that was typed, where several are offered."""
        if self.settled.data != "offered":
            return ()
        typed = [self.starts_at.data, *(each.data for each in self.more)]
        return tuple(at for at in map(_instant, typed) if at)


class CancelForm(StudyForm):
    """Why an appointment is called off; a code only."""

    reason = one_of(
        "Why is it cancelled?",
        interview_words.CANCEL_REASONS,
        needed="Choose why it is cancelled",
        hint="Nobody is asked for more than this.",
    )


def _instant(local: datetime | None) -> datetime | None:
    return local.replace(tzinfo=guard.zone()).astimezone(UTC) if local else None


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


@bp.route("/plan/<uuid:participant_id>", methods=["GET", "POST"])
def plan(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """Plan an interview with somebody who consents."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.INTERVIEW_PLAN)
    who, form = interviews_list.who_interviews(desk), PlanForm(request.form)
    form.interviewer_id.choices = as_choices({"": "Choose", **who})
    made: list[Planned] = []
    if taken(
        form,
        lambda: made.append(interviews.plan(desk, participant_id, form.plan(form.times()))),
    ):
        told = "planned" if made[0].letter_id else "untold"
        done = "offered" if form.settled.data == "offered" else told
        return _to(slug, made[0].interview_id, done)
    view = recruitment_contacts.read(desk, participant_id)
    if request.method == "GET":
        form.mode.data = view.opened.card.preference or None
        form.interviewer_id.data = next(iter(who)) if len(who) == 1 else ""
    page = render_template(
        "interviews/plan.html",
        frame=guard.frame("recruitment"),
        slug=slug,
        form=form,
        code=view.opened.code,
        card=view.opened.card,
        wishes=view.opened.wishes,
        back=url_for("recruitment.person", slug=slug, participant_id=participant_id),
        modes=interview_words.MODES,
        here=interview_words.where(guard.zone().key),
    )
    return page, 422 if request.method == "POST" else 200


def _to(slug: str, interview_id: UUID, done: str) -> ResponseReturnValue:
    return redirect(
        url_for("interview_room.show", slug=slug, interview_id=interview_id, done=done)
    )


@bp.route("/<uuid:interview_id>/change", methods=["GET", "POST"])
def change(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Move an appointment, or change how and with whom."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.INTERVIEW_CHANGE)
    view = interviews_list.show(desk, interview_id)
    check_subject(desk.actor, Act.INTERVIEW_CHANGE, view)
    who = interviews_list.who_interviews(desk)
    form = ChangeForm(request.form)
    form.interviewer_id.choices = as_choices({"": "Choose", **who})
    if desk.actor.role is Role.INTERVIEWER:
        del form.interviewer_id
    made: list[Planned] = []
    if taken(form, lambda: made.append(interviews.change(desk, interview_id, _plan_of(form)))):
        return _to(slug, interview_id, "moved" if made[0].letter_id else "unwritten")
    if request.method == "GET":
        form.mode.data = view.line.mode
        if view.line.planned_at:
            form.starts_at.data = view.line.planned_at.astimezone(guard.zone())
        if "interviewer_id" in form:
            form.interviewer_id.data = str(view.interviewer_id or "")
    return _form_page("change.html", slug, form, view), 422 if _is_sent() else 200


def _plan_of(form: ChangeForm) -> Plan:
    chosen = form.interviewer_id.data if "interviewer_id" in form else None
    return Plan(
        form.mode.data or "",
        _id(chosen),
        _instant(form.starts_at.data),
        (),
        (form.place.data or "").strip(),
        (form.zone.data or "").strip(),
    )


def _is_sent() -> bool:
    return request.method == "POST"


def _form_page(
    template: str, slug: str, form: StudyForm, view: interviews_list.InterviewView
) -> str:
    return render_template(
        f"interviews/{template}",
        frame=guard.frame("interviews"),
        slug=slug,
        form=form,
        view=view,
        when=interview_words.when(view.line.planned_at),
        here=interview_words.where(guard.zone().key),
        back=url_for("interview_room.show", slug=slug, interview_id=view.line.id),
    )


@bp.route("/<uuid:interview_id>/cancel", methods=["GET", "POST"])
def cancel(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Call an appointment off."""
    desk, form = guard.study_desk(slug), CancelForm(request.form)
    need_role(desk, Act.INTERVIEW_CANCEL)
    view = interviews_list.show(desk, interview_id)
    check_subject(desk.actor, Act.INTERVIEW_CANCEL, view)
    told: list[UUID | None] = []
    reason = form.reason.data or ""
    if taken(form, lambda: told.append(interviews.cancel(desk, interview_id, reason=reason))):
        return _to(slug, interview_id, "cancelled" if told[0] else "cancelled_untold")
    return _form_page("cancel.html", slug, form, view), 422 if _is_sent() else 200


@bp.post("/<uuid:interview_id>/choose")
def choose(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Note which of the times offered somebody chose by phone."""
    choice = Choice(request.form.get("mode", ""), request.form.get("slot", ""))
    interviews_guest.choose(guard.study_desk(slug), choice, interview_id=interview_id)
    return _to(slug, interview_id, "chosen")


@bp.post("/<uuid:interview_id>/give")
def give(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Send a document that the person does not have yet."""
    desk = guard.study_desk(slug)
    interviews_given.give(desk, interview_id, request.form.get("kind", ""))
    return _to(slug, interview_id, "given")
