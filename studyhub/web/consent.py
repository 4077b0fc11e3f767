"""Consents for the team: what waits to be verified, one with its evidence, one to enter."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode
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

from studyhub.domain.consent_copy import as_text, copy_from
from studyhub.domain.consent_ways import PAPER, SPOKEN, WAYS
from studyhub.domain.errors import Invalid
from studyhub.domain.policy import POLICY, allows
from studyhub.domain.reasons import REASONS
from studyhub.domain.scans import kind_of_scan
from studyhub.domain.vocabulary import Act, Duty
from studyhub.web import consent_waits, guard
from studyhub.web.consent_words import CAPACITIES, MODES, TIMES, lights
from studyhub.web.filled import taken
from studyhub.web.forms import StudyForm
from studyhub.web.frame import Status
from studyhub.web.paper_form import FORMS, PaperForm, answers_sent
from studyhub.web.raw_body import raw_body
from studyhub.web.reason_form import ReasonForm
from studyhub.web.statement_fields import MOST_LINES, groups
from studyhub.workflows import consent_check, consent_list, consent_paper
from studyhub.workflows.consent_ground import CannotSign
from studyhub.workflows.consent_history_rows import StatementStanding
from studyhub.workflows.kernel import Desk, need_role

bp = Blueprint("consent", __name__, url_prefix="/s/<slug>/consent")

DONE = {
    "entered": Status("Entered.", "It counts when somebody else has verified it."),
    "verified": Status("Verified.", "It is in force from the time it was signed."),
    "queried": Status("Queried.", "It cannot be verified until this is settled."),
    "resolved": Status("Settled.", "It can be verified now."),
    "countersigned": Status("Countersigned."),
    "proposed": Status("Proposed.", "A second person has to agree that it is void."),
    "invalidated": Status("It is void.", "Nothing was deleted."),
}
_TYPES = {"copy": "text/plain", "typed_name": "text/plain", "drawing": "image/png"}


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """What waits to be verified, longest first, and the newest consents."""
    desk = guard.study_desk(slug)
    after = request.args.get("waiting", ""), request.args.get("newest", "")
    listing = consent_list.look(desk, after=after)
    first = url_for(".show", slug=slug)
    return _page(
        "list.html",
        slug,
        waiting=[consent_waits.line(desk, slug, row) for row in listing.waiting.page.rows],
        waiting_number=listing.waiting.number,
        waiting_start=first if after[0] else "",
        waiting_next=_on(slug, "waiting", listing.waiting.page.next_after),
        rows=listing.newest.page.rows,
        number=listing.newest.number,
        start=first if after[1] else "",
        next=_on(slug, "newest", listing.newest.page.next_after),
        modes=MODES,
        may_enter=allows(desk.actor, Act.CONSENT_ENTER, None),
    )


def _on(slug: str, part: str, mark: str) -> str:
    """The address of the next page of one part, back at the start of the other."""
    return f"{url_for('.show', slug=slug)}?{urlencode({part: mark})}" if mark else ""


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
        times=TIMES,
        capacities=CAPACITIES,
        reasons=REASONS,
        playback=request.args.get("p", type=UUID),
        may_check=checks and Duty.VERIFY in desk.actor.duties and not view.taken_by_me,
        may_void=view.may_void,
        may_countersign=view.taken_by_me and "not_countersigned" in _codes(view.lights),
    )


def _codes(standings: tuple[StatementStanding, ...]) -> set[str]:
    return {each.answer.reason_code for each in standings}


@bp.get("/<uuid:consent_id>/evidence/<kind>")
def evidence(slug: str, consent_id: UUID, kind: str) -> ResponseReturnValue:
    """Open one piece of evidence. Who did is recorded; the browser keeps and runs nothing.

    A PDF is sent as a file: browsers show none under a policy that forbids everything.
    """
    found = consent_check.read(guard.study_desk(slug), consent_id, kind)
    content, media_type = found.content, _TYPES.get(kind) or kind_of_scan(found.content[:16])
    if kind == "copy":
        content = as_text(copy_from(json.loads(content))).encode()
    answer = Response(content, mimetype=media_type or "application/octet-stream")
    place = "inline" if media_type.startswith(("image/", "text/")) else "attachment"
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


# -- on paper, or by word of mouth -------------------------------------------------------


@bp.post("/spoken/<code>/sound", defaults={"mode": SPOKEN.mode})
@bp.post("/enter/<code>/scan", defaults={"mode": PAPER.mode})
def scan(slug: str, code: str, mode: str) -> ResponseReturnValue:
    """Take a scan or a sound as a raw body, sealed as it arrives. Called by script."""
    way = WAYS[mode]
    pieces, length = raw_body(way.most_bytes)
    found = consent_paper.take(guard.study_desk(slug), code, pieces, length, way)
    return jsonify(scan=str(found)), 201


@bp.route("/spoken/<code>", methods=["GET", "POST"], defaults={"mode": SPOKEN.mode})
@bp.route("/enter/<code>", methods=["GET", "POST"], defaults={"mode": PAPER.mode})
def enter(slug: str, code: str, mode: str) -> ResponseReturnValue:
    """Enter what somebody signed on paper or said, on the form that was in use then."""
    desk, form = guard.study_desk(slug), FORMS[mode](request.form)
    need_role(desk, Act.CONSENT_ENTER)
    is_sent = request.method == "POST"
    if is_sent:
        consent_paper.refuse_entered(desk, form.scan_id())
    paper = form.paper() if is_sent and form.validate() else None
    asked = consent_list.look(desk, code=code, at=form.counts_from()).form
    if asked is None:
        abort(404)
    missing = dict.fromkeys(_unanswered(asked), form.ASK) if is_sent else {}
    try:
        if paper is not None and not missing and _same_form(form, asked):
            found = consent_paper.enter(desk, form.scan_id(), code, paper)
            return redirect(url_for(".one", slug=slug, consent_id=found, done="entered"))
    except Invalid as wrong:
        form.refuse(wrong.problems)
    except CannotSign as refused:
        form.form_errors += [each.says for each in refused.obstacles]
        return _entering(slug, form, asked, missing), 409
    return _entering(slug, form, asked, missing), 422 if is_sent else 200


def _entering(
    slug: str, form: PaperForm, asked: consent_list.PaperForm, missing: Mapping[str, str]
) -> str:
    shown = groups(asked.statements, missing)
    numbers = [each.number for group in shown for each in group.asked if each.problem]
    lines = [f"sentence {number}" for number in numbers]
    if len(lines) > MOST_LINES:
        lines = [f"the {len(lines)} sentences marked below"]
    form.form_errors += [f"{form.ASK} for {line}" for line in lines]
    return _page("enter.html", slug, form=form, asked=asked, groups=shown, way=form.WAY)


def _same_form(form: PaperForm, asked: consent_list.PaperForm) -> bool:
    """Whether the sentences that were answered are those of the form in use on that day."""
    if (form.version.data or asked.version) == asked.version:
        return True
    says = f"On that day form {asked.version} was in use. Look at its sentences"
    form.refuse({"signed_on": says if asked.version else "On that day no form was in use"})
    return False


def _unanswered(asked: consent_list.PaperForm) -> list[str]:
    answers = answers_sent()
    codes = [each.code for each in asked.statements]
    return [code for code in codes if answers.get(code) not in ("agree", "decline")]
