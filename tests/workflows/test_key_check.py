"""Offline: what a password opens in a copy of the database and the object store."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from studyhub.domain.errors import Corrupt, HouseRuleBroken, Invalid, NotFound
from studyhub.domain.roles import ROLE_OPENS
from studyhub.domain.vocabulary import Compartment, Role, Side
from studyhub.store.audit import Event
from studyhub.store.keys import CompartmentKey, DataKey, DataKeyGrant, KeyGrant, SealedObject
from studyhub.store.people import Contact
from studyhub.store.users import Membership, User
from studyhub.vault.grants import Grant, make_grant
from studyhub.vault.keys import open_membership_keys
from studyhub.vault.primitives import new_pair
from studyhub.vault.threads import release_threads, shreds_of
from studyhub.workflows import entrance
from studyhub.workflows.key_check import check_file, keys_open
from studyhub.workflows.keyring import Keyring
from studyhub.workflows.locker import Locker
from studyhub.workflows.sealed_places import (
    OWNERS,
    place_of,
    sealed_columns,
    sealed_files,
    sealed_values,
)
from studyhub.workflows.upkeep import expire_grants
from tests.workflows.demo import MEMBERS, NOW, ROLES, demo

__all__ = ["demo"]

OF_A_PERSON = ("contact", "consent", "recording", "transcript", "register", "release")
# What each opens of the things in contact, consent, recording, transcript and release.
ALL, SOME, NONE = "all", "some", "none"
OPENS = {
    "petra": (ALL, ALL, ALL, ALL, ALL),
    "rita": (ALL, NONE, NONE, NONE, NONE),  # no consent: she took none on paper
    "ivan": (SOME, SOME, SOME, SOME, NONE),  # call sheets, papers, deposits and notes of his
    "tess": (NONE, NONE, SOME, SOME, NONE),  # what she is assigned, and the vocabulary
    "ravi": (NONE, SOME, SOME, SOME, ALL),  # what he verifies and reviews, and all releases
    "ann": (NONE, NONE, NONE, NONE, ALL),
    "ada": (NONE, NONE, NONE, NONE, NONE),
    "nina": (NONE, NONE, NONE, NONE, NONE),
}


def opened_by(demo, login, role=None):
    tallies = keys_open(demo.hub, login, demo.password(login), role)
    return tuple(tallies[name].opened for name in Compartment)


def expected(demo, login, gone=None):
    """What the tables of grants say that somebody opens, but for what lay under a key."""
    role = MEMBERS[login]
    with demo.hub.sessions.reading.begin() as session:
        things = (*sealed_values(session), *sealed_files(session))
        own = DataKeyGrant.grantee_id == membership(session, login).id
        held = set(session.scalars(select(DataKeyGrant.data_key_id).where(own)))
        left = set(session.scalars(select(DataKey.id).where(DataKey.shred_id != gone)))
    found = Counter(
        thing.compartment
        for thing in things
        if (thing.compartment in ROLE_OPENS[role] or thing.data_key_id in held)
        and (gone is None or thing.data_key_id in left)
    )
    return tuple(found[name] for name in Compartment)


def how_much(tally):
    if tally.opened == 0:
        return NONE
    return ALL if tally.opened == tally.objects else SOME


def membership(session, login):
    return session.scalars(
        select(Membership).join(User, User.id == Membership.user_id).where(User.login == login)
    ).one()


def keyring(demo, login):
    """The private halves of one member, as somebody who knows the password has them."""
    entered = entrance.prove(demo.hub, login, demo.password(login), "shell")
    with demo.hub.sessions.reading.begin() as session:
        row = membership(session, login)
        keys = open_membership_keys(entered.user_key, row.private_sealed, row.id, row.user_id)
        return Keyring(row.id, keys)


def private_half(demo, session, ring):
    """The private half of ``contact``, as a member who may open it could leak it."""
    row = contact_key(session)
    locker = Locker(session, demo.hub.room, row.study_id, ring, lent=frozenset(Compartment))
    return locker.compartment(row)


def contact_key(session):
    return session.scalars(
        select(CompartmentKey).where(CompartmentKey.compartment == Compartment.CONTACT)
    ).one()


def test_each_role_opens_what_its_grants_say_and_nothing_else(demo):
    for login in ROLES:
        tallies = keys_open(demo.hub, login, demo.password(login))
        assert tuple(how_much(tallies[name]) for name in Compartment) == OPENS[login], login


def test_the_numbers_are_those_of_the_tables_of_grants(demo):
    for login in MEMBERS:
        assert opened_by(demo, login) == expected(demo, login), login


def test_an_analyst_opens_no_contact_no_sound_and_no_raw_transcript(demo):
    tallies = keys_open(demo.hub, "ann", demo.password("ann"), Role.ANALYST)

    for name in (Compartment.CONTACT, Compartment.RECORDING, Compartment.TRANSCRIPT):
        assert tallies[name].objects > 0
        assert tallies[name].opened == 0


def test_trying_a_password_leaves_no_trace(demo):
    def lines():
        with demo.hub.sessions.reading.begin() as session:
            return session.scalar(select(func.count()).select_from(Event))

    before = lines()

    opened_by(demo, "ann")

    assert lines() == before


def test_a_wrong_password_and_an_unknown_name_or_role_are_refused(demo):
    with pytest.raises(Invalid):
        keys_open(demo.hub, "ann", "no password of anybody here")
    with pytest.raises(NotFound):
        keys_open(demo.hub, "nobody", "no password of anybody here")
    with pytest.raises(NotFound):
        keys_open(demo.hub, "ann", demo.password("ann"), Role.PI)


def test_a_grant_copied_to_somebody_else_opens_nothing(demo):
    with demo.hub.sessions.writing.begin() as session:
        stolen = session.scalars(
            select(KeyGrant).where(KeyGrant.membership_id == membership(session, "rita").id)
        ).one()
        session.add(
            KeyGrant(
                compartment_key_id=stolen.compartment_key_id,
                membership_id=membership(session, "ann").id,
                to_recovery=False,
                wrapped=stolen.wrapped,
                granted_by=stolen.granted_by,
                signature=stolen.signature,
                granted_at=stolen.granted_at,
            )
        )

    assert opened_by(demo, "ann") == expected(demo, "ann")


@pytest.mark.parametrize("said", ["by a recruiter", "by the root", "by a PI"])
def test_a_grant_without_a_signature_of_a_pi_or_the_root_is_refused(demo, said):
    """Rita leaks a key and makes Ann a grant that would open, and writes it into the table."""
    rita = keyring(demo, "rita")
    with demo.hub.sessions.writing.begin() as session:
        row, ann = contact_key(session), membership(session, "ann")
        pretended = {
            "by a recruiter": rita.membership_id,
            "by the root": None,
            "by a PI": membership(session, "petra").id,
        }[said]
        made = make_grant(
            rita.member.signing,
            Grant(
                study=row.study_id,
                compartment=row.compartment,
                epoch=row.epoch,
                compartment_key_id=row.id,
                membership_id=ann.id,
                granted_by=pretended,
            ),
            compartment_private=private_half(demo, session, rita),
            to_public=ann.public_key,
        )
        session.add(
            KeyGrant(
                compartment_key_id=row.id,
                membership_id=ann.id,
                to_recovery=False,
                wrapped=made.wrapped,
                granted_by=pretended,
                signature=made.signature,
                granted_at=demo.hub.now(),
            )
        )

    assert opened_by(demo, "ann") == expected(demo, "ann")


def test_nothing_is_sealed_to_a_key_that_was_put_into_the_table(demo):
    with demo.hub.sessions.writing.begin() as session:
        row = contact_key(session)
        row.public_key = new_pair().public
        session.flush()
        locker = Locker(
            session, demo.hub.room, row.study_id, Keyring(), lent=frozenset(Compartment)
        )
        shred = locker.new_shred(Side.STUDY, demo.hub.now().date())
        with pytest.raises(Corrupt):
            locker.new_data_key(Compartment.CONTACT, shred)


def key_of_a_sound(demo):
    """The shred key of a recording that is there."""
    with demo.hub.sessions.reading.begin() as session:
        sounds = (
            select(DataKey.shred_id)
            .join(SealedObject, SealedObject.data_key_id == DataKey.id)
            .where(SealedObject.kind == "recording", SealedObject.gone_at.is_(None))
        )
        return session.scalars(sounds.limit(1)).one()


@pytest.mark.parametrize("side", [side for side in Side if side in OF_A_PERSON])
def test_after_a_shred_key_is_destroyed_nothing_of_that_side_opens(demo, side):
    """The rows are still there, as in any older copy of the database; only the key is gone."""
    keystore, settings = demo.hub.keystore, demo.hub.settings
    gone = shreds_of(keystore, next(iter(release_threads(keystore))))[side]
    if side is Side.RECORDING:  # each has one of its own
        gone = key_of_a_sound(demo)
    before = {login: opened_by(demo, login) for login in ("petra", "tess")}

    keystore.destroy([gone], demo.hub.now(), settings.erasure_ledger)

    for login in before:
        assert opened_by(demo, login) == expected(demo, login, gone), login
    assert opened_by(demo, "petra") != before["petra"]


def test_a_grant_that_has_ended_opens_offline_until_its_row_is_deleted(demo):
    assert opened_by(demo, "ivan")[0] > 0

    expire_grants(replace(demo.hub, now=lambda: NOW + timedelta(days=30)))

    assert opened_by(demo, "ivan")[0] == 0


def test_a_value_moved_to_another_row_does_not_open(demo):
    before = opened_by(demo, "rita")
    with demo.hub.sessions.writing.begin() as session:
        first, second = session.scalars(select(Contact).limit(2))
        first.details_sealed, second.details_sealed = (
            second.details_sealed,
            first.details_sealed,
        )

    assert opened_by(demo, "rita") == (before[0] - 2, 0, 0, 0, 0)


def test_a_changed_file_does_not_open_and_is_told_apart_without_a_key(demo):
    with demo.hub.sessions.reading.begin() as session:
        row = session.scalars(
            select(SealedObject).where(SealedObject.kind == "recording")
        ).first()
        object_id, name = row.id, row.store_name
    assert check_file(demo.hub, object_id).same
    path = demo.hub.settings.objects / name[:2] / f"{name}.sho"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)

    after = expected(demo, "petra")
    assert opened_by(demo, "petra") == (*after[:2], after[2] - 1, *after[3:])
    assert not check_file(demo.hub, object_id).same


def test_an_object_that_is_not_there_cannot_be_checked(demo):
    with pytest.raises(NotFound):
        check_file(demo.hub, uuid4())


def test_every_sealed_column_has_an_owner():
    assert {table.name for table, _ in sealed_columns()} == set(OWNERS)


def test_a_place_is_given_for_known_sealed_columns_only():
    contact = Contact(participant_id=uuid4())

    place = place_of(contact, "details_sealed", uuid4(), contact.participant_id)

    assert (place.table, place.row_id) == ("contacts", contact.participant_id)
    with pytest.raises(HouseRuleBroken):
        place_of(contact, "name_sealed", uuid4(), contact.participant_id)
    with pytest.raises(HouseRuleBroken):
        place_of(User(id=uuid4()), "totp_sealed", uuid4(), uuid4())
