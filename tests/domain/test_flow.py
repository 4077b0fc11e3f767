"""How many came how far: every box is the sum of its exits and the next, whatever happened."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.flow import (
    BOXES,
    EXITS,
    LEFT_FROM,
    WITHDRAWN_FROM,
    Box,
    Leaving,
    Way,
    flow,
    is_balanced,
)

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = st.integers(0, 60).map(lambda days: START + timedelta(days=days))
WHERE = {**LEFT_FROM, "withdrawn": frozenset(BOXES)}


@st.composite
def leavings(draw):
    how = draw(st.sampled_from(sorted(WHERE)))
    return Leaving(how, draw(DAYS), WHERE[how], draw(st.none() | DAYS))


WAYS = st.lists(
    st.builds(
        Way,
        st.dictionaries(st.sampled_from(BOXES), DAYS),
        st.lists(leavings(), max_size=4).map(tuple),
        st.lists(DAYS, max_size=3).map(tuple),
    ),
    max_size=12,
)


@given(WAYS, DAYS)
def test_inv_89_every_box_is_the_sum_of_its_exits_and_the_next_at_any_date(ways, at):
    boxes = flow(ways, at)

    nexts = [box.n for box in boxes[1:]] + [0]
    assert [box.name for box in boxes] == list(BOXES)
    assert all(
        box.n == sum(box.exits.values()) + after
        for box, after in zip(boxes, nexts, strict=True)
    )
    assert is_balanced(boxes)
    assert all(set(box.exits) <= set(EXITS) for box in boxes)


@given(WAYS, DAYS, DAYS)
def test_nobody_who_came_so_far_is_ever_taken_out_of_a_box(ways, one, another):
    earlier, later = sorted((one, another))

    before, after = flow(ways, earlier), flow(ways, later)

    assert all(one.n <= other.n for one, other in zip(before, after, strict=True))


@given(WAYS, DAYS)
def test_everybody_to_whom_something_happened_is_in_the_first_box_once(ways, at):
    touched = [way for way in ways if any(when <= at for when in way.reached.values())]

    assert flow(ways, at)[0].n == len(touched)


def test_a_sum_that_is_one_short_is_not_called_balanced():
    assert not is_balanced([Box("approached", 3, {"waiting": 1}), Box("interested", 1)])


def way(*reached, left=(), heard=()):
    """A way that reached a box a day, in order."""
    days = {name: START + timedelta(days=day) for day, name in enumerate(reached)}
    return Way(days, tuple(left), tuple(heard))


def exits(box, *ways, day=30):
    found = {each.name: each.exits for each in flow(ways, START + timedelta(days=day))}
    return found[box]


def gone(how, day, until=None):
    return Leaving(how, START + timedelta(days=day), WHERE[how], until)


def test_who_said_no_and_then_wrote_again_waits():
    no = gone("declined", 2)

    assert exits("interested", way("approached", "interested", left=[no])) == {"declined": 1}
    back = way("approached", "interested", left=[no], heard=[START + timedelta(days=3)])
    assert exits("interested", back) == {"waiting": 1}


def test_before_its_day_nothing_had_happened():
    late = way("approached", left=[gone("opted_out", 5)])

    assert exits("approached", late, day=4) == {"waiting": 1}
    assert exits("approached", late, day=5) == {"opted_out": 1}


def test_a_withdrawal_counts_before_any_other_way_of_leaving():
    both = way("approached", left=[gone("declined", 1), gone("withdrawn", 2)])

    assert exits("approached", both) == {"withdrawn": 1}


def test_withdrawing_the_sound_ends_nothing_once_there_is_a_text():
    where = WITHDRAWN_FROM["audio"]
    assert "recorded" in where
    assert "transcribed" not in where
    assert "released" in WITHDRAWN_FROM["transcript"]
