"""A role of one study, or one written into a table, used where it holds nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Hidden, NotFound, NotPermitted
from studyhub.domain.vocabulary import INSTANCE, Act, Actor, Role
from studyhub.store.db import Base, _rests_on
from studyhub.store.keys import DataKey, DataKeyGrant, KeyGrant
from studyhub.store.users import Membership, Study
from studyhub.workflows import (
    accounts_exceptions,
    accounts_study,
    accounts_team,
    accounts_team_view,
    entrance,
    trail,
    visitors,
)
from studyhub.workflows.kernel import Trace, Work, operator_desk
from tests.makers import SLUG, password_of


@pytest.fixture
def second(small_study):
    """Another study of the same instance, whose PI is Nina, and its kit."""
    nina = entrance.prove(small_study.hub, "nina", password_of("nina"), "test")
    made = accounts_study.create(small_study.hub, slug="second", title="Second", pi=nina)
    return made.id, " ".join(made.recovery_kit)


def rewrite(study, login, **values):
    """What somebody who writes the database can do to a membership."""
    membership_id = study.membership_id(login)
    with study.hub.sessions.writing.begin() as session:
        member = session.get_one(Membership, membership_id)
        for name, value in values.items():
            setattr(member, name, value)


def open_second(study, second):
    accounts_study.prove_kit(operator_desk(study.hub), second[0], kit=second[1])


def test_a_pi_cannot_invite_into_another_study(small_study, second):
    open_second(small_study, second)
    wanted = accounts_team.Invitation("", "", Role.ANALYST, login="ann")

    with pytest.raises(NotFound):
        accounts_team.invite(small_study.petra, second[0], wanted)

    with small_study.hub.sessions.reading.begin() as session:
        members = session.scalars(select(Membership).where(Membership.study_id == second[0]))
        assert [member.role for member in members] == [Role.PI]
    assert small_study.last_event().outcome == "refused"


def test_a_pi_cannot_open_another_study_even_with_its_kit(small_study, second):
    with pytest.raises(NotFound):
        accounts_study.prove_kit(small_study.petra, second[0], kit=second[1])

    with small_study.hub.sessions.reading.begin() as session:
        assert session.get_one(Study, second[0]).state == "setting_up"


def test_a_role_counts_for_nothing_at_the_desk_of_ones_own_account(small_study, second):
    open_second(small_study, second)
    own = visitors.own_desk(small_study.hub, small_study.visitor("petra"))
    wanted = accounts_team.Invitation("", "", Role.ANALYST, login="ann")

    for act in (
        lambda: accounts_team.invite(own, second[0], wanted),
        lambda: trail.read_lines(own),
        lambda: accounts_team_view.team(own),
    ):
        with pytest.raises(Hidden):
            act()

    assert small_study.last_event(INSTANCE).act in {Act.TRAIL_READ, Act.MEMBER_LIST}
    assert small_study.last_event(INSTANCE).outcome == "refused"


def test_a_desk_does_not_reach_a_row_that_only_its_parents_tie_to_another_study(
    small_study, second
):
    petra = small_study.petra
    elsewhere = replace(petra, study=second[0])

    with small_study.hub.sessions.reading.begin() as session:
        for table in (KeyGrant, DataKey, DataKeyGrant):
            assert not hasattr(table, "study_id")
            row = session.scalars(select(table)).first()
            Work(petra, Act.MEMBER_END, session, Trace()).claim(row)
            with pytest.raises(NotFound):
                Work(elsewhere, Act.MEMBER_END, session, Trace()).claim(row)


def test_every_table_but_the_record_leads_to_its_study():
    mapped = [mapper.class_ for mapper in Base.registry.mappers]

    lost = {
        kind.__tablename__
        for kind in mapped
        if not hasattr(kind, "study_id") and not list(_rests_on(kind))
    }

    assert lost == {"studies", "users", "user_tokens", "jobs", "events", "heads"}


def test_a_role_written_into_the_table_gives_nothing(small_study):
    ann = small_study.ann
    rewrite(small_study, "ann", role="pi")
    forged = replace(ann, actor=replace(ann.actor, role=Role.PI))

    with pytest.raises(Hidden):
        accounts_team_view.team(forged)
    with pytest.raises(Hidden):
        accounts_team.end(forged, small_study.membership_id("tess"))

    assert small_study.last_event().outcome == "refused"


def test_a_role_written_into_the_table_gives_nothing_after_signing_in_either(small_study):
    rewrite(small_study, "ann", role="auditor")

    with pytest.raises(NotPermitted):
        trail.read_lines(small_study.ann)


def test_a_membership_made_active_by_hand_gives_nothing(small_study):
    wanted = accounts_team.Invitation("", "", Role.AUDITOR, login="nina")
    accounts_team.invite(small_study.petra, small_study.id, wanted)
    small_study.cookie("nina")
    with small_study.hub.sessions.writing.begin() as session:
        nina = small_study.user_id("nina")
        member = session.scalars(select(Membership).where(Membership.user_id == nina)).one()
        member.state = "active"

    with pytest.raises(Hidden):
        trail.read_lines(small_study.nina)


def test_a_certificate_of_another_member_gives_nothing(small_study):
    with small_study.hub.sessions.reading.begin() as session:
        petra = session.get_one(Membership, small_study.membership_id("petra"))
        copied = {
            name: getattr(petra, name)
            for name in ("role", "certificate", "certified_at", "certified_by")
        }
    rewrite(small_study, "ann", **copied)

    desk = small_study.ann
    with pytest.raises(Hidden):
        accounts_team.end(desk, small_study.membership_id("tess"))


def test_a_membership_is_of_no_use_to_another_person(small_study):
    petra, nina = small_study.petra, small_study.user_id("nina")
    borrowed = replace(petra, actor=Actor(nina, petra.actor.membership_id, Role.PI))

    with pytest.raises(Hidden):
        accounts_team_view.team(borrowed)


def test_an_exception_of_one_study_lifts_nothing_in_another(small_study, second):
    nina, ends = small_study.user_id("nina"), small_study.clock.at.replace(year=2027)
    wish = accounts_exceptions.Wish("S-2", nina, "Small team", ends)

    # Nina is a member of the second study only.
    with pytest.raises(Exception, match="member of this study"):
        accounts_exceptions.declare(small_study.petra, wish)
    assert visitors.places_of(small_study.hub, wish.user_id)[0].slug != SLUG
