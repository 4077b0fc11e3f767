"""Who brings recordings in, decides about them, listens to them and gives out work."""

from typing import Protocol
from uuid import UUID

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Compartment, Duty, Role


class Held(Protocol):
    """An interview: who holds it."""

    @property
    def interviewer_id(self) -> UUID | None: ...


class Sent(Protocol):
    """An upload: who sends it."""

    @property
    def by_id(self) -> UUID: ...


class Deposited(Protocol):
    """A recording: who deposited it."""

    @property
    def deposited_by(self) -> UUID: ...


def holds_it(actor: Actor, interview: Held) -> bool:
    """The interview is the actor's own."""
    return actor.membership_id is not None and interview.interviewer_id == actor.membership_id


def sends_it(actor: Actor, upload: Sent) -> bool:
    """The actor sends this upload; the worker clears away what nobody goes on with."""
    return actor.role is Role.SYSTEM or upload.by_id == actor.membership_id


def own_if_interviewer(actor: Actor, recording: Deposited) -> bool:
    """An interviewer reaches what they deposited themselves."""
    return actor.role is not Role.INTERVIEWER or recording.deposited_by == actor.membership_id


def may_dispose(actor: Actor, _recording: object) -> bool:
    """The actor is a PI, or a reviewer with the duty to dispose of data."""
    return actor.role is Role.PI or Duty.DISPOSE in actor.duties


_LISTENERS = (Role.PI, Role.INTERVIEWER, Role.TRANSCRIBER, Role.REVIEWER)
_SOUND = (Compartment.RECORDING,)

RECORDINGS: dict[Act, Rule] = {
    Act.UPLOAD_START: rule(
        "An interviewer begins to send the recording of their own interview.",
        Role.INTERVIEWER,
        only_if=(holds_it,),
    ),
    Act.UPLOAD_READ: rule(
        "Whoever sends a recording asks how much of it has arrived.",
        Role.INTERVIEWER,
        only_if=(sends_it,),
        opens=_SOUND,
        traced=False,
    ),
    Act.UPLOAD_KEEP: rule(
        "Whoever sends a recording goes on sending it; it is sealed as it arrives.",
        Role.INTERVIEWER,
        only_if=(sends_it,),
        traced=False,
        keeps=True,
    ),
    Act.UPLOAD_FINISH: rule(
        "The last byte makes an upload a recording: accepted if consent was in force, "
        "else kept in quarantine.",
        Role.INTERVIEWER,
        only_if=(sends_it,),
        opens=_SOUND,
    ),
    Act.UPLOAD_DESTROY: rule(
        "Whoever sends a recording takes it back before it is whole; the worker removes it "
        "after three days.",
        *(Role.INTERVIEWER, Role.SYSTEM),
        only_if=(sends_it,),
    ),
    Act.RECORDING_LIST: rule(
        "The team sees by code which recordings there are; interviewers, transcribers and "
        "reviewers only their own.",
        *(*_LISTENERS, Role.AUDITOR),
        traced=False,
    ),
    Act.RECORDING_ACCEPT: rule(
        "The PI has the gate asked again for a recording in quarantine; only consent opens it.",
        Role.PI,
    ),
    Act.RECORDING_EXTEND: rule(
        "The PI keeps a recording in quarantine longer, with a reason.", Role.PI
    ),
    Act.RECORDING_REJECT: rule(
        "The PI has a recording in quarantine destroyed, with a reason.",
        Role.PI,
        asks_password=True,
    ),
    Act.RECORDING_LISTEN: rule(
        "Whoever deposited a recording, is assigned to it, or is the PI with a reason, "
        "listens to it; never in quarantine or while held.",
        *_LISTENERS,
        only_if=(own_if_interviewer,),
        opens=_SOUND,
        asks_password=(Role.PI,),
    ),
    Act.RECORDING_PLAY: rule(
        "Parts of a recording are sent to whoever opened it to listen.",
        *_LISTENERS,
        only_if=(own_if_interviewer,),
        opens=_SOUND,
        traced=False,
    ),
    Act.RECORDING_DRAW: rule(
        "The picture of a sound is made once, for whoever listens to it first.",
        *_LISTENERS,
        only_if=(own_if_interviewer,),
        opens=_SOUND,
        traced=False,
        keeps=True,
    ),
    Act.RECORDING_PROPOSE: rule(
        "A PI, or a reviewer with the duty, proposes to dispose of a checked recording whose "
        "time is over.",
        *(Role.PI, Role.REVIEWER),
        only_if=(may_dispose,),
        asks_password=True,
    ),
    Act.RECORDING_KEEP: rule(
        "A PI, or a reviewer with the duty, decides against disposing of it now.",
        *(Role.PI, Role.REVIEWER),
        only_if=(may_dispose,),
    ),
    Act.RECORDING_DISPOSE: rule(
        "A second person agrees, and the recording is destroyed with a certificate.",
        *(Role.PI, Role.REVIEWER),
        only_if=(may_dispose,),
        asks_password=True,
    ),
    Act.RECORDING_CHECK: rule(
        "A reviewer assigned to it says that text and sound agree; then the sound may go.",
        Role.REVIEWER,
    ),
}
