"""What went wrong, and the notes of an interview: sealed, own, corrected by a new one."""

import json

import pytest
from sqlalchemy import func, select

from studyhub.domain.errors import Held, Invalid, NotFound, NotPermitted, WrongState
from studyhub.store.audit import Event
from studyhub.store.interviews import Incident, Interview
from studyhub.store.outbox import Letter
from studyhub.store.transcripts import CaseNote
from studyhub.store.withdrawals import Hold
from studyhub.workflows import incidents, interviews_held
from tests.makers import agreed, planned, started
from tests.workflows.test_interviews import of

CANARY = "her brother came in by the green door"


def notes(study):
    with study.hub.sessions.reading.begin() as session:
        rows = session.scalars(select(CaseNote).order_by(CaseNote.made_at)).all()
        session.expunge_all()
        return rows


def incident_ids(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(Incident.id)).all()


@pytest.mark.parametrize("kind", ["distress", "disclosure_of_harm"])
def test_inv_55_an_incident_opens_a_task_for_the_pi_in_its_own_transaction(
    study, approved, kind
):
    interview_id = started(study)
    before = notices(study)

    incidents.report(study.ivan, kind, CANARY, interview_id=interview_id)

    assert study.last_event().act == "incident.report"
    (line,) = incidents.incidents(study.petra)
    assert (line.kind, line.state) == (kind, "reported")
    assert line.due is not None
    assert notices(study) == before + 1


def notices(study):
    """How many letters to the principal investigator there are."""
    petra = (Letter.purpose == "staff_notice") & (Letter.user_id == study.user_id("petra"))
    with study.hub.sessions.reading.begin() as session:
        return session.scalar(select(func.count(Letter.id)).where(petra))


def test_inv_55_no_task_stays_behind_when_the_report_fails(small_study, approved, monkeypatch):
    interview_id = started(small_study)
    before = small_study.events()

    def breaks(*_args, **_more):
        raise OSError("the disk is gone")

    monkeypatch.setattr("studyhub.workflows.kernel.append", breaks)
    with pytest.raises(OSError, match="disk"):
        incidents.report(small_study.ivan, "distress", CANARY, interview_id=interview_id)

    assert (incident_ids(small_study), notes(small_study)) == ([], [])
    assert small_study.events() == before


def test_the_story_of_an_incident_is_read_by_the_pi_and_by_who_told_it(study, approved):
    interview_id = started(study)
    incident_id = incidents.report(study.ivan, "distress", CANARY, interview_id=interview_id)

    for reader in (study.petra, study.ivan):
        assert incidents.read(reader, incident_id).notes[0][2] == CANARY
    for other in (study.rita, study.tess, study.ann, study.ada, study.nina):
        with pytest.raises(NotPermitted):
            incidents.read(other, incident_id)
    assert CANARY not in _record(study)


def _record(study):
    with study.hub.sessions.reading.begin() as session:
        return json.dumps([str(line) for line in session.scalars(select(Event.line))])


def test_the_pi_decides_about_an_incident_step_by_step(small_study, approved):
    incident_id = incidents.report(small_study.rita, "complaint", "They were called at work.")

    with pytest.raises(WrongState):
        incidents.decide(small_study.petra, incident_id, "closed", "Done")
    with pytest.raises(NotPermitted):
        incidents.decide(small_study.rita, incident_id, "triaged", "Called back")
    incidents.decide(small_study.petra, incident_id, "triaged", "Called back")
    incidents.decide(small_study.petra, incident_id, "closed", "Settled")

    assert of(small_study, Incident, incident_id).state == "closed"
    assert incidents.incidents(small_study.petra) == []
    assert [each.state for each in incidents.incidents(small_study.ada, closed=True)] == [
        "closed"
    ]


def test_an_incident_needs_a_kind_and_words_and_an_interview_of_ones_own(small_study, approved):
    for kind, words in (("", "x"), ("other", "x"), ("distress", " ")):
        with pytest.raises(Invalid):
            incidents.report(small_study.ivan, kind, words)
    interview_id = planned(small_study)
    with small_study.hub.sessions.writing.begin() as session:
        session.get_one(Interview, interview_id).interviewer_id = None
    with pytest.raises(NotFound):
        incidents.report(small_study.ivan, "distress", "x", interview_id=interview_id)


# Log and field notes.


def test_notes_are_sealed_to_their_writer_and_a_correction_is_a_new_one(study, approved):
    interview_id = started(study)
    first = interviews_held.log(study.ivan, interview_id, "interview_log", CANARY)
    study.clock.advance(minutes=1)
    interviews_held.log(
        study.ivan, interview_id, "interview_log", "No one came", corrects=first
    )

    found = interviews_held.notes(study.ivan, interview_id)

    assert [(each.text, each.corrects) for each in found] == [
        (CANARY, None),
        ("No one came", first),
    ]
    assert len(notes(study)) == 2
    for other in (study.petra, study.rita, study.tess, study.ravi, study.ann, study.ada):
        with pytest.raises(NotPermitted):
            interviews_held.notes(other, interview_id)


def test_no_note_is_kept_or_opened_while_what_was_said_is_on_hold(small_study, approved):
    who = agreed(small_study)
    interview_id = started(small_study, who)
    interviews_held.log(small_study.ivan, interview_id, "field_note", CANARY)
    with small_study.hub.sessions.writing.begin() as session:
        now = small_study.clock()
        session.add(
            Hold(participant_id=who, scope="transcript", cause="withdrawal", opened_at=now)
        )

    with pytest.raises(Held):
        interviews_held.notes(small_study.ivan, interview_id)
    with pytest.raises(Held):
        interviews_held.log(small_study.ivan, interview_id, "field_note", "more")


def test_a_note_needs_a_kind_words_and_an_interview(small_study, approved):
    interview_id = started(small_study)
    for kind, text in (("", "x"), ("incident", "x"), ("field_note", "  ")):
        with pytest.raises(Invalid):
            interviews_held.log(small_study.ivan, interview_id, kind, text)
    with pytest.raises(NotFound):
        interviews_held.log(
            small_study.ivan, interview_id, "field_note", "x", corrects=interview_id
        )
