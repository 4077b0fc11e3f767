"""Applying decisions: byte for byte, neighbours apart, brackets left alone."""

import re
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studyhub.domain.errors import Invalid
from studyhub.domain.redaction.anchoring import reanchor
from studyhub.domain.redaction.applying import applied, apply
from studyhub.domain.redaction.engine import rerun, suggest
from studyhub.domain.redaction.replacements import OWN_LABEL
from studyhub.domain.redaction.spans import Decision
from tests.domain.redaction_worlds import OWN, TEXT, decided, known_of, words_of

TEXTS = st.text(alphabet="Ka De\n[]é\u2019'\u0301.😀", min_size=1, max_size=60)


@st.composite
def decisions_on(draw, texts=TEXTS):
    """A text and decisions on it, none overlapping, some touching, some rejected."""
    text = draw(texts)
    cuts = sorted(set(draw(st.lists(st.integers(0, len(text)), max_size=10))))
    places = list(pairwise(cuts))
    chosen = [place for place in places if draw(st.booleans())]
    decisions = []
    for number, (start, end) in enumerate(chosen):
        act = draw(st.sampled_from(["accept", "reject", "suppress"]))
        words = f"[Name {number}]" if act != "reject" else ""
        decisions.append(
            Decision(start, end, "PERSON", act, text[start:end], f"e{number}", words)
        )
    return text, draw(st.permutations(decisions))


@given(decisions_on())
@settings(max_examples=75, deadline=None)
def test_outside_the_decided_places_nothing_changes(made):
    text, decisions = made

    result = applied(text, decisions)

    rest, done = [], 0
    for one in result.placed:
        rest.append(result.text[done : one.start])
        done = one.end
    rest.append(result.text[done:])
    kept, done = [], 0
    for one in sorted((d for d in decisions if d.masks), key=lambda d: d.start):
        kept.append(text[done : one.start])
        done = one.end
    kept.append(text[done:])
    assert [piece.encode() for piece in rest] == [piece.encode() for piece in kept]


@given(decisions_on())
@settings(max_examples=50, deadline=None)
def test_every_decision_gives_a_replacement_of_its_own_even_beside_another(made):
    text, decisions = made

    result = applied(text, decisions)

    masks = sorted((d for d in decisions if d.masks), key=lambda d: d.start)
    assert [one.decision for one in result.placed] == masks
    assert [result.text[o.start : o.end] for o in result.placed] == [
        m.replacement for m in masks
    ]


@given(decisions_on())
@settings(max_examples=50, deadline=None)
def test_applying_needs_no_order_and_is_the_same_every_time(made):
    text, decisions = made

    assert apply(text, decisions) == apply(text, list(reversed(decisions)))


@given(decisions_on())
@settings(max_examples=50, deadline=None)
def test_a_place_of_the_version_is_found_again_in_what_was_written(made):
    text, decisions = made
    result = applied(text, decisions)

    for start in range(len(text)):
        place = result.place_of(start, start + 1)
        if place is not None:
            assert result.text[place[0] : place[1]] == text[start]


def test_two_names_side_by_side_give_two_replacements():
    text = "Kay Denise rang."

    released = apply(
        text, [decided(text, "Kay", "[Name 1]"), decided(text, "Denise", "[Name 2]")]
    )

    assert released == "[Name 1] [Name 2] rang."


def test_names_without_a_blank_between_stay_two():
    text = "KayDenise"

    made = [decided(text, "Kay", "[Name 1]"), decided(text, "Denise", "[Name 2]")]

    assert apply(text, made) == "[Name 1][Name 2]"


def test_brackets_of_the_transcript_stay_and_are_no_replacements():
    text = "She [laughs] said [Name 9] to Kay [pause]."

    result = applied(text, [decided(text, "Kay")])

    assert result.text == "She [laughs] said [Name 9] to [Name 1] [pause]."
    assert [result.text[one.start : one.end] for one in result.placed] == ["[Name 1]"]


def test_a_name_within_brackets_of_the_transcript_can_be_replaced():
    text = "[Kay laughs]"

    assert apply(text, [decided(text, "Kay")]) == "[[Name 1] laughs]"


@pytest.mark.parametrize("words", ["Name 1", "", "[a][b]", "[a\nb]", "[]", "x [a]"])
def test_a_replacement_that_is_not_marked_is_refused(words):
    with pytest.raises(Invalid):
        apply("Kay", [decided("Kay", "Kay", words)])


def test_overlapping_decisions_are_refused_not_merged():
    text = "Kay Denise rang."

    with pytest.raises(Invalid):
        apply(text, [decided(text, "Kay Denise"), decided(text, "Denise", "[Name 2]")])


@pytest.mark.parametrize("wrong", [(-1, 2), (0, 0), (2, 1), (0, 99), (1, 4)])
def test_a_decision_that_does_not_fit_its_text_is_refused(wrong):
    with pytest.raises(Invalid):
        apply("Kay rang.", [Decision(*wrong, "PERSON", "accept", "Kay", "", "[Name 1]")])


def test_the_participants_own_label_fills_its_placeholder():
    text = "Ask Kay, said Kay."
    made = [decided(text, "Kay", OWN_LABEL), decided(text, "Kay", OWN_LABEL, nth=1)]

    assert apply(text, made, label="P4") == "Ask [P4], said [P4]."
    assert apply(text, made) == "Ask [participant], said [participant]."


# Moving decisions after an edit


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_after_any_edit_a_decision_stands_on_its_own_words_or_is_lost(data):
    text, decisions = data.draw(decisions_on(st.text("Kay De.\n", min_size=1, max_size=60)))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    new = text[:start] + data.draw(st.text("Kay Dx\n", max_size=6)) + text[end:]

    result = reanchor(decisions, text, new)

    assert sorted(d.surface for d in (*result.kept, *result.lost)) == sorted(
        d.surface for d in decisions
    )
    for kept in result.kept:
        assert new[kept.start : kept.end] == kept.surface
    apply(new, result.kept)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_decisions_before_and_after_an_edit_move_exactly_with_their_words(data):
    text = "one Kay two Denise three Kay four"
    at = text.index("two")
    typed = data.draw(st.text("abc \n", max_size=8))
    assume(typed != "two")
    new = text[:at] + typed + text[at + 3 :]

    result = reanchor([decided(text, "Kay"), decided(text, "Kay", nth=1)], text, new)

    assert result.lost == ()
    assert [kept.start for kept in result.kept] == [4, new.rindex("Kay")]


def test_a_decision_whose_words_were_corrected_is_lost_not_shifted():
    text = "Kaye rang Kaye."

    result = reanchor(
        [decided(text, "Kaye"), decided(text, "Kaye", nth=1)], text, "Kay rang Kaye."
    )

    assert [kept.start for kept in result.kept] == [9]
    assert [lost.start for lost in result.lost] == [0]


# Running detection again


def test_running_again_keeps_every_decision_and_offers_only_what_is_new():
    found = suggest(TEXT, known_of(), OWN)
    rejected = decided(TEXT, "Otterhaven", act="reject", reason="not a place here")
    accepted = decided(TEXT, "Petronella")

    added = rerun(found, [rejected, accepted])

    assert len(added) < len(found)
    for span in added:
        for one in (rejected, accepted):
            assert span.end <= one.start or one.end <= span.start
    assert set(added) <= set(found)


def test_of_a_suggestion_that_reaches_beyond_a_decision_the_rest_is_offered():
    text = "I rang Kerensa Polwhele today."
    found = suggest(text)

    added = rerun(found, [decided(text, "Kerensa")])

    assert words_of(text, found) == ["Kerensa Polwhele"]
    assert [words.strip() for words in words_of(text, added)] == ["Polwhele"]


def test_the_same_input_gives_the_same_suggestions():
    first = suggest(TEXT, known_of(), OWN)

    assert suggest(TEXT, known_of(), OWN) == first
    assert suggest(TEXT, known_of(), tuple(OWN)) == first
    assert not [s for s in first if re.search("Petronella|Otterhaven", s.reason)]
