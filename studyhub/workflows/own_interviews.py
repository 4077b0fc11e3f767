"""Whether somebody interviewed the person on whose text they are to work (S-1).

Asked when work is given out, and again whenever it goes on: what rested on an exception stops
when that ends.
"""

from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import Refused
from studyhub.domain.separation import SAYS
from studyhub.store.interviews import Interview
from studyhub.store.users import Membership, SoftException
from studyhub.workflows.kernel import Work

RULE = "S-1"


def refuse_interviewer(work: Work, participant_id: UUID, user_id: UUID | None) -> None:
    """Refused for who interviewed this person, in whatever role, unless that is lifted now."""
    if _interviewed(work, participant_id, user_id) and not _is_lifted(work, user_id):
        raise Refused(SAYS[RULE], RULE)


def _interviewed(work: Work, participant_id: UUID, user_id: UUID | None) -> bool:
    held = (
        select(Interview.id)
        .join(Membership, Membership.id == Interview.interviewer_id)
        .where(
            Interview.participant_id == participant_id,
            Membership.user_id == user_id,
            Interview.started_at.is_not(None),
        )
    )
    return work.session.scalar(held.limit(1)) is not None


def _is_lifted(work: Work, user_id: UUID | None) -> bool:
    lifted = select(SoftException.id).where(
        SoftException.study_id == work.study,
        SoftException.user_id == user_id,
        SoftException.rule == RULE,
        SoftException.starts_at <= work.now,
        SoftException.ends_at > work.now,
    )
    return work.session.scalar(lifted.limit(1)) is not None
