"""Transcripts as plain text: encodings, times, speakers, nothing guessed in silence."""

import json
from pathlib import Path

import pytest

from studyhub.domain.errors import Invalid
from studyhub.media.previews import NOT_MARKED
from studyhub.media.transcripts import read_transcript

SYNTHETIC = Path(__file__).parent / "fixtures" / "synthetic"


def read(text, labels=None):
    data = text if isinstance(text, bytes) else text.encode()
    return read_transcript("a.txt", data, labels)


def said(preview):
    labels = preview.body.labels
    return [(labels[turn.speaker], turn.text) for turn in preview.body.turns]


def times(preview):
    return [(turn.start_ms, turn.end_ms) for turn in preview.body.turns]


def accounts(preview):
    return preview.seen == preview.imported + len(preview.skipped)


def test_the_synthetic_interview_comes_in_whole():
    data = (SYNTHETIC / "interview_dev_synthetic.txt").read_bytes()
    found = json.loads((SYNTHETIC / "interview_dev_synthetic.truth.json").read_text())

    preview = read(data)

    assert said(preview) == [(one["speaker"], one["text"]) for one in found["segments"]]
    assert [start for start, _ in times(preview)] == [
        one["start_ms"] // 1000 * 1000 for one in found["segments"]
    ]
    assert accounts(preview)


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("utf-16-le", "UTF-16, which the file does not say"),
        ("utf-16-be", "UTF-16, which the file does not say"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_every_encoding_is_found_and_said_where_the_file_does_not_say_it(encoding, note):
    text = "Kay: It is “fine”, café.\r\n\r\nMo: Naïve.\r\nReally."

    preview = read(text.encode(encoding))

    assert said(preview) == [("Kay", "It is “fine”, café."), ("Mo", "Naïve. Really.")]
    assert note in " ".join(preview.notes)
    assert bool(note) == any("Read as" in one for one in preview.notes)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \n\r\n ", "empty"),
        (b"\xef\xbb\xbfKay: \xff", "not valid UTF-8"),
        (b"\xff\xfeK", "not valid UTF-16"),
        (b"Kay: \x81\x8d", "not valid UTF-8 or Windows-1252"),
        (b"Kay: \x00\x01\x02", "not a text file"),
        (b"%PDF-1.7", "PDF"),
        (b"{\\rtf1", "Rich text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Word file"),
        (b"OggS\x00", "recording"),
        (b"\x00\x00\x00\x20ftypM4A ", "recording"),
        (b'{"text": "hello"}', "data of a program"),
        (b"<!DOCTYPE html><p>hello", "data of a program"),
        (b"\n" * 500_001 + b"a", "500,000 lines"),
        (b"a" * (20 * 1024 * 1024 + 1), "20 MB"),
    ],
)
def test_what_is_no_transcript_is_refused_in_plain_words(data, says):
    with pytest.raises(Invalid) as refusal:
        read(data)

    assert says in refusal.value.problems["file"]


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("[00:01:02] Kay: Yes.", 62_000),
        ("[01:02] Kay: Yes.", 62_000),
        ("[00.01.02] Kay: Yes.", 62_000),
        ("(1:02) Kay: Yes.", 62_000),
        ("#00:01:02-5# Kay: Yes.", 62_500),
        ("00:01:02.250 Kay: Yes.", 62_250),
        ("Kay [00:01:02]: Yes.", 62_000),
        ("Kay (01:02): Yes.", 62_000),
        ("[00:01:02 - 00:01:05] Kay: Yes.", 62_000),
    ],
)
def test_every_way_of_writing_the_time_before_a_speaker_is_read(line, start):
    preview = read(line)

    assert said(preview) == [("Kay", "Yes.")]
    assert times(preview)[0][0] == start


def test_both_ends_of_a_span_are_read():
    assert times(read("[00:01 - 00:05] Kay: Yes.")) == [(1000, 5000)]


def test_of_two_times_that_do_not_fit_only_the_start_is_kept():
    assert times(read("[00:01 - 00:05] Kay (09:00): Yes.")) == [(540_000, None)]


def test_what_only_looks_like_a_time_stays_text():
    assert said(read("[12:75] Kay was late."))[0][1] == "[12:75] Kay was late."
    assert said(read("Kay: I said [inaudible 00:12:31] no."))[0][1].endswith("00:12:31] no.")


def test_stamps_at_the_end_of_turns_give_both_times():
    preview = read("Kay: One. #00:00:04-0#\n\nMo: Two. #00:00:09-5#\n")

    assert said(preview) == [("Kay", "One."), ("Mo", "Two.")]
    assert times(preview) == [(0, 4000), (4000, 9500)]


def test_otter_writes_the_speaker_above_what_was_said():
    preview = read(
        "Kay Denise  0:03\nWe began\nin spring.\n\nUnknown Speaker  1:00:12\nAnd then?\n\n"
        "Transcribed by https://otter.ai\n"
    )

    assert said(preview) == [
        ("Kay Denise", "We began in spring."),
        ("Unknown Speaker", "And then?"),
    ]
    assert [start for start, _ in times(preview)] == [3000, 3_612_000]
    assert [one.reason for one in preview.skipped] == [
        "the line of the program that transcribed it"
    ]
    assert accounts(preview)


def test_speakers_in_brackets_are_read_but_sounds_are_not():
    preview = read("[id1] Hello.\n\n[laughs] It is so.\n\n[id2] Yes.\n\n[id2] No.\n\n[id1] Oh.")

    assert said(preview) == [
        ("id1", "Hello."),
        ("id1", "[laughs] It is so."),
        ("id2", "Yes."),
        ("id2", "No."),
        ("id1", "Oh."),
    ]


def test_a_sentence_with_a_colon_is_not_a_speaker():
    preview = read("Kay: Hello.\n\nand so I said to her: no.\n\nKay: Well.\n")

    assert said(preview)[1] == ("Kay", "and so I said to her: no.")
    assert "1 paragraphs name no speaker" in preview.notes[0]


def test_a_label_seen_once_is_taken_and_said():
    preview = read("Date: 1 May\n\nKay: Hello.\n\nMo: Yes.\n\nKay: No.\n\nMo: Oh.\n")

    assert said(preview)[0] == ("Date", "1 May")
    assert "only once, which may be wrong: Date" in preview.notes[0]
    assert [(one.label, one.turns) for one in preview.names] == [
        ("Date", 1),
        ("Kay", 2),
        ("Mo", 2),
    ]


def test_named_labels_are_the_only_speakers():
    text = "Date: 1 May\n\nint: hello\n\nKay D: yes\n\nint: so\n"

    preview = read(text, frozenset(("int", "Kay D")))

    assert said(preview) == [
        (NOT_MARKED, "Date: 1 May"),
        ("int", "hello"),
        ("Kay D", "yes"),
        ("int", "so"),
    ]


def test_lines_go_on_until_a_blank_line_and_paragraphs_keep_the_speaker():
    preview = read("Kay: One\ntwo\n  three.\n\nFour.\n\nMo:\nFive.\n")

    assert said(preview) == [("Kay", "One two three."), ("Kay", "Four."), ("Mo", "Five.")]
    assert (preview.seen, preview.imported) == (6, 6)


def test_a_speaker_without_text_is_skipped():
    preview = read("Kay: One.\n\nMo:\n\nKay: Two.\n")

    assert said(preview) == [("Kay", "One."), ("Kay", "Two.")]
    assert [(one.line, one.reason) for one in preview.skipped] == [
        (3, "a speaker without text")
    ]
    assert accounts(preview)


def test_a_line_of_nothing_visible_is_skipped():
    preview = read("Kay: One.\n\u200b\u00ad\nKay: Two.\n")

    assert [(one.line, one.reason) for one in preview.skipped] == [(2, "no text")]
    assert len(preview.body.turns) == 2


def test_too_many_turns_are_refused(monkeypatch):
    monkeypatch.setattr("studyhub.domain.turns.MOST_TURNS", 10)

    with pytest.raises(Invalid, match="more than 10 turns"):
        read("a\n\n" * 11)


def test_a_text_without_speakers_is_one_of_nobody():
    preview = read("i thing was late\n\nr yes it was\n")

    assert said(preview) == [(NOT_MARKED, "i thing was late"), (NOT_MARKED, "r yes it was")]
    assert preview.names == ()


def test_speakers_without_any_mark_are_proposed_and_read_once_named():
    text = "".join(f"{who} said this um {n}\n\n" for n in range(4) for who in ("int", "p3"))

    preview = read(text)
    named = read(text, frozenset(("int", "p3")))

    assert preview.names == ()
    assert preview.notes[0].startswith("Nearly every paragraph begins with one of: int, p3.")
    assert said(named)[:2] == [("int", "said this um 0"), ("p3", "said this um 0")]


def test_a_word_is_no_speaker_where_speakers_are_marked():
    preview = read("int: hello\n\nint is short\n\np3: yes\n", frozenset(("int", "p3")))

    assert said(preview)[1] == ("int", "int is short")
    assert said(read("[int] hello\n\n[p3] yes\n", frozenset(("int", "p3")))) == [
        ("int", "hello"),
        ("p3", "yes"),
    ]


def test_characters_nobody_sees_go_and_are_counted():
    preview = read("K\u200bay: He\u00adl\u202elo \U0001f469\u200d\U0001f52c\n\nKay: Yes.\n")

    assert said(preview) == [("Kay", "Hello \U0001f469\u200d\U0001f52c"), ("Kay", "Yes.")]
    assert [(one.what, one.places) for one in preview.dropped] == [("invisible characters", 3)]


def test_a_name_that_does_not_fit_the_content_is_said():
    preview = read_transcript("Interview K7Q4.srt", b"Kay: Hello.")

    assert preview.format == "Plain text"
    assert "called .srt" in preview.notes[0]
    assert "K7Q4" not in repr(preview)


def test_roles_are_proposed():
    preview = read("INT: One.\n\nP1: Two.\n\nCarer: Three.\n")

    assert [one.role for one in preview.names] == ["interviewer", "participant", "other"]
    assert preview.words == 3
