"""What second persons decide: rules that are lifted in a study, and wishes that wait."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.separation import LIFTED
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.users import Membership, Proposal, SoftException, User
from studyhub.workflows.kernel import Work


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


def exceptions(work: Work) -> list[ExceptionView]:
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


def proposals(work: Work) -> list[ProposalView]:
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
