"""Addresses that want no letters, as tags that only the mailer can compute (invariant 11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.outbox import Letter
from studyhub.store.people import Suppression
from studyhub.workflows.kernel import Work


def is_unwanted(work: Work, letter: Letter, body: dict[str, Any]) -> bool:
    """Whether this letter must not go to its address. The one confirmation may, once.

    Letters to team members are no study's letters: nobody opts out of those.
    """
    if letter.study_id is None:
        return False
    if "suppress" in body and letter.message_id is not None:
        return False  # tried before: what is known of the address came with this letter
    found = _known(work, letter, body["to"])
    if not found:
        return False
    reopened = _reopened_at(work, letter)
    return reopened is None or max(row.made_at for row in found) >= reopened


def _reopened_at(work: Work, letter: Letter) -> datetime | None:
    """When it was recorded that this person, in this study, wants letters again."""
    if letter.participant_id is None:
        return None
    return work.session.scalar(
        select(func.max(Event.at)).where(
            Event.subject == f"participant:{letter.participant_id}",
            Event.act == Act.CONTACT_REOPEN,
            Event.outcome == "done",
        )
    )


def keep_tags(work: Work, letter: Letter, body: dict[str, Any]) -> None:
    """Keep the tag that an opt-out asks for: of this study, or of all."""
    asked = body.get("suppress")
    if asked is None or letter.study_id is None:
        return
    study = None if asked["everywhere"] else letter.study_id
    tag = work.vault.suppression_tag(study, body["to"])
    at = datetime.fromisoformat(asked["at"])
    there = work.session.scalar(select(Suppression).where(Suppression.tag == tag).limit(1))
    if there is None:
        made = {"origin": asked["origin"], "made_at": at}
        work.session.add(Suppression(study_id=study, tag=tag, **made))
    elif at > there.made_at:  # stopped, asked for letters again, and stopped once more
        there.made_at = at
    work.session.flush()


def _known(work: Work, letter: Letter, address: str) -> Sequence[Suppression]:
    here = work.vault.suppression_tag(letter.study_id, address)
    everywhere = work.vault.suppression_tag(None, address)
    return work.session.scalars(
        select(Suppression).where(or_(Suppression.tag == here, Suppression.tag == everywhere))
    ).all()
