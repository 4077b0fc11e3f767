"""Two people worked on one text: what merges by itself, what a person has to decide."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Invalid
from studyhub.domain.merging import Clash, Merged, SpeakerClash, merge
from studyhub.domain.turns import Body, Speaker, Turn, check

SPEAKERS = (Speaker("s1", "interviewer", "Interviewer"), Speaker("s2", "participant", "P1"))


def turn(id_, text):
    return Turn(id_, "s1", None, None, text)


def body(*turns, speakers=SPEAKERS):
    return Body(speakers, turns)


ONE, TWO, THREE = turn("t1", "one"), turn("t2", "two"), turn("t3", "three")
BASE = body(ONE, TWO, THREE)


def said(one, text):
    return replace(one, text=text)


def test_changes_in_different_turns_merge_by_themselves():
    mine = body(said(ONE, "one, mine"), TWO, THREE)
    theirs = body(ONE, said(TWO, "two, theirs"), THREE)

    merged = merge(BASE, mine, theirs)

    assert merged.is_clean
    assert merged.body() == body(said(ONE, "one, mine"), said(TWO, "two, theirs"), THREE)


def test_the_same_turn_changed_by_both_is_a_clash_with_all_three_wordings():
    mine, theirs = said(TWO, "two, mine"), said(TWO, "two, theirs")

    merged = merge(BASE, body(ONE, mine, THREE), body(ONE, theirs, THREE))

    assert merged.clashes == (Clash((TWO,), (mine,), (theirs,)),)
    assert merged.body(["mine"]) == body(ONE, mine, THREE)
    assert merged.body(["theirs"]) == body(ONE, theirs, THREE)
    assert merged.body([[said(TWO, "both")]]) == body(ONE, said(TWO, "both"), THREE)


def test_a_clash_has_to_be_decided():
    merged = merge(BASE, body(said(ONE, "a"), TWO, THREE), body(said(ONE, "b"), TWO, THREE))

    with pytest.raises(Invalid, match="needs a decision"):
        merged.body()
    with pytest.raises(Invalid, match="Choose"):
        merged.body(["ours"])
    with pytest.raises(Invalid, match="same id"):
        merged.body([[TWO]])


def test_the_same_change_by_both_is_no_clash():
    changed = body(said(ONE, "together"), TWO, THREE)

    assert merge(BASE, changed, changed).body() == changed


def test_a_turn_taken_out_by_one_and_untouched_by_the_other_goes():
    merged = merge(BASE, body(ONE, THREE), body(said(ONE, "changed"), TWO, THREE))

    assert merged.body() == body(said(ONE, "changed"), THREE)


def test_a_turn_taken_out_by_one_and_changed_by_the_other_is_a_clash():
    changed = said(TWO, "changed")

    merged = merge(BASE, body(ONE, THREE), body(ONE, changed, THREE))

    assert merged.clashes == (Clash((TWO,), (), (changed,)),)


def test_half_a_split_never_meets_the_others_wording():
    mine = body(said(ONE, "o"), turn("n1", "ne"), TWO, THREE)
    theirs = body(said(ONE, "one!"), TWO, THREE)

    merged = merge(BASE, mine, theirs)

    assert merged.clashes == (Clash((ONE,), mine.turns[:2], theirs.turns[:1]),)


def test_a_split_may_keep_the_id_on_its_second_half():
    mine = body(ONE, turn("n1", "tw"), said(TWO, "o"), THREE)
    theirs = body(ONE, said(TWO, "two!"), THREE)

    merged = merge(BASE, mine, theirs)

    assert merged.clashes == (Clash((TWO,), mine.turns[1:3], theirs.turns[1:2]),)


def test_joined_turns_clash_as_a_whole_with_a_change_in_one_of_them():
    mine = body(said(ONE, "one two"), THREE)
    theirs = body(ONE, said(TWO, "two!"), THREE)

    merged = merge(BASE, mine, theirs)

    assert merged.clashes == (
        Clash((ONE, TWO), (said(ONE, "one two"),), (ONE, said(TWO, "two!"))),
    )


def test_a_change_across_two_of_the_others_changes_is_one_clash():
    mine = body(said(ONE, "one two three"))
    theirs = body(said(ONE, "1"), TWO, said(THREE, "3"))

    merged = merge(BASE, mine, theirs)

    assert merged.clashes == (Clash(BASE.turns, mine.turns, theirs.turns),)


def test_new_turns_of_both_at_one_place_both_stay():
    mine, theirs = turn("m", "mine"), turn("h", "theirs")

    merged = merge(BASE, body(ONE, mine, TWO, THREE), body(ONE, theirs, TWO, THREE))

    assert merged.body() == body(ONE, theirs, mine, TWO, THREE)


def test_a_new_turn_beside_a_changed_one_merges():
    mine = body(ONE, turn("m", "mine"), TWO, THREE)
    theirs = body(said(ONE, "1"), said(TWO, "2"), THREE)

    assert merge(BASE, mine, theirs).body() == body(
        said(ONE, "1"), turn("m", "mine"), said(TWO, "2"), THREE
    )


def test_my_own_new_turn_that_was_saved_before_is_not_doubled():
    mine = body(ONE, TWO, THREE, turn("n", "typed on"))
    theirs = body(said(ONE, "1"), TWO, THREE, turn("n", "typed"))

    merged = merge(BASE, mine, theirs)

    assert merged.clashes == (Clash((), (turn("n", "typed on"),), (turn("n", "typed"),)),)


def test_one_new_turn_at_two_places_makes_the_whole_text_a_clash():
    mine = body(turn("n", "typed"), ONE, TWO, THREE)
    theirs = body(ONE, TWO, THREE, turn("n", "typed"))

    assert merge(BASE, mine, theirs).clashes == (Clash(BASE.turns, mine.turns, theirs.turns),)


def test_one_new_turn_around_another_change_makes_the_whole_text_a_clash():
    mine = body(turn("n", "typed"), ONE, said(TWO, "2"), THREE)
    theirs = body(ONE, TWO, THREE, turn("n", "typed"))

    assert merge(BASE, mine, theirs).clashes == (Clash(BASE.turns, mine.turns, theirs.turns),)


def test_moved_turns_are_one_change_of_everything():
    moved = body(TWO, ONE, THREE)

    assert merge(BASE, moved, BASE).body() == moved
    assert not merge(BASE, moved, body(ONE, TWO, said(THREE, "3"))).is_clean


def test_a_speaker_renamed_by_one_side_is_renamed():
    renamed = replace(SPEAKERS[1], label="P4")
    theirs = body(*BASE.turns, speakers=(SPEAKERS[0], renamed))
    mine = body(said(ONE, "mine"), TWO, THREE)

    assert merge(BASE, mine, theirs).body().speakers == (SPEAKERS[0], renamed)
    assert merge(BASE, theirs, mine).body().speakers == (SPEAKERS[0], renamed)


def test_a_speaker_renamed_by_both_keeps_mine_and_is_shown():
    mine, theirs = replace(SPEAKERS[1], label="A"), replace(SPEAKERS[1], label="B")

    merged = merge(
        BASE,
        body(*BASE.turns, speakers=(SPEAKERS[0], mine)),
        body(*BASE.turns, speakers=(SPEAKERS[0], theirs)),
    )

    assert merged.speaker_clashes == (SpeakerClash(SPEAKERS[1], mine, theirs),)
    assert merged.body().speakers == (SPEAKERS[0], mine)


def test_two_new_speakers_with_one_id_stay_two():
    nurse, carer = Speaker("s3", "other", "Nurse"), Speaker("s3", "other", "Carer")
    mine = body(*BASE.turns, Turn("m", "s3", None, None, "mine"), speakers=(*SPEAKERS, nurse))
    theirs = body(
        Turn("h", "s3", None, None, "theirs"), *BASE.turns, speakers=(*SPEAKERS, carer)
    )

    merged = merge(BASE, mine, theirs).body()

    assert {merged.labels[one.speaker]: one.text for one in merged.turns} == {
        "Carer": "theirs",
        "Interviewer": "three",
        "Nurse": "mine",
    }


def test_a_speaker_taken_out_stays_while_a_turn_needs_the_voice():
    mine = body(*BASE.turns, speakers=SPEAKERS[:1])
    theirs = body(*BASE.turns, Turn("n", "s2", None, None, "new"))

    assert merge(BASE, mine, BASE).body().speakers == SPEAKERS[:1]
    assert merge(BASE, mine, theirs).body().speakers == SPEAKERS


EDITS = st.lists(
    st.tuples(st.sampled_from(("say", "add", "cut", "split", "join")), st.integers(0, 9)),
    max_size=6,
)


def edited(edits, who):
    """A text some edits away from a base of six turns."""
    turns = [turn(f"t{n}", f"word{n} more{n}") for n in range(6)]
    for count, (act, pick) in enumerate(edits):
        place = pick % len(turns) if turns else 0
        fresh = f"{who}{count}"
        if act == "add" or not turns:
            turns.insert(place, turn(fresh, f"new {fresh}"))
        elif act == "say":
            turns[place] = said(turns[place], f"{turns[place].text} {fresh}")
        elif act == "cut":
            turns.pop(place)
        elif act == "split":
            first, _, rest = turns[place].text.partition(" ")
            turns[place : place + 1] = [said(turns[place], first), turn(fresh, rest)]
        elif place + 1 < len(turns):
            joined = f"{turns[place].text} {turns[place + 1].text}"
            turns[place : place + 2] = [said(turns[place], joined)]
    return body(*turns)


@given(EDITS)
def test_against_no_change_the_changed_side_is_taken(edits):
    base, side = edited([], "b"), edited(edits, "m")

    assert merge(base, side, base).body() == side
    assert merge(base, base, side).body() == side
    assert merge(base, side, side).body() == side


@given(EDITS, EDITS)
def test_a_clean_merge_is_the_same_from_both_sides(ours, others):
    base, mine, theirs = edited([], "b"), edited(ours, "m"), edited(others, "h")

    one, other = merge(base, mine, theirs), merge(base, theirs, mine)

    assert one.is_clean == other.is_clean
    if one.is_clean:
        assert one.body() == other.body()


def words_of(turns):
    return {word for one in turns for word in one.text.split()}


@given(EDITS, EDITS)
def test_no_word_anybody_typed_is_lost_and_none_comes_back(ours, others):
    base, mine, theirs = edited([], "b"), edited(ours, "m"), edited(others, "h")

    merged = merge(base, mine, theirs)

    kept = set().union(*(words_of(shown(part)) for part in merged.parts), set())
    before = words_of(base.turns)
    assert (words_of(mine.turns) | words_of(theirs.turns)) - before <= kept
    if merged.is_clean:
        gone = (before - words_of(mine.turns)) | (before - words_of(theirs.turns))
        assert not gone & kept


def shown(part):
    return (*part.mine, *part.theirs) if isinstance(part, Clash) else (part,)


@given(EDITS, EDITS, st.sampled_from(("mine", "theirs")))
def test_whatever_is_chosen_gives_a_text_without_doubled_words(ours, others, choice):
    base, mine, theirs = edited([], "b"), edited(ours, "m"), edited(others, "h")
    merged: Merged = merge(base, mine, theirs)

    chosen = merged.body([choice] * len(merged.clashes))

    check(chosen)
    every = [word for one in chosen.turns for word in one.text.split() if word != "new"]
    assert len(every) == len(set(every))
