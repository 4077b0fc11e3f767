"""The second lock: a key opens only with a grant whose signatures lead to the study's root."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from studyhub.domain.errors import Corrupt, Erased, HouseRuleBroken, NotFound, NotPermitted
from studyhub.domain.roles import ROLE_OPENS, ROLE_STUDY_KEYS
from studyhub.domain.vocabulary import (
    STUDY_KEY_LIES_IN,
    Compartment,
    Role,
    Service,
    Side,
    StudyKey,
)
from studyhub.store.keys import CompartmentKey, DataKey, DataKeyGrant, KeyGrant
from studyhub.store.users import Membership
from studyhub.vault.grants import Grant, PublicKey, make_grant, sign_public_key
from studyhub.vault.places import Place
from studyhub.vault.primitives import new_pair, new_signing_pair
from studyhub.workflows.kernel import Desk
from studyhub.workflows.keyring import Keyring
from studyhub.workflows.locker import Locker
from studyhub.workflows.proofs import Signer, certificate_of, grant_row
from tests.makers import CAST

ALL = frozenset(Compartment)


def locker(session, desk: Desk, lent=ALL) -> Locker:
    return desk.locker(session, frozenset(lent))


def sealed(study, compartment=Compartment.CONTACT, text="Ida Marsh"):
    """Seal something as anybody can, with the public key alone."""
    nobody = Desk(study.hub, study.operator.actor, study.id)
    with study.hub.sessions.writing.begin() as session:
        room = locker(session, nobody)
        key = room.new_data_key(compartment, room.new_shred(Side.STUDY, study.clock().date()))
        place = Place("contacts", uuid4(), "details_sealed", study.id, uuid4())
        return key.id, key.shred_id, place, room.seal(key, place, text)


def opens(study, desk, data_key_id, place, value) -> str:
    with study.hub.sessions.reading.begin() as session:
        room = locker(session, desk)
        return room.open(room.data_key(data_key_id), place, value)


@pytest.mark.parametrize("compartment", list(Compartment))
def test_a_compartment_opens_for_exactly_the_roles_that_have_its_key(study, compartment):
    data_key, _, place, value = sealed(study, compartment)

    for login, (_, role, _) in CAST.items():
        desk = study.desk(login)
        if role and compartment in ROLE_OPENS[role]:
            assert opens(study, desk, data_key, place, value) == "Ida Marsh"
        else:
            with pytest.raises(NotPermitted):
                opens(study, desk, data_key, place, value)


@pytest.mark.parametrize("purpose", list(StudyKey))
def test_a_study_key_opens_for_exactly_the_roles_it_came_with(study, purpose):
    for login, (_, role, _) in CAST.items():
        desk = study.desk(login)
        with study.hub.sessions.reading.begin() as session:
            room = locker(session, desk)
            if role and may_open(role, purpose):
                assert len(room.study_key(purpose).key) == 32
            else:
                with pytest.raises(NotPermitted):
                    room.study_key(purpose)


def may_open(role: Role, purpose: StudyKey) -> bool:
    by_compartment = STUDY_KEY_LIES_IN[purpose] in ROLE_OPENS[role]
    return by_compartment or purpose in ROLE_STUDY_KEYS.get(role, ())


def test_a_value_opens_only_at_its_place(study):
    data_key, _, place, value = sealed(study)

    for moved in (
        replace(place, table="expressions"),
        replace(place, row_id=uuid4()),
        replace(place, column="body_sealed"),
        replace(place, owner=uuid4()),
    ):
        with pytest.raises(Corrupt):
            opens(study, study.rita, data_key, moved, value)
    with pytest.raises(HouseRuleBroken):
        opens(study, study.rita, data_key, replace(place, study=uuid4()), value)


def test_nothing_opens_after_the_shred_key_is_destroyed(study):
    data_key, shred, place, value = sealed(study)
    study.hub.keystore.destroy([shred], study.clock(), study.hub.settings.erasure_ledger)

    with pytest.raises(Erased):
        opens(study, study.petra, data_key, place, value)


def test_a_data_key_of_another_study_does_not_exist(study):
    data_key, *_ = sealed(study)
    petra = study.petra
    with study.hub.sessions.reading.begin() as session:
        room = Locker(session, study.hub.room, uuid4(), petra.keys, lent=ALL)
        with pytest.raises(NotFound):
            room.data_key(data_key)
        with pytest.raises(NotFound):
            room.data_key(uuid4())


def test_a_public_key_put_into_the_table_is_refused_for_lack_of_a_signature(study):
    thief = new_pair()
    with study.hub.sessions.writing.begin() as session:
        session.execute(
            update(CompartmentKey)
            .where(CompartmentKey.compartment == Compartment.CONTACT)
            .values(public_key=thief.public)
        )

    with pytest.raises(Corrupt):
        sealed(study)


def test_a_public_key_signed_by_somebody_else_is_refused(study):
    thief, forger = new_pair(), new_signing_pair()
    with study.hub.sessions.writing.begin() as session:
        row = session.scalars(
            select(CompartmentKey).where(CompartmentKey.compartment == Compartment.CONTACT)
        ).one()
        forged = sign_public_key(
            forger.private,
            PublicKey(
                study=study.id, name="contact", epoch=1, public=thief.public, signed_by=None
            ),
        )
        row.public_key, row.signature = thief.public, forged.signature

    with pytest.raises(Corrupt):
        sealed(study)


def test_a_grant_put_into_the_table_is_refused_for_lack_of_a_signature(study):
    """An administrator gives Ann a compartment key they made up, sealed to her real key."""
    ann, thief = study.ann, new_pair()
    petra_id = study.membership_id("petra")
    data_key, _, place, value = sealed(study)
    with study.hub.sessions.writing.begin() as session:
        key = session.scalars(
            select(CompartmentKey).where(CompartmentKey.compartment == Compartment.CONTACT)
        ).one()
        made = make_grant(
            new_signing_pair().private,
            Grant(
                study=study.id,
                compartment="contact",
                epoch=1,
                compartment_key_id=key.id,
                membership_id=ann.actor.membership_id,
                granted_by=petra_id,
            ),
            compartment_private=thief.private,
            to_public=ann.keys.member.opening_public,
        )
        session.add(
            KeyGrant(
                compartment_key_id=key.id,
                membership_id=ann.actor.membership_id,
                to_recovery=False,
                wrapped=made.wrapped,
                granted_by=made.granted_by,
                signature=made.signature,
                granted_at=study.clock(),
            )
        )

    with pytest.raises(Corrupt):
        opens(study, ann, data_key, place, value)


def test_a_grant_of_the_right_key_by_nobody_who_may_grant_is_refused_too(study):
    """Somebody who holds a compartment key cannot hand it on without being a PI."""
    ann, rita = study.ann, study.rita
    data_key, _, place, value = sealed(study)
    with study.hub.sessions.writing.begin() as session:
        room = locker(session, rita)
        key = room.public_key(Compartment.CONTACT)
        session.add(
            grant_row(
                key,
                room.compartment(key),
                certificate_of(session.get_one(Membership, ann.actor.membership_id)),
                Signer(rita.keys.member.signing, rita.actor.membership_id),
                study.clock(),
            )
        )

    with pytest.raises(Corrupt):
        opens(study, ann, data_key, place, value)


def test_a_swapped_membership_key_is_refused_before_anything_is_granted_to_it(study):
    data_key, *_ = sealed(study)
    thief, tess_id, petra = new_pair(), study.membership_id("tess"), study.petra
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Membership, tess_id).public_key = thief.public

    with study.hub.sessions.writing.begin() as session:
        room = locker(session, petra)
        certificate = certificate_of(session.get_one(Membership, tess_id))
        with pytest.raises(Corrupt):
            room.grant_data_key(room.data_key(data_key), certificate)
        with pytest.raises(Corrupt):
            room.grant_compartment(Compartment.RELEASE, certificate, study.clock())


def test_a_single_object_is_opened_by_its_own_grant(study):
    data_key, _, place, value = sealed(study, Compartment.TRANSCRIPT, "she said")
    petra, tess_id = study.petra, study.membership_id("tess")
    with study.hub.sessions.writing.begin() as session:
        room = locker(session, petra)
        certificate = certificate_of(session.get_one(Membership, tess_id))
        room.grant_data_key(room.data_key(data_key), certificate)

    assert opens(study, study.tess, data_key, place, value) == "she said"
    with pytest.raises(NotPermitted):
        opens(study, study.ivan, data_key, place, value)


def test_a_grant_moved_to_another_member_opens_nothing(study):
    data_key, _, place, value = sealed(study, Compartment.TRANSCRIPT)
    ivan, petra, tess_id = study.ivan, study.petra, study.membership_id("tess")
    with study.hub.sessions.writing.begin() as session:
        room = locker(session, petra)
        certificate = certificate_of(session.get_one(Membership, tess_id))
        room.grant_data_key(room.data_key(data_key), certificate)
        session.flush()
        session.execute(
            update(DataKeyGrant)
            .where(DataKeyGrant.data_key_id == data_key)
            .values(grantee_id=ivan.actor.membership_id)
        )

    with pytest.raises(Corrupt):
        opens(study, ivan, data_key, place, value)


def test_a_data_key_moved_under_another_shred_key_opens_nothing(study):
    data_key, _, place, value = sealed(study)
    _, other_shred, *_ = sealed(study)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(DataKey, data_key).shred_id = other_shred

    with pytest.raises(Corrupt):
        opens(study, study.rita, data_key, place, value)


def test_a_study_whose_root_is_not_configured_trusts_nobody(study):
    desk = study.petra
    with study.hub.sessions.reading.begin() as session:
        room = replace(study.hub.room, root_of=lambda _study: None)
        with pytest.raises(Corrupt):
            Locker(session, room, study.id, desk.keys, lent=ALL).public_key(Service.MAILER)


def test_a_session_without_keys_opens_and_signs_nothing(study):
    data_key, _, place, value = sealed(study)
    petra = study.petra
    without = replace(petra, keys=Keyring(petra.actor.membership_id))

    with pytest.raises(NotPermitted):
        opens(study, without, data_key, place, value)
