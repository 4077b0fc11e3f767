"""What the first screens and the team page show: members, proposals, and what a password opens.

Openings are read from the keys, never from the table of roles: a role without its grant shows
as shut, and a grant whose signature does not lead to the study's root counts as none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import NotFound
from studyhub.domain.policy import Identified
from studyhub.domain.separation import SAYS
from studyhub.domain.vocabulary import STAFF, Act, Duty, Role
from studyhub.store.users import Membership, Proposal, Study, User
from studyhub.vault.words import fingerprint_words
from studyhub.workflows.invitations import agreed, agreements
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.role_keys import Opening, Papers, Safe, fingerprint_of, keys_made_at
from studyhub.workflows.standing import (
    has_ended,
    is_allowed_beside,
    is_current,
    roles_among,
    rules_broken,
)
from studyhub.workflows.team_wishes import (
    ExceptionView,
    ProposalView,
    exceptions,
    proposals,
)

Standing = Literal["invited", "waits", "holds", "lapsed", "stopped", "ended"]
V = TypeVar("V", bound=Identified)


@dataclass(frozen=True)
class MemberView:
    """One membership. ``since`` is when its state began; ``words`` are empty before its keys.

    ``lapsed``: its last day is over. ``stopped``: a rule that no exception lifts any more keeps
    it apart from another role of its holder; ``kept_apart`` says which.
    """

    id: UUID
    user_id: UUID
    login: str
    name: str
    role: Role
    duties: tuple[Duty, ...]
    state: str
    standing: Standing
    since: datetime
    until: datetime | None
    words: list[str]
    kept_apart: list[str]
    openings: list[Opening]
    was_agreed: bool  # by another member, as a role for a PI themselves


@dataclass(frozen=True)
class PersonView:
    """What one person's password opens: the union over the roles that hold now."""

    name: str
    roles: tuple[Role, ...]
    openings: list[Opening]


@dataclass(frozen=True)
class TeamView:
    """The whole team of a study, as its PI and its auditor see it."""

    title: str
    state: str
    root_words: list[str]
    people: list[PersonView]
    members: list[MemberView]
    exceptions: list[ExceptionView]
    proposals: list[ProposalView]
    papers: Papers

    def member(self, membership_id: UUID) -> MemberView:
        """One membership of this study; NotFound if there is none."""
        return _one(self.members, membership_id)


@dataclass(frozen=True)
class HomeView:
    """What waits for any member, and what their own password opens in this role."""

    state: str
    openings: list[Opening]
    proposals: list[ProposalView]

    def proposal(self, proposal_id: UUID) -> ProposalView:
        """One proposal that waits; NotFound if there is none."""
        return _one(self.proposals, proposal_id)


@action(Act.MEMBER_LIST)
def team(work: Work) -> TeamView:
    """Everybody in the study, what each password opens, and which rules are lifted."""
    work.claim_all("team")
    study = work.session.get_one(Study, work.study)
    rows = _memberships(work)
    safe = Safe(work, [row for row, _ in rows])
    members = _members(work, rows, safe)
    return TeamView(
        title=study.title,
        state=study.state,
        root_words=fingerprint_words(study.root_public_key),
        people=_people(members, safe),
        members=members,
        exceptions=exceptions(work),
        proposals=proposals(work),
        papers=safe.papers,
    )


@action(Act.HOME_READ)
def home(work: Work) -> HomeView:
    """What waits for any member to decide, and what one's own password opens."""
    work.claim_all("home")
    member = work.session.get_one(Membership, work.actor.membership_id)
    state = work.session.get_one(Study, work.study).state
    return HomeView(state, Safe(work, [member]).openings(member.id), proposals(work))


# -- who is in the team ----------------------------------------------------------


def _memberships(work: Work) -> list[tuple[Membership, User]]:
    """Every membership there ever was, with its holder, by role and name."""
    rows = work.session.execute(
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.study_id == work.study)
        .order_by(User.name, Membership.valid_from, Membership.id)
    )
    found = [(row[0], row[1]) for row in rows]
    return sorted(found, key=lambda row: STAFF.index(Role(row[0].role)))


def _people(members: Sequence[MemberView], safe: Safe) -> list[PersonView]:
    held: dict[UUID, list[MemberView]] = {}
    for member in members:
        if member.standing == "holds":
            held.setdefault(member.user_id, []).append(member)
    return [
        PersonView(
            together[0].name,
            tuple(member.role for member in together),
            safe.openings(*(member.id for member in together)),
        )
        for together in held.values()
    ]


def _members(
    work: Work, rows: Sequence[tuple[Membership, User]], safe: Safe
) -> list[MemberView]:
    """Each membership, with what is read once for all of them."""
    held: dict[UUID, list[Membership]] = {}
    for row, _ in rows:
        held.setdefault(row.user_id, []).append(row)
    among = agreements(work.session, work.study)
    return [
        _member(work, _Known(row, holder, held[holder.id], among), safe) for row, holder in rows
    ]


@dataclass(frozen=True)
class _Known:
    """A membership with its holder, all that they hold, and what was agreed in the study."""

    row: Membership
    holder: User
    held: Sequence[Membership]
    agreements: Sequence[Proposal]


def _standing(work: Work, row: Membership, held: Sequence[Membership]) -> Standing:
    if row.state == "ended":
        return "ended"
    if row.state == "active" and is_current(row, work.now):
        return "holds" if is_allowed_beside(work.session, row, held, work.now) else "stopped"
    if has_ended(row, work.now):
        return "lapsed"
    return "waits" if row.state == "awaiting_grant" else "invited"


def _member(work: Work, known: _Known, safe: Safe) -> MemberView:
    row, holder = known.row, known.holder
    return MemberView(
        id=row.id,
        user_id=holder.id,
        login=holder.login,
        name=holder.name,
        role=Role(row.role),
        duties=tuple(Duty(duty) for duty in row.duties),
        state=row.state,
        standing=_standing(work, row, known.held),
        since=_since(work, row),
        until=row.valid_to,
        words=fingerprint_of(row),
        kept_apart=_kept_apart(work, row, known.held),
        openings=safe.openings(row.id),
        was_agreed=agreed(row, known.agreements),
    )


def _kept_apart(work: Work, row: Membership, held: Sequence[Membership]) -> list[str]:
    """The rules that keep this role apart from the other roles of its holder now."""
    if has_ended(row, work.now):
        return []
    others = roles_among(held, work.now) - {row.role}
    return [SAYS[rule] for rule in rules_broken(work.session, row, others, work.now)]


def _since(work: Work, row: Membership) -> datetime:
    """When keys were made, for whoever waits for a grant; otherwise when access began."""
    if row.state == "awaiting_grant":
        return keys_made_at(work.session, row) or row.valid_from
    return row.certified_at or row.valid_from


def _one(found: Sequence[V], wanted: UUID) -> V:
    for one in found:
        if one.id == wanted:
            return one
    raise NotFound("no such row of this study")
