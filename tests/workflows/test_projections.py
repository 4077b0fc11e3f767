"""What consent allows stands on the release, written by whatever changed it."""

from datetime import timedelta
from hashlib import sha256
from itertools import count

import pytest
from sqlalchemy import select

from studyhub.domain.releasing import may_be_used
from studyhub.store.consent import Approval, Consent
from studyhub.workflows import (
    consent_check,
    consent_paper,
    consent_versions,
    releases,
)
from studyhub.workflows.consent_history_rows import in_force
from tests import texts
from tests.makers import approve_version, consented, eligible, informed, submitted
from tests.store.rows import add
from tests.workflows.consenting import code_of, filled, person_of, sign
from tests.workflows.releasing import planted, release_row

pytestmark = pytest.mark.usefixtures("approved")


@pytest.fixture
def released(small_study):
    """Somebody who agreed to all, their link, and a release of theirs."""
    token = informed(small_study)
    sign(small_study, token)
    person = person_of(small_study, token)
    return person, token, planted(small_study, person)


def agrees(study, participant_id, code, at):
    with study.hub.sessions.reading.begin() as session:
        return in_force(session, participant_id, code, at, at).opens


def last_consent(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(Consent.id).order_by(Consent.seq.desc())).first()


def approval(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(Approval.id)).first()


class Picks:
    """Choices that look like chance and are the same each time."""

    def __init__(self, seed):
        self.drawn = (sha256(f"{seed} {number}".encode()).digest()[0] for number in count())

    def choice(self, of):
        return of[next(self.drawn) % len(of)]


# -- what may happen to a consent -------------------------------------------------------


def signs(study, token, pick):
    but = pick.choice([(), ("quotes",), ("data_sharing",), ("quotes", "recontact")])
    sign(study, token, but=but)


def refuses(study, token, _pick):
    sign(study, token, refuse=True, answers={}, name="")


def signs_on_paper(study, token, pick):
    code = code_of(study, person_of(study, token))
    scan = consent_paper.take_scan(study.ivan, code, [b"%PDF-1.7 signed"], 15)
    answers = filled(study, token, but=pick.choice([(), ("quotes",)])).answers
    now = study.clock()
    told = consent_paper.Paper(answers=answers, signed_on=now.date(), signed_at=now)
    entered = consent_paper.enter(study.ivan, scan, code, told)
    study.clock.advance(hours=1)
    if pick.choice([True, True, False]):
        consent_check.verify(study.ravi, entered)


def is_void(study, _token, _pick):
    newest = last_consent(study)
    consent_check.invalidate(study.petra, newest, "not_informed")
    consent_check.invalidate(study.ravi, newest, "not_informed")


def all_must_sign_again(study, _token, pick):
    version = submitted(study, texts.FORM_DRAFT)
    approve_version(study, version, approval(study), reconsent="all_active")
    later = study.clock() + timedelta(days=3) if pick.choice([True, False]) else None
    consent_versions.use(study.petra, version, later)


STEPS = (signs, signs, refuses, signs_on_paper, is_void, all_must_sign_again)


def same_everywhere(study, person, release_id):
    """The release says what the gate says, now and until the instant it names."""
    row, now = release_row(study, release_id), study.clock()
    for hours in (0, 1, 48, 71, 73, 1000):
        at = now + timedelta(hours=hours)
        if row.use_until is None or at < row.use_until:
            assert row.quotes_ok == agrees(study, person, "quotes", at)
            assert row.sharing_ok == agrees(study, person, "data_sharing", at)
        assert may_be_used(row, at) <= agrees(study, person, "anon_use", at)
    assert may_be_used(row, now) == agrees(study, person, "anon_use", now)


@pytest.mark.parametrize("seed", range(2))
def test_inv_61_the_projection_equals_the_consent_at_every_instant(small_study, released, seed):
    person, token, release_id = released
    pick, study = Picks(seed), small_study

    for _ in range(8):
        pick.choice(STEPS)(study, token, pick)
        same_everywhere(study, person, release_id)
        study.clock.advance(days=pick.choice([0, 1, 4]), hours=1)
        consent_versions.begin_planned(study.hub)
        releases.refresh_due(study.hub)
        same_everywhere(study, person, release_id)


def test_a_plan_that_all_sign_again_ends_the_use_at_its_instant(small_study, released):
    _, _, release_id = released
    study = small_study
    version = submitted(study, texts.FORM_DRAFT)
    approve_version(study, version, approval(study), reconsent="all_active")
    begins = study.clock() + timedelta(days=3)

    consent_versions.use(study.petra, version, begins)

    row = release_row(study, release_id)
    assert row.use_until == begins
    assert may_be_used(row, begins - timedelta(seconds=1))
    assert not may_be_used(row, begins)


def test_inv_58_a_hold_stands_on_the_release_and_a_quote_hold_on_quotes_only(
    small_study, released
):
    person, token, release_id = released
    hold(small_study, person, "quotes")
    sign(small_study, token)

    row = release_row(small_study, release_id)
    assert (row.held, row.quotes_ok, row.sharing_ok) == (False, False, True)

    hold(small_study, person, "all")
    sign(small_study, token)

    assert release_row(small_study, release_id).held


def hold(study, person, scope):
    with study.hub.sessions.writing.begin() as session:
        add(
            session,
            "holds",
            participant_id=person,
            scope=scope,
            cause="restriction",
            opened_at=study.clock(),
            closed_at=None,
        )


def test_an_answer_of_one_person_changes_nothing_on_the_releases_of_others(
    small_study, released
):
    other = eligible(small_study, "Amina Yusuf")
    consented(small_study, other)
    theirs = planted(small_study, other, label="P1")

    sign(small_study, released[1], but=("quotes",))

    assert release_row(small_study, theirs).quotes_ok
    assert not release_row(small_study, released[2]).quotes_ok
