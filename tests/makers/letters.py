"""What a letter said, opened as only the mailer can, and the links in it."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.vocabulary import Service
from studyhub.store.outbox import Letter
from studyhub.vault.seal import unpack
from studyhub.workflows.locker import Locker
from tests.makers.cast import Study


def letter_body(
    study: Study, purpose: str, participant_id: UUID | None = None
) -> dict[str, Any]:
    """The newest letter of a purpose, to anybody or to one, opened as only the mailer can."""
    with study.hub.sessions.reading.begin() as session:
        wanted = select(Letter).where(Letter.study_id == study.id, Letter.purpose == purpose)
        if participant_id is not None:
            wanted = wanted.where(Letter.participant_id == participant_id)
        row = session.scalars(wanted.order_by(Letter.not_before.desc()).limit(1)).one()
        locker = Locker(
            session,
            study.hub.room,
            study.id,
            study.worker.keys,
            lent=frozenset({Service.MAILER}),
        )
        return unpack(locker.open_letter(row))


def token_in(text: str, way: str = "l") -> str:
    """The token of the first link in a letter."""
    found = re.search(rf"/{way}/([A-Za-z0-9_-]+)", text)
    assert found, text
    return found[1]
