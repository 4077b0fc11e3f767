"""Soft rules lifted for a person and a time, and what a PI may not decide alone.

Whatever a PI wants for themselves, a further role or an exception, is a proposal that another
active member of the study decides.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from studyhub.domain.errors import Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.vocabulary import Act, Role
from studyhub.domain.words import WORDS
from studyhub.store.users import Membership, Proposal, SoftException, Study
from studyhub.workflows.invitations import Wanted, checked_membership, new_membership
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.standing import is_allowed_beside_others, is_current

# What a PI wants for themselves; other proposals are decided by the stage they are about.
DECIDED_HERE = frozenset({Act.EXCEPTION_DECLARE, Act.MEMBER_INVITE})


@dataclass(frozen=True)
class Wish:
    """An exception somebody asks for: which rule, for whom, why, until when."""

    rule: str
    user_id: UUID
    reason: str
    ends_at: datetime


@action(Act.EXCEPTION_DECLARE)
def declare(work: Work, wish: Wish) -> UUID:
    """Lift a soft rule for another member until a day; the auditor sees it."""
    _check(work, wish)
    made = _exception(work, wish)
    work.session.add(made)
    work.claim(made)
    work.note(rule=wish.rule)
    return made.id


def _exception(work: Work, wish: Wish) -> SoftException:
    if work.actor.membership_id is None:
        raise WrongState("an exception names the member who approved it")
    return SoftException(
        id=uuid4(),
        study_id=work.study,
        user_id=wish.user_id,
        rule=wish.rule,
        reason=wish.reason.strip(),
        approved_by=work.actor.membership_id,
        starts_at=work.now,
        ends_at=wish.ends_at,
    )


def _check(work: Work, wish: Wish) -> None:
    """Refuse what is not a soft rule, has no reason or no end, or is for a stranger."""
    if wish.rule not in WORDS["exceptions.rule"]:
        raise Invalid({"rule": "Choose a rule that can be lifted"})
    if not wish.reason.strip():
        raise Invalid({"reason": "Say why, in words an ethics committee can read"})
    if wish.ends_at <= work.now:
        raise Invalid({"ends": "Choose a day after today"})
    member = work.session.scalar(
        select(Membership.id).where(
            Membership.study_id == work.study,
            Membership.user_id == wish.user_id,
            Membership.state != "ended",
        )
    )
    if member is None:
        raise Invalid({"member": "Choose a member of this study"})
    _check_not_lifted(work, wish)


def _check_not_lifted(work: Work, wish: Wish) -> None:
    """Refuse a second exception from the same rule for the same person."""
    until = work.session.scalar(
        select(func.max(SoftException.ends_at)).where(
            SoftException.study_id == work.study,
            SoftException.user_id == wish.user_id,
            SoftException.rule == wish.rule,
            SoftException.ends_at > work.now,
        )
    )
    if until is not None:
        zone = ZoneInfo(work.session.get_one(Study, work.study).time_zone)
        raise Invalid(
            {"rule": f"This is lifted already until {until.astimezone(zone):%-d %B %Y}"}
        )


@action(Act.EXCEPTION_END)
def end_early(work: Work, exception_id: UUID) -> None:
    """End a declared exception now: what rested on it stops with the next act."""
    found = work.load(SoftException, exception_id)
    if found.ends_at <= work.now:
        raise WrongState("this exception has ended already")
    found.ends_at = work.now
    work.note(rule=found.rule)


@action(Act.PROPOSAL_MAKE)
def propose(work: Work, wish: Wish | Role) -> UUID:
    """Propose an exception or a further role for oneself, for another member to decide."""
    if work.actor.membership_id is None or work.actor.user_id is None:
        raise WrongState("only a member proposes")
    if isinstance(wish, Wish):
        if wish.user_id != work.actor.user_id:
            raise Invalid({"member": "For another member, declare the exception yourself"})
        _check(work, wish)
        act, payload = Act.EXCEPTION_DECLARE, _payload(wish)
    else:
        checked_membership(work, Wanted(work.study, work.actor.user_id, wish))
        act, payload = Act.MEMBER_INVITE, {"role": str(wish)}
    made = Proposal(
        id=uuid4(),
        study_id=work.study,
        act=act,
        subject=f"user:{work.actor.user_id}",
        payload=payload,
        proposed_by=work.actor.membership_id,
        proposed_at=work.now,
    )
    work.session.add(made)
    work.claim(made)
    work.note(kind=str(act))
    return made.id


def _payload(wish: Wish) -> dict[str, Any]:
    return {
        "rule": wish.rule,
        "user": str(wish.user_id),
        "reason": wish.reason.strip(),
        "ends_at": wish.ends_at.isoformat(),
    }


@action(Act.PROPOSAL_DECIDE)
def decide(work: Work, proposal_id: UUID, *, approve: bool) -> None:
    """Decide what another member proposed for themselves; if approved, it is done at once."""
    proposal = work.load(Proposal, proposal_id)
    if proposal.act not in DECIDED_HERE:
        raise NotFound("proposal")  # it is decided where its subject is shown
    proposer = work.session.get_one(Membership, proposal.proposed_by)
    if proposer.user_id == work.actor.user_id:
        raise NotPermitted("nobody decides what they proposed, in no role of theirs")
    if proposal.outcome is not None:
        raise WrongState("this was decided already")
    proposal.decided_by, proposal.decided_at = work.actor.membership_id, work.now
    proposal.outcome = "approved" if approve else "refused"
    work.note(kind=proposal.act, answer=proposal.outcome)
    if approve:
        _carry_out(work, proposal, proposer)


def _carry_out(work: Work, proposal: Proposal, proposer: Membership) -> None:
    given = proposal.payload
    if not (
        is_current(proposer, work.now)
        and is_allowed_beside_others(work.session, proposer, work.now)
    ):
        raise WrongState("whoever proposed this is no longer in that role: refuse it")
    if proposal.act == Act.MEMBER_INVITE:
        wanted = Wanted(proposal.study_id, proposer.user_id, given["role"])
        work.note(membership=str(new_membership(work, wanted).id), role=given["role"])
        return
    wish = Wish(
        given["rule"],
        proposer.user_id,
        given["reason"],
        datetime.fromisoformat(given["ends_at"]),
    )
    _check(work, wish)
    work.session.add(_exception(work, wish))
    work.note(rule=wish.rule)
