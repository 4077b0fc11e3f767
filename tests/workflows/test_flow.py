"""The flow of a study as it was lived: who came how far, by what the record and rows say."""

from datetime import timedelta

import pytest

from studyhub.domain.errors import Hidden, NotPermitted
from studyhub.domain.flow import is_balanced
from studyhub.store.withdrawals import Withdrawal
from studyhub.workflows import flow, recruitment_contacts, recruitment_opt_out
from tests.makers import (
    consented,
    contact,
    eligible,
    informed,
    invited,
    recorded,
    released,
    somebody_new,
)


def told(study, at=None):
    boxes = flow.read(study.petra, at)
    assert is_balanced(boxes)
    return {box.name: (box.n, dict(box.exits)) for box in boxes if box.n}


def test_who_was_only_listed_is_in_no_box(small_study, approved):
    contact(small_study)

    assert told(small_study) == {}


def test_people_stand_where_they_came_to_and_leave_as_they_said(small_study, approved):
    study = small_study
    invited(study)
    said_no = contact(study, "Omar Diallo")
    recruitment_contacts.note_call(study.rita, said_no, outcome="declined", channel="telephone")
    stopped = eligible(study, "Lena Fischer")
    recruitment_opt_out.opt_out(study.rita, "staff", participant_id=stopped)

    assert told(study) == {
        "approached": (3, {"declined": 1, "waiting": 1}),
        "interested": (1, {"opted_out": 1}),
    }


def test_a_released_text_takes_its_person_through_every_box(small_study, approved):
    study = small_study
    released(study)

    boxes = told(study)

    assert [n for n, _ in boxes.values()] == [1] * 8
    assert boxes["released"] == (1, {"waiting": 1})


def test_inv_89_a_past_date_shows_what_was_so_then(small_study, approved):
    study = small_study
    before = study.clock.at
    study.clock.advance(hours=1)
    recorded(study)

    assert told(study, before) == {}
    assert told(study)["recorded"] == (1, {"waiting": 1})
    assert told(study, study.clock.at + timedelta(days=9)) == told(study)


def test_who_withdrew_before_the_interview_leaves_from_where_they_were(small_study, approved):
    study = small_study
    person = somebody_new(study)
    consented(study, person)
    with study.hub.sessions.writing.begin() as session:
        session.add(
            Withdrawal(
                participant_id=person,
                reference="W-1",
                scopes=["further_participation"],
                received_at=study.clock.at,
                entered_at=study.clock.at,
                channel="telephone",
                before_deadline=True,
            )
        )

    assert told(study)["consented"] == (1, {"withdrawn": 1})


def test_a_sheet_makes_informed(small_study, approved):
    informed(small_study)

    assert told(small_study)["informed"] == (1, {"waiting": 1})


def test_numbers_are_for_pi_auditor_and_operator_only(small_study):
    study = small_study
    ada = study.ada
    before = study.events()

    flow.read(ada)
    assert study.events() == before  # it opens nothing, and leaves no line
    for login in ("rita", "ann", "tess"):
        with pytest.raises((NotPermitted, Hidden)):
            flow.read(study.desk(login))
