"""What is released is the text with each decision applied, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Invalid
from studyhub.domain.redaction import paper
from studyhub.domain.redaction.applying import apply
from studyhub.domain.redaction.marks import (
    Change,
    Mark,
    decision_of,
    general_words,
    take_in,
)
from studyhub.domain.turns import Body, Speaker, Turn, plain_text

ENTITY = "00000000-0000-4000-8000-000000000001"
WORDS = {ENTITY: "[Name 1]"}

spoken = st.text(st.sampled_from("ab é[]😀.' "), max_size=30)
roles = st.sampled_from(["interviewer", "participant", "other"])


@st.composite
def bodies(draw):
    speakers = [
        Speaker(f"s{number}", draw(roles), draw(st.sampled_from(["Nadia", "INT", "P2", "R"])))
        for number in range(3)
    ]
    lines = draw(st.lists(st.tuples(st.integers(0, 2), spoken), min_size=1, max_size=6))
    turns = [
        Turn(f"t{number}", f"s{who}", None, None, text)
        for number, (who, text) in enumerate(lines)
    ]
    return Body(tuple(speakers), tuple(turns))


@st.composite
def decided(draw):
    """A body, and marks that lie apart in the words of its turns."""
    body = draw(bodies())
    text, marks = paper.text_of(body), []
    for place in paper.places_of(body):
        at = place.start
        while at < place.end and draw(st.booleans()):
            start = draw(st.integers(at, place.end - 1))
            end = draw(st.integers(start + 1, place.end))
            state = draw(st.sampled_from(["accept", "reject", "suppress", "generalise"]))
            marks.append(
                Mark(f"m{start}", start, end, "PLACE", ENTITY, state, surface=text[start:end])
            )
            at = end
    return body, marks


@given(decided(), st.sampled_from(["", "P3"]))
def test_deid_3_the_released_text_is_apply_of_the_version_byte_for_byte(made, label):
    body, marks = made
    decisions = [decision_of(mark, WORDS) for mark in marks]

    released = paper.output_of(body, decisions, label)

    expected = apply(paper.text_of(body), decisions)
    assert plain_text(paper.with_parts(released)).encode() == expected.encode()
    assert [turn.id for turn in released.turns] == [turn.id for turn in body.turns]
    assert plain_text(paper.labelled(paper.output_of(body, decisions), "P3")) == plain_text(
        paper.output_of(body, decisions, "P3")
    )


@given(decided())
def test_deid_3_outside_the_decided_places_nothing_changes(made):
    body, marks = made
    kept = [decision_of(mark, WORDS) for mark in marks if mark.state == "reject"]

    assert plain_text(paper.output_of(body, kept)) == paper.text_of(body)


@given(bodies())
def test_no_name_is_left_in_a_speakers_label(body):
    parts = paper.with_parts(body, "P3").labels

    assert "Nadia" not in parts.values()
    for speaker in body.speakers:
        if speaker.role == "participant":
            assert parts[speaker.id] == "P3"
        else:
            assert parts[speaker.id] != "P2"


@given(bodies())
def test_every_place_holds_exactly_the_words_of_its_turn(body):
    text = paper.text_of(body)

    for place, turn in zip(paper.places_of(body), body.turns, strict=True):
        assert text[place.start : place.end] in (turn.text.rstrip(), "")
        assert place.turn_id == turn.id


def test_a_decision_across_two_turns_or_in_a_label_is_refused():
    speakers = (Speaker("s", "other", "R"),)
    body = Body(
        speakers, (Turn("a", "s", None, None, "one"), Turn("b", "s", None, None, "two"))
    )
    text, places = paper.text_of(body), paper.places_of(body)

    for start, end in ((0, 2), (3, 9), (1, 5)):
        mark = Mark("m", start, end, "PLACE", ENTITY, "accept", surface=text[start:end])
        with pytest.raises(Invalid):
            take_in(text, places, (), Change((mark,)))
        with pytest.raises(Invalid):
            paper.output_of(body, [decision_of(mark, WORDS)])


@pytest.mark.parametrize(
    ("category", "surface", "words"),
    [
        ("DATE", "the 3rd of March 2018", "[2018]"),
        ("DATE", "2018", "[date omitted]"),
        ("DATE", "in March", "[date omitted]"),
        ("AGE", "47", "[aged 40 to 49]"),
        ("AGE", "forty", "[age omitted]"),
        ("PLACE", "Yeovil", "[place]"),
    ],
)
def test_what_is_made_less_exact_keeps_a_year_or_a_band(category, surface, words):
    assert general_words(category, surface) == words
