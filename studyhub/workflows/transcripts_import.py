"""Take in a transcript that was made elsewhere: looked at first, kept only when confirmed.

The document itself is never stored. It is sent a second time with what the person decided about
its speakers; then its text becomes the one being typed, and a version of the kind ``imported``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from studyhub.domain import turns
from studyhub.domain.errors import Invalid, Stale, WrongState
from studyhub.domain.turns import Body, Speaker
from studyhub.domain.vocabulary import Act
from studyhub.media.previews import Preview
from studyhub.media.transcripts import read_transcript
from studyhub.store.transcripts import Transcript
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.texts_kept import (
    Keeping,
    author,
    keep_version,
    open_text,
    read_working,
    working_copy,
    write_working,
)

__all__ = ["Document", "Preview", "Voice", "preview", "take_in"]

FORMATS = {"WebVTT": "vtt", "SubRip": "srt", "Word": "docx", "Plain": "txt"}


@dataclass(frozen=True)
class Voice:
    """What a name in the document is called from now on, and which part it has."""

    label: str
    role: str


@dataclass(frozen=True)
class Document:
    """A document in the memory of one request. ``ending`` is all that is told of its name.

    ``labels`` are the only names to look for, once a person has seen a first preview.
    """

    data: bytes = field(repr=False)
    ending: str = ""
    labels: frozenset[str] | None = None


def _read(document: Document) -> Preview:
    return read_transcript(f"document.{document.ending}", document.data, document.labels)


@action(Act.TRANSCRIPT_PREVIEW)
def preview(work: Work, transcript_id: UUID, document: Document) -> Preview:
    """Read a document without keeping anything of it. Invalid says why it cannot be read."""
    _refuse_typed(work.load(Transcript, transcript_id))
    return _read(document)


def _refuse_typed(row: Transcript) -> None:
    if row.state != "raw_draft":
        raise WrongState("this transcript was finished, so nothing is imported into it")


@action(Act.TRANSCRIPT_IMPORT)
def take_in(
    work: Work,
    transcript_id: UUID,
    document: Document,
    voices: Mapping[str, Voice],
    *,
    rev: int,
) -> UUID:
    """Make a document the text being typed; what stood there becomes a version.

    ``voices`` says what each name found is called. Stale if somebody saved meanwhile.
    """
    row = work.load(Transcript, transcript_id)
    _refuse_typed(row)
    opened = open_text(work, row)
    copy = working_copy(work, row.id)
    if copy.rev != rev:
        raise Stale("the text was saved since this page was drawn")
    found = _read(document)
    text = turns.write(called(found.body, voices))
    if copy.rev:
        before = Keeping("verbatim", copy.saved_by, copy.saved_at)
        keep_version(work, opened, read_working(work, opened, copy), before)
    made = keep_version(work, opened, text, Keeping("imported", author(work), work.now))
    write_working(work, opened, copy, text)
    copy.rev += 1
    copy.client_id, copy.client_seq, copy.run_from = "", 0, copy.rev
    kind = FORMATS.get(found.format.split()[0], "txt")
    work.note(kind=kind, count=found.imported, size=len(document.data), version=copy.rev)
    return made


def called(body: Body, voices: Mapping[str, Voice]) -> Body:
    """The same text with its speakers called as a person decided; two names may be one."""
    speakers = [
        replace(one, label=voices[one.label].label.strip(), role=voices[one.label].role)
        if one.label in voices
        else one
        for one in body.speakers
    ]
    kept: dict[tuple[str, str], Speaker] = {}
    ids: dict[str, str] = {}
    for one in speakers:
        kept.setdefault((one.label, one.role), one)
        ids[one.id] = kept[(one.label, one.role)].id
    problems = _same_label(list(kept))
    if problems:
        raise Invalid({"voices": problems})
    said = tuple(replace(turn, speaker=ids[turn.speaker]) for turn in body.turns)
    changed = Body(tuple(kept.values()), said)
    turns.check(changed)
    return changed


def _same_label(pairs: list[tuple[str, str]]) -> str:
    labels = [label for label, _ in pairs]
    twice = len(set(labels)) != len(labels)
    return "Two speakers of the same name have the same part" if twice else ""
