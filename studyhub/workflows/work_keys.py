"""The keys that work on a recording or a transcript needs, and giving them to a member."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Erased, Invalid
from studyhub.domain.vocabulary import Role
from studyhub.store.interviews import Interview, Recording
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.store.transcripts import Assignment, RegisterEntry, Transcript
from studyhub.store.users import Membership
from studyhub.vault.grants import Certificate
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.proofs import certificate_of


@dataclass(frozen=True)
class Thing:
    """What an assignment is about: whose it is, and the keys that open it."""

    participant_id: UUID
    key_ids: frozenset[UUID]


def about(
    session: Session, recording: Recording | None, transcript: Transcript | None
) -> Thing:
    """The participant and the data keys of a recording or a transcript."""
    if transcript is not None:
        person = session.get_one(Interview, transcript.interview_id).participant_id
        keys = [transcript.data_key_id] if transcript.data_key_id else []
        return Thing(person, frozenset(keys))
    if recording is None or recording.object_id is None:
        raise Erased("this recording is gone")
    person = session.get_one(Interview, recording.interview_id).participant_id
    key_id = session.get_one(SealedObject, recording.object_id).data_key_id
    return Thing(person, frozenset({key_id}))


def keys_to_give(work: Work, thing: Thing) -> frozenset[UUID]:
    """The keys of the thing; from a PI also those of the participant's register."""
    if work.actor.role is not Role.PI:
        return thing.key_ids
    return thing.key_ids | register_keys(work.session, thing.participant_id)


def register_keys(session: Session, participant_id: UUID) -> frozenset[UUID]:
    """The keys of what the register holds about a participant."""
    return frozenset(
        session.scalars(
            select(RegisterEntry.data_key_id)
            .where(RegisterEntry.participant_id == participant_id)
            .distinct()
        )
    )


def certificate(member: Membership) -> Certificate:
    found = certificate_of(member)
    if found is None:
        raise Invalid({"to": "This member waits for access"})
    return found


def grant(
    work: Work, key_ids: Iterable[UUID], to: Certificate, made: OpenKey | None = None
) -> int:
    """Give the keys that a member does not have for good already. Returns how many."""
    wanted = set(key_ids)
    kept = set(
        work.session.scalars(
            select(DataKeyGrant.data_key_id).where(
                DataKeyGrant.grantee_kind == "membership",
                DataKeyGrant.grantee_id == to.membership_id,
                DataKeyGrant.ends_at.is_(None),
            )
        )
    )
    missing = wanted - kept
    opened = [
        made if made is not None and made.id == key_id else work.vault.data_key(key_id)
        for key_id in missing
    ]
    forget(work.session, to.membership_id, missing)
    for key in opened:
        work.vault.grant_data_key(key, to)
    work.session.flush()
    return len(opened)


def forget(session: Session, membership_id: UUID, key_ids: Iterable[UUID]) -> None:
    session.execute(
        delete(DataKeyGrant).where(
            DataKeyGrant.grantee_kind == "membership",
            DataKeyGrant.grantee_id == membership_id,
            DataKeyGrant.data_key_id.in_(list(key_ids)),
        )
    )


def renew(work: Work, member: Membership) -> int:
    """Give a member with new keys what their open assignments need. For a PI's act.

    Returns how many keys were given; what was erased is passed over.
    """
    needed = needed_by(work.session, open_work(work.session, member.id))
    given = 0
    for key_id in needed:
        with suppress(Erased):
            given += grant(work, [key_id], certificate(member))
    return given


def open_work(session: Session, membership_id: UUID) -> list[Assignment]:
    """What a member was given of recordings and transcripts and still has."""
    return list(
        session.scalars(
            select(Assignment).where(
                Assignment.membership_id == membership_id,
                Assignment.ended_at.is_(None),
                Assignment.consent_id.is_(None),
            )
        )
    )


def needed_by(session: Session, rows: Iterable[Assignment]) -> frozenset[UUID]:
    """Every key that these assignments open, the registers of their participants included."""
    needed: set[UUID] = set()
    for row in rows:
        recording = session.get(Recording, row.recording_id) if row.recording_id else None
        transcript = session.get(Transcript, row.transcript_id) if row.transcript_id else None
        with suppress(Erased):
            thing = about(session, recording, transcript)
            needed |= thing.key_ids | register_keys(session, thing.participant_id)
    return frozenset(needed)
