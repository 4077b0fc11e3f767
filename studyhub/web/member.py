"""One membership: six words to compare, what its keys open, and its end."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField
from wtforms.validators import DataRequired, Length

from studyhub.domain.duties import duties_in_words
from studyhub.domain.openings import HOLDS, STANDING_WORDS
from studyhub.domain.policy import POLICY
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard, times
from studyhub.web.forms import StudyForm
from studyhub.workflows import accounts_team, accounts_team_view
from studyhub.workflows.accounts_team_view import MemberView
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.role_keys import Opening

bp = Blueprint("member", __name__, url_prefix="/s/<slug>/team/<uuid:membership_id>")


class GrantForm(StudyForm):
    """That six words were compared. ``words`` are the ones that were on the page."""

    words = HiddenField(validators=[Length(max=200)])
    same = BooleanField(
        "The six words are the same on both sides",
        [DataRequired("Compare all six words first, then tick this")],
    )


@dataclass(frozen=True)
class CompartmentRow:
    """What the keys of one membership open of one compartment."""

    name: str
    holds: str
    words: str
    count: str


@bp.route("", methods=["GET", "POST"])
def show(slug: str, membership_id: UUID) -> ResponseReturnValue:
    """One membership; while it waits, the six words and the button that gives access."""
    desk = guard.study_desk(slug)
    form = GrantForm(request.form)
    if request.method == "POST" and form.validate():
        words = (form.words.data or "").split()
        accounts_team.grant(desk, membership_id, words=words)
        return _done("granted", slug)
    found = accounts_team_view.team(desk).member(membership_id)
    if request.method == "GET":
        form.words.data = " ".join(found.words)
    page = _page(
        "member.html",
        found,
        form=form,
        intro=_intro(found, desk),
        opens=[_compartment(opening) for opening in found.openings],
        facts=_facts(found),
        may_grant=_may_grant(found, desk),
        may_accept=_is_own(found, desk) and found.was_agreed,
        may_end=found.standing != "ended" and desk.actor.role in POLICY[Act.MEMBER_END].roles,
    )
    return page, 422 if form.errors else 200


def _may_grant(member: MemberView, desk: Desk) -> bool:
    return desk.actor.role in POLICY[Act.MEMBER_GRANT].roles and not _is_own(member, desk)


def _is_own(member: MemberView, desk: Desk) -> bool:
    return member.user_id == desk.actor.user_id


def _intro(member: MemberView, desk: Desk) -> str:
    if _is_own(member, desk) and member.was_agreed:
        return "Another member approved this role. Your own keys carry it out."
    if _is_own(member, desk):
        return (
            "Nobody gives access to themselves: read these to another principal investigator."
        )
    if not _may_grant(member, desk):
        return f"A principal investigator compares them with {member.name}."
    return (
        f"Telephone {member.name}, or meet; do not write. They find their six words on their "
        "account page and read them to you. All six must be the same, in this order."
    )


def _compartment(opening: Opening) -> CompartmentRow:
    words = {"open": "All", "own": "Own or assigned", "shut": "Nothing"}[opening.mark]
    count = f"{opening.opened} of {opening.sealed}" if opening.sealed else "None sealed yet"
    name = opening.compartment
    return CompartmentRow(name.title(), HOLDS[name], words, count)


def _facts(member: MemberView) -> list[tuple[str, str]]:
    zone = guard.zone()
    last = "Ended" if member.standing == "ended" else "Last day"
    return [
        ("State", STANDING_WORDS[member.standing]),
        ("Since", times.moment(member.since, zone)),
        (last, times.day(member.until, zone) if member.until else "No end set"),
        ("Duties", duties_in_words(member.duties) or "None"),
    ]


@bp.post("/accept")
def accept(slug: str, membership_id: UUID) -> ResponseReturnValue:
    """Carry out a further role of one's own that another member approved."""
    accounts_team.accept(guard.study_desk(slug), membership_id)
    return _done("granted", slug)


@bp.route("/end", methods=["GET", "POST"])
def end(slug: str, membership_id: UUID) -> ResponseReturnValue:
    """End a membership, after reading what that does."""
    desk = guard.study_desk(slug)
    if request.method == "POST":
        accounts_team.end(desk, membership_id)
        return _done("ended", slug)
    view = accounts_team_view.team(desk)
    need_role(desk, Act.MEMBER_END)
    found = view.member(membership_id)
    alike = [each for each in view.members if each.role == found.role and each != found]
    is_last_pi = found.role is Role.PI and not any(one.standing == "holds" for one in alike)
    return _page(
        "end.html",
        found,
        is_last_pi=is_last_pi,
        is_own=_is_own(found, desk),
    )


def _page(template: str, member: MemberView, **values: object) -> str:
    return render_template(
        f"team/{template}",
        frame=guard.frame("team"),
        slug=guard.place().slug,
        member=member,
        role=ROLE_NAMES[member.role],
        now=guard.hub().now(),
        **values,
    )


def _done(what: str, slug: str) -> ResponseReturnValue:
    return redirect(url_for("team.show", slug=slug, done=what))
