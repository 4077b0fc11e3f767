"""The kept form of a text: what fits into it, what comes back, what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain import turns
from studyhub.domain.errors import Invalid
from studyhub.domain.turns import Body, Speaker, Turn

INTERVIEWER = Speaker("s1", "interviewer", "Interviewer")
PARTICIPANT = Speaker("s2", "participant", "P1")
BODY = Body(
    (INTERVIEWER, PARTICIPANT),
    (
        Turn("t0001", "s1", 900, 11_906, "Are you happy to go ahead?"),
        Turn("t0002", "s2", 12_456, None, "Yes, [inaudible 00:00:13] I am (?) 👍"),
        Turn("t0003", "s2", None, None, ""),
    ),
)
LETTERS = "ab é👍:[]<&\t\n\r\x0b\x85\u2028\x00\ufffe\ud800#1"
TEXTS = st.text(LETTERS, max_size=30).map(turns.fitting)
TIMES = st.none() | st.integers(0, turns.LONGEST_SOUND_MS)


@st.composite
def bodies(draw):
    def turn(number):
        start, end = draw(st.tuples(TIMES, TIMES))
        if start is not None and end is not None:
            start, end = sorted((start, end))
        speaker = draw(st.sampled_from(("s1", "s2")))
        return Turn(f"t{number}", speaker, start, end, draw(TEXTS))

    made = [turn(number) for number in range(draw(st.integers(0, 6)))]
    return Body((INTERVIEWER, PARTICIPANT), tuple(made))


@given(bodies())
def test_what_is_written_is_read_back_the_same(body):
    assert turns.read(turns.write(body)) == body
    assert turns.read(turns.canonical(body)) == body


def test_the_kept_form_is_one_line_per_speaker_and_turn():
    assert turns.write(BODY).split("\n") == [
        "#\ts1\tinterviewer\tInterviewer",
        "#\ts2\tparticipant\tP1",
        "t0001\ts1\t900\t11906\tAre you happy to go ahead?",
        "t0002\ts2\t12456\t\tYes, [inaudible 00:00:13] I am (?) 👍",
        "t0003\ts2\t\t\t",
    ]


def test_an_empty_text_is_a_text():
    assert turns.read("") == Body((), ())
    assert turns.write(Body((), ())) == ""


@given(st.text(LETTERS + "s_", max_size=60))
def test_anything_else_is_refused_as_invalid(text):
    try:
        read = turns.read(text)
    except Invalid:
        return
    assert turns.read(turns.write(read)) == read


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        (b"\xff\xfe", "not in UTF-8"),
        ("t1\ts1\t0\t0\tword", "not in the list"),
        ("#\ts1\tother\tA\n\nt1\ts1\t\t\tword", "Line 2 is neither"),
        ("#\ts1\tother\tA\nt1\ts1\t\t\tone\ttwo", "Line 2 is neither"),
        ("#\ts1\tother\tA\nt1\ts1\t1.5\t\tword", "Line 2 has a time"),
        ("#\ts1\tother\tA\nt1\ts1\t-1\t\tword", "Line 2 has a time"),
        ("#\ts1\tother\tA\nt1\ts1\t9\t8\tword", "ends before it starts"),
        ("#\ts1\tother\tA\nt1\ts1\t\t360000001\tword", "100 hours"),
        ("#\ts1\tother\tA\nt1\ts1\t\t\ta\nt1\ts1\t\t\tb", "turns have the same id"),
        ("#\ts1\tother\tA\n#\ts1\tother\tB", "speakers have the same id"),
        ("#\ts1\tguest\tA", "one of: interviewer"),
        ("#\ts1\tother\tA: B", "no colon"),
        ("#\ts1\tother\t A", "1 to 60 characters"),
        ("#\ts1\tother\t", "1 to 60 characters"),
        ("#\ts 1\tother\tA", "letters, digits"),
        ("#\ts1\tother\tA\nt.1\ts1\t\t\tword", "letters, digits"),
        ("#\ts1\tother\tA\nt1\ts1\t\t\tword\x00", "one line of plain text"),
        ("#\ts1\tother\tA\nt1\ts1\t\t\tword\u2028", "one line of plain text"),
        ("#\ts1\tother\tA\nt1\ts1\t\t\tword\ud800", "one line of plain text"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_reason(kept, says):
    with pytest.raises(Invalid, match=says):
        turns.read(kept)


def test_a_text_of_too_many_turns_is_refused():
    many = tuple(Turn(f"t{n}", "s1", None, None, "") for n in range(turns.MOST_TURNS + 1))

    with pytest.raises(Invalid, match="100,000"):
        turns.check(Body((INTERVIEWER,), many))


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(Invalid, match="too long"):
        turns.read("a" * (turns.MOST_CHARACTERS + 1))


def test_line_breaks_become_one_blank_and_control_characters_go():
    assert turns.fitting("one \r\n\t two\x00\u2028three") == "one two three"


@given(st.text(LETTERS))
def test_whatever_was_made_fitting_fits(text):
    turns.check(replace(BODY, turns=(Turn("t1", "s1", None, None, turns.fitting(text)),)))


def test_the_plain_text_begins_each_turn_with_its_label():
    assert turns.plain_text(BODY) == (
        "Interviewer: Are you happy to go ahead?\n\n"
        "P1: Yes, [inaudible 00:00:13] I am (?) 👍\n\n"
        "P1:\n"
    )
    assert turns.plain_text(Body((), ())) == ""


def test_the_plain_text_with_times_begins_with_them_where_known():
    with_times = turns.plain_text(BODY, times=True).split("\n\n")

    assert with_times[0].startswith("[00:00:00] Interviewer: ")
    assert with_times[1].startswith("[00:00:12] P1: ")
    assert with_times[2] == "P1:\n"
    assert turns.clock(3_723_999) == "01:02:03"


def test_words_are_counted_without_labels():
    assert turns.words_by_speaker(BODY) == {"s1": 6, "s2": 7}


def test_places_left_open_are_found_with_their_offsets():
    found = [BODY.turns[1].text[place.start : place.end] for place in turns.unresolved(BODY)]

    assert found == ["[inaudible 00:00:13]", "(?)"]


def test_renaming_a_speaker_reaches_every_turn():
    renamed = turns.rename(BODY, "s2", "P4")

    assert turns.plain_text(renamed).count("P4: ") == 1
    assert renamed.turns == BODY.turns
    assert turns.rename(BODY, "s2", "Carer", "other").speakers[1].role == "other"
    with pytest.raises(Invalid):
        turns.rename(BODY, "s2", "two\nlines")


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("INT", "interviewer"),
        ("Interviewer", "interviewer"),
        ("P12", "participant"),
        ("Participant 3", "participant"),
        ("Peter", "other"),
        ("Kay Denise", "other"),
    ],
)
def test_the_role_of_a_label_is_proposed(label, role):
    assert turns.likely_role(label) == role
