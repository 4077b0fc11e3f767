"""The team page: who is in it, what each password opens, and the forms that change it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    DateField,
    EmailField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Length, Optional

from studyhub.domain.duties import DUTY_NAMES, duties_in_words
from studyhub.domain.openings import ROLE_HINTS, STANDING_WORDS, in_words, listed
from studyhub.domain.policy import POLICY
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.separation import LIFTED, SAYS
from studyhub.domain.vocabulary import STAFF, Act, Compartment
from studyhub.web import guard, times
from studyhub.web.filled import end_of, near, one_line, taken, whole_address
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.frame import Link, Opens, Status, Waiting
from studyhub.workflows import accounts_team, accounts_team_view
from studyhub.workflows.accounts_team_view import MemberView, PersonView, TeamView
from studyhub.workflows.kernel import Desk, need_role

bp = Blueprint("team", __name__, url_prefix="/s/<slug>/team")

SOON = timedelta(days=30)
KINDS = {
    "holds": "ok",
    "waits": "warn",
    "invited": "info",
    "lapsed": "stop",
    "stopped": "stop",
    "ended": "quiet",
}
DONE = {
    "added": Status("Invited.", "It opens nothing yet: six words are compared first."),
    "granted": Status("Access is given.", "Everybody in the team gets a letter that says so."),
    "ended": Status("Ended.", "The keys of that role are taken away and its sessions closed."),
    "declared": Status("Declared.", "The auditor sees it, with your reason."),
    "stopped": Status("The exception has ended.", "What rested on it stops with the next act."),
    "proposed": Status("Proposed.", "Another member of the study decides."),
    "proved": Status("The kit is right.", "The study is open: you can add its members."),
}


class AddForm(StudyForm):
    """Who is asked to join, in which role."""

    name = StringField(
        "Name",
        [DataRequired("Write their name"), Length(max=200), one_line],
        description="As the team and the record should show it.",
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        "E-mail address",
        [DataRequired("Write their e-mail address"), Length(max=254), whole_address],
        description="The link to set a password goes there. It works for seven days.",
        render_kw={"autocomplete": "off"},
    )
    role = one_of(
        "Role",
        {role: ROLE_NAMES[role] for role in STAFF},
        hints={str(role): words for role, words in ROLE_HINTS.items()},
        needed="Choose a role",
    )
    duties = SelectMultipleField(
        "Duties",
        choices=as_choices({duty: f"May {words}" for duty, words in DUTY_NAMES.items()}),
        validate_choice=False,
        description="Besides the role. An analyst and an auditor have none.",
    )
    until = DateField(
        "Last day",
        [Optional(), near],
        description="Access ends by itself at the end of this day. Empty: no end is set.",
    )


@dataclass(frozen=True)
class MemberRow:
    """One line of the list of members."""

    name: str
    role: str
    state: str
    kind: str
    duties: str
    since: datetime
    until: datetime | None
    href: str


# -- the list ----------------------------------------------------------------------


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """Everybody, what each password opens, and which rules are lifted."""
    desk = guard.study_desk(slug)
    view = accounts_team_view.team(desk)
    return _page(
        desk,
        "team.html",
        view=view,
        people=[_opens(person) for person in view.people],
        waiting=_waiting(desk, slug, view),
        rows=[_row(slug, each) for each in view.members if each.standing != "ended"],
        earlier=[_row(slug, each) for each in view.members if each.standing == "ended"],
        compartments=[name.title() for name in Compartment],
        soon=guard.hub().now() + SOON,
        declare_link=_declare_link(desk, slug, view),
    )


def _page(desk: Desk, template: str, **values: object) -> str:
    return render_template(
        f"team/{template}",
        frame=guard.frame("team"),
        says=SAYS,
        lifted=LIFTED,
        now=guard.hub().now(),
        status=DONE.get(request.args.get("done", "")),
        slug=guard.place().slug,
        may_change=desk.actor.role in POLICY[Act.MEMBER_INVITE].roles,
        **values,
    )


def _declare_link(desk: Desk, slug: str, view: TeamView) -> Link | None:
    may = desk.actor.role in POLICY[Act.EXCEPTION_DECLARE].roles
    if not may or view.state != "open":
        return None
    return Link("Declare an exception", url_for("exceptions.declare", slug=slug))


def _opens(person: PersonView) -> Opens:
    marks = {opening.compartment: opening.mark for opening in person.openings}
    roles = listed([ROLE_NAMES[role] for role in person.roles])
    return Opens(person.name, roles, list(marks.values()), in_words(marks, person.roles))


def _row(slug: str, member: MemberView) -> MemberRow:
    return MemberRow(
        name=member.name,
        role=ROLE_NAMES[member.role],
        state=STANDING_WORDS[member.standing],
        kind=KINDS[member.standing],
        duties=duties_in_words(member.duties),
        since=member.since,
        until=member.until,
        href=url_for("member.show", slug=slug, membership_id=member.id),
    )


def _waiting(desk: Desk, slug: str, view: TeamView) -> list[Waiting]:
    return [
        Waiting(
            icon="key",
            what=f"Compare six words with {member.name}",
            href=url_for("member.show", slug=slug, membership_id=member.id),
            why=f"{ROLE_NAMES[member.role]}. Keys are made; they open nothing before that.",
            since=times.since(member.since, guard.zone(), guard.hub().now()),
        )
        for member in view.members
        if member.standing == "waits" and member.user_id != desk.actor.user_id
    ]


@bp.route("/add", methods=["GET", "POST"])
def add(slug: str) -> ResponseReturnValue:
    """Invite a person to one role."""
    desk = guard.study_desk(slug)
    form = AddForm(request.form)

    def invite() -> None:
        until = end_of(form.until.data) if form.until.data else None
        duties = form.duties.data or []
        name, email = form.name.data or "", form.email.data or ""
        wanted = accounts_team.Invitation(name, email, form.role.data, duties, until)
        accounts_team.invite(desk, desk.study, wanted)

    if taken(form, invite):
        return redirect(url_for(".show", slug=slug, done="added"))
    view = accounts_team_view.team(desk)
    need_role(desk, Act.MEMBER_INVITE)
    return _page(desk, "add.html", view=view, form=form), 422 if form.errors else 200
