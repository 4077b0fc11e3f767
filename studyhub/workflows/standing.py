"""Whether an actor still stands where the session says: checked inside every act.

A membership that ended, lapsed or lost the exception it rests on stops at the next act, without
anybody having to end its sessions.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Corrupt, Hidden
from studyhub.domain.separation import HARD, broken_by
from studyhub.domain.vocabulary import INSTANCE, Actor
from studyhub.store.users import Membership, SoftException, User
from studyhub.vault.grants import Trust
from studyhub.workflows.proofs import certificate_of


def still_stands(
    session: Session, actor: Actor, study: UUID, now: datetime
) -> Membership | None:
    """Refuse an actor whose account or membership does not hold now. Returns the latter."""
    if actor.user_id is None:
        return None
    person = session.get(User, actor.user_id)
    if person is None or person.state == "disabled":
        raise Hidden("no such account")
    if actor.membership_id is None:
        return None
    member = session.get(Membership, actor.membership_id)
    if member is None or (member.user_id, member.role) != (actor.user_id, actor.role):
        raise Hidden("no such membership")
    if not is_current(member, now) or not is_allowed_beside_others(session, member, now):
        raise Hidden("this membership has ended")
    if study not in (member.study_id, INSTANCE):
        raise Hidden("a membership of another study")
    return member


def prove_certified(session: Session, membership_id: UUID, trust: Trust) -> None:
    """Refuse a membership whose role and keys are not those that its study's root leads to.

    Whoever writes the database can change a role in its table, but not sign it.
    """
    certificate = certificate_of(session.get_one(Membership, membership_id))
    if certificate is None:
        raise Hidden("this membership was never certified")
    try:
        trust.member(certificate)
    except Corrupt:
        raise Hidden("this membership has another certificate") from None


def is_current(member: Membership, now: datetime) -> bool:
    """Whether a membership holds at this instant."""
    begun = member.valid_from <= now
    return member.state == "active" and begun and not has_ended(member, now)


def has_ended(member: Membership, now: datetime) -> bool:
    """Whether a membership is over, by a person's act or by its date."""
    return member.state == "ended" or (member.valid_to is not None and member.valid_to <= now)


def rules_broken(
    session: Session, member: Membership, held: Iterable[str], now: datetime
) -> list[str]:
    """Rules that this role beside the roles held would break and no exception lifts now."""
    broken = broken_by(member.role, held)
    if not broken:
        return []
    lifted = session.scalars(
        select(SoftException.rule).where(
            SoftException.study_id == member.study_id,
            SoftException.user_id == member.user_id,
            SoftException.starts_at <= now,
            SoftException.ends_at > now,
        )
    )
    return sorted(set(broken) - (set(lifted) - HARD))


def is_allowed_beside_others(session: Session, member: Membership, now: datetime) -> bool:
    """Whether a membership may be used beside the ones its holder had before it."""
    held = session.scalars(
        select(Membership).where(
            Membership.study_id == member.study_id, Membership.user_id == member.user_id
        )
    )
    return is_allowed_beside(session, member, held, now)


def is_allowed_beside(
    session: Session, member: Membership, held: Iterable[Membership], now: datetime
) -> bool:
    """The same where all memberships of its holder in the study were read already."""
    earlier = [
        other.role
        for other in held
        if not has_ended(other, now)
        and (other.valid_from, other.id) < (member.valid_from, member.id)
    ]
    return not rules_broken(session, member, earlier, now)


def roles_among(held: Iterable[Membership], now: datetime) -> set[str]:
    """The roles that these memberships give, or invite to."""
    return {row.role for row in held if not has_ended(row, now)}
