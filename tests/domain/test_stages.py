"""Where somebody stands, since when, and what is next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.stages import Facts, Next, Plans, Stage, next_step, stage_of
from studyhub.domain.words import WORDS

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STAGES, EXITS = WORDS["stages"], WORDS["stage_exits"]


def day(number):
    return NOW + timedelta(days=number)


def reached(*names):
    return {name: day(STAGES.index(name)) for name in ("listed", *names)}


@pytest.mark.parametrize("name", STAGES)
def test_somebody_stands_at_the_furthest_stage_reached_since_then(name):
    facts = Facts(reached(*STAGES[: STAGES.index(name) + 1]), {})

    assert stage_of(facts) == Stage(name, day(STAGES.index(name)))


def test_a_stage_may_be_skipped():
    assert stage_of(Facts(reached("consented"), {})).name == "consented"


@pytest.mark.parametrize("name", EXITS)
def test_somebody_who_left_stands_at_the_exit(name):
    facts = Facts(reached("approached"), {name: day(5)})

    assert stage_of(facts) == Stage(name, day(5), is_exit=True)


@pytest.mark.parametrize("name", ["suppressed", "unreachable", "lapsed"])
def test_the_person_lifts_such_an_exit_by_writing_again(name):
    def stage(back):
        return stage_of(Facts(reached("interested"), {name: day(5)}, came_back=day(back))).name

    assert stage(6) == "interested"
    assert stage(5) == name


@pytest.mark.parametrize("name", ["withdrawn", "declined", "ineligible"])
def test_writing_again_lifts_no_other_exit(name):
    facts = Facts(reached("interested"), {name: day(5)}, came_back=day(6))

    assert stage_of(facts).name == name


def test_signing_after_a_refusal_is_a_consent_and_a_refusal_after_it_is_none():
    facts = Facts(reached("consented"), {"declined": day(3)})
    later = Facts(reached("consented"), {"declined": day(8)})

    assert stage_of(facts).name == "consented"
    assert stage_of(later).name == "declined"


@given(
    st.dictionaries(st.sampled_from(STAGES), st.integers(0, 30).map(day)),
    st.dictionaries(st.sampled_from(EXITS), st.integers(0, 30).map(day)),
    st.none() | st.integers(0, 30).map(day),
)
def test_everybody_stands_somewhere_and_withdrawing_counts_most(reached_, left, back):
    stage = stage_of(Facts({"listed": day(0), **reached_}, left, back))

    assert stage.name in (EXITS if stage.is_exit else STAGES)
    assert ("withdrawn" in left) == (stage.name == "withdrawn")


# What is next.


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_has_a_next_step_and_says_who_it_waits_for(name):
    step = next_step(Stage(name, NOW), Plans(), NOW)

    assert step.step
    assert step.waits_for in {"team", "person", "nobody"}


@pytest.mark.parametrize("name", EXITS)
def test_after_an_exit_nothing_is_next(name):
    stage = Stage(name, NOW, is_exit=True)

    assert next_step(stage, Plans(question_since=NOW), NOW) == Next("Nothing", "nobody")


def test_an_open_question_comes_first():
    step = next_step(Stage("informed", NOW), Plans(question_since=day(1)), day(2))

    assert step == Next("Answer the question", "team", day(3))


def test_a_reminder_is_offered_only_while_one_is_left():
    stage = Stage("approached", NOW)

    assert "reminder" in next_step(stage, Plans(reminders_left=1), NOW).step
    assert "reminder" not in next_step(stage, Plans(), NOW).step
    assert next_step(stage, Plans(), NOW).due == day(7)


def test_somebody_with_a_new_sheet_is_left_in_peace_until_the_time_is_over():
    stage, plans = Stage("informed", NOW), Plans(consider_until=day(1))

    assert next_step(stage, plans, NOW) == Next("Time to consider", "person", day(1))
    assert next_step(stage, plans, day(1)).due == day(8)
    assert next_step(stage, Plans(), NOW).due == day(7)


def test_what_waits_for_the_team_is_due_and_an_interview_on_its_day():
    assert next_step(Stage("interested", NOW), Plans(), NOW).due == day(2)
    assert next_step(Stage("listed", NOW), Plans(), NOW).due is None
    assert next_step(Stage("scheduled", NOW), Plans(interview_at=day(4)), NOW).due == day(4)


def test_who_was_offered_times_is_waited_for_until_they_choose():
    plans = Plans(offered_at=day(1))

    found = next_step(Stage("consented", day(0)), plans, NOW)

    assert found == Next("Choose one of the times offered", "person", day(8))
