"""The gate of recordings: accepted, kept in quarantine, or destroyed because of a no.

Asked when a recording has arrived, when a paper consent is verified, and when the PI asks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.lifecycle_material import RECORDING
from studyhub.domain.settings import DEFAULTS
from studyhub.domain.vocabulary import Act
from studyhub.store.interviews import Interview, Recording
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.store.users import Study
from studyhub.workflows.consent_history_rows import answer_gate, in_force
from studyhub.workflows.kernel import Work
from studyhub.workflows.sound_files import destroy_sound

ASKED = ("participate", "audio_recording")
BEGUN = ("in_progress", "completed", "ended_early")  # interviews that may have a recording
ACCEPTED, QUARANTINED, REFUSED = "accepted", "quarantined", "refused"
OWN_FOR = timedelta(days=7)  # the depositor's own key lasts so long after acceptance

_A_NO = frozenset({"refused", "declined"})
_A_YES = "yes"


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one recording, and the stored answer that decided."""

    outcome: str
    gate_id: UUID
    reason: str


def ask(work: Work, interview: Interview) -> Verdict:
    """Ask for the start of the interview, by what is known now, and keep the answers.

    Accepted only when taking part and being recorded were both in force then, and the person
    said at the start that they are still happy to be recorded (invariants 45, 48).
    """
    started = started_at(interview)
    told = [answer_gate(work, interview.participant_id, code, started) for code in ASKED]
    no = next((each for each in told if each[1].reason_code in _A_NO), None)
    if no is not None or interview.may_record == "no":
        gate_id, answer = no or told[-1]
        return Verdict(REFUSED, gate_id, answer.reason_code if no else "declined")
    open_ = next((each for each in told if each[1].answer != _A_YES), None)
    gate_id, answer = open_ or told[-1]
    if open_ is not None or interview.may_record != _A_YES:
        return Verdict(QUARANTINED, gate_id, answer.reason_code)
    return Verdict(ACCEPTED, gate_id, answer.reason_code)


def refuse_declined(work: Work, interview: Interview) -> None:
    """WrongState before any byte is sent where the person said no to being recorded."""
    started = started_at(interview)
    who = interview.participant_id
    told = [in_force(work.session, who, code, started, work.now) for code in ASKED]
    if interview.may_record == "no" or any(each.reason_code in _A_NO for each in told):
        raise WrongState("the person did not agree to be recorded")


def started_at(interview: Interview) -> datetime:
    """When the interview began. WrongState before that."""
    if interview.started_at is None:
        raise WrongState("the interview has not begun")
    return interview.started_at


def days_of_quarantine(work: Work) -> timedelta:
    """How long a recording waits before the PI has to decide."""
    settings = work.session.get_one(Study, work.study).settings
    return timedelta(days=settings.get("quarantine_days", DEFAULTS["quarantine_days"]))


def let_in(work: Work, recording: Recording, gate_id: UUID) -> None:
    """What follows from acceptance: no more deadline, and an end to the depositor's key."""
    recording.gate_id, recording.dispose_at = gate_id, None
    key_id = work.session.scalar(
        select(SealedObject.data_key_id).where(SealedObject.id == recording.object_id)
    )
    grant = work.session.scalar(
        select(DataKeyGrant).where(
            DataKeyGrant.data_key_id == key_id,
            DataKeyGrant.grantee_id == recording.deposited_by,
        )
    )
    if grant is not None:
        grant.ends_at = work.now + OWN_FOR


def accept_waiting(work: Work, participant_id: UUID) -> int:
    """Ask again for what waits of this person, in the act that verified a consent of theirs.

    Returns how many were accepted. What the consent says no to is destroyed at once; the worker
    removes its file.
    """
    accepted = 0
    for recording, interview in _waiting(work, participant_id):
        verdict = ask(work, interview)
        if verdict.outcome == ACCEPTED:
            let_in(work, recording, verdict.gate_id)
            recording.state = advance(recording.state, Act.CONSENT_VERIFY, RECORDING)
            accepted += 1
        elif verdict.outcome == REFUSED:
            to = choosing(Act.CONSENT_VERIFY, REFUSED)
            recording.state = advance(recording.state, to, RECORDING)
            forget_sound(work, recording)
    return accepted


def forget_sound(work: Work, recording: Recording) -> None:
    """Destroy the key of a recording that stays in the list as rejected."""
    if recording.object_id is not None:
        destroy_sound(work, recording.object_id)
    recording.dispose_at = None


def _waiting(work: Work, participant_id: UUID) -> list[tuple[Recording, Interview]]:
    rows = work.session.execute(
        select(Recording, Interview)
        .join(Interview, Interview.id == Recording.interview_id)
        .where(Interview.participant_id == participant_id, Recording.state == QUARANTINED)
        .with_for_update()
    )
    return [(recording, interview) for recording, interview in rows]
