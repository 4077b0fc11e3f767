"""The demonstration: a whole fictional team, and people at every step of the way."""

import json
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from studyhub.domain.vocabulary import INSTANCE, Role
from studyhub.store.audit import Event
from studyhub.store.interviews import Interview, Recording
from studyhub.store.people import Question
from studyhub.store.releases import Release
from studyhub.store.transcripts import Transcript
from studyhub.store.users import Membership, Study
from studyhub.workflows import (
    accounts,
    analysis,
    analysis_reading,
    demonstration,
    trail,
    visitors,
    withdrawal_list,
)
from studyhub.workflows.demonstration_stage import SLUG, PastWeeks
from studyhub.workflows.kernel import operator_desk
from studyhub.workflows.whereabouts import whereabouts, whereabouts_of
from tests.workflows.demo import MEMBERS, NOW, ROLES, demo

__all__ = ["demo"]


# Of people, places and houses that the texts of the interviews name.
NAMES = ("Delia", "Okonjo", "Joan", "Talbot", "Archer", "Wexcombe", "Portlow", "Millbrook")
LAST_DAY = 34  # the last working day on which a story goes on


def desk(demo, login):
    arrival = accounts.sign_in(demo.hub, login, demo.password(login), "shell")
    return visitors.study_desk(demo.hub, visitors.visitor(demo.hub, arrival.cookie), SLUG)


def states(demo, table):
    with demo.hub.sessions.reading.begin() as session:
        return Counter(session.scalars(select(table.state)))


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


def test_people_stand_at_every_step_and_some_left(demo):
    with demo.hub.sessions.reading.begin() as session:
        where = whereabouts(session, study_of(demo), NOW)
    found = Counter(one.stage.name for one in where)

    assert {"listed", "approached", "interested", "informed", "consented"} <= set(found)
    assert {"scheduled", "interviewed", "transcribed"} <= set(found)
    assert found["released"] >= 6
    left = {one.stage.name for one in where if one.stage.is_exit}
    assert left == {
        *("suppressed", "declined", "ineligible", "unreachable", "lapsed", "withdrawn"),
    }


def test_one_person_stands_where_the_list_of_all_says(demo):
    with demo.hub.sessions.reading.begin() as session:
        study = study_of(demo)
        for each in whereabouts(session, study, NOW):
            assert whereabouts_of(session, study, NOW, each.participant_id) == each


def test_six_texts_can_be_read_and_nothing_in_them_names_anybody(demo):
    ann = desk(demo, "ann")
    shown = analysis.list_releases(ann).releases

    assert len(shown) == 6
    assert not [row for row in shown if row.held]
    for row in shown:
        said = " ".join(turn.text for turn in analysis_reading.read(ann, row.label).body.turns)
        assert not [name for name in NAMES if name in said], row.label


def test_one_recording_is_in_quarantine_and_one_text_was_sent_back(demo):
    assert states(demo, Recording)["quarantined"] == 1
    assert states(demo, Transcript)["returned"] == 1
    assert {"raw_draft", "raw_verified", "submitted", "released"} <= set(
        states(demo, Transcript)
    )
    assert {"completed", "confirmed", "proposed"} <= set(states(demo, Interview))


def test_one_withdrawal_is_done_one_waits_and_a_question_is_unanswered(demo):
    shown = withdrawal_list.listed(desk(demo, "petra"))

    assert [row.state for row in shown] == ["acknowledged", "confirmed"]
    assert states(demo, Release)["erased"] == 1
    assert states(demo, Question)["open"] == 1


def test_nothing_in_it_was_refused_and_every_line_is_in_the_order_of_time(demo):
    with demo.hub.sessions.reading.begin() as session:
        for chain in (INSTANCE, study_of(demo)):
            lines = session.execute(
                select(Event.at, Event.outcome).where(Event.chain == chain).order_by(Event.seq)
            ).all()
            assert {outcome for _, outcome in lines} == {"done"}
            assert [at for at, _ in lines] == sorted(at for at, _ in lines)


def test_it_is_made_on_every_day_of_the_week_and_from_the_same_words():
    for days in range(7):
        clock = PastWeeks(NOW + timedelta(days=days))
        assert clock().weekday() == 0
        assert clock.on(LAST_DAY, "23:00") < clock.end


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
