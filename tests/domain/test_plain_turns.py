"""A transcript as plain paragraphs and back, and which versions that kept themselves stay."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Invalid
from studyhub.domain.plain_turns import as_plain, from_plain
from studyhub.domain.snapshots import is_due, surplus
from studyhub.domain.turns import Body, Speaker, Turn, fitting

VOICES = (Speaker("s1", "interviewer", "Interviewer"), Speaker("s2", "participant", "P 1"))
said = st.text(max_size=30).map(lambda text: fitting(text).strip())
moments = st.none() | st.integers(0, 7_200_000)
bodies = st.lists(st.tuples(st.sampled_from(["s1", "s2"]), moments, said), max_size=8).map(
    lambda rows: Body(
        VOICES,
        tuple(
            Turn(f"t{at}", who, start, None, text) for at, (who, start, text) in enumerate(rows)
        ),
    )
)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(bodies)
def test_what_nobody_touched_comes_back_as_it_was(body):
    assert from_plain(as_plain(body), body) == body


@given(st.text(max_size=300), bodies)
def test_whatever_is_typed_becomes_turns_or_is_refused(typed, before):
    try:
        body = from_plain(typed, before)
    except Invalid:
        return
    lines = [fitting(line).strip() for line in typed.splitlines()]
    assert len(body.turns) == len([line for line in lines if line])


def test_a_corrected_turn_keeps_its_id_and_its_exact_times():
    before = Body(
        VOICES, (Turn("t1", "s1", 1234, 5678, "Helo."), Turn("t2", "s2", None, None, "Hi."))
    )

    body = from_plain("[00:00:01] Interviewer: Hello.\n\nP 1: Hi.\n\nand more", before)

    assert body.turns[0] == Turn("t1", "s1", 1234, 5678, "Hello.")
    assert body.turns[1] == before.turns[1]
    assert (body.turns[2].speaker, body.turns[2].text) == ("s2", "and more")


def test_a_time_that_was_typed_is_taken_and_an_end_before_it_goes():
    before = Body(VOICES, (Turn("t1", "s1", 1000, 5000, "One."),))

    body = from_plain("[00:01:00] Interviewer: One.", before)

    assert (body.turns[0].start_ms, body.turns[0].end_ms) == (60_000, None)


def test_a_text_without_a_speaker_gets_one():
    assert from_plain("words", Body((), ())).speakers == (Speaker("s1", "other", "Speaker"),)


def test_a_name_that_is_too_odd_is_refused():
    with pytest.raises(Invalid):
        from_plain("[99:00:00] Interviewer: a\n[100:00:01] P 1: b", Body(VOICES, ()))


def test_versions_that_keep_themselves_are_thinned_by_age():
    ages = [timedelta(minutes=5 * number) for number in range(12 * 26)]
    kept = [(age, NOW - age) for age in [*ages, timedelta(days=31)]]

    gone = set(surplus(kept, NOW))

    assert timedelta(days=31) in gone
    assert not any(age <= timedelta(hours=24) for age in gone)
    older = [age for age in ages if age > timedelta(hours=24) and age not in gone]
    assert len(older) == 2  # one of each hour


def test_a_version_is_kept_five_minutes_after_the_last():
    assert is_due(None, NOW)
    assert is_due(NOW - timedelta(minutes=5), NOW)
    assert not is_due(NOW - timedelta(minutes=4, seconds=59), NOW)
