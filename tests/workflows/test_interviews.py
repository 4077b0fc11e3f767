"""Interviews: agreed with somebody who consents, confirmed, started through the gate, ended."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotPermitted, Refused, WrongState
from studyhub.domain.interviews import Check
from studyhub.store.consent import GateAnswer
from studyhub.store.interviews import Interview
from studyhub.store.users import Study
from studyhub.store.withdrawals import Withdrawal
from studyhub.workflows import interviews, interviews_held
from studyhub.workflows.interviews_held import Ending
from tests.makers import (
    agreed,
    as_planned,
    confirmed,
    eligible,
    guide_in_use,
    interviewed,
    planned,
    started,
)


def of(study, table, key):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def facts(study):
    return json.loads(study.last_event().line)["facts"]


def setting(study, name, value):
    with study.hub.sessions.writing.begin() as session:
        row = session.get_one(Study, study.id)
        row.settings = {**row.settings, name: value}


def gates(study, code):
    with study.hub.sessions.reading.begin() as session:
        wanted = select(GateAnswer).where(GateAnswer.statement_code == code)
        return [(row.answer, row.at) for row in session.scalars(wanted)]


def test_an_interview_goes_from_a_plan_to_its_end(study, approved):
    interview_id = interviewed(study)

    row = of(study, Interview, interview_id)
    assert (row.state, row.mode, row.setting, row.others_present) == (
        *("completed", "telephone", "home", "no"),
    )
    assert row.ended_at - row.started_at == timedelta(minutes=50)
    assert row.guide_version_id == guide_in_use(study)


def test_nobody_plans_for_somebody_who_has_not_agreed(study, approved):
    with pytest.raises(Refused):
        planned(study, eligible(study))

    assert study.last_event().outcome == "refused"
    assert facts(study)["reason"] == "no_consent"


def test_inv_47_no_interview_starts_unless_taking_part_is_at_least_provisional(study, approved):
    interview_id = confirmed(study)
    withdrew(study, interview_id, "further_participation")

    with pytest.raises(Refused):
        interviews_held.start(study.ivan, interview_id, Check("yes", "yes"))

    assert of(study, Interview, interview_id).state == "confirmed"


def test_inv_47_the_answer_of_the_gate_is_kept_with_its_instant(study, approved):
    started(study)

    assert ("yes", study.clock()) in gates(study, "participate")
    assert ("yes", study.clock()) in gates(study, "audio_recording")


@pytest.mark.parametrize("check", [Check("", "yes"), Check("yes", ""), Check("no", "yes")])
def test_inv_48_nothing_starts_before_both_questions_were_asked(small_study, approved, check):
    interview_id = confirmed(small_study)

    with pytest.raises(Invalid):
        interviews_held.start(small_study.ivan, interview_id, check)

    assert of(small_study, Interview, interview_id).still_willing_at is None


def test_inv_48_the_check_at_the_start_is_kept_with_its_time(small_study, approved):
    row = of(small_study, Interview, started(small_study, may_record="no"))

    assert (row.may_record, row.still_willing_at) == ("no", small_study.clock())


def test_who_declined_recording_is_never_noted_as_happy_to_be_recorded(small_study, approved):
    interview_id = confirmed(small_study, agreed(small_study, but={"audio_recording"}))

    with pytest.raises(Invalid):
        interviews_held.start(small_study.ivan, interview_id, Check("yes", "yes"))


@pytest.mark.parametrize(
    "change",
    [
        {"setting": ""},
        {"others_present": ""},
        {"guide_id": None},
        {"mode": "letter"},
        {"outcome": ""},
        {"ended_at": timedelta(seconds=1)},
        {"ended_at": timedelta(minutes=-50)},
    ],
)
def test_inv_52_an_interview_is_not_complete_without_all_that_is_asked(
    small_study, approved, change
):
    interview_id = started(small_study)
    small_study.clock.advance(minutes=50)
    if isinstance(change.get("ended_at"), timedelta):
        change = {"ended_at": small_study.clock() + change["ended_at"]}
    whole = as_planned(small_study)

    with pytest.raises(Invalid):
        interviews_held.end(small_study.ivan, interview_id, Ending(**{**vars(whole), **change}))

    assert of(small_study, Interview, interview_id).state == "in_progress"


def test_an_interview_that_ended_early_needs_no_explanation(small_study, approved):
    interview_id = started(small_study)
    small_study.clock.advance(minutes=5)

    interviews_held.end(small_study.ivan, interview_id, Ending("ended_early"))

    assert of(small_study, Interview, interview_id).state == "ended_early"


def test_inv_53_notes_alone_are_enough_where_the_study_allows_it(small_study, approved):
    who = agreed(small_study, but={"audio_recording"})

    interview_id = interviewed(small_study, who, may_record="no")

    assert of(small_study, Interview, interview_id).state == "completed"


def test_inv_53_a_study_may_allow_no_interview_with_notes_only(small_study, approved):
    interview_id = started(small_study, may_record="no")
    setting(small_study, "notes_only_allowed", value=False)
    small_study.clock.advance(minutes=50)

    with pytest.raises(WrongState):
        interviews_held.end(small_study.ivan, interview_id, as_planned(small_study))
    with pytest.raises(WrongState):
        started(small_study, may_record="no")


def test_inv_54_nothing_is_confirmed_before_the_interviewer_says_who_they_are_to_the_person(
    small_study, approved
):
    interview_id = planned(small_study)

    with pytest.raises(Invalid):
        interviews.confirm(small_study.ivan, interview_id, relationship="")
    interviews.confirm(small_study.ivan, interview_id, relationship="professional")

    row = of(small_study, Interview, interview_id)
    assert (row.state, row.relationship) == ("confirmed", "professional")


def test_an_interview_of_somebody_else_is_neither_confirmed_nor_started(study, approved):
    interview_id = confirmed(study)

    for act in (
        lambda: interviews.confirm(study.rita, interview_id, relationship="none"),
        lambda: interviews_held.start(study.rita, interview_id, Check("yes", "yes")),
        lambda: interviews_held.end(study.petra, interview_id, Ending("ended_early")),
    ):
        with pytest.raises(NotPermitted):
            act()

    assert study.last_event().outcome == "refused"


def test_there_is_one_appointment_at_a_time_and_one_interview(small_study, approved):
    who = agreed(small_study)
    planned(small_study, who)
    with pytest.raises(WrongState):
        planned(small_study, who)

    other = agreed(small_study)
    interviewed(small_study, other)

    with pytest.raises(WrongState):
        planned(small_study, other)


def withdrew(study, interview_id, *scopes):
    """Let the person have withdrawn: the rows that such an act writes."""
    with study.hub.sessions.writing.begin() as session:
        who = session.get_one(Interview, interview_id).participant_id
        now = study.clock()
        session.add(
            Withdrawal(
                participant_id=who,
                reference=str(who)[:8],
                scopes=list(scopes),
                received_at=now,
                entered_at=now,
                channel="link",
                before_deadline=True,
            )
        )
        return who
