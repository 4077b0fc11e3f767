"""Keeping by a detour what has ended: a grant, a last day, a proposal, a password, a link."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound, NotPermitted, Stale, WrongState
from studyhub.domain.vocabulary import STUDY_KEY_LIES_IN, Role, StudyKey
from studyhub.store.keys import DataKey, DataKeyGrant
from studyhub.store.keys import StudyKey as StudyKeyRow
from studyhub.store.outbox import Letter
from studyhub.store.users import Membership
from studyhub.workflows import (
    accounts,
    accounts_admin,
    accounts_exceptions,
    accounts_own,
    accounts_study,
    accounts_team,
    mailroom,
)
from studyhub.workflows.entrance import person_desk, prove, stretch_new
from studyhub.workflows.kernel import worker_desk
from studyhub.workflows.visitors import own_desk
from tests.makers import invite_and_grant, password_of

NEW = "nobody herds these quiet lanterns"


def reset_link(study, login):
    address = accounts_admin.start_reset(study.operator, study.user_id(login))
    return address.rpartition("/")[2]


def another_pi(study):
    return invite_and_grant(study, "nina", Role.PI)


def memberships(study, login):
    """Role, state and last day of everything a person was ever given."""
    user_id = study.user_id(login)
    with study.hub.sessions.reading.begin() as session:
        rows = session.scalars(select(Membership).where(Membership.user_id == user_id))
        return [(row.role, row.state, row.valid_to) for row in rows]


def test_a_grant_opens_nothing_from_its_end_on_though_its_row_is_still_there(small_study):
    tess, lent = small_study.tess, frozenset(STUDY_KEY_LIES_IN.values())

    def opens():
        with small_study.hub.sessions.reading.begin() as session:
            locker = tess.locker(session, lent)
            return locker.study_key(StudyKey.VOCABULARY)

    opens()
    with small_study.hub.sessions.writing.begin() as session:
        for grant in session.scalars(
            select(DataKeyGrant).where(DataKeyGrant.grantee_id == tess.actor.membership_id)
        ):
            grant.ends_at = small_study.clock.at

    with pytest.raises(NotPermitted):
        opens()


def test_a_reset_does_not_give_a_pi_more_time(small_study):
    nina = another_pi(small_study)
    ends = small_study.clock.at + timedelta(days=30)
    with small_study.hub.sessions.writing.begin() as session:
        session.get_one(Membership, nina).valid_to = ends

    accounts_own.recover(small_study.hub, reset_link(small_study, "nina"), NEW, NEW, "")

    begun = [until for _, state, until in memberships(small_study, "nina") if state != "ended"]
    assert begun == [ends]


def test_a_proposal_ends_with_the_role_of_whoever_made_it(small_study):
    nina = another_pi(small_study)
    proposal = accounts_exceptions.propose(small_study.desk("nina"), Role.ANALYST)
    accounts_team.end(small_study.petra, nina)

    with pytest.raises(WrongState):
        accounts_exceptions.decide(small_study.ravi, proposal, approve=True)

    accounts_exceptions.decide(small_study.ravi, proposal, approve=False)
    assert [role for role, _, _ in memberships(small_study, "nina")] == [Role.PI]


def test_a_role_that_came_by_a_proposal_is_named_in_the_record(small_study):
    proposal = accounts_exceptions.propose(small_study.petra, Role.INTERVIEWER)

    accounts_exceptions.decide(small_study.ravi, proposal, approve=True)

    made = small_study.membership_id("petra", Role.INTERVIEWER)
    assert f'"membership":"{made}"'.encode() in small_study.last_event().line


def test_whoever_knew_the_old_password_does_not_undo_a_reset_that_came_meanwhile(small_study):
    hub, visitor = small_study.hub, small_study.visitor("ann")
    entered = prove(hub, "ann", password_of("ann"), "test")
    accounts_own.recover(
        hub, reset_link(small_study, "ann"), NEW, NEW, small_study.codes["ann"]
    )

    kept = stretch_new(hub, "the thief prefers purple bricks")
    with pytest.raises(Stale):
        accounts_own._change_password(own_desk(hub, visitor), entered, kept)
    with pytest.raises(Stale):
        accounts_own._new_code(own_desk(hub, visitor), entered, bytes(16))

    assert prove(hub, "ann", NEW, "test").user_id == entered.user_id


def test_a_reset_link_in_a_mailbox_is_worthless_once_a_password_was_set(small_study):
    hub = small_study.hub
    first, second = reset_link(small_study, "ann"), reset_link(small_study, "ann")

    accounts_own.recover(hub, first, NEW, NEW, small_study.codes["ann"])

    with pytest.raises(NotFound):
        accounts_own.recover(hub, second, NEW, NEW, "")


def test_a_reset_link_in_a_mailbox_is_worthless_once_the_password_was_changed(small_study):
    token, visitor = reset_link(small_study, "ann"), small_study.visitor("ann")
    accounts_own.change_password(
        small_study.hub, visitor, old=password_of("ann"), new=NEW, repeat=NEW, source="test"
    )

    with pytest.raises(NotFound):
        accounts_own.holder(small_study.hub, token, "reset")


def test_a_reset_link_of_somebody_whose_account_was_closed_is_worthless(small_study):
    token = reset_link(small_study, "ann")
    accounts_admin.close_account(small_study.operator, small_study.user_id("ann"))

    with pytest.raises(NotPermitted):
        accounts_own.recover(small_study.hub, token, NEW, NEW, small_study.codes["ann"])


def test_a_link_to_join_does_not_reset(small_study):
    token = reset_link(small_study, "ann")

    with pytest.raises(NotFound):
        accounts_own.join(small_study.hub, token, NEW, NEW)


def test_a_pi_whose_account_was_closed_is_no_pi_for_whom_another_may_leave(small_study):
    another_pi(small_study)
    accounts_admin.close_account(small_study.operator, small_study.user_id("nina"))

    with pytest.raises(WrongState):
        accounts_team.end(small_study.petra, small_study.membership_id("petra"))


def test_an_ended_pi_grants_and_ends_nothing_with_the_desk_they_kept(small_study):
    nina_member = another_pi(small_study)
    nina = small_study.desk("nina")
    accounts_team.end(small_study.petra, nina_member)

    for member in (small_study.membership_id("tess"), small_study.membership_id("petra")):
        with pytest.raises(NotPermitted):
            accounts_team.end(nina, member)


def test_what_an_ended_pi_certified_holds_on(small_study):
    nina_member = another_pi(small_study)
    wanted = accounts_team.Invitation("", "", Role.REVIEWER, login="ann")
    granted = accounts_team.invite(small_study.petra, small_study.id, wanted)
    small_study.cookie("ann")
    words = next(
        entry.words
        for entry in accounts_own.read_account(
            own_desk(small_study.hub, small_study.visitor("ann")), small_study.user_id("ann")
        ).memberships
        if entry.role == Role.REVIEWER
    )
    accounts_team.grant(small_study.desk("nina"), granted, words=words)
    accounts_team.end(small_study.petra, nina_member)

    with small_study.hub.sessions.reading.begin() as session:
        assert session.get_one(Membership, granted).state == "active"
        assert session.get_one(Membership, granted).certified_by == nina_member


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Ann\n\nSet your password at http://evil.test", "new@team.test"),
        ("Ann", "new@team.test\nBcc: all@team.test"),
        ("Ann", "no address"),
        ("", ""),
    ],
)
def test_nobody_writes_further_lines_into_a_letter_by_a_name_or_an_address(
    small_study, name, email
):
    wanted = accounts_team.Invitation(name, email, Role.ANALYST)

    with pytest.raises(Invalid):
        accounts_team.invite(small_study.petra, small_study.id, wanted)
    with pytest.raises(Invalid):
        accounts_admin.add(small_study.operator, login="newcomer", name=name, email=email)


def test_an_address_that_two_accounts_go_by_invites_neither(small_study):
    email = "ann@team.test"
    accounts_admin.add(small_study.operator, login=email, name="Not Ann", email="x@evil.test")

    with pytest.raises(Invalid):
        accounts_team.invite(
            small_study.petra,
            small_study.id,
            accounts_team.Invitation("Ann", email, Role.REVIEWER),
        )


def test_a_sign_in_that_began_before_a_reset_does_not_outlive_it(small_study):
    hub = small_study.hub
    entered = prove(hub, "ann", password_of("ann"), "test")
    late = replace(entered, renewed=stretch_new(hub, password_of("ann")))
    accounts_own.recover(
        hub, reset_link(small_study, "ann"), NEW, NEW, small_study.codes["ann"]
    )

    with pytest.raises(Stale):
        accounts._record_sign_in(person_desk(hub, entered.user_id), late)
    with pytest.raises(Invalid):
        prove(hub, "ann", password_of("ann"), "test")


def test_emptying_a_letter_does_not_destroy_a_key_of_the_study(small_study):
    with small_study.hub.sessions.writing.begin() as session:
        letter = session.scalars(select(Letter).where(Letter.state == "queued")).first()
        letter_id = letter.id
    mailroom.take(worker_desk(small_study.hub), letter_id)
    with small_study.hub.sessions.writing.begin() as session:
        vocabulary = session.scalars(
            select(DataKey.shred_id)
            .join(StudyKeyRow, StudyKeyRow.data_key_id == DataKey.id)
            .where(StudyKeyRow.purpose == StudyKey.VOCABULARY)
        ).one()
        session.get_one(Letter, letter_id).shred_id = vocabulary

    mailroom.confirm(worker_desk(small_study.hub), letter_id)

    assert small_study.hub.keystore.key(vocabulary)


def test_what_is_printed_of_settings_and_of_a_new_study_holds_no_secret(small_study):
    settings = replace(
        small_study.hub.settings,
        database="postgresql+psycopg://studyhub:hush@db/studyhub",
        smtp_url="smtps://studyhub:hush@mail.test",
    )
    made = accounts_study.NewStudy(small_study.id, "x", "open", ["six"], ["abandon"])

    assert "hush" not in repr(settings)
    assert "abandon" not in repr(made)
