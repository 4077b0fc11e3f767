"""Whether each act was covered at its own time: asked anew, and a planted one shows."""

from uuid import uuid4

import pytest
from sqlalchemy import select, update

from studyhub.domain.errors import Hidden, NotFound, NotPermitted
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import GateAnswer
from studyhub.store.interviews import Interview, Recording
from studyhub.store.keys import SealedObject
from studyhub.workflows import cover
from studyhub.workflows.record import Entry, append
from studyhub.workflows.stored_files import blobs
from tests.makers import (
    agreed_on_paper,
    contact,
    interviewed,
    invited,
    quarantined,
    recorded,
    released,
    somebody_new,
)


def code_of(study):
    (person,) = [each for each in cover.look(study.ada).people if each.acts]
    return person.code


def test_every_act_on_the_way_to_a_release_was_covered(study, approved):
    released(study)

    found = cover.look(study.ada)

    assert found.uncovered == ()
    assert found.checked > 8
    assert [each.not_covered for each in found.people] == [0]


def test_inv_85_the_auditor_follows_a_code_by_version_statements_times_roles_and_hash(
    small_study, approved
):
    study = small_study
    released(study)

    told = cover.follow(study.ada, code_of(study))

    (signing,) = told.signings.values()
    assert signing.number
    assert signing.answers["participate"] == "agree"
    assert signing.unchanged is True
    assert {each.role for each in told.acts} >= {"recruiter", "participant", "interviewer"}
    released_line = next(each for each in told.acts if each.act == "release.make")
    assert released_line.cover.state == "covered"
    assert released_line.cover.consent_id == signing.id
    assert study.last_event().act == "trail.follow"


def test_evidence_that_was_changed_shows_without_a_key(small_study, approved):
    study = small_study
    recorded(study)
    code = code_of(study)
    path = blobs(study.hub)._path(name_of_evidence(study))
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    (signing,) = cover.follow(study.ada, code).signings.values()

    assert signing.unchanged is False


def name_of_evidence(study):
    with study.hub.sessions.reading.begin() as session:
        wanted = select(SealedObject.store_name).where(SealedObject.kind == "evidence")
        return session.scalars(wanted).first()


def test_a_recording_let_in_past_the_gate_appears(small_study, approved):
    study = small_study
    quarantined(study)
    assert cover.look(study.ada).uncovered == ()

    with study.hub.sessions.writing.begin() as session:
        gate = session.scalars(select(GateAnswer.id)).first()
        session.execute(update(Recording).values(state="accepted", gate_id=gate))

    (planted,) = cover.look(study.ada).uncovered
    assert (planted.act, planted.cover.reason) == ("recording.accept", "unverified")


def test_an_interview_that_nobody_recorded_as_begun_appears(small_study, approved):
    study = small_study
    person = somebody_new(study)
    with study.hub.sessions.writing.begin() as session:
        session.add(
            Interview(
                participant_id=person,
                state="completed",
                mode="telephone",
                started_at=study.clock.at,
                calendar_uid=str(uuid4()),
            )
        )

    (planted,) = cover.look(study.ada).uncovered
    assert (planted.act, planted.cover.reason) == ("interview.start", "not_on_record")


def test_an_act_against_what_was_agreed_appears_although_a_gate_let_it_pass(
    small_study, approved
):
    study = small_study
    person = contact(study)
    ivan = study.ivan.actor
    with study.hub.sessions.writing.begin() as session:
        row = Interview(
            participant_id=person, state="in_progress", mode="video", calendar_uid="u"
        )
        row.started_at = study.clock.at
        session.add(row)
        session.flush()
        append(
            session,
            Entry(
                study.id,
                study.clock.at,
                Act.INTERVIEW_START,
                "done",
                ivan.user_id,
                ivan.role,
                f"interview:{row.id}",
            ),
        )

    (planted,) = cover.look(study.ada).uncovered
    assert (planted.act, planted.cover.reason) == ("interview.start", "no_consent")


def test_a_letter_after_the_approval_was_closed_appears(small_study, approved):
    study = small_study
    invited(study)
    assert cover.look(study.ada).uncovered == ()
    with study.hub.sessions.writing.begin() as session:
        session.connection().exec_driver_sql("UPDATE approvals SET ends_at = starts_at")

    found = cover.look(study.ada).uncovered
    assert {(each.act, each.cover.reason) for each in found} == {
        ("invitation.send", "not_approved"),
        ("document.given", "not_approved"),
    }


def test_a_recording_kept_shut_is_no_act_without_cover(small_study, approved):
    study = small_study
    quarantined(study)

    found = cover.look(study.ada)

    assert [each.kept_shut for each in found.people if each.acts] == [1]


def test_a_paper_that_nobody_checked_in_time_is_overdue(small_study, approved):
    study = small_study
    agreed_on_paper(study)
    assert cover.look(study.ada).overdue == ()

    study.clock.advance(days=14)

    (late,) = cover.look(study.ada).overdue
    assert late.due <= study.clock.at


def test_each_version_names_who_was_given_it_and_who_signed(small_study, approved):
    study = small_study
    interviewed(study)
    code = code_of(study)

    found = {each.kind: each for each in cover.look(study.ada).versions}

    assert found["pis"].given == (code,)
    assert found["consent_form"].signed == (code,)
    assert found["topic_guide"].given == ()
    assert found["consent_form"].approval


def test_analysts_and_recruiters_follow_nobody(small_study, approved):
    study = small_study
    contact(study)
    for login in ("rita", "ann", "tess", "ivan", "ravi"):
        with pytest.raises((NotPermitted, Hidden)):
            cover.look(study.desk(login))
    with pytest.raises(NotFound):
        cover.follow(study.ada, "ZZZZ")
