import json
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from studyhub.domain.errors import (
    Hidden,
    HouseRuleBroken,
    Invalid,
    NotFound,
    NotPermitted,
    PasswordNeeded,
    WrongState,
)
from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import INSTANCE, Act, Compartment, Role, Side
from studyhub.store.audit import Event
from studyhub.store.users import Membership, SoftException
from studyhub.vault.places import Place
from studyhub.workflows import accounts_exceptions, accounts_team, kernel, mailroom, trail
from studyhub.workflows.accounts_exceptions import Wish
from studyhub.workflows.kernel import Desk, Work
from tests.makers import CAST, LATER


def wish(study, whom="rita", rule="S-3"):
    return Wish(rule, study.user_id(whom), "a colleague is on leave", LATER)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    plan=st.lists(
        st.tuples(
            st.sampled_from(["declare", "end", "read", "look"]), st.sampled_from(list(CAST))
        ),
        max_size=12,
    )
)
def test_inv_84_each_act_leaves_exactly_one_event(study, plan):
    desks = {who: study.desk(who) for who in {who for _, who in plan}}
    made: list = []
    before, expected = study.events(), 0

    for what, who in plan:
        try:
            expected += _perform(study, what, desks[who], made)
        except (NotPermitted, NotFound):
            expected += 1
        except (WrongState, Invalid):
            pass

    assert study.events() - before == expected


def _perform(study, what, desk, made):
    match what:
        case "declare":
            made.append(accounts_exceptions.declare(desk, wish(study)))
        case "end":
            accounts_exceptions.end_early(desk, made[-1] if made else uuid4())
        case "read":
            trail.read_lines(desk)
        case "look":
            trail.check_health(desk)
            return 0
    return 1


def test_each_line_carries_the_digest_of_the_one_before(study):
    before = "0" * 64
    with study.hub.sessions.reading.begin() as session:
        for event in session.scalars(
            select(Event).where(Event.chain == study.id).order_by(Event.seq)
        ):
            assert json.loads(event.line)["prev"] == before
            assert event.digest == sha256(b"\0" + event.line).digest()
            before = event.digest.hex()


def test_a_line_says_who_did_what_in_which_role_and_nothing_more(study):
    accounts_exceptions.declare(study.petra, wish(study))

    line = json.loads(study.last_event().line)

    assert line["act"] == "exception.declare"
    assert line["role"] == "pi"
    assert line["actor"] == str(study.user_id("petra"))
    assert line["facts"] == {"rule": "S-3"}
    assert line["subject"].startswith("softexception:")
    assert "leave" not in study.last_event().line.decode()


def test_a_crash_undoes_the_act_and_its_event(study, monkeypatch):
    desk, before = study.petra, study.events()
    monkeypatch.setattr(Work, "note", lambda *_a, **_k: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        accounts_exceptions.declare(desk, wish(study))

    assert study.events() == before
    with study.hub.sessions.reading.begin() as session:
        assert session.scalars(select(SoftException)).all() == []


def test_inv_84_an_act_whose_line_cannot_be_written_is_not_done(study, monkeypatch):
    desk, before = study.petra, study.events()
    wanted = wish(study)

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(kernel, "append", full)

    with pytest.raises(OSError, match="no space"):
        accounts_exceptions.declare(desk, wanted)

    assert study.events() == before
    with study.hub.sessions.reading.begin() as session:
        assert session.scalars(select(SoftException)).all() == []


def test_acts_do_not_nest(study):
    desk = study.petra
    token = kernel._under_way.set(Act.MEMBER_END)
    try:
        with pytest.raises(HouseRuleBroken):
            trail.check_health(desk)
    finally:
        kernel._under_way.reset(token)


def test_an_act_has_one_performer():
    with pytest.raises(HouseRuleBroken):
        kernel.action(Act.TRAIL_READ)(lambda work: None)


def test_an_act_must_name_its_subject(study, monkeypatch):
    desk, before = study.ada, study.events()
    monkeypatch.setattr(Work, "claim_all", lambda *_a: None)

    with pytest.raises(HouseRuleBroken):
        trail.read_lines(desk)

    assert study.events() == before


def test_an_act_cannot_name_two_subjects(study, monkeypatch):
    desk = study.petra
    original = Work.claim

    def twice(work, subject):
        original(work, subject)
        original(work, subject)

    monkeypatch.setattr(Work, "claim", twice)

    with pytest.raises(HouseRuleBroken):
        accounts_exceptions.declare(desk, wish(study))


def test_an_act_whose_rule_tests_its_subject_must_load_one(study, monkeypatch):
    monkeypatch.setattr(
        Work, "load", lambda work, _table, _key: work.claim_all("exceptions") or None
    )

    with pytest.raises(HouseRuleBroken):
        accounts_team.grant(study.petra, uuid4(), words=[])


def test_facts_have_closed_names(study, monkeypatch):
    monkeypatch.setattr("studyhub.workflows.kernel.FACTS", frozenset())

    with pytest.raises(HouseRuleBroken):
        accounts_exceptions.declare(study.petra, wish(study))


def test_a_key_opens_only_what_a_rule_lends(study):
    petra, ann = study.petra, study.ann
    opened, place, sealed = _sealed_contact(study, petra)

    assert _open(petra, {Compartment.CONTACT}, opened, place, sealed) == "Ida Marsh"
    with pytest.raises(NotPermitted):
        _open(petra, {Compartment.RELEASE}, opened, place, sealed)
    with pytest.raises(NotPermitted):
        _open(ann, {Compartment.CONTACT}, opened, place, sealed)


def _sealed_contact(study, desk):
    with study.hub.sessions.writing.begin() as session:
        locker = desk.locker(session, frozenset())
        shred = locker.new_shred(Side.STUDY, study.clock().date())
        key = locker.new_data_key(Compartment.CONTACT, shred)
        place = Place("contacts", uuid4(), "details_sealed", study.id, uuid4())
        return key.id, place, locker.seal(key, place, "Ida Marsh")


def _open(desk: Desk, lent, data_key_id, place, sealed):
    with desk.hub.sessions.reading.begin() as session:
        locker = desk.locker(session, frozenset(lent))
        return locker.open(locker.data_key(data_key_id), place, sealed)


def test_an_act_that_asks_for_the_password_waits_for_it(study):
    petra = study.petra
    study.clock.advance(minutes=11)
    before = study.events()

    with pytest.raises(PasswordNeeded):
        accounts_exceptions.declare(petra, wish(study))

    assert study.events() == before


def test_inv_81_nina_may_nothing_and_her_attempt_is_recorded(study):
    with pytest.raises(Hidden):
        trail.read_lines(study.nina)

    event = study.last_event()
    assert (event.act, event.outcome, event.subject) == ("trail.read", "refused", "trail")
    assert event.actor_id == study.user_id("nina")


def test_a_member_of_another_role_is_refused_and_it_is_recorded(study):
    with pytest.raises(NotPermitted):
        trail.read_lines(study.ann)

    assert study.last_event().outcome == "refused"


def test_an_analyst_does_not_learn_that_letters_exist(study):
    with pytest.raises(Hidden):
        mailroom.take(study.ann, uuid4())


def test_an_unknown_id_is_not_found_and_recorded(study):
    with pytest.raises(NotFound):
        accounts_team.end(study.petra, uuid4())

    event = study.last_event()
    assert (event.act, event.outcome, event.subject) == ("member.end", "refused", "member")


def test_inv_82_nobody_grants_to_himself(study):
    own = study.membership_id("petra")

    with pytest.raises(NotPermitted):
        accounts_team.grant(study.petra, own, words=[])

    assert study.last_event().subject == f"membership:{own}"
    assert study.last_event().outcome == "refused"


def test_a_subject_of_another_study_does_not_exist_here(study):
    elsewhere = replace(study.petra, study=uuid4())

    with pytest.raises((Hidden, HouseRuleBroken)):
        trail.check_health(elsewhere)


def test_a_desk_cannot_claim_a_role_that_its_membership_does_not_have(study):
    ann = study.ann
    forged = replace(ann, actor=replace(ann.actor, role=Role.PI))

    with pytest.raises(Hidden):
        accounts_team.end(forged, study.membership_id("rita"))

    assert study.last_event().outcome == "refused"


def test_inv_83_a_membership_stops_at_its_end_without_anybody_acting(study):
    ada = study.ada
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Membership, ada.actor.membership_id).valid_to = study.clock()

    with pytest.raises(Hidden):
        trail.read_lines(ada)


def test_an_ended_membership_stops_at_the_next_act(study):
    ada = study.ada
    accounts_team.end(study.petra, study.membership_id("ada"))

    with pytest.raises(Hidden):
        trail.read_lines(ada)


def test_time_never_runs_backwards_in_a_chain(study):
    study.clock.advance(hours=1)
    ada = study.ada
    trail.read_lines(ada)
    before = study.last_event()
    study.clock.advance(minutes=-5)

    trail.read_lines(ada)

    after = study.last_event()
    assert after.at == before.at
    assert json.loads(after.line)["facts"]["skew"] == 300


def test_no_line_is_written_to_a_chain_that_was_not_opened(study):
    with pytest.raises(HouseRuleBroken):
        trail.count_attempts(
            replace(study.worker, study=uuid4()), kind="x", hour=study.clock(), count=1
        )


def test_untraced_acts_leave_no_line(study):
    ada = study.ada
    before = study.events()

    assert not POLICY[Act.TRAIL_LIST].traced
    trail.check_health(ada)

    assert study.events() == before


def test_the_instance_has_a_chain_of_its_own(study):
    with study.hub.sessions.reading.begin() as session:
        first = session.get_one(Event, (INSTANCE, 0))
        assert first.act == "chain.open"
    with suppress(NotFound):
        accounts_team.end(study.petra, uuid4())
    assert study.events(INSTANCE) > 10
