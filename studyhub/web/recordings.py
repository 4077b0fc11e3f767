"""Recordings for the team: to hand in, on their way, in quarantine, to listen to; by code."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, times, waits
from studyhub.web.filled import taken
from studyhub.web.forms import StudyForm
from studyhub.web.frame import Status, Waiting
from studyhub.web.material_words import STATES, length_of, megabytes, quarantine_says
from studyhub.web.reason_form import ReasonForm
from studyhub.workflows import disposals, playback, recordings, recordings_list
from studyhub.workflows.kernel import Desk
from studyhub.workflows.recordings_list import RecordingRow

bp = Blueprint("recordings", __name__, url_prefix="/s/<slug>")

# Sound that somebody may be given to type.
TYPED_FROM = ("accepted", "transcribed")
# What waits of a recording that was checked, by what this member may do about it.
DISPOSAL = {
    "": "Its text was compared with the sound. Two people with the duty decide.",
    "propose": "Its time is over. You may propose to dispose of it.",
    "wait": "You proposed it. Somebody else has to agree.",
    "decide": "Somebody proposed it. You may agree.",
}
DONE = {
    "received": Status("Received whole.", "Every byte arrived, and lies sealed."),
    "accepted": Status("Accepted.", "Consent was in force when the interview began."),
    "extended": Status("Kept longer.", "It waits for its consent for another period."),
    "rejected": Status(
        "Destroyed.", "The worker destroys its key too, and makes a certificate of it."
    ),
    "checked": Status("Checked.", "The sound now waits to be disposed of."),
    "proposed": Status("Proposed.", "A second person with the duty has to agree."),
    "kept": Status("Kept longer.", "It is asked again when this period is over."),
    "disposed": Status(
        "Disposed of.", "Nobody can open it. Its key is destroyed and a certificate made."
    ),
    "destroyed": Status("Taken back.", "What had arrived was destroyed."),
}


def _page(template: str, slug: str, **values: object) -> str:
    return render_template(
        f"recordings/{template}",
        frame=guard.frame("recordings"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        states=STATES,
        length_of=length_of,
        megabytes=megabytes,
        says=quarantine_says,
        now=guard.hub().now(),
        **values,
    )


def _may(desk: Desk, act: Act) -> bool:
    return desk.actor.role in POLICY[act].roles


@bp.get("/recordings")
def show(slug: str) -> ResponseReturnValue:
    """What waits first: to be sent, to be decided, to be disposed of; then everything."""
    desk = guard.study_desk(slug)
    found = recordings_list.look(desk)
    is_pi = desk.actor.role is Role.PI
    waiting = [each for each in found.rows if each.state == "quarantined"]
    disposals = [each for each in found.rows if each.state == "checked" and each.due]
    return _page(
        "list.html",
        slug,
        found=found,
        to_send=[_to_send(slug, each) for each in found.to_send],
        waiting=[_quarantined(slug, each, is_pi=is_pi) for each in waiting],
        disposals=[_disposal(slug, each) for each in disposals],
        may_send=_may(desk, Act.UPLOAD_START),
    )


def _to_send(slug: str, each: recordings_list.ToSend) -> Waiting:
    href = url_for(".send", slug=slug, interview_id=each.interview_id)
    began = waits.Began(each.began, is_open=True)
    return waits.line("up", f"Hand in the recording of {each.code}", href, "", began)


def _quarantined(slug: str, each: RecordingRow, *, is_pi: bool) -> Waiting:
    href = url_for(".one", slug=slug, recording_id=each.id)
    what = f"{'Decide about' if is_pi else 'In quarantine:'} {each.code}"
    why = quarantine_says(each)
    return Waiting("shield", what, href, why, _since(each), waits.due_on(each.due, "due "))


def _disposal(slug: str, each: RecordingRow) -> Waiting:
    href = url_for(".one", slug=slug, recording_id=each.id)
    why = DISPOSAL[each.disposal]
    due = waits.due_on(each.due, "from ")
    return Waiting("clock", f"Dispose of the sound of {each.code}", href, why, "", due)


def _since(each: RecordingRow) -> str:
    return times.since(each.deposited_at, guard.zone(), guard.hub().now())


# -- one interview's recording is sent ---------------------------------------------------


@bp.get("/interviews/<uuid:interview_id>/recording")
def send(slug: str, interview_id: UUID) -> ResponseReturnValue:
    """Choose a file and send it; what is on its way and what arrived of this interview."""
    desk = guard.study_desk(slug)
    found = recordings_list.look(desk)
    if not _may(desk, Act.UPLOAD_START):
        abort(404)
    rows = [each for each in found.rows if each.interview_id == interview_id]
    going = [each for each in found.uploads if each.interview_id == interview_id]
    open_ = [each for each in found.to_send if each.interview_id == interview_id]
    if not (rows or open_):
        abort(404)
    code = [each.code for each in open_] + [each.code for each in rows]
    return _page(
        "send.html",
        slug,
        interview_id=interview_id,
        code=code[0],
        rows=rows,
        going=going,
        may_send=bool(open_),
    )


# -- one recording -----------------------------------------------------------------------


@bp.get("/recordings/<uuid:recording_id>")
def one(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """One recording: what is known of it, what can be done about it, and the sound if open."""
    return _one(slug, recording_id, ReasonForm())


def _one(slug: str, recording_id: UUID, form: StudyForm) -> str:
    desk = guard.study_desk(slug)
    rows = recordings_list.look(desk).rows
    row = next((each for each in rows if each.id == recording_id), None)
    if row is None:
        abort(404)
    return _page(
        "one.html",
        slug,
        row=row,
        form=form,
        playback=_playback(),
        is_pi=desk.actor.role is Role.PI,
        may_give=_may(desk, Act.ASSIGNMENT_GIVE) and row.state in TYPED_FROM,
        may_check=_may(desk, Act.RECORDING_CHECK) and row.state == "transcribed",
    )


def _playback() -> UUID | None:
    """The playback this page was opened with, if that is a number at all."""
    try:
        return UUID(request.args.get("p", ""))
    except ValueError:
        return None


@bp.post("/recordings/<uuid:recording_id>/listen")
def listen(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Open the sound on this page; the PI says why."""
    desk, form = guard.study_desk(slug), ReasonForm(request.form)
    opened: list[UUID] = []

    def open_it() -> None:
        said, sitting = form.reason.data or "", guard.visitor().sitting.id
        opened.append(playback.listen(desk, recording_id, sitting, said))

    if desk.actor.role is not Role.PI:
        open_it()
    elif not taken(form, open_it):
        return _one(slug, recording_id, form), 422
    return redirect(url_for(".one", slug=slug, recording_id=recording_id, p=opened[0]))


@bp.post("/recordings/<uuid:recording_id>/accept")
def accept(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Have the gate asked again."""
    recordings.accept(guard.study_desk(slug), recording_id)
    return _done(slug, recording_id, "accepted")


@bp.post("/recordings/<uuid:recording_id>/check")
def check(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Say that text and sound agree."""
    recordings.check(guard.study_desk(slug), recording_id)
    return _done(slug, recording_id, "checked")


@bp.post("/recordings/<uuid:recording_id>/extend")
def extend(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Keep it in quarantine for another period."""
    return _explained(slug, recording_id, recordings.extend, "extended")


@bp.post("/recordings/<uuid:recording_id>/reject")
def reject(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Destroy it in quarantine."""
    return _explained(slug, recording_id, recordings.reject, "rejected")


@bp.post("/recordings/<uuid:recording_id>/propose")
def propose(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Propose to dispose of it; somebody else has to agree."""
    return _explained(slug, recording_id, disposals.propose, "proposed")


@bp.post("/recordings/<uuid:recording_id>/keep")
def keep(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Decide against it."""
    return _explained(slug, recording_id, disposals.keep, "kept")


@bp.post("/recordings/<uuid:recording_id>/dispose")
def dispose(slug: str, recording_id: UUID) -> ResponseReturnValue:
    """Agree, as a second person, that it is destroyed."""
    disposals.dispose(guard.study_desk(slug), recording_id)
    return _done(slug, recording_id, "disposed")


def _explained(
    slug: str, recording_id: UUID, act: Callable[[Desk, UUID, str], object], what: str
) -> ResponseReturnValue:
    """Do what the record must explain; without a reason, ask for it on the same page."""
    desk, form = guard.study_desk(slug), ReasonForm(request.form)
    if taken(form, lambda: act(desk, recording_id, form.reason.data)):
        return _done(slug, recording_id, what)
    return _one(slug, recording_id, form), 422


def _done(slug: str, recording_id: UUID, what: str) -> ResponseReturnValue:
    return redirect(url_for(".one", slug=slug, recording_id=recording_id, done=what))
