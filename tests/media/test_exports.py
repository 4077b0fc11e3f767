"""Released texts as files: what stands in them, and that nothing else does."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain import turns
from studyhub.domain.errors import Invalid
from studyhub.domain.turns import Body, Speaker, Turn
from studyhub.media.exports import Released, as_archive_text, as_text, as_word, file_name
from studyhub.media.transcripts import read_transcript

SPEAKERS = (Speaker("s1", "interviewer", "Interviewer"), Speaker("s2", "participant", "P1"))
BODY = Body(
    SPEAKERS,
    (
        Turn("a", "s1", 900, 2000, "What is a <normal> week & a “good” one?"),
        Turn("b", "s2", 62_000, None, "Well: [laughs] 👍 none."),
    ),
)
RELEASED = Released("P1", 2, date(2026, 3, 9), BODY)


def opened(data):
    return zipfile.ZipFile(BytesIO(data))


def text_of(data, name="word/document.xml"):
    return opened(data).read(name).decode()


def test_each_turn_is_a_paragraph_that_begins_with_the_label():
    document = text_of(as_word(RELEASED))

    assert document.count("<w:p>") == 2
    assert (
        '<w:t xml:space="preserve">Interviewer: What is a &lt;normal&gt; week &amp;' in document
    )
    assert '<w:t xml:space="preserve">P1: Well: [laughs] 👍 none.</w:t>' in document
    assert "<w:tab" not in document


def test_labels_as_headings_stand_alone_in_heading_two():
    document = text_of(as_word(RELEASED, "heading"))

    assert document.count('<w:pStyle w:val="Heading2"/>') == 2
    assert ">P1</w:t>" in document
    assert ">Well: [laughs] 👍 none.</w:t>" in document


@pytest.mark.parametrize("speakers", ["paragraph", "heading"])
def test_the_properties_name_nobody_and_no_time(speakers):
    data = as_word(RELEASED, speakers)
    properties = text_of(data, "docProps/core.xml")

    assert "<dc:creator></dc:creator>" in properties
    assert "<cp:lastModifiedBy></cp:lastModifiedBy>" in properties
    assert properties.count("2026-03-09T00:00:00Z") == 2
    assert "<dc:title>P1</dc:title>" in properties
    for member in opened(data).infolist():
        assert member.date_time == (1980, 1, 1, 0, 0, 0)
        assert (member.create_system, member.extra, member.comment) == (0, b"", b"")


def test_the_same_release_gives_the_same_bytes():
    again = Released("P1", 2, date(2026, 3, 9), turns.read(turns.canonical(BODY)))

    assert as_word(RELEASED) == as_word(again)
    assert as_word(RELEASED, "heading") == as_word(again, "heading")
    assert as_text(RELEASED) == as_text(again)


def test_the_text_is_the_plain_text_with_line_feeds():
    assert as_text(RELEASED).decode() == (
        "Interviewer: What is a <normal> week & a “good” one?\n\nP1: Well: [laughs] 👍 none.\n"
    )
    assert as_text(RELEASED, times=True).decode().startswith("[00:00:00] Interviewer: ")


def test_the_archive_form_has_a_header_to_the_month():
    header, _, rest = as_archive_text(RELEASED, "Voices\nof Support").decode().partition("\n\n")

    assert header.split("\n") == [
        "Study: Voices of Support",
        "Interview: P1",
        "Version: 2",
        "Released: 2026-03",
        "Speakers: Interviewer, P1",
        "Words: 13",
    ]
    assert rest == as_text(RELEASED).decode()


def test_a_file_is_called_by_the_label_only():
    assert file_name(RELEASED, "docx") == "P1.docx"
    assert file_name(RELEASED, "txt") == "P1.txt"


@pytest.mark.parametrize("label", ["", "P0", "Kay", "../P1", "P1\n", "K7Q4"])
def test_nothing_but_a_label_of_a_release_names_a_file(label):
    with pytest.raises(Invalid):
        Released(label, 1, date(2026, 3, 9), BODY)


def test_a_text_that_breaks_a_rule_is_not_written():
    with pytest.raises(Invalid):
        Released("P1", 1, date(2026, 3, 9), Body((), BODY.turns))


WORDS = st.text("abc éß:.,?[]()<>&#'“”\"0123456789👍-", min_size=1, max_size=40)
SAID = WORDS.map(str.strip).filter(lambda text: text and not text.endswith("#"))
LABELS = frozenset(one.label for one in SPEAKERS)


@st.composite
def releases(draw):
    said = draw(
        st.lists(st.tuples(st.sampled_from(("s1", "s2")), SAID), min_size=1, max_size=6)
    )
    made = [Turn(f"t{n}", who, None, None, text) for n, (who, text) in enumerate(said)]
    return Released("P1", 1, date(2026, 3, 9), Body(SPEAKERS, tuple(made)))


def as_said(body):
    return [(body.labels[turn.speaker], turn.text) for turn in body.turns]


@given(releases())
def test_what_was_exported_is_imported_as_the_same_turns(released):
    for name, data in (
        ("P1.docx", as_word(released)),
        ("P1.docx", as_word(released, "heading")),
        ("P1.txt", as_text(released)),
        ("P1.txt", as_text(released, times=True)),
    ):
        preview = read_transcript(name, data, LABELS)

        assert as_said(preview.body) == as_said(released.body)
        assert (preview.skipped, preview.notes) == ((), ())
        assert preview.seen == preview.imported
