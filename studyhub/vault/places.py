"""Name the place of every sealed value: bytes authenticated with it, so it cannot be moved.

One function for each line of the tables of formats. A changed line here makes everything sealed
before unreadable: the vectors in ``tests/vectors`` hold them still.
"""

from dataclasses import dataclass
from uuid import UUID

from studyhub.vault.primitives import lp


@dataclass(frozen=True, slots=True)
class Place:
    """One sealed column of one row; ``owner`` is the person, label or study it is about."""

    table: str
    row_id: UUID
    column: str
    study: UUID
    owner: UUID | str

    @property
    def aad(self) -> bytes:
        """Where this value stands, for the box."""
        return lp(
            "studyhub/row/v1", self.table, self.row_id, self.column, self.study, self.owner
        )

    @property
    def info(self) -> bytes:
        """Which column this is, for the key of the column."""
        return lp("studyhub/field/v1", self.table, self.column)


def dek_info(
    study: UUID, compartment: str, epoch: int, data_key_id: UUID, shred_id: UUID
) -> bytes:
    """A data key sealed to a compartment."""
    return lp("studyhub/dek/v1", study, compartment, epoch, data_key_id, shred_id)


def dek_grant_info(
    study: UUID, data_key_id: UUID, shred_id: UUID, grantee_kind: str, grantee_id: UUID
) -> bytes:
    """A data key sealed to one membership or one link."""
    return lp("studyhub/dek-grant/v1", study, data_key_id, shred_id, grantee_kind, grantee_id)


def grant_info(
    study: UUID, compartment: str, epoch: int, compartment_key_id: UUID, membership_id: UUID
) -> bytes:
    """The private half of a compartment sealed to a membership."""
    return lp("studyhub/grant/v1", study, compartment, epoch, compartment_key_id, membership_id)


def grant_recovery_info(
    study: UUID, compartment: str, epoch: int, compartment_key_id: UUID
) -> bytes:
    """The private half of a compartment sealed to the recovery key of the kit."""
    return lp("studyhub/grant-recovery/v1", study, compartment, epoch, compartment_key_id)


def capsule_info(study: UUID, link_id: UUID) -> bytes:
    """Name and address for receipts, sealed to a participant's link."""
    return lp("studyhub/capsule/v1", study, link_id)


def letter_info(study: UUID | None, letter_id: UUID) -> bytes:
    """A letter sealed to the mailer; letters of the instance have no study."""
    return lp("studyhub/letter/v1", study, letter_id)


def backup_info(instance_id: UUID, backup_id: UUID, part: str) -> bytes:
    """The data key of one part of a backup."""
    return lp("studyhub/backup/v1", instance_id, backup_id, part)


def user_key_aad(user_id: UUID, under: str) -> bytes:
    """A user key; ``under`` is ``password`` or ``recovery``."""
    return lp("studyhub/user-key/v1", user_id, under)


def membership_key_aad(membership_id: UUID, user_id: UUID) -> bytes:
    """Both private halves of a membership."""
    return lp("studyhub/membership-key/v1", membership_id, user_id)


def session_aad(row_id: bytes, user_id: UUID, membership_id: UUID | None) -> bytes:
    """The secret part of a session."""
    return lp("studyhub/session/v1", row_id, user_id, membership_id)


def totp_aad(user_id: UUID) -> bytes:
    """The seed of a second factor."""
    return lp("studyhub/totp/v1", user_id)
