"""Consent on paper or by word of mouth: first its evidence, then what was answered.

The scan, or the sound, is sealed as it arrives and gives the consent its id, as a recording has
that of its upload. So a form that is sent twice enters one consent, and what proves it belongs
to one person from the start.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from studyhub.domain.consent import kind_of_signing
from studyhub.domain.consent_ways import PAPER, SPOKEN, Way
from studyhub.domain.deadlines import end_of_day
from studyhub.domain.errors import (
    Invalid,
    NotFound,
    NotPermitted,
    Stale,
    StudyHubError,
    WrongKind,
    WrongState,
)
from studyhub.domain.scans import checked
from studyhub.domain.vocabulary import Act, Duty, Side
from studyhub.media.sound import ADVICE, PLAYABLE, look
from studyhub.store.consent import Consent, Evidence, Participant
from studyhub.store.keys import DataKey, DataKeyGrant, SealedObject
from studyhub.store.users import Membership, Study
from studyhub.vault.threads import shred_for
from studyhub.workflows import consent_evidence, stored_files
from studyhub.workflows.consent_evidence import Bundle, Piece
from studyhub.workflows.consent_ground import Ground, ground_of
from studyhub.workflows.consent_record import Signing, keep_signing, lock_participant
from studyhub.workflows.kernel import Desk, Hub, Work, action, worker_desk
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.people import side_of
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.sound_files import SoundFile

UNENTERED = timedelta(days=7)
_BEGINNING = 16  # bytes that tell a scan from a sound


@dataclass(frozen=True)
class Paper:
    """What was answered, on paper or aloud. Without a time the day counts to its end."""

    answers: Mapping[str, str]
    signed_on: date
    signed_at: datetime | None = None
    capacity: str = "own"
    interpreter: bool = False
    waived: bool = False
    way: Way = PAPER


def take_scan(desk: Desk, code: str, chunks: Iterable[bytes], length: int) -> UUID:
    """Seal the scan of a paper as it arrives. Returns the id that its consent will have.

    Invalid if it is no PDF, JPEG or PNG, too large, or shorter than was announced.
    """
    return take(desk, code, chunks, length, PAPER)


def take(desk: Desk, code: str, chunks: Iterable[bytes], length: int, way: Way) -> UUID:
    """Seal what proves a consent as it arrives. Returns the id that the consent will have.

    Invalid for what is no scan, too large, or shorter than was announced; WrongKind for what is
    no sound, or none that can be heard here.
    """
    way.refuse_size(length)
    participant_id = _who(desk, code)
    consent_id = uuid4()
    shred = shred_for(desk.hub.keystore, participant_id, Side.CONSENT, desk.hub.now().date())
    piece = Piece(way.evidence, checked(chunks) if way is PAPER else chunks, length)
    bundle = consent_evidence.store(desk.hub, desk.study, consent_id, shred, [piece])
    try:
        if way is SPOKEN:
            _refuse_no_sound(desk, bundle)
        _keep_scan(desk, participant_id, bundle)
    except StudyHubError:
        consent_evidence.discard(desk.hub, bundle.files)
        raise
    return consent_id


def _refuse_no_sound(desk: Desk, bundle: Bundle) -> None:
    """WrongKind unless what lies sealed is a sound that its verifier can hear."""
    (sound,) = bundle.files
    secret = consent_evidence.object_key(bundle.key, desk.study, bundle.consent_id, sound.id)
    with stored_files.blobs(desk.hub).open(sound.store_name, secret) as reader:
        if look(SoundFile(reader)).media_type not in PLAYABLE:
            raise WrongKind(ADVICE)


def sweep(hub: Hub) -> int:
    """Remove the scans and sounds that nobody entered within a week. For the worker.

    Says how many.
    """
    last_day = (hub.now() - UNENTERED).date()
    with hub.sessions.reading.begin() as session:
        left = session.execute(
            select(SealedObject.id, SealedObject.study_id, SealedObject.store_name).where(
                SealedObject.kind == consent_evidence.KIND,
                SealedObject.made_on < last_day,
                SealedObject.id.not_in(select(Evidence.object_id)),
            )
        ).all()
    removed = 0
    for scan_id, study, store_name in left:
        with suppress(NotFound, WrongState):  # entered or removed a moment ago
            _discard(worker_desk(hub, study), scan_id)
            stored_files.blobs(hub).destroy(store_name)
            removed += 1
    return removed


@action(Act.CONSENT_DISCARD)
def _discard(work: Work, scan_id: UUID) -> None:
    """Delete the rows and the key of a scan; the file goes when that is certain.

    The person's shred key stays: their other evidence lies under it.
    """
    scan = work.load(SealedObject, scan_id)
    if work.session.scalar(select(Evidence.id).where(Evidence.object_id == scan.id)):
        raise WrongState("this scan was entered")
    key_id = scan.data_key_id
    work.note(consent=str(scan.id), size=scan.size)
    work.session.delete(scan)
    work.session.flush()
    work.session.execute(delete(DataKeyGrant).where(DataKeyGrant.data_key_id == key_id))
    work.session.execute(delete(DataKey).where(DataKey.id == key_id))


def _who(desk: Desk, code: str) -> UUID:
    """The participant with this code, for somebody whose rule would let them take consent."""
    if Duty.TAKE_CONSENT not in desk.actor.duties:
        raise NotFound("participant")  # nobody else makes us ask who that is
    with desk.hub.sessions.reading.begin() as session:
        found = session.scalar(
            select(Participant.id).where(
                Participant.study_id == desk.study, Participant.code == code
            )
        )
    if found is None:
        raise NotFound("participant")
    return found


@action(Act.CONSENT_SCAN)
def _keep_scan(work: Work, participant_id: UUID, bundle: Bundle) -> None:
    """Keep the scan or the sound: only who sent it can open it until it is entered."""
    work.load(Participant, participant_id)
    consent_evidence.keep_key(work, bundle)
    consent_evidence.keep_objects(work, bundle.key.id, bundle.files)
    certificate = certificate_of(_member(work))
    if certificate is None:
        raise NotPermitted("only a certified member takes consent")
    work.vault.grant_data_key(bundle.key, certificate)
    (scan,) = bundle.files
    work.note(consent=str(bundle.consent_id), size=scan.size, root=scan.root.hex())


def _member(work: Work) -> Membership:
    if work.actor.membership_id is None:
        raise NotPermitted("only a member takes consent")
    return work.session.get_one(Membership, work.actor.membership_id)


def refuse_entered(desk: Desk, scan_id: UUID) -> None:
    """Stale if the consent of this scan was entered already, whatever else is wrong."""
    entered = select(Consent.id).join(Participant, Participant.id == Consent.participant_id)
    with desk.hub.sessions.reading.begin() as session:
        if session.scalar(
            entered.where(Consent.id == scan_id, Participant.study_id == desk.study)
        ):
            raise Stale("this consent was entered already")


@action(Act.CONSENT_ENTER)
def enter(work: Work, scan_id: UUID, code: str, paper: Paper) -> UUID:
    """Enter what was answered on paper or aloud; somebody else verifies it."""
    participant = lock_participant(work, _id_of(work.session, work.study, code))
    # Locked: the worker may be about to remove it.
    scan = work.session.get(SealedObject, scan_id, with_for_update=True, populate_existing=True)
    if scan is None or scan.study_id != work.study:
        raise Invalid({"scan": f"Send the {paper.way.noun} first"})
    key = work.vault.data_key(scan.data_key_id)
    if key.shred_id != side_of(work, participant.id, Side.CONSENT):
        raise Invalid({"scan": f"This {paper.way.noun} was sent for another person"})
    if work.session.get(Consent, scan_id) is not None:
        raise Stale("this consent was entered already")
    _refuse_other_evidence(work, key, scan, paper.way)
    when = _when(work, paper)
    _took_consent_then(work, when.at)
    ground = ground_of(work.session, participant, when.at)
    row = keep_signing(work, participant, ground, _signing(work, scan, paper, (ground, when)))
    work.claim(row)
    consent_evidence.keep_evidence(work, row.id, [(paper.way.evidence, scan.id)])
    granted = consent_evidence.grant_to_checkers(work, key, work.actor.user_id)
    work.note(kind=row.kind, mode=row.mode, count=granted, digest=row.text_hash.hex())
    return row.id


def _refuse_other_evidence(work: Work, key: OpenKey, scan: SealedObject, way: Way) -> None:
    """A paper is entered with a scan, what was said with a sound. Its first bytes tell."""
    secret = consent_evidence.object_key(key, work.study, scan.id, scan.id)
    with stored_files.blobs(work.hub).open(scan.store_name, secret) as reader:
        beginning = b"".join(reader.range(0, min(_BEGINNING, reader.length)))
    if not way.is_shown_by(beginning):
        raise Invalid({"scan": f"What was sent is no {way.noun}. Send the {way.noun}"})


def _id_of(session: Session, study: UUID, code: str) -> UUID:
    found = session.scalar(
        select(Participant.id).where(Participant.study_id == study, Participant.code == code)
    )
    if found is None:
        raise NotFound("participant")
    return found


@dataclass(frozen=True)
class _When:
    """The instant that counts as that of signing, and where it comes from."""

    at: datetime
    source: str


def _signing(
    work: Work, scan: SealedObject, paper: Paper, then: tuple[Ground, _When]
) -> Signing:
    """Refuse what could not have been signed then, and what is not complete."""
    ground, when = then
    waits = "time_to_consider" in [each.code for each in ground.obstacles()]
    ground.refuse_to_sign(waived=paper.waived)
    return Signing(
        id=scan.id,
        kind=kind_of_signing(ground.mandatory, paper.answers),
        mode=paper.way.mode,
        signed_at=when.at,
        time_source=when.source,
        answers=paper.answers,
        evidence_root=consent_evidence.joined([scan.root or b""]),
        waived=paper.waived and waits,
        taken_by=work.actor.membership_id,
        capacity=paper.capacity,
        interpreter=paper.interpreter,
    )


def _when(work: Work, paper: Paper) -> _When:
    """The instant that counts: attested, or the end of the day, never in the future (40)."""
    zone = work.session.get_one(Study, work.study).time_zone
    if paper.signed_at is not None:
        if paper.signed_at > work.now:
            raise Invalid({"signed_at": "Enter a time that has passed"})
        return _When(paper.signed_at, "attested")
    end = end_of_day(paper.signed_on, zone)
    if paper.signed_on > work.now.astimezone(ZoneInfo(zone)).date():
        raise Invalid({"signed_at": "Enter a day that has come"})
    return _When(min(end, work.now), "date_only")


def _took_consent_then(work: Work, signed_at: datetime) -> None:
    """The duty counts at the time of signing, not only today (invariant 38)."""
    if _member(work).valid_from > signed_at:
        raise Invalid({"signed_at": "You did not have the duty to take consent then"})
