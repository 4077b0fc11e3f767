"""Addresses that want no letters, as tags that only the mailer can compute (invariant 11)."""

from typing import Any

from sqlalchemy import or_, select

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
    return _known(work, letter, body["to"]) is not None


def keep_tags(work: Work, letter: Letter, body: dict[str, Any]) -> None:
    """Keep the tag that an opt-out asks for: of this study, or of all."""
    asked = body.get("suppress")
    if asked is None or letter.study_id is None:
        return
    study = None if asked["everywhere"] else letter.study_id
    tag = work.vault.suppression_tag(study, body["to"])
    there = select(Suppression.id).where(Suppression.tag == tag).limit(1)
    if work.session.scalar(there) is None:
        made = {"origin": asked["origin"], "made_at": work.now}
        work.session.add(Suppression(study_id=study, tag=tag, **made))
        work.session.flush()


def _known(work: Work, letter: Letter, address: str) -> Suppression | None:
    here = work.vault.suppression_tag(letter.study_id, address)
    everywhere = work.vault.suppression_tag(None, address)
    return work.session.scalar(
        select(Suppression)
        .where(or_(Suppression.tag == here, Suppression.tag == everywhere))
        .limit(1)
    )
