"""A recording on its way in: sealed as it arrives, cut at any moment, and resumed.

The order is keystore, file, row, as for everything that is sealed. Where an upload stands is
asked of its file, never of the database.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from studyhub.domain.errors import (
    NotFound,
    NotPermitted,
    Stale,
    StudyHubError,
    WrongKind,
    WrongState,
)
from studyhub.domain.settings import DEFAULTS
from studyhub.domain.upload_metadata import Given
from studyhub.domain.vocabulary import Act, Compartment, Role, Side
from studyhub.media.sound import NO_SOUND, refuse_said
from studyhub.store.interviews import Interview, Upload
from studyhub.store.keys import SealedObject
from studyhub.store.users import Membership, Study
from studyhub.vault.blobs import new_store_name
from studyhub.vault.stream_format import Shape
from studyhub.vault.threads import shred_for
from studyhub.workflows import accepting
from studyhub.workflows.deposits import Place, finish, going_on
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.keyring import OpenKey, draw
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.protocol import need_approval
from studyhub.workflows.sound_files import KIND, Lying, object_key
from studyhub.workflows.stored_files import blobs, keep_row

KEPT_FOR = timedelta(hours=72)  # after the last byte, at least
KEPT_EVERY = timedelta(minutes=1)  # how often that is written down while bytes arrive
SETTLED_AFTER = 0.3  # seconds in which bytes on the way reach the file


@dataclass(frozen=True)
class _Prepared:
    """A file with nothing in it yet, and the key it was begun with."""

    id: UUID
    object_id: UUID
    store_name: str
    key: OpenKey


def start(desk: Desk, given: Given, length: int) -> tuple[UUID, datetime]:
    """Begin an upload of so many bytes. Returns its id and when it is given up.

    Raises WrongKind, WrongState, Held, NotPermitted beyond the quota, NoSpace: before any byte.
    """
    refuse_said(given.filetype)
    if not length:
        raise WrongKind(NO_SOUND)
    prepared = _prepare(desk, given.interview_id, length)
    try:
        return _start(desk, given, length, prepared)
    except StudyHubError:
        if prepared is not None:
            blobs(desk.hub).discard(prepared.object_id)
        raise


def _prepare(desk: Desk, interview_id: UUID, length: int) -> _Prepared | None:
    """Key and file for whoever may send this one; nothing for anybody else, who is refused."""
    with desk.hub.sessions.reading.begin() as session:
        person = session.scalar(
            select(Interview.participant_id).where(
                Interview.id == interview_id,
                Interview.interviewer_id == desk.actor.membership_id,
            )
        )
    if person is None or desk.actor.role is not Role.INTERVIEWER:
        return None
    today = desk.hub.now().date()
    # Erased where the person took their sound back. Each recording has a shred key of its own
    # besides, so that one that is destroyed alone cannot be opened from a backup either.
    shred_for(desk.hub.keystore, person, Side.RECORDING, today)
    key = draw(desk.hub.keystore.make(Side.STUDY, today))
    made = _Prepared(uuid4(), uuid4(), new_store_name(), key)
    blobs(desk.hub).begin(object_key(key, desk.study, made.id, made.object_id), length)
    return made


@action(Act.UPLOAD_START)
def _start(
    work: Work, given: Given, length: int, prepared: _Prepared | None
) -> tuple[UUID, datetime]:
    """Write the rows and give the sender the key: the compartment gets it, and nobody else."""
    interview = work.load(Interview, given.interview_id)
    if prepared is None:
        raise NotFound("interview")
    _refuse(work, interview, size := Shape(length).file_size)
    certificate = certificate_of(_member(work))
    if certificate is None:
        raise NotPermitted("only a certified member sends recordings")
    key = work.vault.keep_data_key(Compartment.RECORDING, prepared.key)
    work.vault.grant_data_key(key, certificate)
    name = prepared.store_name
    keep_row(work, prepared.object_id, key.id, kind=KIND, store_name=name, size=size)
    expires_at = work.now + KEPT_FOR
    work.session.add(
        Upload(
            id=prepared.id,
            interview_id=interview.id,
            object_id=prepared.object_id,
            by_id=certificate.membership_id,
            length=length,
            metadata_given=given.verbatim,
            expires_at=expires_at,
        )
    )
    work.note(upload=str(prepared.id), size=length)
    return prepared.id, expires_at


def _refuse(work: Work, interview: Interview, size: int) -> None:
    """Everything that speaks against this recording before a byte of it has come."""
    need_approval(work.session, work.study, work.now)
    refuse_held(work.session, interview.participant_id, "recording")
    if interview.state not in accepting.BEGUN:
        raise WrongState("the interview has not begun")
    accepting.refuse_declined(work, interview)
    taken = work.session.scalar(
        select(func.coalesce(func.sum(SealedObject.size), 0)).where(
            SealedObject.study_id == work.study, SealedObject.gone_at.is_(None)
        )
    )
    settings = work.session.get_one(Study, work.study).settings
    if int(taken or 0) + size > settings.get("quota", DEFAULTS["quota"]):
        raise NotPermitted("the room that the study may use is full")


def _member(work: Work) -> Membership:
    if work.actor.membership_id is None:
        raise NotPermitted("only a member sends recordings")
    return work.session.get_one(Membership, work.actor.membership_id)


# -- on the way -------------------------------------------------------------------------


@action(Act.UPLOAD_READ)
def find(work: Work, upload_id: UUID) -> Place:
    """An upload that goes on, for its sender alone. NotFound, Erased when over, Held."""
    row = going_on(work, upload_id)
    interview = work.session.get_one(Interview, row.interview_id)
    refuse_held(work.session, interview.participant_id, "recording")
    stored = work.session.get_one(SealedObject, row.object_id)
    key = work.vault.data_key(stored.data_key_id)
    secret = object_key(key, work.study, row.id, stored.id)
    lying = Lying(secret, stored.store_name, b"")
    return Place(row.id, row.length, row.metadata_given, row.expires_at, lying)


def received(desk: Desk, place: Place) -> int:
    """How many bytes are kept. What was whole before a crash is finished now.

    Whoever asks so soon after a cut that their last bytes are still on the way to the file
    would be told too little and send them again: so it is asked until it stays the same.
    """
    offset, before = _stands(desk, place), None
    while offset not in (before, place.length):
        time.sleep(SETTLED_AFTER)
        offset, before = _stands(desk, place), offset
    if offset == place.length:
        finish(desk, place)
    return offset


def _stands(desk: Desk, place: Place) -> int:
    try:
        with blobs(desk.hub).resume(place.file.secret, place.length) as upload:
            return upload.offset
    except NotFound:  # it lies among the objects already, and its row was not written
        return place.length


def append(
    desk: Desk,
    place: Place,
    offset: int,
    chunks: Iterable[bytes],
    agreed: Callable[[], bool] | None = None,
) -> int:
    """Keep these bytes, and answer how many are kept now. The last one finishes the upload.

    Raises Stale if the upload stands elsewhere, Held if it stays busy, NoSpace, Invalid for
    more than was announced; then the offset stays, as it does where ``agreed`` says no.
    """
    try:
        with blobs(desk.hub).resume(place.file.secret, place.length) as upload:
            if upload.offset != offset:
                raise Stale("the upload stands elsewhere")
            kept = upload.append(chunks, agreed)
    except NotFound:
        if offset != place.length:
            raise Stale("the upload stands elsewhere") from None
        kept = place.length
    if kept == place.length:
        finish(desk, place)
    elif place.expires_at < desk.hub.now() + KEPT_FOR:
        _keep(desk, place.id)
    return kept


@action(Act.UPLOAD_KEEP)
def _keep(work: Work, upload_id: UUID) -> None:
    """Give the upload three more days from its last byte, and until this is written again."""
    going_on(work, upload_id).expires_at = work.now + KEPT_FOR + KEPT_EVERY
