"""An analyst, who knows nobody, was told that somebody wants to stop: passed on.

The analyst's own act is a line of the record and touches nothing of persons (invariant 57). The
worker reads it there, and writes to whoever decides about withdrawals.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.users import Study, User
from studyhub.workflows import post
from studyhub.workflows.kernel import Hub, Work, action, worker_desk
from studyhub.workflows.withdrawal_effects import deciders


@action(Act.WITHDRAWAL_FORWARD)
def forward(work: Work) -> None:
    """Have whoever decides ask this analyst, today, who it was. Nothing is written down."""
    work.claim_all("withdrawal")


def call_deciders(hub: Hub) -> int:
    """Write what analysts passed on since the last time. Says in how many studies."""
    with hub.sessions.reading.begin() as session:
        due = [study for study in session.scalars(select(Study.id)) if _told(session, study)]
    for study in due:
        call(worker_desk(hub, study))
    return len(due)


@action(Act.WITHDRAWAL_CALL)
def call(work: Work) -> None:
    """One letter to each who decides, with the names of the analysts to ask."""
    work.claim_all("withdrawal")
    study = work.session.get_one(Study, work.study)
    told = " and ".join(_told(work.session, work.study))
    text = (
        f"{told}: somebody who took part said that they want to stop.\n\n"
        "Analysts know nobody here and cannot record it. Ask today who it was, in person or\n"
        "by telephone, and record it: it counts from when they said it.\n\n"
        f"{work.hub.settings.public_url}/s/{study.slug}/withdrawals/record\n"
    )
    people = deciders(work)
    for person in people:
        post.to_staff(work, person, "staff_notice", "Somebody may want to withdraw", text)
    work.note(count=len(people))


def _told(session: Session, study: UUID) -> Sequence[str]:
    """The names of the analysts who passed something on that nobody was written about."""
    mine = (Event.chain == study, Event.outcome == "done")
    called = select(func.coalesce(func.max(Event.seq), -1)).where(
        *mine, Event.act == Act.WITHDRAWAL_CALL
    )
    wanted = (
        select(User.name)
        .join(Event, Event.actor_id == User.id)
        .where(*mine, Event.act == Act.WITHDRAWAL_FORWARD)
        .where(Event.seq > called.scalar_subquery())
        .distinct()
        .order_by(User.name)
    )
    return session.scalars(wanted).all()
