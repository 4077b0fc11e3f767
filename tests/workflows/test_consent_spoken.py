"""Consent by word of mouth: sealed as it arrives, verified by somebody who did not take it."""

import pytest
from sqlalchemy import select

from studyhub.domain.consent_ways import SPOKEN
from studyhub.domain.errors import Invalid, NotFound, NotPermitted, WrongKind
from studyhub.store.keys import SealedObject
from studyhub.workflows import consent_check, consent_paper, worker
from studyhub.workflows.consent_history_rows import in_force
from tests.makers import SOUND
from tests.workflows.consenting import code_of, filled, informed_on, person_of, records
from tests.workflows.informed import code, ready, study

__all__ = ["code", "ready", "study"]

HEARD = SOUND.read_bytes()
SESSION = b"one session of a browser" * 2


@pytest.fixture
def small_study_ready(clock):
    """The same on SQLite alone, and the code."""
    with informed_on("sqlite", clock) as (study, token):
        study.token = token
        yield study, code_of(study, person_of(study, token))


def take(study, code, content=HEARD, length=None, desk=None):
    return consent_paper.take(
        desk or study.ivan, code, [content], length or len(content), SPOKEN
    )


def said(study):
    now = study.clock.at
    answers = filled(study, study.token).answers
    return consent_paper.Paper(answers, now.date(), now, way=SPOKEN)


def entered(study, code):
    return consent_paper.enter(study.ivan, take(study, code), code, said(study))


def light(study):
    now = study.clock.at
    with study.hub.sessions.reading.begin() as session:
        return in_force(session, person_of(study, study.token), "participate", now, now)


def test_what_was_said_counts_once_somebody_else_heard_it(study, code):
    consent = entered(study, code)
    ((row, _),) = records(study)
    assert (row.mode, row.taken_by) == (SPOKEN.mode, study.membership_id("ivan"))
    assert light(study).reason_code == "unverified"
    with pytest.raises(NotPermitted):
        consent_check.verify(study.ivan, consent)

    opened = consent_check.hear(study.ravi, consent, SESSION)
    with consent_check.play(study.ravi, consent, opened, SESSION).reader as reader:
        assert reader.whole() == HEARD
    consent_check.verify(study.ravi, consent)

    assert light(study).answer == "yes"


def test_the_sound_is_sealed_and_opened_as_no_file(study, code):
    consent = entered(study, code)

    (path,) = study.hub.settings.objects.rglob("*.sho")
    assert HEARD[1000:1100] not in path.read_bytes()
    with pytest.raises(NotFound):
        consent_check.read(study.ravi, consent, "audio")


@pytest.mark.parametrize("login", ["petra", "tess", "ravi", "ann", "ada", "nina"])
def test_only_who_takes_consent_sends_a_sound(small_study_ready, login):
    study, code = small_study_ready

    with pytest.raises((NotPermitted, NotFound)):
        take(study, code, desk=getattr(study, login))
    assert kept(study) == []


@pytest.mark.parametrize("login", ["rita", "tess", "ann", "ada", "nina"])
def test_nobody_else_hears_the_sound(small_study_ready, login):
    study, code = small_study_ready
    consent = entered(study, code)

    with pytest.raises((NotPermitted, NotFound)):
        consent_check.hear(getattr(study, login), consent, SESSION)


@pytest.mark.parametrize(
    ("content", "length"),
    [(HEARD, len(HEARD) + 1), (HEARD, SPOKEN.most_bytes + 1), (b"%PDF-1.7 called a.mp3", None)],
)
def test_what_is_cut_too_large_or_no_sound_leaves_nothing(small_study_ready, content, length):
    study, code = small_study_ready

    with pytest.raises((Invalid, WrongKind)):
        take(study, code, content, length)

    assert kept(study) == []
    assert list(study.hub.settings.tmp.iterdir()) == []
    assert list(study.hub.settings.objects.rglob("*.sho")) == []


def test_a_sound_that_nobody_entered_within_a_week_is_removed(small_study_ready):
    study, code = small_study_ready
    take(study, code)
    study.clock.advance(days=8)

    worker.sweep(study.hub)

    assert kept(study) == []
    assert list(study.hub.settings.objects.rglob("*.sho")) == []


def kept(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(SealedObject.id)).all()
