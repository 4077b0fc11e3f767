"""Versions planned for a later instant: they begin then, whether or not the worker has come."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotPermitted, WrongState
from studyhub.store.consent import Approval, DocumentVersion
from studyhub.store.outbox import Letter
from studyhub.workflows import (
    consent_ethics,
    consent_versions,
    recruitment_waits,
    worker,
)
from studyhub.workflows.consent_ethics import Outcome
from studyhub.workflows.consent_history_rows import in_force
from studyhub.workflows.protocol_periods import in_use_at, periods_of_use
from tests import texts
from tests.makers import approve_version, consented, invited, submitted
from tests.workflows.consenting import records

HOUR = timedelta(hours=1)


@pytest.fixture
def approval(study, approved):
    return study.approval_id


def row(study, version_id):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(DocumentVersion, version_id)
        session.expunge(found)
        return found


def in_use(study, kind="consent_form", at=None):
    with study.hub.sessions.reading.begin() as session:
        found = in_use_at(session, study.id, kind, "en", at or study.clock())
        return found.id if found else None


def newer(study, approval_id, draft=texts.FORM_DRAFT, reconsent="none"):
    """The next version of a document, approved and not in use."""
    by = "petra" if draft.kind in {"pis", "consent_form"} else "rita"
    version_id = submitted(study, replace(draft, body=draft.body + "\n\nNewer."), author=by)
    asked = reconsent if draft.kind == "consent_form" else ""
    approve_version(study, version_id, approval_id, approver="ravi", reconsent=asked)
    return version_id


def planned(study, approval_id, hours=2, **more):
    version_id = newer(study, approval_id, **more)
    consent_versions.use(study.petra, version_id, study.clock() + hours * HOUR)
    return version_id


def agreed(study, participant_id, at=None, known_at=None):
    now = study.clock()
    with study.hub.sessions.reading.begin() as session:
        told = in_force(session, participant_id, "participate", at or now, known_at or now)
        return told.answer, told.reason_code


def signer(study):
    """Somebody who signed the form in use."""
    consented(study)
    return records(study)[-1][0].participant_id


def test_inv_5_a_planned_version_begins_at_its_instant_and_ends_the_one_before(study, approval):
    before = in_use(study)
    version_id = planned(study, approval)
    begins = study.clock() + 2 * HOUR
    assert study.last_event().act == "document.use"
    assert (row(study, version_id).state, in_use(study)) == ("approved", before)

    study.clock.at = begins - timedelta(microseconds=1)
    assert in_use(study) == before
    study.clock.at = begins
    assert in_use(study) == version_id  # the worker has not come yet

    study.clock.advance(minutes=3)
    assert consent_versions.begin_planned(study.hub) == 1
    assert row(study, version_id).state == "effective"
    assert (row(study, before).state, row(study, before).retired_at) == ("superseded", begins)
    assert study.last_event().act == "document.begin"
    assert consent_versions.begin_planned(study.hub) == 0


@pytest.mark.parametrize("comes", [0, 3, 9])
def test_inv_5_at_any_instant_one_version_is_in_use_however_late_the_worker_is(
    study, approval, comes
):
    start, first = study.clock(), in_use(study)
    third, second = planned(study, approval, 4), planned(study, approval, 2)
    study.clock.advance(hours=comes)
    if comes:
        consent_versions.begin_planned(study.hub)
    study.clock.at = max(study.clock.at, start + 5 * HOUR)
    last = newer(study, approval)
    consent_versions.use(study.petra, last)
    now = study.clock()
    consent_versions.begin_planned(study.hub)

    wanted = {0: first, 1: first, 2: second, 3: second, 4: third}
    assert {each: in_use(study, at=start + each * HOUR) for each in wanted} == wanted
    assert in_use(study, at=now) == last
    with study.hub.sessions.reading.begin() as session:
        periods = list(periods_of_use(session, study.id, "consent_form").values())
    for quarters in range(40):
        at = start + quarters * HOUR / 4
        assert sum(period.covers(at) for period in periods) == 1
    states = [row(study, each).state for each in (first, second, third, last)]
    assert states == ["superseded", "superseded", "superseded", "effective"]


def test_inv_9_who_signed_before_must_sign_again_from_the_planned_instant(study, approval):
    participant_id = signer(study)
    planned(study, approval, reconsent="all_active")
    begins = study.clock() + 2 * HOUR

    assert agreed(study, participant_id)[0] == "yes"
    study.clock.at = begins
    assert agreed(study, participant_id) == ("no", "reconsent_due")
    assert len(recruitment_waits.waits(study.rita).sign_again) == 1

    worker.work_once(study.hub)
    assert agreed(study, participant_id) == ("no", "reconsent_due")
    assert agreed(study, participant_id, at=begins - timedelta(seconds=1))[0] == "yes"


def test_inv_9_a_version_retired_at_the_instant_it_began_still_asks_all_to_sign_again(
    study, approval
):
    participant_id = signer(study)
    version_id = newer(study, approval, reconsent="all_active")
    study.clock.advance(hours=1)
    consent_versions.use(study.petra, version_id)
    consent_versions.retire(study.petra, version_id, "other")

    assert agreed(study, participant_id) == ("no", "reconsent_due")


def test_inv_10_a_planned_version_that_asks_nobody_changes_no_answer(study, approval):
    participant_id = signer(study)
    planned(study, approval)

    for _ in range(3):
        assert agreed(study, participant_id)[0] == "yes"
        study.clock.advance(hours=1)
        consent_versions.begin_planned(study.hub)
    assert not recruitment_waits.waits(study.rita).sign_again


def test_inv_44_a_plan_changes_no_answer_that_was_given_before_it(study, approval):
    participant_id = signer(study)
    known_at = study.clock()
    asked = [known_at + hours * HOUR for hours in range(6)]
    before = [agreed(study, participant_id, at, known_at) for at in asked]

    study.clock.advance(minutes=1)
    planned(study, approval, reconsent="all_active")
    study.clock.advance(hours=9)
    consent_versions.begin_planned(study.hub)

    assert [agreed(study, participant_id, at, known_at) for at in asked] == before
    assert agreed(study, participant_id) == ("no", "reconsent_due")


@pytest.mark.parametrize("to", ["suspended", "expired", "closed"])
def test_inv_4_a_plan_is_given_up_where_no_approval_covers_its_instant(study, approval, to):
    before = in_use(study)
    version_id = planned(study, approval)
    study.clock.advance(hours=1)
    consent_ethics.change(study.petra, approval, Outcome(to))
    study.clock.advance(hours=2)

    assert in_use(study) == before
    assert consent_versions.begin_planned(study.hub) == 0

    found = row(study, version_id)
    assert (found.state, found.use_from) == ("approved", None)
    assert b'"reason":"committee"' in study.last_event().line
    assert in_use(study) == before


def test_a_plan_needs_an_approval_that_covers_its_instant(study, approval):
    version_id = newer(study, approval)
    with study.hub.sessions.writing.begin() as session:
        asked = session.get_one(DocumentVersion, version_id).approval_id
        session.get_one(Approval, asked).ends_at = study.clock() + HOUR

    for at in (study.clock() + HOUR, study.clock() - HOUR):
        with pytest.raises(Invalid) as caught:
            consent_versions.use(study.petra, version_id, at)
        assert "use_from" in caught.value.problems
    for login in ("rita", "ravi", "ada"):
        with pytest.raises(NotPermitted):
            consent_versions.use(study.desk(login), version_id, study.clock())
    with pytest.raises(WrongState):
        consent_versions.begin(study.worker, version_id)


def test_nobody_but_the_worker_lets_a_version_begin(study, approval):
    version_id = planned(study, approval)
    study.clock.advance(hours=3)

    for login in ("petra", "rita", "ravi"):
        with pytest.raises(NotPermitted):
            consent_versions.begin(study.desk(login), version_id)


def test_before_it_begins_a_version_is_planned_anew_or_used_at_once(study, approval):
    before = in_use(study)
    version_id = planned(study, approval)
    consent_versions.use(study.petra, version_id, study.clock() + 5 * HOUR)
    study.clock.advance(hours=3)
    assert consent_versions.begin_planned(study.hub) == 0
    assert in_use(study) == before

    consent_versions.use(study.petra, version_id)

    assert in_use(study) == version_id
    assert row(study, before).state == "superseded"


def test_a_plan_is_given_up_by_retiring_the_version(study, approval):
    before = in_use(study)
    version_id = planned(study, approval)

    consent_versions.retire(study.petra, version_id, "protocol")
    study.clock.advance(hours=3)

    assert consent_versions.begin_planned(study.hub) == 0
    assert in_use(study) == before
    assert row(study, version_id).use_from is None


def test_a_version_retired_before_the_worker_came_still_ended_the_one_before(study, approval):
    before = in_use(study)
    version_id = planned(study, approval)
    study.clock.advance(hours=3)

    consent_versions.retire(study.petra, version_id, "protocol")

    assert in_use(study) is None
    assert in_use(study, at=study.clock() - HOUR / 2) == version_id
    assert row(study, before).state == "superseded"


def test_letters_of_the_version_before_are_not_sent_after_the_instant(study, approval):
    with study.hub.sessions.writing.begin() as session:
        for letter in session.scalars(select(Letter)):
            letter.not_before += timedelta(days=99)
    planned(study, approval, draft=texts.INVITATION_DRAFT, hours=0.1)
    participant_id = invited(study)
    study.clock.advance(minutes=11)

    worker.work_once(study.hub)

    wanted = select(Letter.state).where(Letter.participant_id == participant_id)
    with study.hub.sessions.reading.begin() as session:
        assert list(session.scalars(wanted)) == ["cancelled"]
