"""The copy somebody was given at signing, opened by their own link and never made again."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.consent_copy import Copy, copy_from
from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Consent, Evidence
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.vault.seal import unpack
from studyhub.vault.stream_format import ObjectKey
from studyhub.workflows import consent_evidence
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.links import own_link


@dataclass(frozen=True)
class _Found:
    secret: ObjectKey
    store_name: str


def copy(desk: Desk) -> Copy:
    """The newest copy that this link was given. NotFound without any."""
    found = _open(desk)
    return copy_from(unpack(consent_evidence.read(desk.hub, found.secret, found.store_name)))


@action(Act.CONSENT_COPY)
def _open(work: Work) -> _Found:
    """Open the key of the copy; its file is read outside the transaction."""
    link_row = own_link(work, "copy")
    if link_row.participant_id is None:
        raise NotFound("no such link")
    row = _newest(work.session, link_row.participant_id, link_row.id)
    if row is None:
        raise NotFound("no copy")
    consent, stored = row
    work.claim(consent)
    key = work.vault.data_key(stored.data_key_id)
    secret = consent_evidence.object_key(key, work.study, consent.id, stored.id)
    return _Found(secret, stored.store_name)


def _newest(
    session: Session, participant_id: UUID, link_id: UUID
) -> tuple[Consent, SealedObject] | None:
    found = session.execute(
        select(Consent, SealedObject)
        .join(Evidence, Evidence.consent_id == Consent.id)
        .join(SealedObject, SealedObject.id == Evidence.object_id)
        .join(DataKeyGrant, DataKeyGrant.data_key_id == SealedObject.data_key_id)
        .where(
            Consent.participant_id == participant_id,
            Evidence.kind == "copy",
            DataKeyGrant.grantee_kind == "link",
            DataKeyGrant.grantee_id == link_id,
        )
        .order_by(Consent.seq.desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def has_copy(session: Session, link_id: UUID, participant_id: UUID) -> bool:
    """Whether a link shows any copy: for the page that lists what it is for."""
    return _newest(session, participant_id, link_id) is not None
