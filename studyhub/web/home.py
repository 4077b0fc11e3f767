"""The first screen of each role; for the PI of a new study, the kit comes first."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from studyhub.domain.openings import in_words
from studyhub.domain.policy import POLICY
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.separation import LIFTED
from studyhub.domain.vocabulary import Act, Compartment, Role
from studyhub.web import (
    analyst_day,
    consent_waits,
    guard,
    interviewer_day,
    pi_day,
    recruiter_day,
    release_waits,
    reviewer_day,
    times,
    transcriber_day,
    withdrawal_waits,
)
from studyhub.web.filled import plain_text, taken
from studyhub.web.forms import StudyForm
from studyhub.web.frame import Due, Link, Opens, Status, Waiting
from studyhub.workflows import accounts_study, accounts_team_view
from studyhub.workflows.accounts_team_view import HomeView, TeamView
from studyhub.workflows.kernel import Desk, need_role

bp = Blueprint("home", __name__)

ANYBODY = "Any other member but the auditor can decide."
SECOND_PERSON = "Nobody gives a role to themselves, so a second person decides."
SOON = timedelta(days=30)
# What a role finds on its first screen besides what waits for a second person.
DAYS: dict[Role, Callable[[Desk, str], object]] = {
    Role.RECRUITER: recruiter_day.day_of,
    Role.INTERVIEWER: interviewer_day.day_of,
    Role.TRANSCRIBER: transcriber_day.day_of,
    Role.ANALYST: analyst_day.day_of,
}
DONE = {
    "approved": Status("Approved.", "It is done and on the record, with your name."),
    "refused": Status("Refused.", "Nothing changes. The answer is on the record."),
}


class KitForm(StudyForm):
    """The 24 words as they stand on paper."""

    kit = TextAreaField(
        "The 24 words",
        [DataRequired("Type the 24 words"), Length(max=2000), plain_text],
        description="In their order, with a space between them.",
        render_kw={
            "rows": 5,
            "autocomplete": "off",
            "spellcheck": False,
            "autocapitalize": "none",
        },
    )


# -- the first screen ----------------------------------------------------------------


@bp.get("/home")
def show() -> ResponseReturnValue:
    """What waits for the active role."""
    here = guard.place()
    if here.role in POLICY[Act.AUDIT_EXPORT].roles:
        return redirect(url_for("trail.show", slug=here.slug))
    desk = guard.study_desk(here.slug)
    view = accounts_team_view.home(desk)
    if here.role in POLICY[Act.MEMBER_GRANT].roles:
        return _decisions(desk, view)
    marks = {opening.compartment: opening.mark for opening in view.openings}
    words = f"{in_words(marks, [here.role])}. {_things(view)}"
    return _page(
        f"{here.role}.html",
        analysis_url=url_for("analysis.show", slug=here.slug),
        slug=here.slug,
        day=DAYS[here.role](desk, here.slug) if here.role in DAYS else None,
        waiting=_waits(desk, here.slug) + _proposals(here.slug, view),
        opens=[Opens(guard.visitor().name, ROLE_NAMES[here.role], list(marks.values()), words)],
        compartments=[name.title() for name in Compartment],
    )


def _waits(desk: Desk, slug: str) -> list[Waiting]:
    """What somebody took back, and what waits for a second pair of eyes."""
    texts = reviewer_day.waiting(desk, slug) if desk.actor.role is Role.REVIEWER else []
    first = withdrawal_waits.of_desk(desk, slug)
    papers = consent_waits.of_desk(desk, slug)
    return first + papers + release_waits.of_desk(desk, slug) + texts


def _decisions(desk: Desk, view: HomeView) -> ResponseReturnValue:
    """The PI's first screen: what only a PI decides, and what others owe."""
    slug, team = guard.place().slug, accounts_team_view.team(desk)
    day = pi_day.day_of(desk, slug)
    return _page(
        "pi.html",
        view=view,
        slug=slug,
        today=f"{guard.hub().now().astimezone(guard.zone()):%A} {_day(guard.hub().now())}",
        is_alone=all(each.user_id == desk.actor.user_id for each in team.members),
        day=day,
        flow_link=Link("Diagram and table", url_for("flow.show", slug=slug)),
        to_decide=withdrawal_waits.of_desk(desk, slug)
        + release_waits.of_desk(desk, slug)
        + day.to_decide
        + _to_decide(slug, team, desk)
        + _proposals(slug, view),
        owed=day.owed + _owed(slug, team, desk) + _proposals(slug, view, own=True),
    )


def _page(template: str, current: str = "home", **values: object) -> str:
    return render_template(
        f"home/{template}",
        frame=guard.frame(current),
        status=DONE.get(request.args.get("done", "")),
        **values,
    )


def _things(view: HomeView) -> str:
    sealed = sum(opening.sealed for opening in view.openings)
    opened = sum(opening.opened for opening in view.openings)
    return f"Opens {opened} of {sealed} sealed things" if sealed else "Nothing is sealed yet"


def _day(at: datetime) -> str:
    return times.day(at, guard.zone())


def _since(at: datetime) -> str:
    return times.since(at, guard.zone(), guard.hub().now())


def _to_decide(slug: str, team: TeamView, desk: Desk) -> list[Waiting]:
    """Grants that wait, keys to take away, and exceptions that end soon."""
    found = []
    for member in team.members:
        href = url_for("member.show", slug=slug, membership_id=member.id)
        role, own = ROLE_NAMES[member.role], member.user_id == desk.actor.user_id
        if member.standing == "waits" and not own:
            what = f"Compare six words with {member.name}"
            why = f"{role}. Keys are made; they open nothing before you give access."
            found.append(Waiting("key", what, href, why, _since(member.since)))
        if member.standing == "waits" and own and member.was_agreed:
            what, why = f"Take up your role: {role}", "Another member approved it."
            found.append(Waiting("key", what, href, why, _since(member.since)))
        if member.standing in {"lapsed", "stopped"}:
            what = f"End the role of {member.name}, or allow it again"
            why = f"{role}. It cannot be used any more, but its keys are still here."
            found.append(Waiting("alert", what, href, why, _since(member.since)))
    page = url_for("team.show", slug=slug) + "#exceptions"
    for each in team.exceptions:
        if each.ends_at < guard.hub().now() + SOON:
            due = Due("on " + times.short_day(each.ends_at, guard.zone()), "soon")
            what = f"Exception for {each.name} ends: {LIFTED[each.rule]} ({each.rule})"
            found.append(Waiting("scale", what, page, each.reason, due=due))
    return found


def _owed(slug: str, team: TeamView, desk: Desk) -> list[Waiting]:
    """What waits on others: who has not joined, and grants of one's own."""
    found = []
    for member in team.members:
        href = url_for("member.show", slug=slug, membership_id=member.id)
        role, own = ROLE_NAMES[member.role], member.user_id == desk.actor.user_id
        if member.standing == "invited":
            what, why = f"{member.name} has not joined yet", f"{role}. The letter has a link."
            found.append(Waiting("mail", what, href, why, _since(member.since)))
        if member.standing == "waits" and own and not member.was_agreed:
            why = "Another principal investigator compares the six words with you."
            found.append(Waiting("key", f"Your role: {role}", href, why, _since(member.since)))
    return found


def _proposals(slug: str, view: HomeView, *, own: bool = False) -> list[Waiting]:
    """What one proposed oneself waits on others; the rest waits for oneself."""
    return [
        Waiting(
            "scale",
            proposal.what,
            url_for("exceptions.decide", slug=slug, proposal_id=proposal.id),
            ANYBODY if own else proposal.reason or SECOND_PERSON,
            _since(proposal.since),
        )
        for proposal in view.proposals
        if proposal.is_own is own
    ]


@bp.route("/s/<slug>/team/kit", methods=["GET", "POST"])
def kit(slug: str) -> ResponseReturnValue:
    """Type the recovery kit back: then the study opens."""
    desk = guard.study_desk(slug)
    form = KitForm(request.form)
    words = form.kit.data or ""
    if taken(form, lambda: accounts_study.prove_kit(desk, desk.study, kit=words)):
        return redirect(url_for("team.show", slug=slug, done="proved"))
    view = accounts_team_view.team(desk)
    need_role(desk, Act.STUDY_PROVE_KIT)
    page = _page("kit.html", "team", view=view, form=form, slug=slug)
    return page, 422 if request.method == "POST" else 200
