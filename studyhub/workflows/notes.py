"""Sealed notes about an interview or an incident, each under a data key of its own.

Whoever writes one keeps an own grant; others read it by the compartment, if their role has it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from studyhub.domain.vocabulary import Compartment, Side
from studyhub.store.transcripts import CaseNote
from studyhub.store.users import Membership
from studyhub.workflows.kernel import Work
from studyhub.workflows.people import side_of
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.sealing import seal_column

# To which compartment a kind of note is sealed, and under which side of the person.
_LIES_IN = {
    "field_note": (Compartment.TRANSCRIPT, Side.TRANSCRIPT),
    "interview_log": (Compartment.TRANSCRIPT, Side.TRANSCRIPT),
    "incident": (Compartment.CONSENT, Side.CONSENT),
}


@dataclass(frozen=True)
class About:
    """What a note is about."""

    participant_id: UUID | None = None
    interview_id: UUID | None = None
    incident_id: UUID | None = None


def keep_note(work: Work, about: About, kind: str, values: dict[str, Any]) -> UUID:
    """Seal a note by whoever acts, and let them read it again. Returns its id."""
    compartment, side = _LIES_IN[kind]
    member = work.session.get(Membership, work.actor.membership_id)
    who = about.participant_id
    shred = (
        side_of(work, who, side)
        if who is not None
        else work.vault.new_shred(Side.STUDY, work.now.date())
    )
    key = work.vault.new_data_key(compartment, shred)
    row = CaseNote(
        id=uuid4(),
        participant_id=who,
        interview_id=about.interview_id,
        incident_id=about.incident_id,
        data_key_id=key.id,
        kind=kind,
        by_id=work.actor.membership_id,
        made_at=work.now,
    )
    seal_column(work, key, row, "body_sealed", who or work.study, **values)
    work.session.add(row)
    work.session.flush()
    certificate = certificate_of(member) if member else None
    if certificate is not None:
        work.vault.grant_data_key(key, certificate)
    return row.id
