"""Cover of an act at its own time: what was agreed before it, and not yet taken back."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from studyhub.domain.consent_history import (
    ConsentRecord,
    FormVersion,
    History,
    Period,
    Withdrawal,
)
from studyhub.domain.cover import NEEDS, by_consent, by_version

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
USED = Period(START - timedelta(days=9))
HEARD, READ, RELEASED = (
    NEEDS["recording.listen"],
    NEEDS["transcript.read"],
    NEEDS["release.make"],
)
CODES = ("participate", "audio_recording", "anon_use")


def day(number):
    return START + timedelta(days=number)


def history(*withdrawals):
    version = FormVersion(uuid4(), "consent", USED, (USED,))
    answers = dict.fromkeys(CODES, "agree")
    at = day(-1)
    signed = ConsentRecord(uuid4(), 1, version.id, "signed", "digital_link", at, at, answers)
    return History({version.id: version}, (signed,), (), withdrawals)


def taken_back(scope, on, retracted=None):
    return Withdrawal((scope,), day(on), day(on), retracted)


def state(need, at, *withdrawals):
    return by_consent(history(*withdrawals), need, day(at), START).state


def test_who_listens_after_the_sound_was_withdrawn_is_not_covered():
    gone = taken_back("audio", 5)

    assert state(HEARD, 4, gone) == "covered"
    assert state(HEARD, 6, gone) == "not_covered"
    assert state(READ, 6, gone) == "covered"


def test_a_withdrawal_that_was_taken_back_leaves_later_acts_covered():
    gone = taken_back("transcript", 5, retracted=day(7))

    assert state(READ, 6, gone) == "not_covered"
    assert state(READ, 8, gone) == "covered"
    assert state(RELEASED, 6, gone) == "not_covered"


def test_to_take_no_further_part_undoes_no_interview_that_was_held():
    assert state(HEARD, 9, taken_back("further_participation", 5)) == "covered"
    assert state(READ, 9, taken_back("further_participation", 5)) == "covered"


def test_before_the_interview_began_nothing_of_it_is_covered():
    assert by_consent(history(), HEARD, day(1), None).reason == "no_interview"


def test_a_version_needs_its_use_and_its_approval_at_that_instant():
    later = (Period(day(3)),)

    assert by_version(USED, (USED,), day(1), None).state == "covered"
    assert by_version(USED, later, day(1), None).reason == "not_approved"
    assert by_version(Period(day(2)), (USED,), day(1), None).reason == "version_not_effective"
    assert by_version(None, (USED,), day(1), None).reason == "version_not_effective"
