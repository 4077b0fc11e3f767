"""Invite, compare, grant, end; soft rules, exceptions, and what a PI cannot decide alone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from studyhub.domain.errors import Hidden, Invalid, NotPermitted, Stale, WrongState
from studyhub.domain.roles import ROLE_OPENS
from studyhub.domain.vocabulary import STAFF, Duty, Role
from studyhub.store.keys import DataKeyGrant, KeyGrant
from studyhub.store.outbox import Letter
from studyhub.store.users import Membership, Proposal, SoftException, User
from studyhub.workflows import (
    accounts,
    accounts_exceptions,
    accounts_study,
    accounts_team,
    trail,
    visitors,
)
from studyhub.workflows.accounts_exceptions import Wish
from studyhub.workflows.accounts_team import Invitation
from studyhub.workflows.entrance import prove
from studyhub.workflows.role_keys import fingerprint_of
from tests.makers import LATER, SLUG, grant, invite_and_grant, password_of

REASON = "Tess Bowen is on leave until January"


def count(study, table, *where):
    with study.hub.sessions.reading.begin() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def invite(study, login, role, **more):
    wanted = Invitation("", "", role, login=login, **more)
    return accounts_team.invite(study.petra, study.id, wanted)


def test_inviting_somebody_without_an_account_makes_one_and_sends_a_link(study):
    letters = count(study, Letter)

    accounts_team.invite(
        study.petra, study.id, Invitation("Sam New", "Sam@Team.test", Role.TRANSCRIBER)
    )

    with study.hub.sessions.reading.begin() as session:
        person = session.scalars(select(User).where(User.login == "sam@team.test")).one()
        assert (person.state, person.name) == ("invited", "Sam New")
    assert count(study, Letter) == letters + 1
    assert study.last_event().act == "member.invite"


def test_inviting_a_known_address_uses_the_account_there_is(study):
    users = count(study, User)

    accounts_team.invite(
        study.petra, study.id, Invitation("Somebody", "TESS@team.test", Role.REVIEWER)
    )

    assert count(study, User) == users


def test_an_invitation_opens_nothing(study):
    membership = invite(study, "nina", Role.RECRUITER)

    assert count(study, KeyGrant, KeyGrant.membership_id == membership) == 0
    study.cookie("nina")
    assert count(study, KeyGrant, KeyGrant.membership_id == membership) == 0
    with pytest.raises(Hidden):
        trail.read_lines(study.nina)


def test_granting_without_keys_or_with_other_words_is_refused(study):
    membership = invite(study, "nina", Role.RECRUITER)
    with pytest.raises(WrongState):
        accounts_team.grant(study.petra, membership, words=["a"] * 6)
    study.cookie("nina")
    with pytest.raises(Stale):
        accounts_team.grant(study.petra, membership, words=["abandon"] * 6)

    grant(study, membership)

    assert study.nina.actor.role == "recruiter"


def test_inv_82_every_grant_is_announced_to_all_members(study):
    before = count(study, Letter, Letter.purpose == "staff_notice")

    invite_and_grant(study, "nina", Role.RECRUITER)

    told = count(study, Letter, Letter.purpose == "staff_notice") - before
    assert told == 1 + 8  # the invitation, then seven members and Nina


@pytest.mark.parametrize("role", STAFF)
def test_a_grant_gives_the_compartments_of_the_role_and_no_other(study, role):
    if role is Role.PI:
        return
    membership = invite_and_grant(study, "nina", role)

    assert count(study, KeyGrant, KeyGrant.membership_id == membership) == len(ROLE_OPENS[role])


def test_only_a_pi_invites_grants_and_ends(study):
    ravi = study.membership_id("ravi")
    for login in ("rita", "ivan", "tess", "ann", "ada"):
        desk = study.desk(login)
        for call in (
            lambda d=desk: accounts_team.invite(d, study.id, Invitation("", "", Role.ANALYST)),
            lambda d=desk: accounts_team.grant(d, ravi, words=[]),
            lambda d=desk: accounts_team.end(d, ravi),
        ):
            with pytest.raises(NotPermitted):
                call()
            assert study.last_event().outcome == "refused"


def test_a_pi_cannot_invite_or_grant_themselves(study):
    """H-5."""
    with pytest.raises(NotPermitted):
        invite(study, "petra", Role.ANALYST)
    with pytest.raises(NotPermitted):
        accounts_team.grant(study.petra, study.membership_id("petra"), words=[])


def test_a_study_keeps_a_pi(study):
    with pytest.raises(WrongState):
        accounts_team.end(study.petra, study.membership_id("petra"))

    invite_and_grant(study, "nina", Role.PI)

    accounts_team.end(study.petra, study.membership_id("petra"))
    assert study.nina.actor.role == "pi"


def test_a_second_pi_is_certified_by_the_first_and_can_grant(study):
    invite_and_grant(study, "nina", Role.PI)
    membership = accounts_team.invite(
        study.nina, study.id, Invitation("", "", Role.TRANSCRIBER, login="ravi")
    )
    study.cookie("ravi")
    with study.hub.sessions.reading.begin() as session:
        words = fingerprint_of(session.get_one(Membership, membership))

    accounts_team.grant(study.nina, membership, words=words)

    arrival = accounts.sign_in(
        study.hub, "ravi", password_of("ravi"), "test", study=SLUG, role="transcriber"
    )
    assert arrival.has_role


def test_ending_takes_the_keys_away(study):
    membership = study.membership_id("rita")
    assert count(study, KeyGrant, KeyGrant.membership_id == membership) == 1
    assert count(study, DataKeyGrant, DataKeyGrant.grantee_id == membership) == 1

    accounts_team.end(study.petra, membership)

    assert count(study, KeyGrant, KeyGrant.membership_id == membership) == 0
    assert count(study, DataKeyGrant, DataKeyGrant.grantee_id == membership) == 0
    with pytest.raises(WrongState):
        accounts_team.end(study.petra, membership)


@pytest.mark.parametrize(
    ("login", "role", "field"),
    [
        ("rita", Role.RECRUITER, "role"),  # holds it already
        ("rita", Role.ANALYST, "role"),  # S-2
        ("tess", Role.RECRUITER, "role"),  # S-3
        ("ann", Role.AUDITOR, "role"),  # H-6
        ("ada", Role.ANALYST, "role"),  # H-6
        ("nobody.here", Role.ANALYST, "login"),
    ],
)
def test_roles_that_do_not_go_together_are_refused_with_the_reason(study, login, role, field):
    before = count(study, Membership)

    with pytest.raises(Invalid) as caught:
        invite(study, login, role)

    assert field in caught.value.problems
    assert count(study, Membership) == before


@pytest.mark.parametrize(
    ("role", "duty"),
    [
        (Role.ANALYST, Duty.APPROVE),
        (Role.AUDITOR, Duty.ASSESS),
        (Role.TRANSCRIBER, Duty.TAKE_CONSENT),
        (Role.RECRUITER, Duty.RELEASE),
    ],
)
def test_duties_go_only_with_their_roles(study, role, duty):
    with pytest.raises(Invalid) as caught:
        invite(study, "nina", role, duties=(duty,))
    assert "duties" in caught.value.problems


def test_a_membership_cannot_end_before_it_begins(study):
    with pytest.raises(Invalid):
        invite(study, "nina", Role.ANALYST, until=study.clock() - timedelta(days=1))


def test_nobody_is_invited_before_the_kit_was_typed_back(study):
    petra = prove(study.hub, "petra", password_of("petra"), "test")
    made = accounts_study.create(study.hub, slug="second", title="A second study", pi=petra)

    with pytest.raises(WrongState):
        accounts_team.invite(
            study.operator, made.id, Invitation("", "", Role.ANALYST, login="ann")
        )
    with pytest.raises(Invalid):
        accounts_study.prove_kit(study.operator, made.id, kit=" ".join(study.kit))
    with pytest.raises(Invalid):
        accounts_study.prove_kit(study.operator, made.id, kit="abandon " * 24)
    assert (
        accounts_study.prove_kit(study.operator, made.id, kit=" ".join(made.recovery_kit))
        == "open"
    )


@pytest.mark.parametrize("slug", ["", "Voices", "a b", "x" * 41, SLUG, "ünder", "--"])
def test_a_bad_or_known_slug_is_refused_and_nothing_is_made(study, slug):
    petra = prove(study.hub, "petra", password_of("petra"), "test")

    with pytest.raises(Invalid):
        accounts_study.create(study.hub, slug=slug, title="Another", pi=petra)


# -- exceptions ------------------------------------------------------------------


def wish(study, login="rita", rule="S-3", reason=REASON, ends=LATER):
    return Wish(rule, study.user_id(login), reason, ends)


def test_an_exception_lifts_a_soft_rule_until_its_day(study):
    accounts_exceptions.declare(study.petra, wish(study))
    study.clock.advance(days=1)
    invite_and_grant(study, "rita", Role.TRANSCRIBER)
    arrival = accounts.sign_in(
        study.hub, "rita", password_of("rita"), "test", study=SLUG, role="transcriber"
    )
    assert arrival.has_role

    study.clock.at = LATER
    arrival = accounts.sign_in(
        study.hub, "rita", password_of("rita"), "test", study=SLUG, role="transcriber"
    )

    assert not arrival.has_role


def test_ending_an_exception_stops_what_rested_on_it_at_the_next_act(study):
    made = accounts_exceptions.declare(study.petra, wish(study))
    study.clock.advance(days=1)
    invite_and_grant(study, "rita", Role.TRANSCRIBER)
    arrival = accounts.sign_in(
        study.hub, "rita", password_of("rita"), "test", study=SLUG, role="transcriber"
    )
    found = visitors.visitor(study.hub, arrival.cookie)
    assert found.place.role == "transcriber"

    accounts_exceptions.end_early(study.petra, made)

    after = visitors.visitor(study.hub, arrival.cookie)
    assert after is None or after.place is None
    with pytest.raises(WrongState):
        accounts_exceptions.end_early(study.petra, made)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": "H-6"}, "rule"),
        ({"reason": "  "}, "reason"),
        ({"ends": LATER.replace(year=2020)}, "ends"),
        ({"login": "nina"}, "member"),
    ],
)
def test_an_exception_needs_a_soft_rule_a_reason_an_end_and_a_member(study, change, field):
    with pytest.raises(Invalid) as caught:
        accounts_exceptions.declare(study.petra, wish(study, **change))

    assert field in caught.value.problems
    assert count(study, SoftException) == 0


def test_what_is_lifted_already_is_not_lifted_again(study):
    made = accounts_exceptions.declare(study.petra, wish(study))

    with pytest.raises(Invalid) as caught:
        accounts_exceptions.declare(study.petra, wish(study))

    day = f"{LATER.day} {LATER:%B %Y}"
    assert caught.value.problems == {"rule": f"This is lifted already until {day}"}
    accounts_exceptions.declare(study.petra, wish(study, rule="S-2"))
    accounts_exceptions.declare(study.petra, wish(study, "tess"))
    accounts_exceptions.end_early(study.petra, made)
    accounts_exceptions.declare(study.petra, wish(study))


def test_what_a_pi_wants_for_themselves_another_member_decides(study):
    petra_id = study.user_id("petra")
    with pytest.raises(NotPermitted):
        accounts_exceptions.declare(study.petra, wish(study, "petra", "S-4"))
    proposal = accounts_exceptions.propose(study.petra, wish(study, "petra", "S-4"))
    with pytest.raises(NotPermitted):
        accounts_exceptions.decide(study.petra, proposal, approve=True)

    accounts_exceptions.decide(study.ravi, proposal, approve=True)

    with study.hub.sessions.reading.begin() as session:
        lifted = session.scalars(select(SoftException)).one()
        assert lifted.user_id == petra_id
        assert (lifted.rule, lifted.reason) == ("S-4", REASON)
    with pytest.raises(WrongState):
        accounts_exceptions.decide(study.ravi, proposal, approve=False)
    role = accounts_exceptions.propose(study.petra, Role.RECRUITER)
    accounts_exceptions.decide(study.rita, role, approve=True)
    assert count(study, Membership, Membership.role == "recruiter") == 2


def test_a_refused_proposal_changes_nothing(study):
    proposal = accounts_exceptions.propose(study.petra, wish(study, "petra", "S-4"))

    accounts_exceptions.decide(study.ann, proposal, approve=False)

    assert count(study, SoftException) == 0
    assert count(study, Proposal, Proposal.outcome == "refused") == 1


def test_a_further_role_of_a_pi_still_keeps_the_rules(study):
    lift = accounts_exceptions.propose(study.petra, wish(study, "petra", "S-4"))
    accounts_exceptions.decide(study.ravi, lift, approve=True)
    role = accounts_exceptions.propose(study.petra, Role.RECRUITER)
    study.clock.at = LATER

    with pytest.raises(Invalid):
        accounts_exceptions.decide(study.ravi, role, approve=True)

    assert count(study, Proposal, Proposal.outcome.is_(None)) == 1


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (Role.RECRUITER, "does not recruit. (S-4) A declared exception is needed first"),
        (Role.AUDITOR, "Nobody can lift this"),
        (Role.PI, "holds, or is invited to, that role already"),
    ],
)
def test_a_role_that_cannot_be_had_is_not_even_proposed(study, role, says):
    with pytest.raises(Invalid) as caught:
        accounts_exceptions.propose(study.petra, role)

    assert says in caught.value.problems["role"]
    assert count(study, Proposal) == 0


def test_a_pi_carries_out_a_further_role_once_another_member_approved_it(study):
    """H-5."""
    proposal = accounts_exceptions.propose(study.petra, Role.REVIEWER)
    accounts_exceptions.decide(study.ravi, proposal, approve=True)
    study.cookie("petra")
    made = study.membership_id("petra", Role.REVIEWER)
    pi = accounts.sign_in(
        study.hub, "petra", password_of("petra"), "test", study=SLUG, role="pi"
    )
    found = visitors.visitor(study.hub, pi.cookie)
    desk = visitors.study_desk(study.hub, found, SLUG)
    with pytest.raises(NotPermitted):
        accounts_team.grant(desk, made, words=[])

    accounts_team.accept(desk, made)

    assert accounts.sign_in(
        study.hub, "petra", password_of("petra"), "test", study=SLUG, role="reviewer"
    ).has_role


def test_a_pi_does_not_carry_out_a_role_that_nobody_approved(study):
    with pytest.raises(NotPermitted):
        accounts_team.accept(study.petra, study.membership_id("petra"))
    with pytest.raises(NotPermitted):
        accounts_team.accept(study.petra, study.membership_id("ann"))
