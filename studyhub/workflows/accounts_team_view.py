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
from sqlalchemy.orm import aliased

from studyhub.domain.errors import NotFound
from studyhub.domain.policy import Identified
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.separation import LIFTED, SAYS
from studyhub.domain.vocabulary import STAFF, Act, Duty, Role
from studyhub.store.users import Membership, Proposal, SoftException, Study, User
from studyhub.vault.words import fingerprint_words
from studyhub.workflows.invitations import agreed, roles_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.role_keys import Opening, Papers, Safe, fingerprint_of, keys_made_at
from studyhub.workflows.standing import (
    has_ended,
    is_allowed_beside_others,
    is_current,
    rules_broken,
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
class ExceptionView:
    """A soft rule lifted for one person, by whom and until when."""

    id: UUID
    rule: str
    name: str
    reason: str
    agreed_by: str
    ends_at: datetime


@dataclass(frozen=True)
class ProposalView:
    """What somebody wants for themselves and another member decides: a role or an exception."""

    id: UUID
    name: str
    is_own: bool
    since: datetime
    role: Role | None
    rule: str
    reason: str
    ends_at: datetime | None

    @property
    def what(self) -> str:
        """The wish in one line."""
        who = "You ask" if self.is_own else f"{self.name} asks"
        if self.role is not None:
            return f"{who} for a further role: {ROLE_NAMES[self.role]}"
        return f"{who} for an exception: {LIFTED[self.rule]} ({self.rule})"


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
    safe, rows = Safe(work), _memberships(work)
    return TeamView(
        title=study.title,
        state=study.state,
        root_words=fingerprint_words(study.root_public_key),
        people=_people(work, rows, safe),
        members=[_member(work, row, holder, safe) for row, holder in rows],
        exceptions=_exceptions(work),
        proposals=_proposals(work),
        papers=safe.papers,
    )


@action(Act.HOME_READ)
def home(work: Work) -> HomeView:
    """What waits for any member to decide, and what one's own password opens."""
    work.claim_all("home")
    member = work.session.get_one(Membership, work.actor.membership_id)
    state = work.session.get_one(Study, work.study).state
    return HomeView(state, Safe(work).openings([member]), _proposals(work))


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


def _people(
    work: Work, rows: Sequence[tuple[Membership, User]], safe: Safe
) -> list[PersonView]:
    held: dict[UUID, list[Membership]] = {}
    names = {holder.id: holder.name for _, holder in rows}
    for row, _ in rows:
        if _standing(work, row) == "holds":
            held.setdefault(row.user_id, []).append(row)
    return [
        PersonView(
            names[user_id], tuple(Role(row.role) for row in together), safe.openings(together)
        )
        for user_id, together in held.items()
    ]


def _standing(work: Work, row: Membership) -> Standing:
    if row.state == "ended":
        return "ended"
    if row.state == "active" and is_current(row, work.now):
        return "holds" if is_allowed_beside_others(work.session, row, work.now) else "stopped"
    if has_ended(row, work.now):
        return "lapsed"
    return "waits" if row.state == "awaiting_grant" else "invited"


def _member(work: Work, row: Membership, holder: User, safe: Safe) -> MemberView:
    return MemberView(
        id=row.id,
        user_id=holder.id,
        login=holder.login,
        name=holder.name,
        role=Role(row.role),
        duties=tuple(Duty(duty) for duty in row.duties),
        state=row.state,
        standing=_standing(work, row),
        since=_since(work, row),
        until=row.valid_to,
        words=fingerprint_of(row),
        kept_apart=_kept_apart(work, row),
        openings=safe.openings([row]),
        was_agreed=agreed(work.session, row),
    )


def _kept_apart(work: Work, row: Membership) -> list[str]:
    """The rules that keep this role apart from the other roles of its holder now."""
    if has_ended(row, work.now):
        return []
    held = roles_held(work.session, row.study_id, row.user_id, work.now) - {row.role}
    return [SAYS[rule] for rule in rules_broken(work.session, row, held, work.now)]


def _since(work: Work, row: Membership) -> datetime:
    """When keys were made, for whoever waits for a grant; otherwise when access began."""
    if row.state == "awaiting_grant":
        return keys_made_at(work.session, row) or row.valid_from
    return row.certified_at or row.valid_from


# -- exceptions and proposals ----------------------------------------------------


def _exceptions(work: Work) -> list[ExceptionView]:
    """What is lifted now, first to end first."""
    holder, approver = aliased(User), aliased(User)
    rows = work.session.execute(
        select(SoftException, holder.name, approver.name)
        .join(holder, holder.id == SoftException.user_id)
        .join(Membership, Membership.id == SoftException.approved_by)
        .join(approver, approver.id == Membership.user_id)
        .where(SoftException.study_id == work.study, SoftException.ends_at > work.now)
        .order_by(SoftException.ends_at, SoftException.id)
    )
    return [
        ExceptionView(row.id, row.rule, name, row.reason, agreed_by, row.ends_at)
        for row, name, agreed_by in rows
    ]


def _proposals(work: Work) -> list[ProposalView]:
    """What waits for a second person, longest first."""
    rows = work.session.execute(
        select(Proposal, User)
        .join(Membership, Membership.id == Proposal.proposed_by)
        .join(User, User.id == Membership.user_id)
        .where(
            Proposal.study_id == work.study,
            Proposal.outcome.is_(None),
            Proposal.act.in_((Act.EXCEPTION_DECLARE, Act.MEMBER_INVITE)),
        )
        .order_by(Proposal.proposed_at, Proposal.id)
    )
    return [_proposal(work, row[0], row[1]) for row in rows]


def _proposal(work: Work, row: Proposal, proposer: User) -> ProposalView:
    wished = row.payload
    ends = wished.get("ends_at")
    return ProposalView(
        id=row.id,
        name=proposer.name,
        is_own=proposer.id == work.actor.user_id,
        since=row.proposed_at,
        role=Role(wished["role"]) if "role" in wished else None,
        rule=wished.get("rule", ""),
        reason=wished.get("reason", ""),
        ends_at=datetime.fromisoformat(ends) if ends else None,
    )


def _one(found: Sequence[V], wanted: UUID) -> V:
    for one in found:
        if one.id == wanted:
            return one
    raise NotFound("no such row of this study")
