"""What a PI may not do alone, or not without saying so: exceptions and proposals."""

from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from studyhub.domain.openings import ROLE_HINTS
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.separation import SAYS
from studyhub.domain.vocabulary import STAFF, Act, Role
from studyhub.domain.words import WORDS
from studyhub.web import guard, times
from studyhub.web.filled import end_of, near, plain_text, taken
from studyhub.web.forms import StudyForm, as_choices, one_of, pick_from
from studyhub.workflows import accounts_exceptions, accounts_team_view
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.team_wishes import ProposalView

bp = Blueprint("exceptions", __name__)


class ExceptionForm(StudyForm):
    """Which soft rule is lifted, for whom, why and until when."""

    rule = one_of(
        "Rule to lift",
        {rule: f"{SAYS[rule]} ({rule})" for rule in WORDS["exceptions.rule"]},
        needed="Choose a rule",
    )
    member = pick_from("For", {}, empty="Choose a member", needed="Choose a member")
    reason = TextAreaField(
        "Reason",
        [DataRequired("Write why"), Length(max=1000), plain_text],
        description="One or two sentences that an ethics committee can read.",
        render_kw={"rows": 3},
    )
    ends = DateField(
        "Last day",
        [InputRequired("Choose a last day"), near],
        description="The exception ends by itself at the end of this day.",
    )


class ProposeForm(StudyForm):
    """A further role for oneself: somebody else decides."""

    role = one_of(
        "Further role",
        {role: ROLE_NAMES[role] for role in STAFF if role not in {Role.PI, Role.AUDITOR}},
        hints={str(role): words for role, words in ROLE_HINTS.items()},
        needed="Choose a role",
    )


class DecideForm(StudyForm):
    """Yes or no to what somebody wants for themselves."""

    answer = one_of(
        "Your decision",
        {"approve": "Approve", "refuse": "Refuse"},
        needed="Choose “Approve” or “Refuse”",
    )


@bp.route("/s/<slug>/team/exceptions/declare", methods=["GET", "POST"])
def declare(slug: str) -> ResponseReturnValue:
    """Lift a soft rule for another member; for oneself it becomes a proposal."""
    desk = guard.study_desk(slug)
    view = accounts_team_view.team(desk)
    form = ExceptionForm(request.form)
    people = {str(each.user_id): each.name for each in view.members if each.standing != "ended"}
    form.member.choices = [*(form.member.choices or []), *as_choices(people)]
    for_self = form.member.data == str(desk.actor.user_id)

    def lift() -> None:
        ends, person = end_of(form.ends.data or date.min), UUID(form.member.data)
        wish = accounts_exceptions.Wish(form.rule.data, person, form.reason.data or "", ends)
        (accounts_exceptions.propose if for_self else accounts_exceptions.declare)(desk, wish)

    if taken(form, lift):
        return _done("proposed" if for_self else "declared", slug)
    return _form_page(desk, Act.EXCEPTION_DECLARE, "declare.html", form)


@bp.post("/s/<slug>/team/exceptions/<uuid:exception_id>/end")
def end_exception(slug: str, exception_id: UUID) -> ResponseReturnValue:
    """End a declared exception before its last day."""
    accounts_exceptions.end_early(guard.study_desk(slug), exception_id)
    return _done("stopped", slug)


@bp.route("/s/<slug>/team/propose", methods=["GET", "POST"])
def propose(slug: str) -> ResponseReturnValue:
    """Ask for a further role for oneself; another member decides."""
    desk = guard.study_desk(slug)
    form = ProposeForm(request.form)
    if taken(form, lambda: accounts_exceptions.propose(desk, Role(form.role.data))):
        return _done("proposed", slug)
    return _form_page(desk, Act.PROPOSAL_MAKE, "propose.html", form)


@bp.route("/s/<slug>/proposals/<uuid:proposal_id>", methods=["GET", "POST"])
def decide(slug: str, proposal_id: UUID) -> ResponseReturnValue:
    """Look at what somebody wants for themselves, and decide."""
    desk = guard.study_desk(slug)
    form = DecideForm(request.form)
    approve = form.answer.data == "approve"
    if taken(form, lambda: accounts_exceptions.decide(desk, proposal_id, approve=approve)):
        return redirect(url_for("home.show", done="approved" if approve else "refused"))
    proposal = accounts_team_view.home(desk).proposal(proposal_id)
    page = _page("decide.html", "home", proposal=proposal, form=form, facts=_facts(proposal))
    return page, 422 if request.method == "POST" else 200


def _facts(proposal: ProposalView) -> list[tuple[str, str]]:
    role = proposal.role
    found = [
        ("Asked by", proposal.name),
        ("Since", _day(proposal.since)),
        ("Role", f"{ROLE_NAMES[role]}. {ROLE_HINTS[role]}" if role else ""),
        ("Rule", f"{SAYS[proposal.rule]} ({proposal.rule})" if proposal.rule else ""),
        ("Reason", proposal.reason),
        ("Last day", _day(proposal.ends_at) if proposal.ends_at else ""),
    ]
    return [(name, value) for name, value in found if value]


def _page(template: str, current: str, **values: object) -> str:
    return render_template(f"exceptions/{template}", frame=guard.frame(current), **values)


def _day(at: datetime) -> str:
    return times.day(at, guard.zone())


def _form_page(desk: Desk, act: Act, template: str, form: StudyForm) -> ResponseReturnValue:
    """The page of a form, for whoever may do what it is for."""
    view = accounts_team_view.team(desk)
    need_role(desk, act)
    page = _page(template, "team", view=view, form=form, slug=guard.place().slug)
    return page, 422 if request.method == "POST" else 200


def _done(what: str, slug: str) -> ResponseReturnValue:
    return redirect(url_for("team.show", slug=slug, done=what))
