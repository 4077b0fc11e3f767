"""Labels of persons: drawn by chance from those nobody was given."""

from studyhub.domain.labels import draw_label, labels_up_to


def test_inv_60_the_numbers_reach_to_the_planned_sample_or_the_interviews_completed():
    assert labels_up_to(6, 0) == ["P1", "P2", "P3", "P4", "P5", "P6"]
    assert labels_up_to(2, 4) == ["P1", "P2", "P3", "P4"]


def test_inv_60_every_label_that_nobody_was_given_can_be_drawn_and_no_other():
    given = {"P2", "P5"}

    # One of four stays undrawn 300 times about once in 10**37 runs.
    drawn = {draw_label(given, planned=6, completed=3) for _ in range(300)}

    assert drawn == {"P1", "P3", "P4", "P6"}


def test_a_label_is_there_for_everybody_even_where_others_were_erased():
    assert draw_label({"P1", "P2"}, planned=2, completed=1) == "P3"
