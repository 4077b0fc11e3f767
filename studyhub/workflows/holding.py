"""Whether something of a person is on hold: asked before anything of theirs is opened or used.

A hold lies beside the state of a thing and needs nobody's key (domain.md 3.2, invariant 65).
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Held
from studyhub.store.withdrawals import Hold

# Which scopes of a hold stop which kind of thing (domain.md 3.6).
STOPS: dict[str, frozenset[str]] = {
    "card": frozenset({"identity", "all"}),
    "interview": frozenset({"further_participation", "all"}),
    "recording": frozenset({"audio", "transcript", "all"}),
    "transcript": frozenset({"transcript", "all"}),
    "register": frozenset({"transcript", "identity", "all"}),
    "release": frozenset({"transcript", "all"}),
    "quotes": frozenset({"quotes", "transcript", "all"}),
    "sharing": frozenset({"reuse", "transcript", "all"}),
}


def is_held(session: Session, participant_id: UUID, thing: str, but: str = "") -> bool:
    """Whether an open hold, of a cause that is not ``but``, stops this kind of thing."""
    return (
        session.scalar(
            select(Hold.id)
            .where(
                Hold.participant_id == participant_id,
                Hold.closed_at.is_(None),
                Hold.scope.in_(sorted(STOPS[thing])),
                Hold.cause != but,
            )
            .limit(1)
        )
        is not None
    )


def refuse_held(session: Session, participant_id: UUID, thing: str, but: str = "") -> None:
    """Held (423) while an open hold stops this kind of thing; one of cause ``but`` does not."""
    if is_held(session, participant_id, thing, but):
        raise Held("the participant withdrew this, or it is on hold")
