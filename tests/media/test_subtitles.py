"""WebVTT, Teams, Zoom and SubRip: what is read, and what is said about the rest."""

import json
from pathlib import Path

import pytest

from studyhub.domain.errors import Invalid
from studyhub.media.previews import NOT_MARKED
from studyhub.media.transcripts import read_transcript

FIXTURES = Path(__file__).parent / "fixtures"
SYNTHETIC = FIXTURES / "synthetic"


def read(path):
    return read_transcript(path.name, path.read_bytes())


def vtt(*lines):
    return read_transcript("a.vtt", "\n".join(("WEBVTT", "", *lines)).encode())


def said(preview):
    labels = preview.body.labels
    return [(labels[turn.speaker], turn.text) for turn in preview.body.turns]


def accounts(preview):
    return preview.seen == preview.imported + len(preview.skipped)


def truth():
    found = json.loads((SYNTHETIC / "interview_dev_synthetic.truth.json").read_text())
    return [(s["speaker"], s["start_ms"], s["end_ms"], s["text"]) for s in found["segments"]]


@pytest.mark.parametrize(("ending", "format_"), [("vtt", "WebVTT"), ("srt", "SubRip")])
def test_the_synthetic_interview_comes_in_whole(ending, format_):
    preview = read(SYNTHETIC / f"interview_dev_synthetic.{ending}")

    labels = preview.body.labels
    turns = [(labels[t.speaker], t.start_ms, t.end_ms, t.text) for t in preview.body.turns]
    assert turns == truth()
    assert preview.format == format_
    assert (preview.seen, preview.imported, preview.skipped) == (len(turns), len(turns), ())
    assert [(one.label, one.role) for one in preview.names] == [
        ("Interviewer", "interviewer"),
        ("Participant", "participant"),
    ]


@pytest.mark.parametrize(
    ("name", "turns", "skipped"),
    [
        ("vtt/captions_with_bom.vtt", 4, 0),
        ("vtt/comments.vtt", 3, 0),
        ("vtt/metadata_headers_multiline.vtt", 2, 0),
        ("vtt/missing_timeframe.vtt", 6, 1),
        ("vtt/sample.vtt", 16, 0),
        ("vtt/styles.vtt", 1, 0),
        ("vtt/using_identifiers.vtt", 6, 0),
        ("srt/missing_caption_text.srt", 4, 1),
        ("srt/one_caption.srt", 1, 0),
        ("srt/sample.srt", 5, 0),
    ],
)
def test_real_files_are_counted_to_the_last_cue(name, turns, skipped):
    preview = read(FIXTURES / name)

    assert (len(preview.body.turns), len(preview.skipped)) == (turns, skipped)
    assert accounts(preview)


@pytest.mark.parametrize("name", ["vtt/empty.vtt", "vtt/no_captions.vtt"])
def test_a_file_without_speech_is_refused(name):
    with pytest.raises(Invalid):
        read(FIXTURES / name)


def test_a_cue_without_times_is_skipped_with_its_line_and_reason():
    (skipped,) = read(FIXTURES / "vtt/missing_timeframe.vtt").skipped

    assert (skipped.line, skipped.reason) == (6, "no line with times")


def test_comments_headers_and_names_of_cues_are_left_out_and_said():
    comments = {one.what: one for one in read(FIXTURES / "vtt/comments.vtt").dropped}
    names = {one.what: one for one in read(FIXTURES / "vtt/using_identifiers.vtt").dropped}

    assert comments["comment or style"].places == 2
    assert "done by Kyle" in comments["comment or style"].sample
    assert comments["header of the file"].sample == "- Translation of that film I like"
    assert names["name of a cue"].sample == "second caption"


def test_teams_times_names_and_ids_are_understood():
    preview = vtt(
        "8c0b8a0e-4d9b-4b8e-9d6f-0123456789ab/12-0",
        "0:0:3.540 --> 0:0:5.120",
        "<v Kay Denise>We began</v>",
        "",
        "8c0b8a0e-4d9b-4b8e-9d6f-0123456789ab/12-1",
        "0:0:5.120 --> 0:0:9.000",
        "<v Kay Denise>in the spring.</v>",
        "",
        "8c0b8a0e-4d9b-4b8e-9d6f-0123456789ab/13-0",
        "0:0:9.100 --> 0:0:10.0",
        "<v Mo>And then?</v>",
    )

    assert preview.format == "WebVTT (Microsoft Teams)"
    assert said(preview) == [("Kay Denise", "We began in the spring."), ("Mo", "And then?")]
    assert (preview.body.turns[0].start_ms, preview.body.turns[0].end_ms) == (3540, 9000)
    assert (preview.seen, preview.imported) == (3, 3)
    assert preview.notes[0].startswith("1 cues were joined")
    assert not any("8c0b" in repr(turn) for turn in preview.body.turns)
    assert {one.what: one.places for one in preview.dropped} == {"name of a cue": 3}


def test_zoom_names_at_the_start_of_the_text_are_speakers():
    preview = vtt(
        "1",
        "00:00:03.000 --> 00:00:04.000",
        "Kay Denise: Hello.",
        "",
        "2",
        "00:00:14.000 --> 00:00:15.000",
        "Mo Farr: Note that it was: late.",
    )

    assert said(preview) == [("Kay Denise", "Hello."), ("Mo Farr", "Note that it was: late.")]


def test_two_voices_in_one_cue_are_two_turns():
    preview = vtt("00:01.000 --> 00:02.000", "<v Kay>Yes?</v> <v.loud Mo>No!</v>")

    assert said(preview) == [("Kay", "Yes?"), ("Mo", "No!")]
    assert (preview.seen, preview.imported) == (1, 1)


def test_marks_are_taken_off_and_entities_read():
    preview = vtt(
        "00:01.000 --> 00:02.000", "<i>Fish</i> &amp; <c.red>chips</c> 3 &lt; 4 <00:01.500>ok"
    )

    assert said(preview) == [(NOT_MARKED, "Fish & chips 3 < 4 ok")]


def test_long_pauses_and_long_speech_stay_apart():
    preview = vtt(
        *("00:01.000 --> 00:02.000", "<v Kay>One.", ""),
        *("00:05.000 --> 00:06.000", "<v Kay>Two.", ""),
        *("00:06.000 --> 01:30.000", "<v Kay>Three.", ""),
        *("00:07.000 --> 00:08.000", "<v Kay>Four."),
    )

    assert [text for _, text in said(preview)] == ["One.", "Two.", "Three.", "Four."]


def test_cues_without_a_blank_line_between_are_still_two():
    first = "1\r\n00:00:01,000 --> 00:00:02,000\r\nOne.\r\n"
    second = "2\r\n00:00:03,000 --> 00:00:04,000\r\nTwo."

    preview = read_transcript("a.srt", (first + second).encode("utf-8-sig"))

    assert [text for _, text in said(preview)] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("timing", "reason"),
    [
        ("later --> then", "the times cannot be read"),
        ("00:05.000 --> 00:01.000", "it ends before it starts"),
        ("200:00:00.000 --> 300:00:00.000", "a time after 100 hours"),
    ],
)
def test_times_that_cannot_be_are_skipped_with_the_reason(timing, reason):
    preview = vtt("00:01.000 --> 00:02.000", "Kept.", "", timing, "Skipped.")

    assert [(one.line, one.reason) for one in preview.skipped] == [(6, reason)]
    assert accounts(preview)


def test_more_than_a_hundred_thousand_cues_are_refused():
    cue = "00:01.000 --> 00:02.000\na\n\n"

    with pytest.raises(Invalid, match="100,000"):
        read_transcript("a.vtt", ("WEBVTT\n\n" + cue * 100_001).encode())
