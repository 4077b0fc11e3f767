"""The kit gives a PI the keys again, when nobody is left who could grant them."""

import pytest
from sqlalchemy import func, select, update

from studyhub.domain.errors import Corrupt, Hidden, Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.vocabulary import Compartment, Role, Side
from studyhub.store.keys import KeyGrant
from studyhub.store.outbox import Letter
from studyhub.vault import words
from studyhub.workflows import accounts_admin, accounts_own, accounts_recovery, accounts_team
from studyhub.workflows.kernel import operator_desk
from tests.makers import password_of


def recover(study, login="petra", kit=None):
    return accounts_recovery.recover(
        operator_desk(study.hub, study.id),
        study.id,
        user_id=study.user_id(login),
        kit=kit or " ".join(study.kit),
    )


def lose_everything(study, login="petra"):
    """Forget password and recovery code: a reset without the code begins the keys anew."""
    address = accounts_admin.start_reset(study.operator, study.user_id(login))
    token = address.rpartition("/")[2]
    accounts_own.recover(study.hub, token, password_of(login), password_of(login), "")


def locker(session, desk):
    return desk.locker(session, frozenset(Compartment))


def seal_one_of_each(study):
    with study.hub.sessions.writing.begin() as session:
        room = locker(session, study.petra)
        shred = room.new_shred(Side.STUDY, study.clock().date())
        return {name: room.new_data_key(name, shred) for name in Compartment}


def opens(study, desk, sealed):
    with study.hub.sessions.reading.begin() as session:
        return locker(session, desk).data_key(sealed.id).key == sealed.key


def test_a_pi_who_lost_everything_opens_everything_again(study):
    sealed = seal_one_of_each(study)
    lose_everything(study)

    done = recover(study)

    assert done.granted == tuple(sorted(Compartment))
    assert done.state == "open"
    assert all(opens(study, study.petra, key) for key in sealed.values())
    assert opens(study, study.rita, sealed[Compartment.CONTACT])


def test_the_recovered_pi_can_grant_again(study):
    lose_everything(study)
    recover(study)

    membership_id = accounts_team.invite(
        study.petra, study.id, accounts_team.Invitation("", "", "auditor", login="nina")
    )

    assert membership_id == study.membership_id("nina", Role.AUDITOR)


def test_another_person_can_become_pi_with_the_kit(study):
    sealed = seal_one_of_each(study)
    accounts_team.invite(
        study.operator, study.id, accounts_team.Invitation("", "", "pi", login="nina")
    )
    with pytest.raises(WrongState):
        recover(study, "nina")
    study.cookie("nina")

    recover(study, "nina")

    assert all(opens(study, study.nina, key) for key in sealed.values())
    assert opens(study, study.petra, sealed[Compartment.CONSENT])


def test_using_the_kit_is_one_line_in_the_record_of_the_study(study):
    before = study.events()

    recover(study)

    last = study.last_event()
    assert (study.events(), last.act, last.outcome) == (before + 1, "study.recover", "done")


def test_every_active_member_is_told(study):
    def letters():
        with study.hub.sessions.reading.begin() as session:
            return session.scalar(select(func.count()).select_from(Letter))

    before = letters()

    recover(study)

    assert letters() == before + 7


@pytest.mark.parametrize(
    "kit",
    [
        "no words",
        "one two three",
        " ".join(["abandon"] * 24),
        " ".join(words.to_words(bytes(32))),
    ],
)
def test_a_bad_kit_or_that_of_another_study_is_refused(study, kit):
    lose_everything(study)

    with pytest.raises(Invalid):
        recover(study, kit=kit)

    with study.hub.sessions.reading.begin() as session:
        membership_id = study.membership_id("petra")
        held = select(KeyGrant.id).where(KeyGrant.membership_id == membership_id)
        assert session.scalars(held).all() == []


def test_who_is_no_pi_gets_nothing(study):
    with pytest.raises(NotFound):
        recover(study, "rita")

    assert study.last_event().outcome == "refused"


def test_a_changed_grant_to_the_kit_is_refused(study):
    with study.hub.sessions.writing.begin() as session:
        other = session.scalars(
            select(KeyGrant.wrapped).where(KeyGrant.to_recovery).limit(1)
        ).one()
        session.execute(update(KeyGrant).where(KeyGrant.to_recovery).values(wrapped=other))

    with pytest.raises(Corrupt):
        recover(study)


@pytest.mark.parametrize("login", ["petra", "rita", "ann", "ada", "nina"])
def test_only_the_operator_uses_the_kit(study, login):
    refusal = Hidden if login == "nina" else NotPermitted

    with pytest.raises(refusal):
        accounts_recovery.recover(
            study.desk(login),
            study.id,
            user_id=study.user_id("petra"),
            kit=" ".join(study.kit),
        )

    assert study.last_event().outcome == "refused"
