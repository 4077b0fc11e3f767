"""Two versions of a transcript beside each other."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.comparing import compare
from studyhub.domain.turns import Body, Speaker, Turn

SPEAKERS = (Speaker("s1", "interviewer", "Interviewer"), Speaker("s2", "participant", "P1"))
ONE = Turn("t1", "s1", 0, 900, "How did it begin?")
TWO = Turn("t2", "s2", 1000, 1900, "It began in the old house.")
THREE = Turn("t3", "s2", 2000, 2900, "I was happy there.")
OLDER = Body(SPEAKERS, (ONE, TWO, THREE))


def version(*turns):
    return Body(SPEAKERS, turns)


def changed(rows):
    return [(row.older, row.newer) for row in rows if not row.same]


def test_a_version_compared_with_itself_shows_nothing():
    assert changed(compare(OLDER, OLDER)) == []


def test_only_the_words_that_changed_are_marked():
    newer = replace(TWO, text="It began in the new house.")

    (row,) = [row for row in compare(OLDER, version(ONE, newer, THREE)) if not row.same]

    assert [piece.text for piece in row.words.older if piece.changed] == ["old "]
    assert [piece.text for piece in row.words.newer if piece.changed] == ["new "]


def test_a_turn_on_one_side_only_stands_alone():
    added = Turn("t9", "s1", None, None, "It began in the old house.")

    rows = compare(OLDER, version(ONE, added, THREE))

    assert changed(rows) == [(TWO, None), (None, added)]
    assert [(row.older_label, row.newer_label) for row in rows[1:3]] == [
        ("P1", ""),
        ("", "Interviewer"),
    ]


def test_a_new_turn_without_words_is_a_change():
    empty = Turn("t9", "s1", None, None, "")

    assert changed(compare(OLDER, version(*OLDER.turns, empty))) == [(None, empty)]


def test_another_speaker_or_another_time_is_a_change():
    spoken = replace(TWO, speaker="s1")
    later = replace(THREE, end_ms=3000)

    assert changed(compare(OLDER, version(ONE, spoken, later))) == [
        (TWO, spoken),
        (THREE, later),
    ]


def test_a_renamed_speaker_is_a_change_of_every_turn_of_theirs():
    renamed = Body((SPEAKERS[0], replace(SPEAKERS[1], label="P4")), OLDER.turns)

    assert len(changed(compare(OLDER, renamed))) == 2


TURNS = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(("one", "one two", "two", ""))),
    max_size=8,
    unique_by=lambda entry: entry[0],
).map(lambda found: [Turn(f"t{n}", "s1", None, None, text) for n, text in found])


@given(TURNS, TURNS)
def test_both_versions_can_be_read_off_the_rows(older, newer):
    rows = compare(version(*older), version(*newer))

    assert [row.older for row in rows if row.older] == older
    assert [row.newer for row in rows if row.newer] == newer
    for row in rows:
        assert "".join(piece.text for piece in row.words.older) == (row.older or ONE_EMPTY).text
        assert "".join(piece.text for piece in row.words.newer) == (row.newer or ONE_EMPTY).text


ONE_EMPTY = replace(ONE, text="")
