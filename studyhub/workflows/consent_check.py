"""What is done about a consent after it was given: read, verified, queried, declared void.

Nothing here changes a record: each act adds one event to it.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.consent import state_of
from studyhub.domain.consent_history import NEEDS_CHECK, ConsentRecord, History
from studyhub.domain.errors import NotFound, NotPermitted, WrongState
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act, Duty, Role
from studyhub.media.sound import kind_of_sound
from studyhub.store.consent import Consent, ConsentEvent, Evidence
from studyhub.store.keys import SealedObject
from studyhub.store.users import Membership, Proposal
from studyhub.vault.stream_format import ObjectKey
from studyhub.vault.stream_reader import Reader
from studyhub.workflows import consent_evidence
from studyhub.workflows.accepting import accept_waiting
from studyhub.workflows.consent_history_rows import history_of
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.projections import refresh
from studyhub.workflows.sound_files import SoundFile
from studyhub.workflows.stored_files import blobs

_SOUND = "audio"


@dataclass(frozen=True)
class EvidenceFile:
    """One opened piece of evidence, in the memory of one request."""

    kind: str
    content: bytes


@dataclass(frozen=True)
class Heard:
    """The sound of a spoken consent, open to be heard; ``tag`` says which one it is."""

    media_type: str
    tag: str
    reader: Reader


@dataclass(frozen=True)
class _Found:
    kind: str
    secret: ObjectKey
    object_id: UUID
    store_name: str
    root: bytes


def read(desk: Desk, consent_id: UUID, kind: str) -> EvidenceFile:
    """Open one piece of evidence; who did is on the record. Erased, NotPermitted, NotFound.

    A sound is heard, and never opened as a whole.
    """
    if kind == _SOUND:
        raise NotFound("evidence")
    found = _open(desk, consent_id, kind)
    content = consent_evidence.read(desk.hub, found.secret, found.store_name)
    return EvidenceFile(found.kind, content)


def hear(desk: Desk, consent_id: UUID, session_id: bytes) -> UUID:
    """Open the sound of a spoken consent; who did is on the record. Returns its playback."""
    found = _open(desk, consent_id, _SOUND)
    return desk.hub.playbacks.begin(session_id, found.object_id, desk.hub.now())


def play(desk: Desk, consent_id: UUID, playback: UUID, session_id: bytes) -> Heard:
    """The sound of an open playback, for one range of it. NotFound for a number not open."""
    found = _play(desk, consent_id, playback, session_id)
    reader = blobs(desk.hub).open(found.store_name, found.secret)
    try:
        return Heard(kind_of_sound(SoundFile(reader)), found.root.hex(), reader)
    except BaseException:
        reader.close()
        raise


@action(Act.CONSENT_PLAY)
def _play(work: Work, consent_id: UUID, playback: UUID, session_id: bytes) -> _Found:
    """What may be opened is asked again for every range."""
    found = _found(work, consent_id, _SOUND)
    if not work.hub.playbacks.holds(playback, session_id, found.object_id, work.now):
        raise NotFound("playback")
    return found


@action(Act.CONSENT_READ)
def _open(work: Work, consent_id: UUID, kind: str) -> _Found:
    """Open the key of a piece of evidence by this member's own grant, or the PI's."""
    found = _found(work, consent_id, kind)
    work.note(kind=kind)
    return found


def _found(work: Work, consent_id: UUID, kind: str) -> _Found:
    row = work.load(Consent, consent_id)
    if work.actor.role is Role.REVIEWER:
        _refuse_taker(work, row)
    stored = work.session.scalar(
        select(SealedObject)
        .join(Evidence, Evidence.object_id == SealedObject.id)
        .where(Evidence.consent_id == row.id, Evidence.kind == kind)
    )
    if stored is None:
        raise NotFound("evidence")
    key = work.vault.data_key(stored.data_key_id)
    secret = consent_evidence.object_key(key, work.study, row.id, stored.id)
    return _Found(kind, secret, stored.id, stored.store_name, stored.root or b"")


def _refuse_taker(work: Work, row: Consent) -> None:
    """H-2 holds for the person, in whichever role they come (invariant 39)."""
    taker = work.session.get(Membership, row.taken_by) if row.taken_by else None
    if taker is not None and taker.user_id == work.actor.user_id:
        raise NotPermitted("nobody checks what they took, in no role of theirs")


@action(Act.CONSENT_VERIFY)
def verify(work: Work, consent_id: UUID) -> None:
    """Say that a consent is what its evidence shows. Recordings that waited for it come in."""
    row = work.load(Consent, consent_id)
    _refuse_taker(work, row)
    history = history_of(work.session, row.participant_id)
    state = _state(work, history, row)
    if row.mode not in NEEDS_CHECK:
        raise WrongState("a consent given by link needs no second look")
    if row.id in history.marked("verified", work.now):
        raise WrongState("this consent was verified already")
    if state in {"invalidated", "queried"}:
        raise WrongState(f"this consent is {state}")
    _add(work, row, "verified")
    accepted = accept_waiting(work, row.participant_id)
    if accepted:
        work.note(count=accepted)


@action(Act.CONSENT_QUERY)
def query(work: Work, consent_id: UUID, reason: str) -> None:
    """Ask about something unclear in a consent, by a reason of the list."""
    row = work.load(Consent, consent_id)
    _refuse_taker(work, row)
    if _state(work, history_of(work.session, row.participant_id), row) == "invalidated":
        raise WrongState("this consent is invalidated")
    _add(work, row, "queried", need_reason(reason))


@action(Act.CONSENT_RESOLVE)
def resolve(work: Work, consent_id: UUID) -> None:
    """Say that what was unclear was settled."""
    row = work.load(Consent, consent_id)
    _refuse_taker(work, row)
    if _state(work, history_of(work.session, row.participant_id), row) != "queried":
        raise WrongState("nothing about this consent is open")
    _add(work, row, "resolved")


@action(Act.CONSENT_COUNTERSIGN)
def countersign(work: Work, consent_id: UUID) -> None:
    """Put one's own name under a consent one took, where the study asks for that."""
    row = work.load(Consent, consent_id)
    history = history_of(work.session, row.participant_id)
    if not _record(history, row).needs_countersign or row.kind != "signed":
        raise WrongState("this consent is not countersigned")
    if row.id in history.marked("countersigned", work.now):
        raise WrongState("this consent was countersigned already")
    _add(work, row, "countersigned")


@action(Act.CONSENT_INVALIDATE)
def invalidate(work: Work, consent_id: UUID, reason: str) -> bool:
    """Propose that a consent is void, or agree to it as the second person.

    Returns whether it is void now. Nothing is deleted, and an older yes never comes back.
    """
    row = work.load(Consent, consent_id)
    if _state(work, history_of(work.session, row.participant_id), row) == "invalidated":
        raise WrongState("this consent is invalidated already")
    open_one = _proposal(work, row)
    if open_one is None:
        _propose(work, row, need_reason(reason))
        return False
    _second_person(work, open_one)
    open_one.decided_by, open_one.decided_at = work.actor.membership_id, work.now
    open_one.outcome = "approved"
    _add(work, row, "invalidated", str(open_one.payload["reason"]))
    return True


def _proposal(work: Work, row: Consent) -> Proposal | None:
    return work.session.scalar(
        select(Proposal)
        .where(
            Proposal.study_id == work.study,
            Proposal.act == Act.CONSENT_INVALIDATE,
            Proposal.subject == f"consent:{row.id}",
            Proposal.outcome.is_(None),
        )
        .with_for_update()
    )


def _propose(work: Work, row: Consent, reason: str) -> None:
    if work.actor.role is not Role.PI or work.actor.membership_id is None:
        raise NotPermitted("the PI is the first to say that a consent is void")
    work.session.add(
        Proposal(
            id=uuid4(),
            study_id=work.study,
            act=Act.CONSENT_INVALIDATE,
            subject=f"consent:{row.id}",
            payload={"reason": reason},
            proposed_by=work.actor.membership_id,
            proposed_at=work.now,
        )
    )
    work.note(state="proposed", reason=reason)


def _second_person(work: Work, proposal: Proposal) -> None:
    """Another person than the one who proposed, the PI or somebody who verifies."""
    first = work.session.get_one(Membership, proposal.proposed_by)
    if first.user_id == work.actor.user_id:
        raise NotPermitted("nobody decides what they proposed, in no role of theirs")
    if work.actor.role is not Role.PI and Duty.VERIFY not in work.actor.duties:
        raise NotPermitted("the second person is a PI or verifies consents")


def _record(history: History, row: Consent) -> ConsentRecord:
    return next(each for each in history.records if each.id == row.id)


def _state(work: Work, history: History, row: Consent) -> str:
    return state_of(history, _record(history, row), work.now)


def _add(work: Work, row: Consent, kind: str, reason: str | None = None) -> None:
    """Write down what was done about a consent. Append-only."""
    work.session.add(
        ConsentEvent(
            id=uuid4(),
            consent_id=row.id,
            kind=kind,
            at=work.now,
            entered_at=work.now,
            by_id=work.actor.membership_id,
            reason_code=reason,
        )
    )
    work.session.flush()
    refresh(work, row.participant_id)
    work.note(state=kind, **({"reason": reason} if reason else {}))
