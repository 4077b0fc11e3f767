"""The memorable word: it opens a copy and earlier decisions later, and nobody can read it."""

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Invalid, Throttled
from studyhub.store.people import Link
from studyhub.workflows import consent_copies
from studyhub.workflows.consent_copies import WordNeeded
from tests import texts
from tests.makers import token_in
from tests.workflows.consenting import WORD, at, opened, records, sign
from tests.workflows.informed import ready, study, token

__all__ = ["ready", "study", "token"]


def locked_link(study, token, **more):
    """The desk of the lasting link of somebody who chose a word."""
    return at(study, token_in(sign(study, token, word=WORD, **more).address))


def test_the_word_opens_the_copy_and_earlier_decisions_later(study, token):
    sign(study, token, but={"quotes"})
    study.clock.advance(days=1)
    desk = locked_link(study, token)
    study.clock.advance(days=1)

    once = consent_copies.copy(desk)
    study.clock.advance(minutes=31)
    with pytest.raises(WordNeeded):
        consent_copies.copy(desk)
    later = consent_copies.copy(desk, "BLUE Heron", "test")

    assert (once.locked, once.earlier) == (True, ())
    assert later.copy == once.copy
    ((_, kind, answers),) = [(e.signed_at, e.kind, dict(e.answers)) for e in later.earlier]
    assert kind == "signed"
    assert [answer for answer in answers.values() if answer == "decline"] == ["decline"]
    assert len(answers) == len(texts.STARTERS)


def test_looking_at_once_does_not_use_up_the_one_time_later(study, token):
    desk = locked_link(study, token)
    consent_copies.copy(desk)
    study.clock.advance(days=30)

    assert consent_copies.copy(desk).copy.name == "Grace Adeyemi"


def test_without_a_word_copy_and_earlier_decisions_stay_open(study, token):
    sign(study, token)
    study.clock.advance(days=1)
    desk = at(study, token_in(sign(study, token).address))
    for _ in range(3):
        study.clock.advance(days=1)
        found = consent_copies.copy(desk)

    assert (found.locked, len(found.earlier)) == (False, 1)


def test_a_wrong_word_opens_nothing_and_guessing_gets_slow(study, token):
    desk = locked_link(study, token)
    study.clock.advance(days=1)
    events = study.events()

    for guess in ("heron", "Blue herons", "x" * 500, "' OR 1=1", "نسرين"):
        with pytest.raises(Invalid, match="not the word"):
            consent_copies.copy(desk, guess, "1.2.3.4")
    with pytest.raises(Throttled):
        consent_copies.copy(desk, WORD, "1.2.3.4")

    assert study.events() == events
    study.clock.advance(seconds=31)
    assert consent_copies.copy(desk, WORD, "1.2.3.4").copy.name == "Grace Adeyemi"


def test_the_word_is_stored_stretched_and_read_by_nobody(study, token):
    locked_link(study, token)

    with study.hub.sessions.reading.begin() as session:
        kept = session.scalars(select(Link.word_verifier)).all()
        (verifier,) = [each for each in kept if each]
    kitchen, pepper = study.hub.kitchen, study.hub.key_files.pepper
    assert len(verifier) == 48
    assert b"heron" not in verifier
    assert kitchen.word_fits(WORD, pepper, verifier)
    assert not kitchen.word_fits(WORD, b"\0" * 32, verifier)


def test_a_word_that_was_chosen_stays_for_later_signings(study, token):
    """Whoever opens a mailbox could otherwise choose a new one and read what was before."""
    locked_link(study, token)
    study.clock.advance(days=1)
    assert opened(study, token).has_word
    with pytest.raises(Invalid) as refused:
        sign(study, token, word="another one")
    assert set(refused.value.problems) == {"word"}

    again = sign(study, token)
    study.clock.advance(days=1)
    desk = at(study, token_in(again.address))
    consent_copies.copy(desk)
    study.clock.advance(days=1)

    assert again.locked
    with pytest.raises(WordNeeded):
        consent_copies.copy(desk)
    assert consent_copies.copy(desk, WORD).earlier


@pytest.mark.parametrize("word", ["abc", "x" * 101, "blue\nheron", "blue\u202eheron"])
def test_a_word_that_cannot_be_taken_is_refused_at_its_field(study, token, word):
    with pytest.raises(Invalid) as refused:
        sign(study, token, word=word)

    assert set(refused.value.problems) == {"word"}
    assert records(study) == []
