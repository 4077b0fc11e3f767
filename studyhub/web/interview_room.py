"""One interview: what the team may see of it, and its page before, during and after.

The clock runs from the start that the server keeps, so the page can be left, lost and opened
again. Each press goes into the record with its time.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.document_names import KIND_NAMES
from studyhub.domain.interviews import Check
from studyhub.domain.policy import POLICY, allows
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, interview_words
from studyhub.web.consent_words import lights
from studyhub.web.filled import taken
from studyhub.web.forms import as_choices
from studyhub.web.frame import Status
from studyhub.web.interview_forms import ConfirmForm, EndForm, NoteForm, StartForm
from studyhub.workflows import interviews, interviews_held, interviews_list
from studyhub.workflows.interviews_held import Ending, Note
from studyhub.workflows.interviews_list import InterviewView
from studyhub.workflows.kernel import Desk

bp = Blueprint(
    "interview_room", __name__, url_prefix="/s/<slug>/interviews/<uuid:interview_id>"
)

ONE_LINE = 60  # characters of a note, to choose it by
HELD = ("completed", "ended_early")
LONGEST = timedelta(hours=12)  # of an interview whose end nobody forgot
DONE = {
    "planned": Status("Planned.", "The letter with the calendar entry is queued."),
    "offered": Status("Offered.", "The letter with the times is queued."),
    "untold": Status("Planned.", "No letter goes out: tell them by phone.", "warn"),
    "moved": Status("Changed.", "The interviewer confirms it again. The letter is queued."),
    "unwritten": Status("Changed.", "No letter goes out: tell them by phone.", "warn"),
    "chosen": Status("Noted.", "The time is agreed."),
    "cancelled": Status("Cancelled.", "The cancellation is queued."),
    "cancelled_untold": Status("Cancelled.", "No letter goes out: tell them yourself."),
    "confirmed": Status("Confirmed.", "It stands on your first page."),
    "started": Status("Started.", "The time is kept here: you can leave this page."),
    "ended": Status("Ended.", "Write the log while you remember it."),
    "no_show": Status("Noted.", "Nobody is asked why."),
    "kept": Status("Kept.", "Only you can read it here."),
    "given": Status("Sent.", "Which version they got is on record."),
    "reported": Status("Reported.", "The principal investigator sees it at once."),
}


@dataclass
class _Forms:
    """The forms of the page; the one that was sent has what was typed."""

    confirm: ConfirmForm = field(default_factory=ConfirmForm)
    start: StartForm = field(default_factory=StartForm)
    end: EndForm = field(default_factory=EndForm)
    note: NoteForm = field(default_factory=NoteForm)


@bp.get("")
def show(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """The interview as it stands. Own notes are opened with it, which is recorded."""
    return _page(guard.study_desk(slug), slug, interview_id, _Forms())


def _page(desk: Desk, slug: str, interview_id: UUID, forms: _Forms) -> str:
    view = interviews_list.show(desk, interview_id)
    notes = _notes(desk, view)
    _fill(forms, view, notes)
    state, kind = interview_words.STATES[view.line.state]
    return render_template(
        "interviews/show.html",
        frame=guard.frame("interviews"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        view=view,
        line=view.line,
        forms=forms,
        state=state,
        kind=kind,
        when=interview_words.when(view.line.planned_at),
        mode=interview_words.MODES[view.line.mode],
        lights=lights(view.statements),
        light=interview_words.LIGHTS.get(view.line.light),
        notes=notes,
        may=_may(desk, view),
        slots=interview_words.by_day(view.slots),
        words=interview_words,
        kinds=KIND_NAMES,
        elapsed=_elapsed(view, guard.hub().now()),
        forgotten=_forgotten(view, guard.hub().now()),
        sheet_open=_is_open(view),
        now=guard.hub().now(),
    )


def _notes(desk: Desk, view: InterviewView) -> tuple[Note, ...]:
    """One's own notes, where there are any and nothing holds them."""
    own = allows(desk.actor, Act.INTERVIEW_READ, view)
    if not own or not view.notes or view.held:
        return ()
    return interviews_held.notes(desk, view.line.id)


def _fill(forms: _Forms, view: InterviewView, notes: tuple[Note, ...]) -> None:
    guides = {str(key): f"Version {number}" for key, number in view.guides}
    forms.end.guide.choices = as_choices({"": "Choose", **guides})
    earlier = {str(each.id): _short(each.text) for each in notes}
    forms.note.corrects.choices = as_choices({"": "Nothing: it is a new one", **earlier})
    if request.method == "GET":
        forms.end.mode.data = view.line.mode


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= ONE_LINE else line[: ONE_LINE - 1] + "…"


def _may(desk: Desk, view: InterviewView) -> dict[str, bool]:
    """What this member may do with this interview now."""
    state, role = view.line.state, desk.actor.role
    agreed = state in ("scheduled", "confirmed")

    def allowed(act: Act) -> bool:
        return allows(desk.actor, act, view)

    passed = view.line.planned_at is not None and view.line.planned_at <= guard.hub().now()
    return {
        "confirm": state == "scheduled" and allowed(Act.INTERVIEW_CONFIRM),
        "start": state == "confirmed" and allowed(Act.INTERVIEW_START),
        "end": state == "in_progress" and allowed(Act.INTERVIEW_END),
        "sends": view.line.needs_recording and view.line.is_mine,
        "note": allowed(Act.INTERVIEW_LOG) and not view.held,
        "change": agreed and allowed(Act.INTERVIEW_CHANGE),
        "cancel": (agreed or state == "proposed") and allowed(Act.INTERVIEW_CANCEL),
        "no_show": agreed and passed and allowed(Act.INTERVIEW_NO_SHOW),
        "choose": state == "proposed" and role in POLICY[Act.INTERVIEW_CHOOSE].roles,
        "give": (agreed or state == "proposed") and role in POLICY[Act.INTERVIEW_GIVE].roles,
        "transcribe": state in HELD and allowed(Act.ASSIGNMENT_GIVE),
        "sheet": allowed(Act.CALL_SHEET_READ) and view.sheet_from is not None,
        "person": role is Role.RECRUITER,
        "report": role in POLICY[Act.INCIDENT_REPORT].roles,
    }


def _elapsed(view: InterviewView, now: datetime) -> str:
    """How long it has run, as a clock shows it."""
    if view.started_at is None:
        return ""
    seconds = int((now - view.started_at).total_seconds())
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def _forgotten(view: InterviewView, now: datetime) -> bool:
    """Whether nobody seems to have said when it ended."""
    return view.started_at is not None and now - view.started_at > LONGEST


def _is_open(view: InterviewView) -> bool:
    if view.sheet_from is None or view.sheet_until is None:
        return False
    return view.sheet_from <= guard.hub().now() <= view.sheet_until


def _to(slug: str, interview_id: UUID, done: str) -> ResponseReturnValue:
    return redirect(url_for(".show", slug=slug, interview_id=interview_id, done=done))


# -- acts ----------------------------------------------------------------------------------


@bp.post("/confirm")
def confirm(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Accept the appointment."""
    desk, form = guard.study_desk(slug), ConfirmForm(request.form)
    said = form.relationship.data or ""
    if taken(form, lambda: interviews.confirm(desk, interview_id, relationship=said)):
        return _to(slug, interview_id, "confirmed")
    return _page(desk, slug, interview_id, _Forms(confirm=form)), 422


@bp.post("/start")
def start(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Start, through the gate."""
    desk, form = guard.study_desk(slug), StartForm(request.form)
    check = Check(form.still_willing.data or "", form.may_record.data or "")
    if taken(form, lambda: interviews_held.start(desk, interview_id, check)):
        return _to(slug, interview_id, "started")
    return _page(desk, slug, interview_id, _Forms(start=form)), 422


@bp.post("/end")
def end(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Record how and when it ended."""
    desk, form = guard.study_desk(slug), EndForm(request.form)
    guides = interviews_list.show(desk, interview_id).guides
    form.guide.choices = as_choices({"": "Choose", **{str(key): "" for key, _ in guides}})
    local = form.ended_at.data

    def act() -> None:
        ending = Ending(
            form.outcome.data or "",
            form.setting.data or "",
            form.others_present.data or "",
            UUID(form.guide.data) if form.guide.data else None,
            form.mode.data or "",
            local.replace(tzinfo=guard.zone()) if local else None,
        )
        interviews_held.end(desk, interview_id, ending)

    if taken(form, act):
        return _to(slug, interview_id, "ended")
    return _page(desk, slug, interview_id, _Forms(end=form)), 422


@bp.post("/notes")
def note(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Keep a note; a correction is a new one."""
    desk, form = guard.study_desk(slug), NoteForm(request.form)
    corrects = form.corrects.data or ""
    form.corrects.choices = as_choices({"": "", corrects: corrects})

    def act() -> None:
        interviews_held.log(
            desk,
            interview_id,
            form.kind.data or "",
            form.text.data or "",
            corrects=_id(corrects),
        )

    if taken(form, act):
        return _to(slug, interview_id, "kept")
    return _page(desk, slug, interview_id, _Forms(note=form)), 422


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


@bp.post("/no-show")
def no_show(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Note that the person did not come."""
    interviews.no_show(guard.study_desk(slug), interview_id)
    return _to(slug, interview_id, "no_show")


@bp.post("/call-sheet")
def call_sheet(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Open the call sheet: how to reach the person, around the appointment only."""
    desk = guard.study_desk(slug)
    sheet = interviews_list.call_sheet(desk, interview_id)
    view = interviews_list.show(desk, interview_id)
    return render_template(
        "interviews/sheet.html",
        frame=guard.frame("interviews"),
        slug=slug,
        view=view,
        sheet=sheet,
        mode=interview_words.MODES[view.line.mode],
        when=interview_words.when(view.line.planned_at),
        theirs=interview_words.elsewhere(view.line.planned_at, sheet.zone),
        here=interview_words.where(guard.zone().key),
    )
