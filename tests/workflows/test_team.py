"""What the team page shows, read from the keys; endings that end sessions; second persons."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, event, update

from studyhub.domain.errors import Hidden, Invalid, NotFound, NotPermitted
from studyhub.domain.vocabulary import Actor, Compartment, Role, Side
from studyhub.store.keys import DataKeyGrant, KeyGrant
from studyhub.store.users import Membership
from studyhub.workflows import (
    accounts_admin,
    accounts_exceptions,
    accounts_own,
    accounts_team,
    accounts_team_view,
    analysis,
    trail,
    visitors,
)
from studyhub.workflows.accounts_exceptions import Wish
from studyhub.workflows.accounts_team import Invitation
from studyhub.workflows.kernel import Desk, operator_desk
from studyhub.workflows.keyring import Keyring
from studyhub.workflows.locker import Locker
from tests.makers import CAST, invite_and_grant, password_of

SEES_THE_TEAM = {"petra", "ada"}


def opened_by(study, name, as_seen_by="petra"):
    """The marks of one person by compartment."""
    view = accounts_team_view.team(getattr(study, as_seen_by))
    person = next(each for each in view.people if each.name == CAST[name][0])
    return {opening.compartment: opening.mark for opening in person.openings}


def member_of(study, login, role=None):
    membership_id = study.membership_id(login, role)
    return accounts_team_view.team(study.petra).member(membership_id)


def change(study, statement):
    """What somebody could do who writes the database behind our back."""
    with study.hub.sessions.writing.begin() as session:
        session.execute(statement)


def exception_for(study, login, rule, days=20):
    ends = study.clock() + timedelta(days=days)
    wish = Wish(rule, study.user_id(login), "one of us is on leave", ends)
    return accounts_exceptions.declare(study.petra, wish)


def test_everybody_opens_what_their_keys_open(study):
    whole = {login: opened_by(study, login) for login in CAST if login != "nina"}

    assert set(whole["petra"].values()) == {"open"}
    assert [name for name, mark in whole["rita"].items() if mark == "open"] == ["contact"]
    assert [name for name, mark in whole["ann"].items() if mark == "open"] == ["release"]
    assert set(whole["ada"].values()) == {"shut"}


def test_a_role_without_its_grant_shows_as_shut(study):
    change(study, delete(KeyGrant).where(KeyGrant.membership_id == study.membership_id("ann")))

    assert opened_by(study, "ann")[Compartment.RELEASE] == "shut"


def test_a_forged_grant_counts_as_none_and_is_reported(study):
    mine = KeyGrant.membership_id == study.membership_id("ann")
    change(study, update(KeyGrant).where(mine).values(signature=b"\1" * 64))

    view = accounts_team_view.team(study.ada)

    assert opened_by(study, "ann")[Compartment.RELEASE] == "shut"
    assert (view.papers.bad_signatures, view.papers.bad_certificates) == (1, 0)


def test_a_forged_certificate_opens_nothing_and_is_reported(study):
    mine = Membership.id == study.membership_id("ann")
    change(study, update(Membership).where(mine).values(certificate=b"\1" * 64))

    assert opened_by(study, "ann")[Compartment.RELEASE] == "shut"
    assert accounts_team_view.team(study.ada).papers.bad_certificates == 1


def test_what_is_given_by_name_shows_as_own_and_is_counted(study):
    shred_id = study.hub.keystore.make(Side.EXPRESSION, study.clock().date())
    tess_id = study.membership_id("tess")
    with study.hub.sessions.writing.begin() as session:
        locker = Locker(session, study.hub.room, study.id, Keyring(), lent=frozenset())
        sealed = locker.new_data_key(Compartment.RECORDING, shred_id)
        session.add(
            DataKeyGrant(
                data_key_id=sealed.id,
                grantee_kind="membership",
                grantee_id=tess_id,
                wrapped=b"only its being there is counted",
            )
        )

    tess = member_of(study, "tess").openings[2]
    assert (tess.compartment, tess.mark, tess.opened, tess.sealed) == ("recording", "own", 1, 1)
    petra = member_of(study, "petra").openings[2]
    assert (petra.mark, petra.opened, petra.sealed) == ("open", 1, 1)
    ivan = member_of(study, "ivan").openings[2]
    assert (ivan.mark, ivan.opened, ivan.sealed) == ("shut", 0, 1)


def test_the_studys_own_keys_are_counted_as_nobodys_things(study):
    for member in accounts_team_view.team(study.petra).members:
        assert [opening.sealed for opening in member.openings] == [0] * 5


def test_two_roles_of_one_person_are_one_row(study):
    invite_and_grant(study, "ravi", Role.TRANSCRIBER)

    view = accounts_team_view.team(study.petra)

    ravi = [person for person in view.people if person.name == "Ravi Nair"]
    assert [person.roles for person in ravi] == [(Role.TRANSCRIBER, Role.REVIEWER)]


def test_a_larger_team_asks_the_database_no_more_often(study):
    before = statements(study)
    invite_and_grant(study, "nina", Role.INTERVIEWER)
    invite_and_grant(study, "ravi", Role.TRANSCRIBER)

    assert statements(study) == before


def statements(study):
    """How many statements the page of the team needs."""
    desk, made, engine = study.petra, [], study.hub.sessions.engine

    def note(*told):
        made.append(told[2])

    event.listen(engine, "before_cursor_execute", note)
    accounts_team_view.team(desk)
    event.remove(engine, "before_cursor_execute", note)
    return len(made)


def test_invited_waiting_and_lapsed_members_open_nothing(study):
    wanted = Invitation(
        "", "", Role.ANALYST, (), study.clock() + timedelta(days=2), login="nina"
    )
    membership_id = accounts_team.invite(study.petra, study.id, wanted)
    assert member_of(study, "nina", Role.ANALYST).standing == "invited"

    study.clock.advance(hours=1)
    study.cookie("nina")
    waiting = member_of(study, "nina", Role.ANALYST)
    assert (waiting.standing, len(waiting.words)) == ("waits", 6)
    assert waiting.since == study.clock()

    study.clock.advance(days=3)
    view = accounts_team_view.team(study.petra)
    assert view.member(membership_id).standing == "lapsed"
    assert "Nina Vance" not in {person.name for person in view.people}


def test_keys_of_a_reset_wait_since_the_reset_that_made_them(study):
    def reset(typed_code):
        study.clock.advance(days=1)
        address = accounts_admin.start_reset(operator_desk(study.hub), study.user_id("tess"))
        password, token = password_of("tess"), address.rpartition("/")[2]
        return accounts_own.recover(study.hub, token, password, password, typed_code)

    code = reset("")
    made = study.clock()
    reset(code)

    waiting = member_of(study, "tess", Role.TRANSCRIBER)
    assert (waiting.standing, waiting.since) == ("waits", made)


def test_a_member_whose_exception_ended_is_stopped(study):
    study.clock.advance(days=1)
    exception = exception_for(study, "rita", "S-2")
    invite_and_grant(study, "rita", Role.ANALYST)
    assert member_of(study, "rita", Role.ANALYST).standing == "holds"

    accounts_exceptions.end_early(study.petra, exception)

    stopped = member_of(study, "rita", Role.ANALYST)
    assert (stopped.standing, stopped.kept_apart) == (
        "stopped",
        ["A recruiter does not analyse."],
    )


def test_only_the_pi_and_the_auditor_see_the_team(study):
    for login in CAST:
        if login in SEES_THE_TEAM:
            assert accounts_team_view.team(getattr(study, login)).title
        else:
            with pytest.raises(NotPermitted):
                accounts_team_view.team(getattr(study, login))
            assert study.last_event().outcome == "refused"


def test_a_membership_of_nowhere_is_not_found(study):
    with pytest.raises(NotFound):
        accounts_team_view.team(study.petra).member(study.id)


def test_every_member_sees_their_own_keys_and_what_waits(study):
    proposal = accounts_exceptions.propose(study.petra, Role.INTERVIEWER)

    own = accounts_team_view.home(study.petra).proposal(proposal)
    seen = accounts_team_view.home(study.ann)

    assert own.is_own
    assert seen.proposal(proposal).what == "Petra Holt asks for a further role: Interviewer"
    assert [opening.mark for opening in seen.openings] == [*["shut"] * 4, "open"]
    with pytest.raises(Hidden):
        accounts_team_view.home(study.nina)


def test_a_proposer_does_not_decide_in_another_role_of_theirs(study):
    proposal = accounts_exceptions.propose(study.petra, Role.INTERVIEWER)
    accounts_exceptions.decide(study.ravi, proposal, approve=True)
    second = accounts_exceptions.propose(study.petra, Role.REVIEWER)
    other = study.membership_id("petra", Role.INTERVIEWER)
    # Her own second role, as if a second principal investigator had granted it.
    change(study, update(Membership).where(Membership.id == other).values(state="active"))
    actor = Actor(study.user_id("petra"), other, Role.INTERVIEWER)
    fresh = study.clock() + timedelta(minutes=5)
    desk = Desk(study.hub, actor, study.id, stepped_up_until=fresh)

    with pytest.raises(NotPermitted):
        accounts_exceptions.decide(desk, second, approve=True)

    assert study.last_event().outcome == "refused"


def test_ending_a_membership_ends_its_sessions(study):
    cookie = study.cookie("rita")
    assert visitors.visitor(study.hub, cookie) is not None

    accounts_team.end(study.petra, study.membership_id("rita"))

    assert study.hub.sittings.find(cookie, study.clock()) is None


def test_a_refused_ending_leaves_the_sessions_alone(study):
    cookie = study.cookie("rita")

    with pytest.raises(NotPermitted):
        accounts_team.end(study.ada, study.membership_id("rita"))

    assert study.hub.sittings.find(cookie, study.clock()) is not None


def test_an_address_that_is_somebodys_login_names_that_person(study):
    wanted = Invitation("Grace Adeyemi", "Grace@Team.test", Role.TRANSCRIBER)
    accounts_team.invite(study.petra, study.id, wanted)

    with pytest.raises(Invalid):
        accounts_team.invite(study.petra, study.id, wanted)


def test_releases_are_known_by_their_label_alone(study):
    for login in ("petra", "ravi", "ann"):
        assert analysis.list_releases(getattr(study, login)).releases == []
    for login in ("rita", "ivan", "tess", "ada", "nina"):
        with pytest.raises(NotPermitted):
            analysis.list_releases(getattr(study, login))


def test_lines_can_be_asked_for_by_outcome_and_act(study):
    with pytest.raises(NotPermitted):
        trail.read_lines(study.rita)

    refused = trail.read_lines(study.ada, outcome="refused").lines
    granted = trail.read_lines(study.ada, act="member.grant").lines

    assert [(line.act, line.actor) for line in refused] == [("trail.read", "Rita Osei")]
    assert {line.about for line in granted} >= {"Rita Osei", "Ada Quill"}
