"""Sign in, take up a role, step up, sign out; and what a password change or an end does."""

from dataclasses import replace
from functools import partial

import pytest

from studyhub.domain.errors import Busy, Invalid, NotFound, NotPermitted, Throttled, WrongState
from studyhub.domain.vocabulary import INSTANCE, Compartment, Role
from studyhub.store.users import Membership, User
from studyhub.vault.passwords import Cost, Kitchen
from studyhub.workflows import (
    accounts,
    accounts_admin,
    accounts_own,
    accounts_team,
    trail,
    visitors,
)
from studyhub.workflows.accounts_team import Invitation
from studyhub.workflows.locker import Locker
from tests.makers import SLUG, grant, invite_and_grant, password_of


class Counting(Kitchen):
    """The real kitchen, counting its runs."""

    def __init__(self) -> None:
        super().__init__(Cost(memory_kib=8))
        self.runs = 0

    def check(self, *given, **more):
        self.runs += 1
        return super().check(*given, **more)


def sign_in(made, login, password=None, **more):
    return accounts.sign_in(made.hub, login, password or password_of(login), "test", **more)


def test_signing_in_takes_up_the_only_role_and_is_recorded(study):
    arrival = sign_in(study, "rita")

    found = visitors.visitor(study.hub, arrival.cookie)
    assert arrival.has_role
    assert (found.name, found.place.role, found.place.slug) == ("Rita Osei", "recruiter", SLUG)
    assert study.last_event(INSTANCE).act == "user.sign_in"
    assert study.last_event().act == "member.switch"


def test_inv_64_a_session_has_one_role_and_another_asks_the_password_and_leaves_a_line(study):
    invite_and_grant(study, "ravi", Role.TRANSCRIBER)
    arrival = sign_in(study, "ravi")
    assert not arrival.has_role
    found = visitors.visitor(study.hub, arrival.cookie)
    ask = partial(accounts.switch, study.hub, arrival.cookie, found, study=SLUG)

    with pytest.raises(Invalid):
        ask(role="transcriber", password="not the password at all", source="test")
    assert visitors.visitor(study.hub, arrival.cookie).place is None
    cookie = ask(role="transcriber", password=password_of("ravi"), source="test")

    assert visitors.visitor(study.hub, arrival.cookie) is None
    assert visitors.visitor(study.hub, cookie).place.role == "transcriber"
    line = study.last_event()
    assert (line.act, line.actor_id) == ("member.switch", study.user_id("ravi"))
    assert sign_in(study, "ravi", study=SLUG, role="reviewer").has_role


def test_a_role_one_does_not_hold_cannot_be_taken_up(study):
    cookie = study.cookie("ann")
    found = visitors.visitor(study.hub, cookie)

    with pytest.raises(NotFound):
        accounts.switch(
            study.hub,
            cookie,
            found,
            study=SLUG,
            role="pi",
            password=password_of("ann"),
            source="test",
        )
    assert not sign_in(study, "ann", study=SLUG, role="pi").has_role


def test_known_and_unknown_names_get_the_same_answer_for_the_same_work(study):
    said, runs = [], []
    for login in ("rita", "nobody.at.all"):
        kitchen = Counting()
        hub = replace(study.hub, kitchen=kitchen)
        with pytest.raises(Invalid) as caught:
            accounts.sign_in(hub, login, "not the password at all", "test")
        said.append(caught.value.problems)
        runs.append(kitchen.runs)

    assert said[0] == said[1]
    assert runs == [1, 1]


def test_guessing_is_slowed_down_without_locking_the_rightful_person_out(study):
    for _ in range(5):
        with pytest.raises(Invalid):
            accounts.sign_in(study.hub, "rita", "a wrong one, surely", "198.51.100.7")

    with pytest.raises(Throttled):
        accounts.sign_in(study.hub, "rita", password_of("rita"), "198.51.100.7")
    assert sign_in(study, "rita").has_role


def test_a_disabled_account_cannot_sign_in_and_its_sessions_end(study):
    cookie = study.cookie("rita")

    accounts_admin.close_account(study.operator, study.user_id("rita"))

    assert visitors.visitor(study.hub, cookie) is None
    with pytest.raises(Invalid):
        sign_in(study, "rita")


def test_inv_86_what_a_disabled_account_did_stays_attributed_to_it(study):
    sign_in(study, "rita")
    done, rita = study.last_event(), study.user_id("rita")

    accounts_admin.close_account(study.operator, rita)

    (line,) = [each for each in trail.read_lines(study.ada).lines if each.seq == done.seq]
    assert done.actor_id == rita
    assert line.actor == "Rita Osei"


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(study):
    cookie = study.cookie("rita")

    accounts.sign_out(study.hub, cookie, visitors.visitor(study.hub, cookie))

    assert visitors.visitor(study.hub, cookie) is None
    assert study.last_event(INSTANCE).act == "user.sign_out"


def test_an_idle_session_ends_after_fifteen_minutes_and_any_after_eight_hours(study):
    cookie = study.cookie("rita")
    study.clock.advance(minutes=14)
    assert visitors.visitor(study.hub, cookie)
    study.clock.advance(minutes=16)
    assert visitors.visitor(study.hub, cookie) is None

    cookie = study.cookie("rita")
    for _ in range(8 * 6 + 1):
        assert visitors.visitor(study.hub, cookie)
        study.clock.advance(minutes=10)
    assert visitors.visitor(study.hub, cookie) is None


def test_giving_the_password_again_lasts_ten_minutes_under_a_new_cookie(study):
    cookie = study.cookie("petra")
    study.clock.advance(minutes=11)
    found = visitors.visitor(study.hub, cookie)

    new = accounts.step_up(study.hub, cookie, found, password_of("petra"), "test")

    assert visitors.visitor(study.hub, cookie) is None
    assert visitors.visitor(study.hub, new).sitting.stepped_up_until > study.clock()
    assert study.last_event(INSTANCE).act == "user.step_up"


def test_a_new_password_ends_the_other_sessions_and_keeps_the_recovery_code(study):
    other, cookie = study.cookie("rita"), study.cookie("rita")
    found = visitors.visitor(study.hub, cookie)
    new = "nine quiet lanterns on the pier"

    fresh = accounts_own.change_password(
        study.hub, found, old=password_of("rita"), new=new, repeat=new, source="test"
    )

    assert visitors.visitor(study.hub, other) is None
    assert visitors.visitor(study.hub, cookie) is None
    assert visitors.visitor(study.hub, fresh).place.role == "recruiter"
    with pytest.raises(Invalid):
        sign_in(study, "rita")
    assert sign_in(study, "rita", new).has_role
    assert recover(study, "rita", study.codes["rita"]) is None
    assert sign_in(study, "rita", "eleven amber kites over town").has_role


def recover(study, login, code):
    address = accounts_admin.start_reset(study.operator, study.user_id(login))
    new = "eleven amber kites over town"
    return accounts_own.recover(study.hub, address.rpartition("/")[2], new, new, code)


def test_a_reset_with_the_recovery_code_loses_nothing(study):
    assert recover(study, "ann", study.codes["ann"].lower().replace("-", " ")) is None

    assert sign_in(study, "ann", "eleven amber kites over town").has_role


def test_a_reset_without_the_code_waits_for_a_fresh_grant(study):
    new_code = recover(study, "ann", "")

    assert new_code
    assert not sign_in(study, "ann", "eleven amber kites over town").has_role
    grant(study, study.membership_id("ann"))
    assert sign_in(study, "ann", "eleven amber kites over town").has_role


def test_a_pi_who_lost_everything_does_not_take_the_certificates_of_others_along(study):
    recover(study, "petra", "")

    assert study.rita.keys.member is not None
    with study.hub.sessions.reading.begin() as session:
        rita = study.rita
        locker = Locker(
            session, study.hub.room, study.id, rita.keys, lent=frozenset(Compartment)
        )
        assert locker.compartment(locker.public_key(Compartment.CONTACT))


def test_a_wrong_recovery_code_changes_nothing(study):
    with pytest.raises(Invalid) as caught:
        recover(study, "ann", "0000-0000-0000-0000-0000-0000-0000-0000")

    assert "recovery_code" in caught.value.problems
    assert sign_in(study, "ann").has_role


def test_a_link_works_once_and_not_after_its_time(study):
    address = accounts_admin.add(
        study.operator, login="Sam.New", name="Sam New", email="sam@team.test"
    )
    token = address.rpartition("/")[2]
    assert accounts_own.holder(study.hub, token, "join").login == "sam.new"
    with pytest.raises(NotFound):
        accounts_own.holder(study.hub, token, "reset")

    accounts_own.join(study.hub, token, password_of("sam"), password_of("sam"))

    with pytest.raises(NotFound):
        accounts_own.join(study.hub, token, password_of("sam"), password_of("sam"))
    late = accounts_admin.start_reset(study.operator, study.user_id("sam.new"))
    study.clock.advance(minutes=31)
    with pytest.raises(NotFound):
        accounts_own.holder(study.hub, late.rpartition("/")[2], "reset")


@pytest.mark.parametrize(
    ("password", "repeat", "field"),
    [
        ("short", "short", "password"),
        ("nine quiet lanterns on the pier", "nine quiet lanterns", "repeat"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaa", "password"),
        ("x" * 1025, "x" * 1025, "password"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused_and_the_link_still_works(
    study, password, repeat, field
):
    address = accounts_admin.add(
        study.operator, login="sam", name="Sam New", email="sam@team.test"
    )
    token = address.rpartition("/")[2]

    with pytest.raises(Invalid) as caught:
        accounts_own.join(study.hub, token, password, repeat)

    assert field in caught.value.problems
    assert accounts_own.holder(study.hub, token, "join")


def test_a_password_kept_at_an_older_cost_is_kept_at_todays_from_the_next_sign_in(study):
    hub = replace(study.hub, kitchen=Kitchen(Cost(memory_kib=16)))

    accounts.sign_in(hub, "rita", password_of("rita"), "test")

    with hub.sessions.reading.begin() as session:
        assert session.get_one(User, study.user_id("rita")).kdf["memory_kib"] == 16
    assert accounts.sign_in(hub, "rita", password_of("rita"), "test").has_role


def test_an_own_session_can_be_ended_from_another(study):
    first, second = study.cookie("rita"), study.cookie("rita")
    found = visitors.visitor(study.hub, second)
    desk = visitors.own_desk(study.hub, found)
    account = accounts_own.read_account(desk, found.sitting.user_id)

    for row in account.sessions:
        if row.id != found.sitting.id:
            accounts_own.end_session(desk, found.sitting.user_id, row.id)

    assert visitors.visitor(study.hub, first) is None
    assert visitors.visitor(study.hub, second)


def test_nobody_reads_or_ends_what_belongs_to_another(study):
    found = study.visitor("ann")
    desk = visitors.own_desk(study.hub, found)

    for act in (accounts_own.read_account, accounts.record_sign_out):
        with pytest.raises(NotPermitted):
            act(desk, study.user_id("rita"))


def test_a_new_recovery_code_takes_the_place_of_the_old_one(study):
    code = accounts_own.new_code(study.hub, study.visitor("ann"), password_of("ann"), "test")

    with pytest.raises(Invalid):
        recover(study, "ann", study.codes["ann"])
    assert recover(study, "ann", code) is None


def test_ending_a_membership_ends_its_access_at_the_next_request(study):
    cookie = study.cookie("ann")

    accounts_team.end(study.petra, study.membership_id("ann"))

    found = visitors.visitor(study.hub, cookie)
    assert found is None or found.place is None


def test_a_full_kitchen_says_busy_and_nothing_else_happens(study):
    kitchen = Kitchen(Cost(memory_kib=8), at_once=1, waiting=0, seconds=0.01)
    hub = replace(study.hub, kitchen=kitchen)
    with kitchen.stove(), pytest.raises(Busy):
        accounts.sign_in(hub, "rita", password_of("rita"), "test")
    assert sign_in(study, "rita").has_role


def test_who_was_invited_makes_their_keys_at_the_next_sign_in(study):
    wanted = Invitation("", "", Role.TRANSCRIBER, login="nina")
    membership = accounts_team.invite(study.petra, study.id, wanted)
    with study.hub.sessions.reading.begin() as session:
        assert session.get_one(Membership, membership).state == "invited"

    assert not sign_in(study, "nina").has_role

    with study.hub.sessions.reading.begin() as session:
        assert session.get_one(Membership, membership).state == "awaiting_grant"
    with pytest.raises(WrongState):
        accounts._take_role(
            visitors.person_desk(study.hub, study.user_id("nina"), study.id),
            membership,
            accounts.prove(study.hub, "nina", password_of("nina"), "test"),
        )
