"""Give a recording or a transcript to a member, with the keys to it, and take both away.

Whoever gives holds the keys: a PI through the compartments, a depositor of their own recording
only. A depositor has no key to the register, so a PI's own giving adds that (vault.md 1).
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Erased, Invalid, NotPermitted, Refused
from studyhub.domain.separation import SAYS
from studyhub.domain.vocabulary import Role
from studyhub.store.interviews import Interview, Recording
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.store.transcripts import Assignment, RegisterEntry, Transcript
from studyhub.store.users import Membership, SoftException
from studyhub.vault.grants import Certificate
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.standing import is_current
from studyhub.workflows.texts_kept import author, begin

# Who may be given which work.
DUTY_ROLES: dict[str, Role] = {
    "transcribe": Role.TRANSCRIBER,
    "deidentify": Role.TRANSCRIBER,
    "review": Role.REVIEWER,
}
# What somebody who interviewed the person does not do.
NOT_BY_INTERVIEWER = frozenset({"deidentify", "review"})
INTERVIEWED = frozenset({"completed", "ended_early"})


@dataclass(frozen=True)
class _Thing:
    """What an assignment is about: whose it is, and the keys that open it."""

    participant_id: UUID
    key_ids: frozenset[UUID]


# -- giving --------------------------------------------------------------------------------


def assign_recording(
    work: Work, recording: Recording, member: Membership, due_on: date | None = None
) -> UUID:
    """Give a recording to be typed, and the transcript of its interview with it.

    Where the transcript has a key that this actor cannot open, only the sound is given.
    """
    made = _assign(work, member, "transcribe", due_on, recording=recording)
    interview = work.session.get_one(Interview, recording.interview_id)
    transcript, key = transcript_of(work, interview, recording.id)
    with suppress(NotPermitted):
        _assign(work, member, "transcribe", due_on, transcript=transcript, key=key)
    return made


def assign_transcript(
    work: Work,
    transcript: Transcript,
    member: Membership,
    duty: str,
    due_on: date | None = None,
    *,
    key: OpenKey | None = None,
) -> UUID:
    """Give a transcript for one duty, with its sound. ``key`` where it was just made."""
    made = _assign(work, member, duty, due_on, transcript=transcript, key=key)
    for recording in _recordings(work.session, transcript):
        _assign(work, member, duty, due_on, recording=recording)
    return made


def transcript_of(
    work: Work, interview: Interview, recording_id: UUID | None = None
) -> tuple[Transcript, OpenKey | None]:
    """The transcript of an interview; made now, with its key, where there is none yet."""
    if interview.state not in INTERVIEWED:
        raise Refused("this interview has not taken place yet", "interview")
    found = work.session.scalar(
        select(Transcript).where(Transcript.interview_id == interview.id).with_for_update()
    )
    if found is None:
        opened = begin(work, interview, recording_id)
        return opened.row, opened.key
    if found.recording_id is None:
        found.recording_id = recording_id
    return found, None


def _recordings(session: Session, transcript: Transcript) -> list[Recording]:
    """The sound of a transcript's interview that somebody may hear."""
    return list(
        session.scalars(
            select(Recording).where(
                Recording.interview_id == transcript.interview_id,
                Recording.state.in_(("accepted", "transcribed", "checked")),
            )
        )
    )


def _assign(
    work: Work,
    member: Membership,
    duty: str,
    due_on: date | None,
    *,
    recording: Recording | None = None,
    transcript: Transcript | None = None,
    key: OpenKey | None = None,
) -> UUID:
    """Write the assignment, or find the open one, and give the keys that are missing."""
    thing = _about(work.session, recording, transcript)
    _refuse_wrong_person(work, thing.participant_id, member, duty)
    refuse_held(work.session, thing.participant_id, "recording" if recording else "transcript")
    _grant(work, _keys_to_give(work, thing), _certificate(member), key)
    row = _open_one(work.session, member.id, duty, recording, transcript)
    if row is None:
        row = Assignment(
            id=uuid4(),
            study_id=work.study,
            recording_id=recording.id if recording else None,
            transcript_id=transcript.id if transcript else None,
            membership_id=member.id,
            duty=duty,
            given_by=author(work),
        )
        work.session.add(row)
    row.due_on = due_on or row.due_on
    work.session.flush()
    if transcript is not None:
        work.session.expire(transcript, ["assignments"])
    return row.id


def _open_one(
    session: Session,
    membership_id: UUID,
    duty: str,
    recording: Recording | None,
    transcript: Transcript | None,
) -> Assignment | None:
    """The same work given before and not taken back: giving it again only adds keys."""
    return session.scalar(
        select(Assignment).where(
            Assignment.membership_id == membership_id,
            Assignment.duty == duty,
            Assignment.ended_at.is_(None),
            Assignment.recording_id == recording.id
            if recording
            else Assignment.transcript_id == (transcript.id if transcript else None),
        )
    )


def _refuse_wrong_person(
    work: Work, participant_id: UUID, member: Membership, duty: str
) -> None:
    """Only current members of the fitting role; and not who interviewed the person (S-1)."""
    fits = member.study_id == work.study and is_current(member, work.now)
    if not fits or DUTY_ROLES.get(duty) != member.role:
        raise Invalid({"to": "Choose a member whose role does this work"})
    if duty not in NOT_BY_INTERVIEWER or not _interviewed(work, participant_id, member):
        return
    if not _is_lifted(work, member, "S-1"):
        raise Refused(SAYS["S-1"], "S-1")


def _interviewed(work: Work, participant_id: UUID, member: Membership) -> bool:
    """Whether this person, in whatever role, held an interview with the participant."""
    return (
        work.session.scalar(
            select(Interview.id)
            .join(Membership, Membership.id == Interview.interviewer_id)
            .where(
                Interview.participant_id == participant_id,
                Membership.user_id == member.user_id,
                Interview.started_at.is_not(None),
            )
            .limit(1)
        )
        is not None
    )


def _is_lifted(work: Work, member: Membership, rule: str) -> bool:
    """Whether a declared exception lifts a rule for this person now."""
    return (
        work.session.scalar(
            select(SoftException.id)
            .where(
                SoftException.study_id == work.study,
                SoftException.user_id == member.user_id,
                SoftException.rule == rule,
                SoftException.starts_at <= work.now,
                SoftException.ends_at > work.now,
            )
            .limit(1)
        )
        is not None
    )


# -- keys ----------------------------------------------------------------------------------


def _about(
    session: Session, recording: Recording | None, transcript: Transcript | None
) -> _Thing:
    """The participant and the data keys of a recording or a transcript."""
    if transcript is not None:
        person = session.get_one(Interview, transcript.interview_id).participant_id
        return _Thing(person, frozenset({transcript.data_key_id} - {None}))  # type: ignore[arg-type] # None was taken out
    if recording is None or recording.object_id is None:
        raise Erased("this recording is gone")
    person = session.get_one(Interview, recording.interview_id).participant_id
    key_id = session.get_one(SealedObject, recording.object_id).data_key_id
    return _Thing(person, frozenset({key_id}))


def _keys_to_give(work: Work, thing: _Thing) -> frozenset[UUID]:
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


def _certificate(member: Membership) -> Certificate:
    found = certificate_of(member)
    if found is None:
        raise Invalid({"to": "This member waits for access"})
    return found


def _grant(
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
    _forget(work.session, to.membership_id, missing)
    for key in opened:
        work.vault.grant_data_key(key, to)
    work.session.flush()
    return len(opened)


def _forget(session: Session, membership_id: UUID, key_ids: Iterable[UUID]) -> None:
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
    needed = _needed_by(work.session, _open_of(work.session, member.id))
    given = 0
    for key_id in needed:
        with suppress(Erased):
            given += _grant(work, [key_id], _certificate(member))
    return given


def _open_of(session: Session, membership_id: UUID) -> list[Assignment]:
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


def _needed_by(session: Session, rows: Iterable[Assignment]) -> frozenset[UUID]:
    """Every key that these assignments open, the registers of their participants included."""
    needed: set[UUID] = set()
    for row in rows:
        recording = session.get(Recording, row.recording_id) if row.recording_id else None
        transcript = session.get(Transcript, row.transcript_id) if row.transcript_id else None
        with suppress(Erased):
            thing = _about(session, recording, transcript)
            needed |= thing.key_ids | register_keys(session, thing.participant_id)
    return frozenset(needed)


# -- taking back ---------------------------------------------------------------------------


def end_assignment(work: Work, row: Assignment) -> None:
    """Take one piece of work back, with the keys that nothing else of theirs needs.

    A text and the sound it is typed from are one piece of work.
    """
    given = _open_of(work.session, row.membership_id)
    interview = _interview_of(work.session, row)
    ending = [
        each
        for each in given
        if each.duty == row.duty and _interview_of(work.session, each) == interview
    ]
    for each in ending:
        each.ended_at = work.now
    still = _needed_by(work.session, [each for each in given if each not in ending])
    _forget(work.session, row.membership_id, _needed_by(work.session, ending) - still)
    work.session.flush()


def _interview_of(session: Session, row: Assignment) -> UUID | None:
    """The interview that the work of an assignment comes from."""
    if row.transcript_id is not None:
        return session.get_one(Transcript, row.transcript_id).interview_id
    if row.recording_id is not None:
        return session.get_one(Recording, row.recording_id).interview_id
    return None


def end_all(work: Work, membership_id: UUID) -> None:
    """Take back whatever a member has whose membership ends; their keys are gone already."""
    for row in _open_of(work.session, membership_id):
        row.ended_at = work.now
