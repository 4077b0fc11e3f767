"""Give a PI the keys again with the kit, when nobody is left who could grant them.

The root of the kit certifies the PI's new keys, and the compartment keys that are sealed to the
kit are granted to them. Nothing is lost by it, and every member is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import NotFound, WrongState
from studyhub.domain.lifecycle import MEMBERSHIP, STUDY, advance
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.keys import CompartmentKey, KeyGrant
from studyhub.store.users import Membership, Study, User
from studyhub.vault import words
from studyhub.vault.grants import open_grant
from studyhub.vault.primitives import Pair
from studyhub.workflows import post
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.proofs import (
    Signer,
    certify,
    grant_of,
    grant_row,
    public_key_of,
)
from studyhub.workflows.role_keys import take_keys_away
from studyhub.workflows.standing import has_ended


@dataclass(frozen=True)
class Recovered:
    """Which compartments were granted, and the state of the study afterwards."""

    state: str
    granted: tuple[str, ...]


@action(Act.STUDY_RECOVER)
def recover(work: Work, study_id: UUID, *, user_id: UUID, kit: str) -> Recovered:
    """Certify a PI by the root and grant them every compartment. Invalid for another kit.

    The PI has an account and has made the keys of their role; WrongState until then.
    """
    study = work.load(Study, study_id)
    seed = words.seed_of(kit, work.hub.settings.root_of(study.id))
    root, recovery = words.root_of(seed), words.recovery_of(seed)
    member = _pi(work, user_id)
    signer = Signer(root.private, None)
    certificate = certify(member, signer, work.now)
    take_keys_away(work.session, member)
    granted = []
    for key, private in _kept_for_the_kit(work, recovery):
        work.session.add(grant_row(key, private, certificate, signer, work.now))
        granted.append(key.compartment)
    member.state = advance(member.state, Act.STUDY_RECOVER, MEMBERSHIP)
    if has_ended(member, work.now):
        member.valid_to = None  # or the study would stay without anybody who can use its keys
    study.state = advance(study.state, Act.STUDY_RECOVER, STUDY)
    work.note(membership=str(member.id), count=len(granted))
    _tell_everybody(work, study, member)
    return Recovered(study.state, tuple(dict.fromkeys(granted)))


def _pi(work: Work, user_id: UUID) -> Membership:
    """The membership as PI that this person has now, with its keys made."""
    member = work.session.scalar(
        select(Membership)
        .where(
            Membership.study_id == work.study,
            Membership.user_id == user_id,
            Membership.role == Role.PI,
            Membership.state != "ended",
        )
        .with_for_update()
    )
    if member is None:
        raise NotFound("this person is no PI of the study: invite them to it with member add")
    if member.public_key is None:
        raise WrongState("the keys of this membership are made when its holder signs in next")
    return member


def _kept_for_the_kit(work: Work, recovery: Pair) -> Iterator[tuple[CompartmentKey, bytes]]:
    """Every compartment key of the study, of each epoch, opened with the recovery key."""
    trust = work.vault.trust()
    rows = work.session.execute(
        select(CompartmentKey, KeyGrant)
        .join(KeyGrant, KeyGrant.compartment_key_id == CompartmentKey.id)
        .where(CompartmentKey.study_id == work.study, KeyGrant.to_recovery)
        .order_by(CompartmentKey.compartment, CompartmentKey.epoch)
    )
    for key, row in rows:
        trust.public_key(public_key_of(key))
        grant = trust.grant(grant_of(row, key))
        yield (
            key,
            open_grant(
                grant, opening_private=recovery.private, compartment_public=key.public_key
            ),
        )


def _tell_everybody(work: Work, study: Study, member: Membership) -> None:
    """Using the kit is announced to every member: it opens everything."""
    name = work.session.get_one(User, member.user_id).name
    text = (
        f"The recovery kit of {study.title} was used: {name} holds all its keys again,\n"
        "as principal investigator. If you did not expect this, ask them and your operator.\n"
    )
    post.to_everybody(work, study.id, "The recovery kit was used", text)
