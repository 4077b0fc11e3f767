"""Rows about keys as the signed statements they are, and signed statements as rows."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from studyhub.store.keys import CompartmentKey, KeyGrant
from studyhub.store.users import Membership
from studyhub.vault.grants import Certificate, Grant, PublicKey, make_grant


@dataclass(frozen=True)
class Signer:
    """Who signs: a PI by membership, or the root of the study if by nobody."""

    private: bytes = field(repr=False)
    membership_id: UUID | None


def certificate_of(member: Membership) -> Certificate | None:
    """The certificate that stands on a membership, unchecked; None before it was granted."""
    if not (
        member.certificate
        and member.public_key
        and member.signing_public_key
        and member.certified_at
    ):
        return None
    return Certificate(
        study=member.study_id,
        membership_id=member.id,
        user_id=member.user_id,
        role=member.role,
        opening_public=member.public_key,
        signing_public=member.signing_public_key,
        certified_at=member.certified_at,
        certified_by=member.certified_by,
        signature=member.certificate,
    )


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
