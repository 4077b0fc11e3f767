"""Withdrawals: received by a link, decided and requested."""

from collections.abc import Collection
from uuid import UUID

from studyhub.domain import withdrawals
from studyhub.workflows import withdrawal, withdrawal_deciding, withdrawal_steps
from studyhub.workflows.kernel import Desk
from tests.makers.cast import Study
from tests.makers.consent import agreed, own_link


def withdrawn(
    study: Study,
    scopes: Collection[str] = ("all",),
    participant_id: UUID | None = None,
    desk: Desk | None = None,
) -> UUID:
    """Somebody who agreed, or somebody new, withdraws by their link. Returns its id.

    With ``desk`` it is the one of their link, from before the letter that brought it left.
    """
    by = desk or own_link(study, participant_id or agreed(study))
    return withdrawal.receive(by, withdrawal.Told(tuple(scopes))).id


def decided(
    study: Study,
    scopes: Collection[str] = ("all",),
    participant_id: UUID | None = None,
    desk: Desk | None = None,
) -> UUID:
    """The same, and Petra decided to do all of it and has it carried out. Returns its id."""
    made = withdrawn(study, scopes, participant_id, desk)
    with study.hub.sessions.reading.begin() as session:
        items = withdrawal_steps.rows_of(session, made)
        asked = withdrawals.asked_for(scopes)
        chosen = {each.class_: asked[each.class_] for each in items}
    wanted = {name: withdrawal_deciding.Decision(what) for name, what in chosen.items()}
    withdrawal_deciding.decide(study.petra, made, wanted)
    withdrawal_deciding.request(study.petra, made)
    return made
