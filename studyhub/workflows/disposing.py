"""Whether a recording may be disposed of now, and who has proposed it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.policy_recordings import may_dispose
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.interviews import Recording
from studyhub.store.users import Membership, Proposal
from studyhub.store.withdrawals import RetentionRule
from studyhub.workflows.kernel import Work

KEPT_AFTER_CHECK = timedelta(days=30)
PROPOSE, WAIT, DECIDE = "propose", "wait", "decide"
_DISPOSERS = (Role.PI, Role.REVIEWER)


def proposal_of(work: Work, recording_id: UUID) -> Proposal | None:
    """The proposal to dispose of it that waits for a second person."""
    return work.session.scalar(
        select(Proposal).where(
            Proposal.act == Act.RECORDING_DISPOSE,
            Proposal.subject == f"recording:{recording_id}",
            Proposal.outcome.is_(None),
        )
    )


def rule_after_check(work: Work) -> RetentionRule | None:
    """What the study settled about sound that was checked, if anything."""
    return work.session.scalar(
        select(RetentionRule).where(
            RetentionRule.study_id == work.study,
            RetentionRule.class_ == "recording",
            RetentionRule.clock == "transcript_checked",
        )
    )


def kept_after_check(work: Work) -> timedelta:
    """How long sound is kept once its text was checked; the study may have settled it."""
    rule = rule_after_check(work)
    if rule is None or rule.days is None:
        return KEPT_AFTER_CHECK
    return timedelta(days=rule.days)


def is_own(work: Work, proposal: Proposal) -> bool:
    """Whether the acting person proposed it, in whatever role."""
    by = work.session.get_one(Membership, proposal.proposed_by)
    return by.user_id == work.actor.user_id


def is_over(work: Work, row: Recording) -> bool:
    """Whether the time it is kept for is over: its clock began when it was checked."""
    return row.dispose_at is not None and row.dispose_at <= work.now


def stands(work: Work, row: Recording) -> str:
    """What the acting member may do about it; empty for nothing, or not yet."""
    may = work.actor.role in _DISPOSERS and may_dispose(work.actor, row)
    if row.state != "checked" or not may or not is_over(work, row):
        return ""
    proposal = proposal_of(work, row.id)
    if proposal is None:
        return PROPOSE
    return WAIT if is_own(work, proposal) else DECIDE
