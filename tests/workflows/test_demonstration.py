"""The demonstration: a whole fictional team, and something sealed in every compartment."""

import json

from sqlalchemy import func, select

from studyhub.domain.vocabulary import INSTANCE, Compartment, Role
from studyhub.store.audit import Event
from studyhub.store.users import Membership, Study
from studyhub.workflows import accounts, demonstration, trail, visitors
from studyhub.workflows.kernel import operator_desk
from studyhub.workflows.key_check import keys_open
from tests.workflows.demo import MEMBERS, NOW, ROLES, demo

__all__ = ["demo"]


def study_of(demo):
    with demo.hub.sessions.reading.begin() as session:
        return session.scalars(select(Study.id)).one()


def test_every_role_is_held_by_one_of_the_team(demo):
    with demo.hub.sessions.reading.begin() as session:
        held = session.scalars(select(Membership.role).where(Membership.state == "active"))
        assert sorted(held) == sorted(MEMBERS.values())

    assert {person["login"] for person in demo.told["people"]} == set(ROLES)
    assert demo.told["studies"] == ["voices"]


def test_every_sign_in_works_and_leads_to_its_role(demo):
    for login, role in ROLES.items():
        arrival = accounts.sign_in(demo.hub, login, demo.password(login), "shell")
        visitor = visitors.visitor(demo.hub, arrival.cookie)
        assert visitor.actor.role == (role or Role.PUBLIC)


def test_the_first_line_of_each_chain_says_demonstration(demo):
    with demo.hub.sessions.reading.begin() as session:
        for chain in (INSTANCE, study_of(demo)):
            first = json.loads(session.get(Event, (chain, 0)).line)
            assert first["act"] == "chain.open"
            assert first["facts"] == {"demonstration": 1}


def test_it_happened_over_past_weeks_and_its_record_is_whole(demo):
    with demo.hub.sessions.reading.begin() as session:
        first, last = session.execute(select(func.min(Event.at), func.max(Event.at))).one()

    assert last < NOW
    assert (last - first).days >= 14
    assert trail.check_health(operator_desk(demo.hub, study_of(demo))).ok


def test_something_is_sealed_in_every_compartment(demo):
    tallies = keys_open(demo.hub, "petra", demo.password("petra"))

    assert set(tallies) == set(Compartment)
    assert all(tally.objects > 1 for tally in tallies.values())


def test_the_sign_ins_lie_in_a_file_of_the_owner_alone(demo):
    path = demonstration.sign_ins_file(demo.hub.settings)

    assert path.stat().st_mode & 0o777 == 0o600
    kept = json.loads(path.read_text())
    assert kept["people"] == demo.told["people"]
    assert len(kept["recovery_kit"]["voices"]) == 24
    assert demo.password("ann") in demonstration.sign_ins_text(demo.hub.settings)


def test_nobody_is_left_signed_in(demo):
    for login in ROLES:
        user_id = accounts.prove(demo.hub, login, demo.password(login), "shell").user_id
        assert demo.hub.sittings.list_of(user_id, demo.clock()) == []
