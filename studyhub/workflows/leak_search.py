"""Look once more at a text before it leaves: what the study knows and what still stands in it.

Nothing here shows a value of the register: a leak is a place, a kind and a way out. Who holds
no key to the register of the person cannot ask.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from sqlalchemy import func, select

from studyhub.domain.redaction.gate import BODY, Leak, Surface, blocking, leaks
from studyhub.domain.redaction.paper import labelled
from studyhub.domain.redaction.spans import Decided
from studyhub.media.exports import Released, as_word, file_name
from studyhub.store.people import Contact
from studyhub.store.transcripts import RegisterEntry, Transcript
from studyhub.workflows.entities import Vocabulary
from studyhub.workflows.kernel import Work
from studyhub.workflows.marks_kept import (
    Kept,
    ReleasedText,
    applied_to,
    decisions_of,
    open_both,
    written_out,
)
from studyhub.workflows.suggesting import what_is_known

LABELS = "speaker labels"
FILE_NAME = "file name"
PROPERTIES = "document properties"
OTHER_PARTS = "headers, comments and changes"
# What is looked at in any case; a release adds the parts of its document.
ALWAYS = (BODY, LABELS)


@dataclass(frozen=True)
class FoundLeak:
    """A leak with its place as people count: the turn, and the characters within its words.

    ``before``, ``words`` and ``after`` are of the text that would be released, and empty for
    the PI, who opens no text here.
    """

    leak: Leak
    turn: int
    start: int
    end: int
    before: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    overruled: bool = False

    @property
    def blocks(self) -> bool:
        """Nothing may leave while it stands."""
        return self.leak.direct or not self.overruled


@dataclass(frozen=True)
class LeakSearch:
    """What was found, in what, against how much; ``register_due``: a card waits to be read."""

    leaks: tuple[FoundLeak, ...]
    looked_at: tuple[str, ...]
    entries: int
    surfaces: int
    register_due: bool

    @property
    def passes(self) -> bool:
        """The text may leave as far as anything here can see."""
        return not self.register_due and not any(each.blocks for each in self.leaks)


def search(
    work: Work, transcript: Transcript, parts: Mapping[str, str] | None = None
) -> LeakSearch:
    """Search the output of a transcript. ``parts`` are further texts that leave with it.

    Invalid while a suggestion is undecided; Refused where the register was not given.
    """
    kept, vocabulary = open_both(work, transcript)
    return search_kept(work, kept, vocabulary, parts or {})


def search_kept(
    work: Work, kept: Kept, vocabulary: Vocabulary, parts: Mapping[str, str]
) -> LeakSearch:
    """The same where marks and vocabulary are open already."""
    decisions = decisions_of(kept, vocabulary)
    released = written_out(kept, decisions)
    text = applied_to(kept, decisions)
    texts = {BODY: text.text, LABELS: _labels(released), **parts}
    surfaces = {
        Surface(one.surface, one.category, one.entity) for one in decisions if one.masks
    }
    known = what_is_known(work, kept, vocabulary)
    found = leaks(texts, known.register, sorted(surfaces, key=lambda one: one.words))
    settled = [
        place
        for one in decisions
        if one.act == Decided.REJECT and (place := text.place_of(one.start, one.end))
    ]
    left = blocking(found, {BODY: settled})
    return LeakSearch(
        tuple(_found(each, texts, released, kept) for each in left),
        tuple(texts),
        _entries(work),
        len(surfaces),
        is_register_due(work, kept),
    )


def is_register_due(work: Work, kept: Kept) -> bool:
    """Whether the person changed their card and nobody has read the new names yet."""
    contact = work.session.get(Contact, kept.opened.participant_id)
    return contact is not None and contact.register_due


def document_parts(released: ReleasedText) -> dict[str, str]:
    """What leaves beside the text when it is downloaded: its name, and all parts of the file.

    The label is drawn only in the act of releasing; it is a letter and a number.
    """
    written = Released(_ANY_LABEL, 1, _ANY_DAY, labelled(released.body, _ANY_LABEL))
    parts: dict[str, str] = {FILE_NAME: file_name(written, "docx")}
    with ZipFile(BytesIO(as_word(written))) as package:
        for name in package.namelist():
            if name != _MAIN_PART:
                where = PROPERTIES if name.startswith("docProps/") else OTHER_PARTS
                said = _TAG.sub("\n", package.read(name).decode())
                parts[where] = f"{parts.get(where, '')}\n{said}"
    return parts


def _labels(released: ReleasedText) -> str:
    return "\n".join(speaker.label for speaker in released.body.speakers)


def _entries(work: Work) -> int:
    counted = select(func.count()).select_from(RegisterEntry)
    return work.session.scalar(counted.where(RegisterEntry.study_id == work.study)) or 0


_AROUND = 60
_ANY_LABEL = "P1"
_ANY_DAY = date(2000, 1, 1)
_MAIN_PART = "word/document.xml"
_TAG = re.compile(r"<[^>]*>")


def _found(
    leak: Leak, texts: Mapping[str, str], released: ReleasedText, kept: Kept
) -> FoundLeak:
    text = texts[leak.where]
    turn, at = _turn_of(leak, released) if leak.where == BODY else (0, 0)
    return FoundLeak(
        *(leak, turn, leak.start - at, leak.end - at),
        before=_before(text, at, leak.start),
        words=text[leak.start : leak.end],
        after=text[leak.end : leak.end + _AROUND].split("\n")[0],
        overruled=_is_overruled(leak, released, kept.overruled),
    )


def _before(text: str, least: int, start: int) -> str:
    """What stands before a leak in its turn, from a blank on."""
    if start - least <= _AROUND:
        return text[least:start].rpartition("\n")[2]
    return text[start - _AROUND : start].partition(" ")[2]


def _turn_of(leak: Leak, released: ReleasedText) -> tuple[int, int]:
    """The number of the turn that holds a leak, and where its words begin."""
    at = 0
    for number, turn in enumerate(released.body.turns, 1):
        head = f"{released.body.labels[turn.speaker]}: "
        end = at + len(f"{head}{turn.text}".rstrip())
        if leak.start <= end:
            return number, min(at + len(head), leak.start)
        at = end + 2
    return len(released.body.turns), at


def key_of(leak: Leak, released: ReleasedText) -> dict[str, Any]:
    """How an overruled leak is known again: its place in exactly this text."""
    place = {"where": leak.where, "start": leak.start, "end": leak.end}
    return {**place, "category": leak.category, "text": released.digest}


def _is_overruled(
    leak: Leak, released: ReleasedText, overruled: Collection[Mapping[str, Any]]
) -> bool:
    wanted = key_of(leak, released)
    return any(wanted.items() <= dict(each).items() for each in overruled)
