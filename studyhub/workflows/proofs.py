"""Rows about keys as the signed statements they are, and new keys and statements as rows."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from studyhub.domain.errors import WrongState
from studyhub.store.keys import CompartmentKey, DataKey, KeyGrant
from studyhub.store.users import Membership
from studyhub.vault.grants import (
    Certificate,
    Grant,
    PublicKey,
    Trust,
    issue_certificate,
    make_grant,
)
from studyhub.vault.places import dek_info
from studyhub.vault.primitives import wrap
from studyhub.workflows.keyring import OpenKey


@dataclass(frozen=True)
class Signer:
    """Who signs: a PI by membership, or the root of the study if by nobody."""

    private: bytes = field(repr=False)
    membership_id: UUID | None


def certificate_of(member: Membership) -> Certificate | None:
    """The certificate that stands on a membership, unchecked; None before it was granted."""
    if not member.certificate or not member.certified_at:
        return None
    said = _statement(member, member.certified_at, member.certified_by)
    return replace(said, signature=member.certificate) if said else None


def certify(member: Membership, signer: Signer, now: datetime) -> Certificate:
    """Sign that a membership has this role and these keys. WrongState before they were made."""
    said = _statement(member, now, signer.membership_id)
    if said is None:
        raise WrongState("this member has not made their keys yet")
    signed = issue_certificate(signer.private, said)
    member.certificate, member.certified_at = signed.signature, now
    member.certified_by = signer.membership_id
    return signed


def _statement(member: Membership, at: datetime, by: UUID | None) -> Certificate | None:
    if not (member.public_key and member.signing_public_key):
        return None
    return Certificate(
        study=member.study_id,
        membership_id=member.id,
        user_id=member.user_id,
        role=member.role,
        opening_public=member.public_key,
        signing_public=member.signing_public_key,
        certified_at=at,
        certified_by=by,
    )


def trust_under(root_public: bytes, session: Session) -> Trust:
    """The root of a study, with the certificates that stand on its memberships."""

    def find(membership_id: UUID) -> Certificate | None:
        member = session.get(Membership, membership_id)
        return certificate_of(member) if member else None

    return Trust(root_public, find)


def public_key_of(row: CompartmentKey) -> PublicKey:
    """The signed statement of a row, unchecked: whose key this is."""
    return PublicKey(
        study=row.study_id,
        name=row.compartment,
        epoch=row.epoch,
        suite=row.suite,
        public=row.public_key,
        signed_by=row.signed_by,
        signature=row.signature,
    )


def grant_of(grant: KeyGrant, row: CompartmentKey) -> Grant:
    """The signed statement of a row, unchecked: who gave which key to whom."""
    return Grant(
        study=row.study_id,
        compartment=row.compartment,
        epoch=row.epoch,
        compartment_key_id=row.id,
        membership_id=grant.membership_id,
        granted_by=grant.granted_by,
        wrapped=grant.wrapped,
        signature=grant.signature,
    )


def grant_row(
    key: CompartmentKey,
    private: bytes,
    to: Certificate | bytes,
    signer: Signer,
    now: datetime,
) -> KeyGrant:
    """Seal a compartment's private half to a membership, or to the public half of the kit."""
    member = to if isinstance(to, Certificate) else None
    place = Grant(
        study=key.study_id,
        compartment=key.compartment,
        epoch=key.epoch,
        compartment_key_id=key.id,
        membership_id=member.membership_id if member else None,
        granted_by=signer.membership_id,
    )
    made = make_grant(
        signer.private,
        place,
        compartment_private=private,
        to_public=to.opening_public if isinstance(to, Certificate) else to,
    )
    return KeyGrant(
        compartment_key_id=key.id,
        membership_id=place.membership_id,
        to_recovery=member is None,
        wrapped=made.wrapped,
        granted_by=signer.membership_id,
        signature=made.signature,
        granted_at=now,
    )


def data_key_row(under: CompartmentKey, opened: OpenKey, shred: bytes) -> DataKey:
    """A data key sealed to a compartment, under its shred key, as a row."""
    info = dek_info(under.study_id, under.compartment, under.epoch, opened.id, opened.shred_id)
    return DataKey(
        id=opened.id,
        shred_id=opened.shred_id,
        compartment_key_id=under.id,
        wrapped=wrap(shred, under.public_key, opened.key, info),
    )
