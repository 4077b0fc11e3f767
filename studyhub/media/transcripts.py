"""Read a transcript that somebody made elsewhere: recognise it by its content, and preview it.

Whatever is in the file, the answer is a preview or ``Invalid`` with a message for a person.
Nothing is kept here; the file's own name is only looked at to say when it does not fit.
"""

import re
from collections.abc import Callable

from studyhub.media import previews
from studyhub.media.lines import Line, read_lines
from studyhub.media.plain_text import decode
from studyhub.media.previews import Findings, Piece, Preview, refused
from studyhub.media.subtitles import read_subrip, read_web_vtt
from studyhub.media.word_documents import read_word

LARGEST = 20 * 1024 * 1024

_SUBRIP = re.compile(r"(?:[0-9]+\s+)?[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}[,.][0-9]{1,3}\s*-->")
_PROGRAM_DATA = ("{", "<?xml", "<!doctype", "<html", "<tt")
_SOUND = (b"ID3", b"RIFF", b"OggS", b"fLaC", b"\xff\xfb", b"\x1aE\xdf\xa3")
_MESSAGES: tuple[tuple[tuple[bytes, ...], str], ...] = (
    (
        (b"\xd0\xcf\x11\xe0",),
        "This is an old Word file (.doc) or one with a password. "
        "Open it in Word and save it as .docx without a password.",
    ),
    ((b"{\\rtf",), "Rich text (.rtf) cannot be read. Save it as .docx or .txt."),
    ((b"%PDF",), "A PDF cannot be read. Use the document it was made from."),
    (_SOUND, "This is a recording. Upload it as the interview's sound."),
)
_ENDINGS = {"vtt": "WebVTT", "srt": "SubRip", "docx": "Word document", "txt": "Plain text"}


def read_transcript(
    name_hint: str, data: bytes, labels: frozenset[str] | None = None
) -> Preview:
    """Preview the transcript in a file. Raises Invalid (field ``file``) if it cannot be read.

    ``labels`` names the only speakers to look for, once a person has looked at a first preview.
    Limits: 20 MB, 100,000 turns or cues, and those of ``word_packages`` for Word documents.
    """
    if len(data) > LARGEST:
        raise refused("This file is larger than 20 MB.")
    for beginnings, says in _MESSAGES:
        if data.startswith(beginnings) or (beginnings is _SOUND and data[4:8] == b"ftyp"):
            raise refused(says)
    findings = Findings()
    if data.startswith(b"PK"):
        format_, unit = "Word document", "paragraph"
        pieces = read_word(data, findings, labels)
    else:
        format_, unit, pieces = _read_text(data, findings, labels)
    _compare_name(name_hint, format_, findings)
    return previews.preview(format_, unit, pieces, findings)


def _read_text(
    data: bytes, findings: Findings, labels: frozenset[str] | None
) -> tuple[str, str, list[Piece]]:
    text, note = decode(data)
    if not text.strip():
        raise refused("This file is empty.")
    findings.notes += [note] if note else []
    start = text[:200].lstrip()
    if re.match(r"WEBVTT(?:\s|\Z)", text):
        return _cues(read_web_vtt, text, findings, labels)
    if _SUBRIP.match(start):
        return _cues(read_subrip, text, findings, labels)
    if start.casefold().startswith(_PROGRAM_DATA):
        raise refused(
            "This looks like data of a program. Save it there as .docx, .vtt or .txt."
        )
    return "Plain text", "line", read_lines(_lines(text), findings, labels)


_Reads = Callable[[str, Findings, frozenset[str] | None], tuple[str, list[Piece]]]


def _cues(
    reads: _Reads, text: str, findings: Findings, labels: frozenset[str] | None
) -> tuple[str, str, list[Piece]]:
    format_, pieces = reads(text, findings, labels)
    return format_, "cue", pieces


def _lines(text: str) -> list[Line]:
    """The lines that are not blank, and whether a blank one stands before each."""
    lines: list[Line] = []
    new = True
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            lines.append(Line(number, line, new=new))
        new = not line.strip()
    return lines


def _compare_name(name_hint: str, format_: str, findings: Findings) -> None:
    ending = name_hint.rpartition(".")[2].casefold()
    named = _ENDINGS.get(ending)
    if named and not format_.startswith(named):
        findings.notes.append(f"The file is called .{ending}, but was read as: {format_}.")
