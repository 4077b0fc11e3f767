"""What changed between two versions: paragraphs, words, statements, the deadline."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.differences import compare, paragraphs, with_neighbours
from studyhub.domain.documents import Number, StatementText, VersionText

OLD = VersionText(
    "pis", "en", Number(1, 0), "One.\n\nTwo old words.\n\nThree.\n\nFour.\n\nFive."
)
BODIES = st.lists(st.sampled_from(["One.", "Two old.", "Two new.", "Six", "- a"]), max_size=8)


def side(pieces):
    return "".join(piece.text for piece in pieces)


def test_equal_versions_have_no_places():
    assert all(row.same for row in compare(OLD, OLD))


def test_only_the_words_that_changed_are_marked():
    new = replace(OLD, body=OLD.body.replace("old", "new"))

    changed = [row for row in compare(OLD, new) if not row.same]

    assert [row.number for row in changed] == [2]
    assert [piece.text for piece in changed[0].older if piece.changed] == ["old "]
    assert [piece.text for piece in changed[0].newer if piece.changed] == ["new "]
    assert changed[0].places == 1


def test_a_paragraph_on_one_side_only_stands_alone():
    new = replace(OLD, body=OLD.body + "\n\nSix.")

    last = compare(OLD, new)[-1]

    assert last.older == ()
    assert side(last.newer) == "Six."


def test_statements_and_the_deadline_are_compared_too():
    rule = {"kind": "days_after_interview", "days": 14}
    asked = replace(OLD, statements=(StatementText("quotes", "Quote me.", mandatory=False),))

    assert any(not row.same for row in compare(asked, replace(asked, deadline_rule=rule)))
    needed = (StatementText("quotes", "Quote me.", mandatory=True),)
    assert any(not row.same for row in compare(asked, replace(asked, statements=needed)))


def test_neighbours_of_a_change_are_shown_and_the_rest_counted():
    new = replace(OLD, body=OLD.body.replace("Five", "Fifth"))

    shown = with_neighbours(compare(OLD, new))

    assert (shown[0].row, shown[0].first, shown[0].last) == (None, 1, 3)
    assert [one.row.number for one in shown[1:]] == [4, 5]
    assert len(with_neighbours(compare(OLD, new), whole=True)) == 5


@given(BODIES, BODIES)
def test_each_side_reads_as_its_version(before, after):
    older = replace(OLD, body="\n\n".join(before))
    newer = replace(OLD, body="\n\n".join(after))

    rows = compare(older, newer)

    assert [side(row.older) for row in rows if row.older] == paragraphs(older)
    assert [side(row.newer) for row in rows if row.newer] == paragraphs(newer)
