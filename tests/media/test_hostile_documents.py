"""Files made to harm: all are refused with one plain message, and nothing else is raised."""

import struct
import zipfile
from secrets import token_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.errors import Invalid
from studyhub.media.transcripts import read_transcript
from tests.media.word_files import TYPES, body, document, members, paragraph, relations, zipped

KAY = paragraph("Kay: One.")
GOOD = document(KAY)
VTT = b"WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Kay>One &amp; two</v>\n"
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nKay: One.\n\n"
TXT = b"[00:00:01] Kay: One.\n\nMo (00:12): Two. #00:00:13-1#\n\nKay D  0:14\nYes\n"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    "<w:document xmlns:w='w'>&b;</w:document>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    "<w:document xmlns:w='w'>&x;</w:document>"
)


def refusal(data):
    with pytest.raises(Invalid) as refused:
        read_transcript("a.docx", data)
    assert set(refused.value.problems) == {"file"}
    return refused.value.problems["file"]


def patched(data, offset, value):
    """The same zip with one field of its central directory changed."""
    start = data.rindex(b"PK\x01\x02")
    size = len(value)
    return data[: start + offset] + value + data[start + offset + size :]


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE])
@pytest.mark.parametrize("name", ["word/document.xml", "word/settings.xml", "customXml/a.xml"])
def test_a_doctype_in_any_part_is_refused(xml, name):
    assert "document type" in refusal(document(KAY, **{name: xml}))


def test_a_doctype_in_utf_16_is_refused():
    xml = LAUGHS.encode("utf-16")

    assert "document type" in refusal(document(KAY, **{"word/document.xml": xml}))


@pytest.mark.parametrize(
    "more",
    [
        {"word/vbaProject.bin": b"macro"},
        {"[Content_Types].xml": TYPES.replace("/>", "><a b='ms-office.vbaProject'/></Types>")},
        {"word/activeX/activeX1.xml": "<a/>"},
        {
            "[Content_Types].xml": TYPES.replace(
                "/>", "><a b='x.macroEnabled.main+xml'/></Types>"
            )
        },
    ],
)
def test_macros_are_refused(more):
    assert "macros" in refusal(document(KAY, **more))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("word/_rels/document.xml.rels", "image"),
        ("word/_rels/settings.xml.rels", "attachedTemplate"),
        ("word/_rels/document.xml.rels", "oleObject"),
        ("word/_rels/footnotes.xml.rels", "frame"),
    ],
)
def test_links_that_load_something_are_refused(name, kind):
    links = relations((kind, "http://example.org/x", True))

    assert "loads something from outside" in refusal(document(KAY, **{name: links}))


def test_a_bomb_in_one_member_is_refused_before_it_is_unpacked():
    bomb = document(KAY, **{"word/media/image1.png": bytes(20 * 1024 * 1024)})

    assert "unpacks to far more" in refusal(bomb)


def test_a_bomb_beside_a_large_picture_is_refused():
    parts = {"word/media/1.png": token_bytes(300_000), "word/media/2.png": bytes(20_000_000)}

    assert "unpacks to far more" in refusal(document(KAY, **parts))


def test_many_members_that_unpack_to_too_much_are_refused():
    parts = {f"word/media/{number}.png": bytes(900_000) for number in range(30)}

    assert "unpacks to far more" in refusal(document(KAY, **parts))


def test_a_member_that_lies_about_its_size_is_refused():
    assert "damaged" in refusal(patched(GOOD, 24, struct.pack("<I", 10)))


def test_a_member_that_claims_to_be_larger_than_any_is_refused():
    claim = struct.pack("<I", 64 * 1024 * 1024 + 1)

    assert "unpacks to far more" in refusal(patched(GOOD, 24, claim))


def test_text_outside_of_paragraphs_is_left_out_and_said():
    preview = read_transcript("a.docx", document(KAY, "<w:r><w:t>Helen</w:t></w:r>"))

    assert [(one.what, one.sample) for one in preview.dropped] == [
        ("text outside of paragraphs", "Helen")
    ]


def test_too_many_members_are_refused():
    parts = {f"word/{number}": b"" for number in range(2000)}

    assert "more than 2,000 parts" in refusal(zipped(members(KAY) | parts, zipfile.ZIP_STORED))


def test_two_parts_of_one_name_are_refused():
    parts = {"word/Document.xml": body(KAY)}

    assert "two parts of one name" in refusal(document(KAY, **parts))


def test_a_document_with_a_password_is_refused():
    assert "password" in refusal(patched(GOOD, 8, struct.pack("<H", 1)))


@pytest.mark.parametrize("method", [12, 14, 99])
def test_unusual_compression_is_refused(method):
    assert "damaged" in refusal(patched(GOOD, 10, struct.pack("<H", method)))


@pytest.mark.parametrize(
    "data",
    [
        b"PK",
        b"PK\x03\x04" + bytes(100),
        GOOD[: len(GOOD) // 2],
        zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
        zipped({"[Content_Types].xml": TYPES}),
        document(KAY, **{"_rels/.rels": relations(("officeDocument", "none.xml", False))}),
    ],
)
def test_what_is_no_word_document_is_refused(data):
    assert "Word document" in refusal(data) or "damaged" in refusal(data)


@pytest.mark.parametrize(
    "xml",
    [
        "<?xml version='1.0' encoding='unheard-of'?><a",
        "<?xml?><a>",
        "<?xml version='1.0'?><a></b>",
        "<?xml version='1.0'?><a>&unknown;</a>",
        b"\xff\xfe\x00",
        b"",
    ],
)
def test_parts_that_are_no_xml_are_refused(xml):
    assert "damaged" in refusal(document(KAY, **{"word/document.xml": xml}))


def test_endless_nesting_is_refused():
    deep = "<w:p>" * 300 + "</w:p>" * 300

    assert "nested too deeply" in refusal(document(deep))


def test_too_many_elements_are_refused(monkeypatch):
    monkeypatch.setattr("studyhub.media.word_packages.MOST_ELEMENTS", 1000)

    assert "too large" in refusal(document("<w:p/>" * 1000))


def test_names_that_point_elsewhere_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    read_transcript("a.docx", document(KAY, **{"../evil.png": b"x", "/etc/evil": b"x"}))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v" + b" " * 30_000,
        b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<v " * 30_000,
        b"WEBVTT\n\n" + b"-->" * 30_000,
        b"Kay  " + b" " * 30_000 + b"1:0x",
        b"Kay: " + b" " * 30_000 + b"#00:00:01-1#x",
        b"Kay: " + b"#00:00:01-1" * 30_000,
        b"[" + b" " * 30_000 + b"x",
        b"[Kay" + b" " * 30_000 + b"]",
        b"1" + b"\n" * 30_000 + b"x",
        b"Kay" * 30_000 + b":",
    ],
)
def test_long_runs_of_one_sign_are_read_as_quickly_as_others(text):
    try:
        preview = read_transcript("a.vtt", text)
    except Invalid:
        return
    assert preview.seen


@given(
    st.sampled_from((GOOD, VTT, SRT, TXT)),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=3)), max_size=4),
    st.integers(0, 40),
)
def test_damaged_files_are_read_or_refused_and_nothing_else(data, damage, cut):
    found = bytearray(data[: len(data) - cut])
    for place, put in damage:
        start = place % max(len(found), 1)
        found[start : start + len(put)] = put

    problems = {}
    try:
        preview = read_transcript("a", bytes(found))
    except Invalid as refused:
        problems = refused.problems
    assert set(problems) <= {"file"}
    assert problems or preview.seen == preview.imported + len(preview.skipped)


XML = st.lists(
    st.sampled_from(
        (
            *("<w:p>", "</w:p>", "<w:r>", "</w:r>", "<w:t>", "</w:t>", "Kay: x", "Mo: y"),
            *("<w:tbl>", "</w:tbl>", "<w:tr>", "</w:tr>", "<w:tc>", "</w:tc>", "<w:del>"),
            *("</w:del>", "<w:br/>", "<w:vanish/>", "<w:rPr>", "</w:rPr>", "<w:rStyle/>"),
            *("<mc:AlternateContent>", "</mc:AlternateContent>", "<mc:Fallback>"),
            *("</mc:Fallback>", "<w:txbxContent>", "</w:txbxContent>", "<w:pStyle/>"),
        )
    ),
    max_size=30,
)


def closed(tokens):
    """The tokens as well-formed XML: an end without a beginning is left out."""
    open_, out = [], []
    for token in tokens:
        if token.startswith("</"):
            while open_ and token[2:-1] in open_:
                last = open_.pop()
                out.append(f"</{last}>")
                if last == token[2:-1]:
                    break
            continue
        if token.startswith("<") and not token.endswith("/>"):
            open_.append(token[1:-1])
        out.append(token)
    return "".join((*out, *(f"</{name}>" for name in reversed(open_))))


@given(XML)
def test_elements_in_any_order_are_read_or_refused_and_nothing_else(tokens):
    try:
        preview = read_transcript("a.docx", document(KAY, closed(tokens)))
    except Invalid:
        return
    assert preview.seen == preview.imported + len(preview.skipped)
