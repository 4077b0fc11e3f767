"""Word documents: what everybody sees is imported, what hides is left out and said."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from studyhub.media.transcripts import read_transcript
from tests.media.word_files import document, paragraph, part, relations, run, table

DOCS = Path(__file__).parent / "fixtures" / "docs"


def read(*inside, labels=None, **more):
    return read_transcript("a.docx", document(*inside, **more), labels)


def said(preview):
    labels = preview.body.labels
    return [(labels[turn.speaker], turn.text) for turn in preview.body.turns]


def dropped(preview):
    return {one.what: (one.places, one.words, one.sample) for one in preview.dropped}


def accounts(preview):
    return preview.seen == preview.imported + len(preview.skipped)


KAY = paragraph("Kay: One.")
MO = paragraph("Mo: Two.")
STYLES = {
    "word/styles.xml": part(
        "styles",
        '<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="Title"><w:name w:val="Title"/></w:style>'
        '<w:style w:styleId="Secret"><w:name w:val="secret"/><w:rPr><w:vanish/></w:rPr>'
        "</w:style>",
    )
}


def test_paragraphs_that_name_their_speaker_are_turns():
    preview = read(KAY, paragraph(), MO)

    assert said(preview) == [("Kay", "One."), ("Mo", "Two.")]
    assert preview.format == "Word document"
    assert (preview.seen, preview.imported) == (2, 2)
    assert preview.dropped == ()


def test_split_runs_tabs_and_line_breaks_are_read_as_people_see_them():
    preview = read(
        paragraph("Ka", run("y: O"), "<w:r><w:t>ne</w:t><w:tab/><w:t>two</w:t></w:r>"),
        paragraph("<w:r><w:t>Mo: Three</w:t><w:br/><w:t>Kay: Four</w:t><w:cr/></w:r>"),
    )

    assert said(preview) == [("Kay", "One two"), ("Mo", "Three"), ("Kay", "Four")]


def test_teams_writes_name_and_time_above_what_was_said():
    preview = read(
        *(
            paragraph(f"<w:r><w:t>{name}   {time}</w:t><w:br/><w:t>{text}</w:t></w:r>")
            for name, time, text in (("Denise, Kay", "0:03", "One."), ("Mo", "1:04", "Two."))
        )
    )

    assert said(preview) == [("Denise, Kay", "One."), ("Mo", "Two.")]
    assert [turn.start_ms for turn in preview.body.turns] == [3000, 64_000]


def test_tables_of_time_speaker_and_text_are_turns():
    preview = read(
        table(
            ("Time", "Speaker", "Text"),
            ("00:01:00", "Kay", "One."),
            ("[00:02:00]", "Mo", "Two."),
        )
    )

    assert said(preview) == [("Kay", "One."), ("Mo", "Two.")]
    assert [turn.start_ms for turn in preview.body.turns] == [60_000, 120_000]
    assert [one.reason for one in preview.skipped] == ["the heading of a table"]
    assert accounts(preview)


def test_tables_of_speaker_and_text_or_of_text_alone_are_turns():
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('inside')}</w:tc></w:tr></w:tbl>"
    outer = f"<w:tbl><w:tr><w:tc>{paragraph('Kay: One')}{inner}</w:tc></w:tr></w:tbl>"

    assert said(read(table(("Kay", "One."), ("Mo", "Two.")))) == [
        ("Kay", "One."),
        ("Mo", "Two."),
    ]
    assert said(read(outer, MO)) == [("Kay", "One inside"), ("Mo", "Two.")]


def test_headings_of_the_second_level_name_speakers_where_paragraphs_do_not():
    preview = read(
        paragraph("Interview", style="Title"),
        *(paragraph("Kay", style="berschrift2"), paragraph("Well: one.")),
        *(paragraph("Mo", style="berschrift2"), paragraph("Two."), paragraph("Three.")),
        **STYLES,
    )

    assert said(preview) == [("Kay", "Well: one."), ("Mo", "Two."), ("Mo", "Three.")]
    assert [one.reason for one in preview.skipped] == ["a heading"]
    assert dropped(preview)["headings"] == (1, 1, "Interview")
    assert accounts(preview)


def test_a_heading_that_nothing_follows_is_a_speaker_without_text():
    preview = read(
        *(paragraph("Kay", style="berschrift2"), paragraph("Mo", style="berschrift2")),
        *(paragraph("One."), paragraph("Kay", style="berschrift2")),
        **STYLES,
    )

    assert said(preview) == [("Mo", "One.")]
    assert [(one.line, one.reason) for one in preview.skipped] == [
        (1, "a speaker without text"),
        (4, "a speaker without text"),
    ]
    assert accounts(preview)


def test_headings_between_paragraphs_that_name_speakers_are_left_out():
    preview = read(paragraph("Early years", style="berschrift2"), KAY, MO, **STYLES)

    assert said(preview) == [("Kay", "One."), ("Mo", "Two.")]
    assert dropped(preview)["headings"][2] == "Early years"


def test_tracked_insertions_stay_and_deletions_go_and_both_are_said():
    preview = read(
        paragraph(
            "Kay: I work ",
            f"<w:ins>{run('in the north ')}</w:ins>",
            "<w:del><w:r><w:delText>for Acme Ltd </w:delText></w:r></w:del>",
            f"<w:moveFrom>{run('moved away ')}</w:moveFrom>",
            f"<w:moveTo>{run('now')}</w:moveTo>",
        )
    )

    assert said(preview) == [("Kay", "I work in the north now")]
    what = dropped(preview)["deleted text (tracked changes)"]
    assert what == (2, 5, "for Acme Ltd moved away")
    assert preview.notes == ("Imported as ordinary text: 4 words in tracked insertions.",)


def test_a_deleted_end_of_a_paragraph_is_not_counted_as_text():
    mark = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>Kay: One.</w:t></w:r></w:p>"

    assert read(mark, MO).dropped == ()


def test_text_boxes_are_left_out_once_although_they_are_written_twice():
    box = f"<w:txbxContent>{paragraph('Call me on 07700 900123')}</w:txbxContent>"
    both = (
        f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )

    preview = read(paragraph("Kay: One.", f"<w:r>{both}</w:r>"), MO)

    assert said(preview) == [("Kay", "One."), ("Mo", "Two.")]
    assert dropped(preview) == {"text boxes": (1, 5, "Call me on 07700 900123")}


def test_text_that_differs_for_older_programs_is_said():
    twice = (
        f"<mc:AlternateContent><mc:Choice>{run('One.')}</mc:Choice>"
        f"<mc:Fallback>{run('Helen Tolley')}</mc:Fallback></mc:AlternateContent>"
    )

    preview = read(paragraph("Kay: ", twice), MO)

    assert said(preview)[0] == ("Kay", "One.")
    assert dropped(preview) == {"text for other programs": (1, 2, "Helen Tolley")}


def test_links_and_content_controls_are_text_but_addresses_go():
    preview = read(
        paragraph("Kay: write to ", f"<w:hyperlink>{run('me')}</w:hyperlink>"),
        f"<w:sdt><w:sdtContent>{MO}</w:sdtContent></w:sdt>",
        paragraph(
            "Kay: ", f"<w:r><w:instrText>HYPERLINK mailto:kay</w:instrText></w:r>{run('Ok.')}"
        ),
        **{
            "word/_rels/document.xml.rels": relations(
                ("hyperlink", "mailto:kay@example.org", True)
            )
        },
    )

    assert said(preview) == [("Kay", "write to me"), ("Mo", "Two."), ("Kay", "Ok.")]
    assert dropped(preview) == {
        "field codes": (1, 2, "HYPERLINK mailto:kay"),
        "addresses of links": (1, 1, "mailto:kay@example.org"),
    }
    assert [note.partition("in ")[2] for note in preview.notes[:2]] == [
        "links.",
        "content controls.",
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        paragraph("Kay: ", run("secret", "<w:vanish/>"), "One."),
        paragraph("Kay: ", run("secret", '<w:rStyle w:val="Secret"/>'), "One."),
        paragraph(run("secret"), style="Secret") + KAY,
    ],
)
def test_hidden_text_is_left_out_and_said(hidden):
    preview = read(hidden, MO, **STYLES)

    assert said(preview) == [("Kay", "One."), ("Mo", "Two.")]
    assert dropped(preview) == {"hidden text": (1, 1, "secret")}


def test_text_that_is_not_hidden_after_all_is_read():
    shown = paragraph("Kay: ", run("One.", '<w:vanish w:val="0"/>'))
    mark = "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>Mo: Two.</w:t></w:r></w:p>"

    assert said(read(shown, mark)) == [("Kay", "One."), ("Mo", "Two.")]


def test_notes_comments_headers_properties_and_pictures_are_left_out_and_said():
    core = (
        '<p:coreProperties xmlns:p="p" xmlns:dc="dc"><dc:title>Interview with Helen</dc:title>'
        "<p:lastModifiedBy>Ivan Malik</p:lastModifiedBy><p:revision>3</p:revision>"
        "</p:coreProperties>"
    )

    preview = read(
        *(KAY, MO),
        **{
            "word/footnotes.xml": part("footnotes", paragraph("That was Bath.")),
            "word/endnotes.xml": part("endnotes", paragraph("Ibid.")),
            "word/comments.xml": part("comments", paragraph("Ask her again")),
            "word/header1.xml": part("hdr", paragraph("K7Q4 Helen")),
            "word/footer2.xml": part("ftr", table(("page", "1"))),
            "docProps/core.xml": core,
            "docProps/custom.xml": "<c><v>Ward 9</v></c>",
            "customXml/item1.xml": "<c>Acme</c>",
            "word/diagrams/data1.xml": part("d", "<a:p><a:r><a:t>Boss</a:t></a:r></a:p>"),
            "word/media/image1.png": b"picture",
            "word/embeddings/sheet.xlsx": b"sheet",
        },
    )

    assert said(preview) == [("Kay", "One."), ("Mo", "Two.")]
    assert dropped(preview) == {
        "footnotes": (1, 3, "That was Bath."),
        "endnotes": (1, 1, "Ibid."),
        "comments": (1, 3, "Ask her again"),
        "headers": (1, 2, "K7Q4 Helen"),
        "footers": (1, 2, "page 1"),
        "document properties": (2, 7, "Interview with Helen Ivan Malik Ward 9"),
        "data of other programs": (1, 1, "Acme"),
        "text in drawings and other parts": (1, 1, "Boss"),
        "pictures": (1, 0, ""),
        "embedded files": (1, 0, ""),
    }


def test_what_a_text_cannot_hold_is_counted():
    preview = read(paragraph("Kay: One.", "<w:r><w:sym/></w:r>"), "<w:altChunk/>", MO)

    assert set(dropped(preview)) == {"symbols of a special font", "embedded documents"}


@pytest.mark.parametrize(
    ("name", "texts", "left_out"),
    [
        ("comments-rich-para.docx", ["Document text", "Some text worthy of note."], "comments"),
        ("blk-paras-and-tables.docx", ["Text before", "Table", "Text after"], None),
    ],
)
def test_documents_written_by_word_are_read(name, texts, left_out):
    preview = read_transcript(name, (DOCS / name).read_bytes())

    found = " ".join(turn.text for turn in preview.body.turns)
    assert all(text in found for text in texts)
    assert left_out is None or left_out in dropped(preview)
    assert accounts(preview)


@pytest.mark.parametrize("name", ["comments-rich-para.docx", "blk-paras-and-tables.docx"])
def test_every_word_of_the_body_is_in_a_turn_or_said_to_be_left_out(name):
    with ZipFile(DOCS / name) as archive:
        xml = archive.read("word/document.xml").decode()
    texts = re.findall(r"<w:(?:t|delText)(?: [^>]*)?>([^<]*)<", xml)

    preview = read_transcript(name, (DOCS / name).read_bytes())

    letters = "".join("".join(texts).split())
    turns = "".join("".join(turn.text.split()) for turn in preview.body.turns)
    assert sorted(letters) == sorted(turns)
