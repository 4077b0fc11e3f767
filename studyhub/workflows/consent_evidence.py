"""The sealed files that prove a consent: written before their rows, under one data key.

The order is keystore, file, then rows and event in one transaction: whatever fails leaves at
most a file that nobody can open, and never a row without its file.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Erased
from studyhub.domain.vocabulary import Compartment, Duty
from studyhub.domain.words import WORDS
from studyhub.store.consent import Consent, Evidence
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.store.users import Membership
from studyhub.vault.blobs import new_store_name
from studyhub.vault.primitives import random_key
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.workflows.kernel import Hub, Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.standing import is_current
from studyhub.workflows.stored_files import VERSION, blobs, keep_row

KIND = "evidence"
SENT_FIRST = ("scan", "audio")  # before anything was entered


@dataclass(frozen=True)
class Piece:
    """One thing that proves a consent, still in memory. ``length`` for one that arrives."""

    kind: str
    chunks: Iterable[bytes]
    length: int


@dataclass(frozen=True)
class Stored:
    """A sealed file that waits for its row."""

    kind: str
    id: UUID
    store_name: str
    size: int
    root: bytes


@dataclass(frozen=True)
class Bundle:
    """The files of one consent and the key they lie under."""

    consent_id: UUID
    key: OpenKey
    files: tuple[Stored, ...]


def piece(kind: str, content: bytes) -> Piece:
    """A piece that is in memory as a whole."""
    return Piece(kind, [content], len(content))


def store(
    hub: Hub, study: UUID, consent_id: UUID, shred_id: UUID, pieces: Sequence[Piece]
) -> Bundle:
    """Seal the pieces of a consent into files, outside any transaction. NoSpace, Invalid.

    The scan of a paper, or the sound of a spoken consent, has the id of its consent.
    """
    key = OpenKey(uuid4(), shred_id, random_key())
    files: list[Stored] = []
    try:
        for each in pieces:
            files.append(_stored(hub, study, consent_id, key, each))  # noqa: PERF401 - kept to be removed when a later one fails
    except BaseException:
        discard(hub, files)
        raise
    return Bundle(consent_id, key, tuple(files))


def _stored(hub: Hub, study: UUID, consent_id: UUID, key: OpenKey, each: Piece) -> Stored:
    object_id = consent_id if each.kind in SENT_FIRST else uuid4()
    name = new_store_name()
    secret = object_key(key, study, consent_id, object_id)
    sealed = blobs(hub).store(name, secret, each.chunks, each.length)
    return Stored(each.kind, object_id, name, sealed.size, sealed.root)


def object_key(key: OpenKey, study: UUID, consent_id: UUID, object_id: UUID) -> ObjectKey:
    """What opens one file of a consent, and nothing else."""
    place = Context(study, consent_id, Compartment.CONSENT, KIND, VERSION)
    return ObjectKey(key.key, key.id, object_id, place)


def discard(hub: Hub, files: Iterable[Stored]) -> None:
    """Remove files whose rows were never written."""
    for each in files:
        blobs(hub).destroy(each.store_name)


def root_of(files: Iterable[Stored]) -> bytes | None:
    """SHA-256 of the roots joined in the order of their kinds (datamodel.md 3)."""
    order = WORDS["evidence.kind"]
    roots = [each.root for each in sorted(files, key=lambda each: order.index(each.kind))]
    return joined(roots) if roots else None


def joined(roots: Iterable[bytes]) -> bytes:
    """What stands on the record for the files of a consent."""
    return sha256(b"".join(roots)).digest()


def keep_key(work: Work, bundle: Bundle) -> None:
    """Write the key of a consent's files, sealed to ``consent``."""
    work.vault.keep_data_key(Compartment.CONSENT, bundle.key)


def keep_objects(work: Work, key_id: UUID, files: Iterable[Stored]) -> None:
    """Write the rows of files that lie complete in their places."""
    for each in files:
        name, size, root = each.store_name, each.size, each.root
        keep_row(work, each.id, key_id, kind=KIND, store_name=name, size=size, root=root)


def keep_evidence(work: Work, consent_id: UUID, objects: Iterable[tuple[str, UUID]]) -> None:
    """Say which objects prove a consent; ``objects`` are pairs of kind and id."""
    for kind, object_id in objects:
        work.session.add(
            Evidence(id=uuid4(), consent_id=consent_id, kind=kind, object_id=object_id)
        )
    work.session.flush()


def grant_to_checkers(work: Work, key: OpenKey, taker: UUID | None = None) -> int:
    """Give the key to everybody with the duty to verify, but never to who took the consent.

    ``taker`` is a team member, in all their roles. Returns to how many it was given.
    """
    members = [
        each
        for each in work.session.scalars(
            select(Membership).where(
                Membership.study_id == work.study, Membership.state == "active"
            )
        )
        if Duty.VERIFY in each.duties and each.user_id != taker
    ]
    return sum(_grant(work, key, each, work.now) for each in members)


def give_to_checker(work: Work, member: Membership) -> int:
    """Give a member who has the duty to verify all evidence stored before they had it.

    Not of consents that they took, in any role of theirs. For an act whose actor holds
    ``consent``; returns how many keys were given. What was erased is passed over.
    """
    if Duty.VERIFY not in member.duties:
        return 0
    given = 0
    for key_id in _keys_to_give(work, member):
        with suppress(Erased):
            given += _grant(work, work.vault.data_key(key_id), member, work.now)
    return given


def _keys_to_give(work: Work, member: Membership) -> set[UUID]:
    own = select(Membership.id).where(Membership.user_id == member.user_id)
    granted = select(DataKeyGrant.data_key_id).where(DataKeyGrant.grantee_id == member.id)
    return set(
        work.session.scalars(
            select(SealedObject.data_key_id)
            .join(Evidence, Evidence.object_id == SealedObject.id)
            .join(Consent, Consent.id == Evidence.consent_id)
            .where(
                SealedObject.study_id == work.study,
                Consent.taken_by.is_(None) | Consent.taken_by.not_in(own),
                SealedObject.data_key_id.not_in(granted),
            )
        )
    )


def _grant(work: Work, key: OpenKey, member: Membership, now: datetime) -> bool:
    certificate = certificate_of(member)
    if certificate is None or not is_current(member, now):
        return False
    work.vault.grant_data_key(key, certificate)
    return True


def read(hub: Hub, secret: ObjectKey, store_name: str) -> bytes:
    """Open a whole file of evidence, which is known to be small. Raises Corrupt."""
    with blobs(hub).open(store_name, secret) as reader:
        return reader.whole()
