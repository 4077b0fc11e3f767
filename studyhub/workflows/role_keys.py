"""The key pairs of a membership: made with the holder's password, compared, taken away."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from studyhub.domain.lifecycle import MEMBERSHIP, advance
from studyhub.domain.vocabulary import Act
from studyhub.store.keys import DataKeyGrant, KeyGrant
from studyhub.store.users import Membership
from studyhub.vault.keys import new_membership_keys, seal_membership_keys
from studyhub.vault.words import membership_fingerprint
from studyhub.workflows.entrance import Entered, person_desk
from studyhub.workflows.kernel import Hub, Work, action


def make_role_keys(hub: Hub, entered: Entered) -> None:
    """Make the key pairs of every membership this person was invited to."""
    with hub.sessions.reading.begin() as session:
        invited = [
            (member.id, member.study_id)
            for member in session.scalars(
                select(Membership).where(
                    Membership.user_id == entered.user_id, Membership.state == "invited"
                )
            )
        ]
    for membership_id, study in invited:
        _make_keys(person_desk(hub, entered.user_id, study), membership_id, entered)


@action(Act.MEMBER_JOIN)
def _make_keys(work: Work, membership_id: UUID, entered: Entered) -> None:
    """Make the two key pairs of a membership; the private halves under the person's own key."""
    member = work.load(Membership, membership_id)
    member.state = advance(member.state, Act.MEMBER_JOIN, MEMBERSHIP)
    new_pairs(member, entered.user_key)
    work.note(role=member.role)


def new_pairs(member: Membership, user_key: bytes) -> None:
    """Give a membership new key pairs; whatever was sealed to the old ones stays shut."""
    keys = new_membership_keys()
    member.public_key, member.signing_public_key = keys.opening_public, keys.signing_public
    member.private_sealed = seal_membership_keys(user_key, keys, member.id, member.user_id)
    member.certificate = member.certified_at = member.certified_by = None


def fingerprint_of(member: Membership) -> list[str]:
    """The six words of a membership's keys; none before they were made."""
    if member.public_key is None or member.signing_public_key is None:
        return []
    return membership_fingerprint(member.id, member.public_key, member.signing_public_key)


def take_keys_away(session: Session, member: Membership) -> None:
    """Delete every grant to a membership. What was read before cannot be unread."""
    session.execute(delete(KeyGrant).where(KeyGrant.membership_id == member.id))
    session.execute(
        delete(DataKeyGrant).where(
            DataKeyGrant.grantee_kind == "membership", DataKeyGrant.grantee_id == member.id
        )
    )
