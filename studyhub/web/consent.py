"""Consents for the team: what waits to be verified, one with its evidence, a paper to enter."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    abort,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, HiddenField, TimeField
from wtforms.validators import InputRequired, Optional

from studyhub.domain.policy import POLICY, allows, check_role
from studyhub.domain.scans import MOST_BYTES, kind_of_scan
from studyhub.domain.vocabulary import Act, Duty
from studyhub.domain.words import REASON_CODES
from studyhub.web import guard, times
from studyhub.web.filled import taken
from studyhub.web.forms import StudyForm, pick_from
from studyhub.web.frame import Due, Light, Status, Waiting
from studyhub.workflows import consent_check, consent_list, consent_paper
from studyhub.workflows.consent_history_rows import StatementStanding
from studyhub.workflows.consent_list import ConsentRow
from studyhub.workflows.kernel import Desk

bp = Blueprint("consent", __name__, url_prefix="/s/<slug>/consent")

PIECE = 64 * 1024
DONE = {
    "entered": Status("Entered.", "It counts when somebody else has verified it."),
    "verified": Status("Verified.", "It is in force from the time it was signed."),
    "queried": Status("Queried.", "It cannot be verified until this is settled."),
    "resolved": Status("Settled.", "It can be verified now."),
    "countersigned": Status("Countersigned."),
    "proposed": Status("Proposed.", "A second person has to agree that it is void."),
    "invalidated": Status("It is void.", "Nothing was deleted."),
}
REASONS = {code: code.replace("_", " ").capitalize() for code in REASON_CODES}
MODES = {
    "digital_link": "By link",
    "digital_in_person": "On a screen, in person",
    "paper_scan": "On paper",
    "verbal_audio": "Spoken",
    "email_reply": "By e-mail",
}
WHY = {
    "in_force": "Agreed",
    "unverified": "Waits to be verified",
    "no_consent": "Nothing signed",
    "refused": "Refused",
    "declined": "Not agreed to",
    "withdrawn": "Withdrawn",
    "expired": "Expired",
    "reconsent_due": "Must be signed again",
    "not_countersigned": "Waits to be countersigned",
    "not_approved": "Signed without an approval",
    "version_not_effective": "Signed on a version not in use",
    "later_refusal_invalidated": "A later refusal was declared void",
}
_STATES = {"yes": ("ok", "In force"), "provisional": ("part", "Provisional")}
_TYPES = {"copy": "application/json", "typed_name": "text/plain", "drawing": "image/png"}


class ReasonForm(StudyForm):
    """Why a consent is queried or declared void."""

    reason = pick_from("Reason", REASONS, empty="Choose a reason", needed="Choose a reason")


class PaperForm(StudyForm):
    """What stands on a signed paper. The answers come beside these fields."""

    scan = HiddenField(validators=[InputRequired("Send the scan first")])
    signed_on = DateField("Day on the paper", [InputRequired("Enter the day on the paper")])
    signed_at = TimeField(
        "Time you saw it signed",
        [Optional()],
        description="If you attest it. Without a time it counts from the end of the day.",
    )
    waive_wait = BooleanField("The person wrote that they did not want to wait longer")


def lights(standings: tuple[StatementStanding, ...]) -> list[Light]:
    """The consent light of each statement, for any page that meets a participant."""
    found = []
    for each in standings:
        state, words = _STATES.get(each.answer.answer, ("no", "Not in force"))
        if each.answer.reason_code == "no_consent":
            state, words = "none", "Not asked"
        why = WHY[each.answer.reason_code]
        found.append(Light(each.wording, why, state, words))  # type: ignore[arg-type] # of four
    return found


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """What waits to be verified, longest first, and the newest consents."""
    desk = guard.study_desk(slug)
    listing = consent_list.look(desk)
    return _page(
        "list.html",
        slug,
        waiting=[_waiting(slug, row) for row in listing.waiting],
        rows=listing.rows,
        modes=MODES,
        may_enter=allows(desk.actor, Act.CONSENT_ENTER, None),
    )


def _page(template: str, slug: str, **values: object) -> str:
    return render_template(
        f"consent/{template}",
        frame=guard.frame("consent"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        **values,
    )


def _may(desk: Desk, act: Act) -> bool:
    return desk.actor.role in POLICY[act].roles


def _waiting(slug: str, row: ConsentRow) -> Waiting:
    late = row.due <= guard.hub().now()
    due = Due(f"due {times.short_day(row.due, guard.zone())}", "late" if late else "")
    stands = "queried" if row.state == "queried" else "not verified yet"
    return Waiting(
        icon="shield",
        what=f"Verify the consent of {row.code}",
        href=url_for(".one", slug=slug, consent_id=row.id),
        why=f"{MODES[row.mode]}, {stands}.",
        since=times.since(row.entered_at, guard.zone(), guard.hub().now()),
        due=due,
    )


@bp.get("/<uuid:consent_id>")
def one(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """One consent: answers, evidence, what was done about it, and its lights now."""
    return _one(slug, consent_id, ReasonForm())


def _one(slug: str, consent_id: UUID, form: StudyForm) -> str:
    desk = guard.study_desk(slug)
    view = consent_list.look(desk, consent_id).shown
    if view is None:
        abort(404)
    checks = _may(desk, Act.CONSENT_VERIFY)
    return _page(
        "one.html",
        slug,
        view=view,
        form=form,
        lights=lights(view.lights),
        modes=MODES,
        reasons=REASONS,
        may_check=checks and Duty.VERIFY in desk.actor.duties and not view.taken_by_me,
        may_void=_may(desk, Act.CONSENT_INVALIDATE),
        may_countersign=view.taken_by_me and "not_countersigned" in _codes(view.lights),
    )


def _codes(standings: tuple[StatementStanding, ...]) -> set[str]:
    return {each.answer.reason_code for each in standings}


@bp.get("/<uuid:consent_id>/evidence/<kind>")
def evidence(slug: str, consent_id: UUID, kind: str) -> ResponseReturnValue:
    """Open one piece of evidence. Who did is recorded; the browser keeps and runs nothing."""
    found = consent_check.read(guard.study_desk(slug), consent_id, kind)
    media_type = _TYPES.get(kind) or kind_of_scan(found.content[:16])
    answer = Response(found.content, mimetype=media_type or "application/octet-stream")
    shown = media_type.startswith("image/") or media_type == "text/plain"
    place = "inline" if shown else "attachment"
    ending = media_type.rpartition("/")[2] or "bin"
    answer.headers["Content-Disposition"] = f"{place}; filename=evidence.{ending}"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


# -- acts --------------------------------------------------------------------------------


@bp.post("/<uuid:consent_id>/verify")
def verify(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """Say that a consent is what its evidence shows."""
    consent_check.verify(guard.study_desk(slug), consent_id)
    return _done(slug, consent_id, "verified")


@bp.post("/<uuid:consent_id>/resolve")
def resolve(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """Say that what was unclear was settled."""
    consent_check.resolve(guard.study_desk(slug), consent_id)
    return _done(slug, consent_id, "resolved")


@bp.post("/<uuid:consent_id>/countersign")
def countersign(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """Put one's own name under a consent one took."""
    consent_check.countersign(guard.study_desk(slug), consent_id)
    return _done(slug, consent_id, "countersigned")


@bp.post("/<uuid:consent_id>/query")
def query(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """Ask about something unclear."""
    desk, form = guard.study_desk(slug), ReasonForm(request.form)
    if taken(form, lambda: consent_check.query(desk, consent_id, form.reason.data)):
        return _done(slug, consent_id, "queried")
    return _one(slug, consent_id, form), 422


@bp.post("/<uuid:consent_id>/invalidate")
def invalidate(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """Propose that a consent is void, or agree as the second person."""
    desk, form = guard.study_desk(slug), ReasonForm(request.form)
    void: list[bool] = []

    def act() -> None:
        void.append(consent_check.invalidate(desk, consent_id, form.reason.data))

    if taken(form, act):
        return _done(slug, consent_id, "invalidated" if void[0] else "proposed")
    return _one(slug, consent_id, form), 422


def _done(slug: str, consent_id: UUID, what: str) -> ResponseReturnValue:
    return redirect(url_for(".one", slug=slug, consent_id=consent_id, done=what))


# -- paper -------------------------------------------------------------------------------


@bp.post("/enter/<code>/scan")
def scan(slug: str, code: str) -> ResponseReturnValue:
    """Take a scan as a raw body, sealed piece by piece as it arrives. Called by script."""
    request.max_content_length = MOST_BYTES
    length = request.content_length or 0
    found = consent_paper.take_scan(guard.study_desk(slug), code, _pieces(), length)
    return jsonify(scan=str(found)), 201


def _pieces() -> Iterator[bytes]:
    while piece := request.stream.read(PIECE):
        yield piece


@bp.route("/enter/<code>", methods=["GET", "POST"])
def enter(slug: str, code: str) -> ResponseReturnValue:
    """Enter what somebody signed on paper."""
    desk, form = guard.study_desk(slug), PaperForm(request.form)
    asked = consent_list.look(desk, code=code).form
    check_role(desk.actor, Act.CONSENT_ENTER)
    if asked is None:
        abort(404)
    found: list[UUID] = []
    if taken(form, lambda: found.append(_entered(desk, code, form))):
        return redirect(url_for(".one", slug=slug, consent_id=found[0], done="entered"))
    page = _page("enter.html", slug, form=form, asked=asked, typed=request.form)
    return page, 422 if request.method == "POST" else 200


def _entered(desk: Desk, code: str, form: PaperForm) -> UUID:
    day, time = form.signed_on.data or date.min, form.signed_at.data
    answers = {
        name.partition(":")[2]: value
        for name, value in request.form.items()
        if name.startswith("statement:")
    }
    paper = consent_paper.Paper(
        answers=answers,
        signed_on=day,
        signed_at=datetime.combine(day, time, guard.zone()) if time else None,
        waived=form.waive_wait.data,
    )
    return consent_paper.enter(desk, _scan_id(form), code, paper)


def _scan_id(form: PaperForm) -> UUID:
    try:
        return UUID(form.scan.data)
    except ValueError:
        return UUID(int=0)
