"""Prove that a public key or a grant comes from the study's root, or from a PI it certified.

A public key is not trusted because it stands in a table: whoever writes the database could have
put it there. So nothing is sealed to a key before ``Trust`` has followed its signatures.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from studyhub.domain.errors import Corrupt
from studyhub.domain.vocabulary import Role
from studyhub.vault.places import grant_info, grant_recovery_info
from studyhub.vault.primitives import (
    KEY_SIZE,
    SUITE,
    check_signature,
    lp,
    public_of,
    seal,
    sign,
    unseal,
)

MAX_STEPS = 8

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A membership has this role and these public halves; said by the root if by nobody."""

    study: UUID
    membership_id: UUID
    user_id: UUID
    role: str
    opening_public: bytes
    signing_public: bytes
    certified_at: datetime
    certified_by: UUID | None
    signature: bytes = b""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return lp(
            "studyhub/cert/v1",
            self.study,
            self.membership_id,
            self.user_id,
            self.role,
            self.opening_public,
            self.signing_public,
            (self.certified_at - _EPOCH) // timedelta(microseconds=1),
            self.certified_by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """Public half of a compartment, of the mailer or of the recovery key, for one study."""

    study: UUID
    name: str
    epoch: int
    public: bytes
    signed_by: UUID | None
    suite: int = SUITE
    signature: bytes = b""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return lp(
            "studyhub/public-key/v1",
            self.study,
            self.name,
            self.epoch,
            self.suite,
            self.public,
            self.signed_by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A compartment's private half, sealed to a membership, or to the recovery key if none."""

    study: UUID
    compartment: str
    epoch: int
    compartment_key_id: UUID
    membership_id: UUID | None
    granted_by: UUID | None
    wrapped: bytes = field(default=b"", repr=False)
    signature: bytes = b""

    @property
    def info(self) -> bytes:
        """The place to which the private half is sealed."""
        if self.membership_id is None:
            return grant_recovery_info(
                self.study, self.compartment, self.epoch, self.compartment_key_id
            )
        return grant_info(
            self.study,
            self.compartment,
            self.epoch,
            self.compartment_key_id,
            self.membership_id,
        )

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return lp(
            "studyhub/grant-signature/v1",
            self.info,
            sha256(self.wrapped).digest(),
            self.granted_by,
        )


def issue_certificate(signing_private: bytes, certificate: Certificate) -> Certificate:
    """Sign a certificate, with the root or as the PI named in ``certified_by``."""
    return replace(certificate, signature=sign(signing_private, certificate.message))


def sign_public_key(signing_private: bytes, key: PublicKey) -> PublicKey:
    """Sign a public key, with the root or as the PI named in ``signed_by``."""
    return replace(key, signature=sign(signing_private, key.message))


def sign_grant(signing_private: bytes, grant: Grant) -> Grant:
    """Sign a grant, with the root or as the PI named in ``granted_by``."""
    return replace(grant, signature=sign(signing_private, grant.message))


def make_grant(
    signing_private: bytes, grant: Grant, *, compartment_private: bytes, to_public: bytes
) -> Grant:
    """Seal a compartment's private half to who is granted it, and sign: 81 bytes and 64."""
    wrapped = seal(to_public, compartment_private, grant.info)
    return sign_grant(signing_private, replace(grant, wrapped=wrapped))


def open_grant(grant: Grant, *, opening_private: bytes, compartment_public: bytes) -> bytes:
    """Open a grant that ``Trust`` has passed; what it holds must fit the public half."""
    private = unseal(opening_private, grant.wrapped, grant.info)
    if public_of(private) != compartment_public:
        raise Corrupt("this grant holds another compartment's key")
    return private


class Trust:
    """One study's root, and a way to find the certificate of a membership, ended or not.

    Each proof returns what it was given, and raises ``Corrupt`` unless the signatures lead to
    the root in at most eight steps and every issuer is a PI of the same study.
    """

    def __init__(
        self, root_public: bytes, find_certificate: Callable[[UUID], Certificate | None]
    ) -> None:
        self._root_public = root_public
        self._find = find_certificate

    def member(self, certificate: Certificate) -> Certificate:
        """Prove that this membership has this role and these public halves."""
        current = certificate
        for _ in range(MAX_STEPS):
            if current.certified_by is None:
                check_signature(self._root_public, current.message, current.signature)
                return certificate
            issuer = self._issuer(current, current.certified_by)
            check_signature(issuer.signing_public, current.message, current.signature)
            current = issuer
        raise Corrupt("this chain of certificates does not end at the root")

    def public_key(self, key: PublicKey) -> PublicKey:
        """Prove that sealing to this key is sealing to who its name says."""
        if key.suite != SUITE or len(key.public) != KEY_SIZE:
            raise Corrupt("a public key of an unknown suite")
        self._signed(key, key.signed_by)
        return key

    def grant(self, grant: Grant) -> Grant:
        """Prove that the root, or a PI of the study, gave this grant."""
        self._signed(grant, grant.granted_by)
        return grant

    def _signed(self, paper: PublicKey | Grant, signer: UUID | None) -> None:
        public = self._root_public
        if signer is not None:
            public = self.member(self._issuer(paper, signer)).signing_public
        check_signature(public, paper.message, paper.signature)

    def _issuer(
        self, paper: Certificate | PublicKey | Grant, membership_id: UUID
    ) -> Certificate:
        issuer = self._find(membership_id)
        if issuer is None or issuer.membership_id != membership_id:
            raise Corrupt("signed by nobody known")
        if issuer.study != paper.study:
            raise Corrupt("signed by somebody of another study")
        if issuer.role != Role.PI:
            raise Corrupt("signed by somebody who is no PI")
        return issuer
