"""A released text as a file for other programs: nothing in it but the label and the words.

Only releases are written. Names of files and properties come from the label and the day of the
release, never from a person, a recording or who downloads it. The same release gives the same
bytes, so the digest kept with a download can be checked later.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from studyhub.domain import turns
from studyhub.domain.errors import Invalid
from studyhub.domain.turns import Body
from studyhub.media.word_writer import Written, write_word

SpeakerPlace = Literal["paragraph", "heading"]

_LABEL = re.compile(r"P[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class Released:
    """One release as it is written out: label, number, the day, the de-identified text."""

    label: str
    number: int
    released_on: date
    body: Body

    def __post_init__(self) -> None:
        """Raise Invalid for a label that is none, or a text that breaks a rule of turns."""
        if not _LABEL.fullmatch(self.label):
            raise Invalid({"label": "A release has a label such as P1."})
        turns.check(self.body)


def file_name(released: Released, ending: Literal["docx", "txt"]) -> str:
    """The only name a downloaded file gets: ``P1.docx``."""
    return f"{released.label}.{ending}"


def as_word(released: Released, speakers: SpeakerPlace = "paragraph") -> bytes:
    """The .docx for NVivo and others.

    ``paragraph``: each turn is one paragraph that begins with the speaker's label, no blank or
    tab before it. ``heading``: the label is a paragraph of its own in Heading 2, as NVivo's
    auto coding by style wants it. Source: help pages of NVivo on preparing documents.
    """
    write = _under_headings if speakers == "heading" else _by_paragraphs
    return write_word(list(write(released.body)), released.label, released.released_on)


def _by_paragraphs(body: Body) -> Iterator[Written]:
    for paragraph in turns.paragraphs(body):
        yield Written(paragraph)


def _under_headings(body: Body) -> Iterator[Written]:
    for turn in body.turns:
        yield Written(body.labels[turn.speaker], heading=2)
        yield Written(turn.text.strip())


def as_text(released: Released, *, times: bool = False) -> bytes:
    """The .txt: UTF-8 without mark, LF, one paragraph per turn, a blank line between.

    Without ``times`` it is the plain text whose code points codings and quotes count.
    """
    return turns.plain_text(released.body, times=times).encode()


def as_archive_text(released: Released, study: str) -> bytes:
    """The .txt for an archive: a header with study, label and month, then the text.

    The header names no person and no day. Source: UK Data Service, model transcript.
    """
    header = {
        "Study": turns.fitting(study).strip(),
        "Interview": released.label,
        "Version": str(released.number),
        "Released": f"{released.released_on:%Y-%m}",
        "Speakers": ", ".join(one.label for one in released.body.speakers),
        "Words": str(sum(turns.words_by_speaker(released.body).values())),
    }
    lines = "".join(f"{name}: {value}\n" for name, value in header.items())
    return f"{lines}\n{turns.plain_text(released.body)}".encode()
