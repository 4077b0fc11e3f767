"""Withdrawals for the team: note one that was told, decide about each thing, carry it out.

By code only. Nothing of what was withdrawn can be opened here, or anywhere (invariant 65).
"""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateTimeLocalField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from studyhub.domain.policy import POLICY, allows
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, times, waits, withdrawal_words
from studyhub.web.filled import one_line, taken
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.frame import Status
from studyhub.workflows import withdrawal, withdrawal_deciding, withdrawal_list
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.withdrawal import Told
from studyhub.workflows.withdrawal_deciding import Decision
from studyhub.workflows.withdrawal_list import ItemView, WithdrawalView

bp = Blueprint("withdrawal", __name__, url_prefix="/s/<slug>/withdrawals")

DONE = {
    "recorded": Status("It is on hold.", "Nobody can open any of it from this moment."),
    "told": Status("The letter is queued.", "It leaves in the hours that suit the person."),
    "spoken": Status("Noted.", "They do not want letters: telling them in person was enough."),
    "decided": Status("Decided.", "Next, a principal investigator begins to carry it out."),
    "waits": Status("Decided.", "What cannot be done waits for a second person."),
    "agreed": Status("Recorded.", "A principal investigator can begin to carry it out now."),
    "anew": Status("Recorded.", "It has to be decided anew.", kind="info"),
    "begun": Status("It is being carried out.", "The proof of each item will stand here."),
}


class RecordForm(StudyForm):
    """What somebody told a team member. No reason is asked for."""

    code = StringField(
        "Participant code",
        [InputRequired("Write the code"), Length(max=20), one_line],
        description="Four signs, like K7Q4.",
        render_kw={"autocomplete": "off", "classes": "govuk-input--width-5"},
    )
    channel = one_of(
        "How did they tell you?", withdrawal_words.CHANNELS, needed="Choose how they told you"
    )
    told_at = DateTimeLocalField(
        "When? (optional)", [Optional()], description="If it was not just now."
    )
    scope = SelectMultipleField(
        "What shall stop?",
        [InputRequired("Choose what shall stop")],
        choices=as_choices({name: own[0] for name, own in withdrawal_words.OWN.items()}),
        description="As they said it. If they did not say, ask, or choose everything.",
    )


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """Every withdrawal by code, what waits first."""
    desk = guard.study_desk(slug)
    rows = withdrawal_list.listed(desk)
    return render_template(
        "withdrawals/list.html",
        frame=guard.frame("withdrawals"),
        slug=slug,
        waiting=[row for row in rows if row.is_open],
        settled=[row for row in rows if not row.is_open],
        states=withdrawal_words.STATES,
        scopes=withdrawal_words.scopes,
        due_on=waits.due_on,
        may_certify=desk.actor.role in POLICY[Act.CERTIFICATE_LIST].roles,
        may_record=desk.actor.role in POLICY[Act.WITHDRAWAL_RECEIVE].roles,
    )


@bp.route("/record", methods=["GET", "POST"])
def record(slug: str) -> ResponseReturnValue:
    """Note what somebody said: from then on all of it is on hold."""
    desk, form = guard.study_desk(slug), RecordForm(request.form)
    need_role(desk, Act.WITHDRAWAL_RECEIVE)
    if request.method == "GET":
        form.code.data = request.args.get("code", "")
    made: list[str] = []

    def act() -> None:
        stated = form.told_at.data
        at = stated.replace(tzinfo=guard.zone()) if stated else None
        told = Told(form.scope.data or (), form.code.data or "", form.channel.data or "", at)
        made.append(withdrawal.receive(desk, told).reference)

    if taken(form, act):
        return redirect(url_for(".one", slug=slug, reference=made[0], done="recorded"))
    page = render_template(
        "withdrawals/record.html", frame=guard.frame("withdrawals"), slug=slug, form=form
    )
    return page, 422 if request.method == "POST" else 200


# -- one withdrawal ---------------------------------------------------------------------


@bp.route("/<reference>", methods=["GET", "POST"])
def one(slug: str, reference: str) -> ResponseReturnValue:
    """What is in scope, by class and number; and what happens to each."""
    desk = guard.study_desk(slug)
    view = withdrawal_list.one(desk, reference)
    if request.method == "POST" and not allows(desk.actor, Act.WITHDRAWAL_DECIDE, view.row):
        withdrawal_deciding.decide(desk, view.row.id, {})  # refused, and on the record
    form = _form(view)
    waiting: list[bool] = []

    def act() -> None:
        chosen = {item.class_: _decision(form[item.class_].data) for item in view.items}
        waiting.append(withdrawal_deciding.decide(desk, view.row.id, chosen))

    if taken(form, act):
        done = "waits" if waiting[0] else "decided"
        return redirect(url_for(".one", slug=slug, reference=reference, done=done))
    return _page(desk, slug, view, form), 422 if request.method == "POST" else 200


def _form(view: WithdrawalView) -> StudyForm:
    """One question for each item; nothing is chosen at first, unless one asked for it."""
    names = {item.class_: withdrawal_words.ITEMS[item.class_][0] for item in view.items}

    class DecideForm(StudyForm):
        """What happens to each thing."""

    for item in view.items:
        field = one_of(
            names[item.class_],
            _choices(view, item),
            needed=f"Choose what happens to: {names[item.class_]}",
        )
        setattr(DecideForm, item.class_, field)
    return DecideForm(request.form, data=_chosen(view))


def _choices(view: WithdrawalView, item: ItemView) -> dict[str, str]:
    simple = {name: withdrawal_words.DECISIONS[name] for name in item.choices[:-1]}
    cannot = {f"cannot:{code}": _cannot(code) for code in view.codes}
    return {**simple, **cannot}


def _cannot(code: str) -> str:
    words = withdrawal_words.REASONS[code]
    return f"Cannot be done: {words[:1].lower()}{words[1:]}"


def _decision(chosen: str | None) -> Decision:
    what, _, reason = (chosen or "").partition(":")
    return Decision(what, reason)


def _chosen(view: WithdrawalView) -> dict[str, str]:
    """What was decided before; or what the person asked for, where that was clicked."""
    asked = request.args.get("fill") == "yes"
    return {
        item.class_: f"cannot:{item.reason}" if item.reason else item.decision
        for item in view.items
        if item.decision
    } or {item.class_: item.choices[0] for item in view.items if asked}


def _page(desk: Desk, slug: str, view: WithdrawalView, form: StudyForm) -> str:
    row, actor = view.row, desk.actor
    may_assess = allows(actor, Act.WITHDRAWAL_DECIDE, row)
    settled = all(item.decision for item in view.items)
    return render_template(
        "withdrawals/one.html",
        frame=guard.frame("withdrawals"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        view=view,
        row=row,
        form=form,
        words=withdrawal_words,
        track=_track(view),
        may_assess=may_assess and row.is_open,
        may_second=may_assess and row.waits_for_second and not view.by_me,
        may_carry_out=_may_carry_out(desk, view),
        may_certify=actor.role in POLICY[Act.CERTIFICATE_READ].roles,
        may_acknowledge=row.state == "received"
        and actor.role in POLICY[Act.WITHDRAWAL_ACKNOWLEDGE].roles,
        changes=settled and request.method == "GET" and request.args.get("change") != "yes",
    )


def _may_carry_out(desk: Desk, view: WithdrawalView) -> bool:
    """The PI, once everything is decided; where there was nothing, nothing had to be."""
    ready = view.row.state == "assessed" or (view.row.is_open and not view.items)
    waits_still = view.row.waits_for_second or any(not each.decision for each in view.items)
    return ready and not waits_still and desk.actor.role in POLICY[Act.ERASURE_REQUEST].roles


def _track(view: WithdrawalView) -> list[tuple[str, str, str]]:
    """The steps as a line: what each is called, how it stands, and since or until when."""
    taken_at = {step.step: step.at for step in view.steps}
    if "retracted" in taken_at:
        names = {name: withdrawal_words.STEPS[name] for name in ("received", "acknowledged")}
        names = {name: words for name, words in names.items() if name in taken_at}
        names["retracted"] = "Taken back by the person"
    else:
        names = withdrawal_words.STEPS
    found, is_next = [], True
    for name, words in names.items():
        at = taken_at.get("completed" if name == "executing" else name)
        kind = "is-done" if at else "is-now" if is_next else ""
        is_next = is_next and at is not None
        found.append((words, kind, _when(view, name, kind) if at is None else _moment(at)))
    return found


def _moment(at: datetime) -> str:
    return times.moment(at, guard.zone())


def _when(view: WithdrawalView, name: str, kind: str) -> str:
    if kind != "is-now":
        return ""
    by = {"acknowledged": view.row.tell_by, "assessed": view.row.due}.get(name)
    return f"by {times.short_day(by, guard.zone())}" if by else "now"


# -- what follows -----------------------------------------------------------------------


@bp.post("/<reference>/acknowledge")
def acknowledge(slug: str, reference: str) -> ResponseReturnValue:
    """Tell the person by letter that it arrived, where letters may go."""
    desk = guard.study_desk(slug)
    view = withdrawal_list.one(desk, reference)
    written = withdrawal.acknowledge(desk, view.row.id)
    done = "told" if written else "spoken"
    return redirect(url_for(".one", slug=slug, reference=reference, done=done))


@bp.post("/<reference>/second")
def second(slug: str, reference: str) -> ResponseReturnValue:
    """Say as a second person whether it really cannot be done."""
    desk = guard.study_desk(slug)
    view = withdrawal_list.one(desk, reference)
    agrees = request.form.get("answer") == "yes"
    withdrawal_deciding.second(desk, view.row.id, agrees=agrees)
    done = "agreed" if agrees else "anew"
    return redirect(url_for(".one", slug=slug, reference=reference, done=done))


@bp.post("/<reference>/carry-out")
def carry_out(slug: str, reference: str) -> ResponseReturnValue:
    """Have it carried out. Nobody can undo this."""
    desk = guard.study_desk(slug)
    view = withdrawal_list.one(desk, reference)
    withdrawal_deciding.request(desk, view.row.id)
    return redirect(url_for(".one", slug=slug, reference=reference, done="begun"))
