"""The key pairs of a membership: how they are made, compared and taken away; what they open.

What somebody opens is read from the keys, never from the table of roles: a role without its
grant opens nothing, and a grant whose signature does not lead to the study's root is none.
"""

import json
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Corrupt, WrongState
from studyhub.domain.lifecycle import MEMBERSHIP, advance
from studyhub.domain.vocabulary import Act, Compartment
from studyhub.store.audit import Event
from studyhub.store.keys import CompartmentKey, DataKey, DataKeyGrant, KeyGrant, StudyKey
from studyhub.store.users import Membership
from studyhub.vault.keys import new_membership_keys, seal_membership_keys
from studyhub.vault.words import membership_fingerprint
from studyhub.workflows.entrance import Entered, person_desk
from studyhub.workflows.kernel import Hub, Work, action
from studyhub.workflows.proofs import certificate_of, grant_of, public_key_of

Mark = Literal["open", "own", "shut"]
T = TypeVar("T")


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
        with suppress(WrongState):  # another sign-in of the same moment made them
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


# -- what they open --------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """What somebody opens of one compartment: all by its key, some one by one, or nothing."""

    compartment: Compartment
    mark: Mark
    opened: int
    sealed: int


@dataclass
class Papers:
    """How many signed statements were checked, and how many of them do not hold."""

    certificates: int = 0
    bad_certificates: int = 0
    signatures: int = 0
    bad_signatures: int = 0


@dataclass
class Safe:
    """The keys of these members of a study as they lie, each signature followed to the root."""

    work: Work
    members: Sequence[Membership]
    papers: Papers = field(default_factory=Papers)

    def __post_init__(self) -> None:
        session, self._trust = self.work.session, self.work.vault.trust()
        of_study = select(CompartmentKey).where(CompartmentKey.study_id == self.work.study)
        self._keys = {key.id: key for key in session.scalars(of_study)}
        for key in self._keys.values():
            self._holds(self._trust.public_key, public_key_of(key))
        self._sealed = _counted(self.work, self._keys)
        self._whole = self._granted()
        self._own = _own_things(self.work, self.members)

    def openings(self, *member_ids: UUID) -> list[Opening]:
        """What these memberships open together of each compartment."""
        whole = {key_id for one in member_ids for key_id in self._whole.get(one, ())}
        own = {thing for one in member_ids for thing in self._own.get(one, ())}
        return [self._opening(name, whole, own) for name in Compartment]

    def _opening(
        self, name: Compartment, whole: set[UUID], own: set[tuple[UUID, UUID]]
    ) -> Opening:
        keys = [key for key in self._keys.values() if key.compartment == name]
        closed = {key.id for key in keys} - whole
        some = sum(key_id in closed for key_id, _ in own)
        opened = some + sum(self._sealed.get(key.id, 0) for key in keys if key.id in whole)
        current = any(key.id in whole for key in keys if key.state == "current")
        mark: Mark = "open" if current else "own" if opened else "shut"
        return Opening(name, mark, opened, sum(self._sealed.get(key.id, 0) for key in keys))

    def _granted(self) -> dict[UUID, set[UUID]]:
        """By certified member, the compartment keys whose grant holds."""
        whole: dict[UUID, set[UUID]] = {
            member.id: set() for member in self.members if self._certified(member)
        }
        grants = self.work.session.scalars(
            select(KeyGrant).where(
                KeyGrant.membership_id.in_(member.id for member in self.members),
                KeyGrant.compartment_key_id.in_(self._keys),
            )
        )
        for grant in grants:
            key = self._keys[grant.compartment_key_id]
            holds = self._holds(self._trust.grant, grant_of(grant, key))
            if holds and grant.membership_id in whole:
                whole[grant.membership_id].add(key.id)
        return whole

    def _certified(self, member: Membership) -> bool:
        certificate = certificate_of(member)
        if certificate is None:
            return False
        self.papers.certificates += 1
        proved = _is_proved(self._trust.member, certificate)
        self.papers.bad_certificates += not proved
        return proved

    def _holds(self, prove: Callable[[T], T], paper: T) -> bool:
        self.papers.signatures += 1
        proved = _is_proved(prove, paper)
        self.papers.bad_signatures += not proved
        return proved


def _is_proved(prove: Callable[[T], T], paper: T) -> bool:
    try:
        prove(paper)
    except Corrupt:
        return False
    return True


def _counted(work: Work, keys: Collection[UUID]) -> dict[UUID, int]:
    """How many things are sealed to each key; the study's own keys are nobody's things."""
    under = DataKey.compartment_key_id
    counted = select(under, func.count()).where(under.in_(keys)).group_by(under)
    sealed = {row[0]: row[1] for row in work.session.execute(counted)}
    named = counted.join(StudyKey, StudyKey.data_key_id == DataKey.id)
    for key_id, number in work.session.execute(named):
        sealed[key_id] -= number
    return sealed


def _own_things(
    work: Work, members: Sequence[Membership]
) -> dict[UUID, set[tuple[UUID, UUID]]]:
    """By member, data keys granted one by one, each with the key that it lies under."""
    rows = work.session.execute(
        select(DataKeyGrant.grantee_id, DataKey.compartment_key_id, DataKey.id)
        .join(DataKeyGrant, DataKeyGrant.data_key_id == DataKey.id)
        .where(
            DataKeyGrant.grantee_kind == "membership",
            DataKeyGrant.grantee_id.in_(member.id for member in members),
            (DataKeyGrant.ends_at.is_(None)) | (DataKeyGrant.ends_at > work.now),
            DataKey.id.not_in(select(StudyKey.data_key_id)),
        )
    )
    found: dict[UUID, set[tuple[UUID, UUID]]] = {}
    for member_id, key_id, thing in rows:
        found.setdefault(member_id, set()).add((key_id, thing))
    return found


def keys_made_at(session: Session, member: Membership) -> datetime | None:
    """When the keys that wait for a grant were made: by joining, or a reset without the code.

    A reset with the code made none; only the other kind counts roles in its line.
    """
    subjects = [f"membership:{member.id}", f"user:{member.user_id}"]
    events = session.scalars(
        select(Event)
        .where(
            Event.subject.in_(subjects),
            Event.act.in_([Act.MEMBER_JOIN, Act.USER_RECOVER]),
            Event.outcome == "done",
        )
        .order_by(Event.at.desc())
    )
    made = (
        event.at
        for event in events
        if event.act == Act.MEMBER_JOIN or "count" in json.loads(event.line)["facts"]
    )
    return next(made, None)
