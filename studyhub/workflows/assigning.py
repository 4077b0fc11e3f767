"""Give a recording or a transcript to a member, with the keys to it, and take both away.

Whoever gives holds the keys: a PI through the compartments, a depositor of their own recording
only. A depositor has no key to the register, so a PI's own giving adds that (vault.md 1).
"""

from contextlib import suppress
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Invalid, NotPermitted, Refused
from studyhub.domain.vocabulary import Role
from studyhub.store.interviews import Interview, Recording
from studyhub.store.transcripts import Assignment, Transcript
from studyhub.store.users import Membership
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.own_interviews import refuse_interviewer
from studyhub.workflows.standing import is_current
from studyhub.workflows.texts_kept import author, begin
from studyhub.workflows.work_keys import (
    about,
    certificate,
    forget,
    grant,
    keys_to_give,
    needed_by,
    open_work,
)

# Who may be given which work.
DUTY_ROLES: dict[str, Role] = {
    "transcribe": Role.TRANSCRIBER,
    "deidentify": Role.TRANSCRIBER,
    "review": Role.REVIEWER,
}
# What somebody who interviewed the person does not do.
NOT_BY_INTERVIEWER = frozenset({"deidentify", "review"})
INTERVIEWED = frozenset({"completed", "ended_early"})


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
    for recording in _recordings(work.session, transcript.interview_id):
        _assign(work, member, duty, due_on, recording=recording)
    return made


def transcript_of(
    work: Work, interview: Interview, recording_id: UUID | None = None
) -> tuple[Transcript, OpenKey | None]:
    """The transcript of an interview; made now, with its key, where there is none yet."""
    if interview.state not in INTERVIEWED:
        raise Refused("this interview has not taken place yet", "interview")
    # Two who give it out at once must not make two transcripts of it.
    work.session.refresh(interview, with_for_update=True)
    found = work.session.scalar(
        select(Transcript).where(Transcript.interview_id == interview.id).with_for_update()
    )
    sounds = _recordings(work.session, interview.id)
    recording_id = recording_id or (sounds[0].id if sounds else None)
    if found is None:
        opened = begin(work, interview, recording_id)
        return opened.row, opened.key
    if found.recording_id is None:
        found.recording_id = recording_id
    return found, None


def _recordings(session: Session, interview_id: UUID) -> list[Recording]:
    """The sound of an interview that somebody may hear, in the order in which it came."""
    return list(
        session.scalars(
            select(Recording)
            .where(
                Recording.interview_id == interview_id,
                Recording.state.in_(("accepted", "transcribed", "checked")),
            )
            .order_by(Recording.deposited_at, Recording.id)
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
    thing = about(work.session, recording, transcript)
    _refuse_wrong_person(work, thing.participant_id, member, duty)
    refuse_held(work.session, thing.participant_id, "recording" if recording else "transcript")
    grant(work, keys_to_give(work, thing), certificate(member), key)
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
    if duty in NOT_BY_INTERVIEWER:
        refuse_interviewer(work, participant_id, member.user_id)


# -- taking back ---------------------------------------------------------------------------


def end_assignment(work: Work, row: Assignment) -> None:
    """Take one piece of work back, with the keys that nothing else of theirs needs.

    A text and the sound it is typed from are one piece of work.
    """
    given = open_work(work.session, row.membership_id)
    interview = _interview_of(work.session, row)
    ending = [
        each
        for each in given
        if each.duty == row.duty and _interview_of(work.session, each) == interview
    ]
    for each in ending:
        each.ended_at = work.now
    still = needed_by(work.session, [each for each in given if each not in ending])
    forget(work.session, row.membership_id, needed_by(work.session, ending) - still)
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
    for row in open_work(work.session, membership_id):
        row.ended_at = work.now
