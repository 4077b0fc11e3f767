"""The recruiter's inbox: expressions of interest and questions, each with since and due."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.errors import WrongState
from studyhub.domain.lifecycle_course import EXPRESSION_WAITS
from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, waits
from studyhub.web.filled import taken
from studyhub.web.forms import as_choices
from studyhub.web.frame import Status, Waiting
from studyhub.web.recruitment_words import MODE_WORDS
from studyhub.web.triage_forms import (
    STATES,
    DecideForm,
    LinkForm,
    NoteForm,
    TriageForm,
)
from studyhub.workflows import (
    recruitment_information,
    recruitment_interest,
    recruitment_triage,
)
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.recruitment_triage import Eligible, ExpressionView, Opened

bp = Blueprint("triage", __name__, url_prefix="/s/<slug>/recruitment")

DONE = {
    "noted": Status("Noted.", "It is sealed, and waits below with the others."),
    "told": Status("Noted.", "They were told by telephone that their message arrived."),
    "sorted": Status("Sorted.", "Now look at the criteria."),
    "junk": Status("Put away.", "Nothing is sent. It stays on the record as junk."),
    "decided": Status("Decided.", "It is on the record, with your name."),
    "eligible": Status("Eligible.", "Send the information sheet and the consent link next."),
    "sent": Status("The sheet and the link are in the queue.", "They leave in a moment."),
}


JUNK = "Junk: nothing that anybody needs to answer"


# -- the inbox -------------------------------------------------------------------------


@bp.get("/interest")
def inbox(slug: str) -> ResponseReturnValue:
    """Everybody who wrote and waits for the team, longest first."""
    desk = guard.study_desk(slug)
    found = recruitment_triage.waiting(
        desk, done=waits.is_done(), after=request.args.get("after", "")
    )
    here = url_for(".inbox", slug=slug)
    return _page(
        "inbox.html",
        slug,
        inbox=waits.inbox(found, lambda each: _line(slug, each), here, "Done"),
        public_url=url_for("interest.public", slug=slug) if _is_open(slug) else "",
        may_change=_may_change(desk),
    )


def _is_open(slug: str) -> bool:
    return recruitment_interest.is_open(guard.hub(), slug)


def _may_change(desk: Desk) -> bool:
    return desk.actor.role in POLICY[Act.EXPRESSION_TRIAGE].roles


def _page(template: str, slug: str, **values: object) -> str:
    return render_template(
        f"triage/{template}",
        frame=guard.frame("interest"),
        status=DONE.get(request.args.get("done", "")),
        slug=slug,
        states=STATES,
        **values,
    )


def _line(slug: str, view: ExpressionView) -> Waiting:
    words, _ = STATES[view.state]
    return waits.line(
        "reply",
        view.told.name or view.code or "No name given",
        url_for(".show", slug=slug, expression_id=view.id),
        f"{words}. {_way(view)}{f' {view.code}.' if view.code else ''}",
        waits.Began(view.received_at, _is_waiting(view)),
    )


def _is_waiting(view: ExpressionView) -> bool:
    return view.state in EXPRESSION_WAITS


def _way(view: ExpressionView) -> str:
    ways = {"link": "By their own link.", "telephone": "By telephone."}
    return ways.get(view.channel, "By the public form.")


@bp.route("/interest/new", methods=["GET", "POST"])
def note(slug: str) -> ResponseReturnValue:
    """Note the interest of somebody who called."""
    desk = guard.study_desk(slug)
    # Anybody may express interest, but not on this page: it would be noted as a call.
    need_role(desk, Act.EXPRESSION_TRIAGE)
    form = NoteForm(request.form)
    if taken(form, lambda: recruitment_interest.receive(desk, form.told())):
        return redirect(url_for(".inbox", slug=slug, done="noted"))
    page = _page("note.html", slug, form=form)
    return page, 422 if request.method == "POST" else 200


# -- one expression --------------------------------------------------------------------


@bp.get("/interest/<uuid:expression_id>")
def show(slug: str, expression_id: UUID) -> ResponseReturnValue:
    """What somebody wrote, who it may be, and what is next."""
    return _one(guard.study_desk(slug), slug, expression_id)


def _one(
    desk: Desk,
    slug: str,
    expression_id: UUID,
    *,
    sorting: TriageForm | None = None,
    deciding: DecideForm | None = None,
    handing: LinkForm | None = None,
    address: str = "",
) -> str:
    opened = recruitment_triage.read(desk, expression_id)
    view = opened.view
    sorting, deciding = sorting or TriageForm(), deciding or DecideForm()
    sorting.kind.choices = as_choices(_kinds(opened))
    deciding.outcome.choices = as_choices(_outcomes(view.state))
    return _page(
        "expression.html",
        slug,
        view=view,
        known=opened.known,
        asked_again=opened.asked_again,
        way=_way(view),
        preference=MODE_WORDS.get(view.told.preference, ""),
        due=waits.answer_due(view.received_at, is_open=_is_waiting(view)),
        sorting=sorting,
        deciding=deciding,
        handing=handing or LinkForm(),
        address=address,
        may_change=_may_change(desk),
    )


def _kinds(opened: Opened) -> dict[str, str]:
    """What an expression may be. One that came by a link is of the contact of that link."""
    view = opened.view
    if view.participant_id is not None:
        own = {f"known:{view.participant_id}": f"{view.code}, whose link it came by"}
        return {**own, "junk": JUNK}
    known = {
        f"known:{each.participant_id}": f"{each.code}, {each.name}: the same address"
        for each in opened.known
    }
    return {**known, "new": "Somebody we do not know yet", "junk": JUNK}


def _outcomes(state: str) -> dict[str, str]:
    later = {
        "ineligible": "Not eligible",
        "declined": "They do not want to take part",
        "unreachable": "We cannot reach them",
        "lapsed": "No answer; closed",
    }
    if state == "screening":
        return {"eligible": "Eligible", **later}
    if state == "info_sent":
        return {"considering": "They are thinking about it", **later}
    return later


@bp.post("/interest/<uuid:expression_id>/acknowledge")
def acknowledge(slug: str, expression_id: UUID) -> ResponseReturnValue:
    """Note that somebody was told by telephone that their message arrived."""
    recruitment_triage.acknowledge(guard.study_desk(slug), expression_id)
    return _to(slug, expression_id, "told")


def _to(slug: str, expression_id: UUID, done: str) -> ResponseReturnValue:
    return redirect(url_for(".show", slug=slug, expression_id=expression_id, done=done))


@bp.post("/interest/<uuid:expression_id>/triage")
def triage(slug: str, expression_id: UUID) -> ResponseReturnValue:
    """Say who wrote."""
    desk = guard.study_desk(slug)
    form = TriageForm(request.form)
    form.kind.choices = as_choices([form.kind.data or ""])

    def sort() -> None:
        kind, known_as = _known_as(form.kind.data)
        recruitment_triage.attach(
            desk,
            expression_id,
            kind,
            known_as=known_as,
            another_person=form.another_person.data,
        )

    if taken(form, sort):
        return _to(slug, expression_id, "junk" if form.kind.data == "junk" else "sorted")
    return _one(desk, slug, expression_id, sorting=form), 422


def _known_as(value: str) -> tuple[str, UUID | None]:
    kind, _, given = value.partition(":")
    try:
        return kind, UUID(given) if given else None
    except ValueError:
        return "", None


@bp.post("/interest/<uuid:expression_id>/decide")
def decide(slug: str, expression_id: UUID) -> ResponseReturnValue:
    """Record what comes of it."""
    desk = guard.study_desk(slug)
    form = DecideForm(request.form)
    form.outcome.choices = as_choices(recruitment_triage.OUTCOMES)

    def act() -> None:
        eligible = Eligible(
            criteria=form.criteria.data or "",
            another_person=form.another_person.data,
            mailbox_private=not form.mailbox_shared.data,
        )
        recruitment_triage.decide(desk, expression_id, form.outcome.data, eligible)

    if taken(form, act):
        done = "eligible" if form.outcome.data == "eligible" else "decided"
        return _to(slug, expression_id, done)
    return _one(desk, slug, expression_id, deciding=form), 422


@bp.post("/interest/<uuid:expression_id>/information")
def inform(slug: str, expression_id: UUID) -> ResponseReturnValue:
    """Send the information sheet and the consent link."""
    desk = guard.study_desk(slug)
    recruitment_information.send(desk, _person(desk, expression_id))
    return _to(slug, expression_id, "sent")


def _person(desk: Desk, expression_id: UUID) -> UUID:
    """The participant who wrote an expression."""
    found = recruitment_triage.read(desk, expression_id).view.participant_id
    if found is None:
        raise WrongState("nobody has decided yet that this person is eligible")
    return found


@bp.post("/interest/<uuid:expression_id>/link")
def hand_over(slug: str, expression_id: UUID) -> ResponseReturnValue:
    """Make a link to hand over; it is shown on the answer to this and never again."""
    desk = guard.study_desk(slug)
    form = LinkForm(request.form)
    made: list[str] = []

    def make() -> None:
        person, channel = _person(desk, expression_id), form.channel.data
        made.append(recruitment_information.make(desk, person, channel=channel))

    status = 200 if taken(form, make) else 422
    return _one(desk, slug, expression_id, handing=form, address="".join(made)), status
