"""Read, search, take out and report released texts: by label, opened within the request.

Nothing of a text and no word that was searched for is written anywhere: releases are opened in
memory and looked through there, one after the other (vault.md 9).
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal
from uuid import uuid4

from sqlalchemy import func, select

from studyhub.domain import turns
from studyhub.domain.errors import Held, Invalid, NotFound, NotPermitted
from studyhub.domain.releasing import PURPOSES, may_be_used, places_of
from studyhub.domain.turns import Body
from studyhub.domain.vocabulary import Act, Compartment
from studyhub.media import exports
from studyhub.media.exports import Released, SpeakerPlace
from studyhub.store.analysis import Export, ExportItem, Memo
from studyhub.store.keys import DataKey
from studyhub.store.releases import Release
from studyhub.store.users import Proposal
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.sealing import open_column, seal_column

Kind = Literal["release_docx", "release_txt"]
AROUND = 60  # characters shown on either side of a hit
MOST_HITS = 200


@dataclass(frozen=True)
class Reading:
    """One released text, opened."""

    label: str
    number: int
    body: Body = field(repr=False)


@dataclass(frozen=True)
class Hit:
    """One place where the words stand: the turn counted from 1, and what is around it."""

    label: str
    turn: int
    speaker: str
    before: str
    words: str
    after: str


@dataclass(frozen=True)
class Found:
    """What a search found; ``left_out`` is how many hits more there were."""

    hits: list[Hit]
    releases: int
    left_out: int


@dataclass(frozen=True)
class Copy:
    """How and why somebody takes a release out."""

    kind: Kind
    purpose: str
    speakers: SpeakerPlace = "paragraph"


@dataclass(frozen=True)
class File:
    """A file in the memory of one request."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Seen:
    """A place that may identify somebody: its turn, counted from 1, the words, and why."""

    turn: int
    words: str
    note: str = ""


@action(Act.RELEASE_READ)
def read(work: Work, label: str) -> Reading:
    """Open the current release under a label. NotFound, Held, Erased."""
    row = _current(work, label)
    return Reading(row.label, row.number, _opened(work, row))


@action(Act.RELEASE_SEARCH)
def search(work: Work, words: str) -> Found:
    """Look for words in every release that may be read now."""
    work.claim_all("releases")
    rows = work.session.scalars(
        select(Release)
        .where(Release.study_id == work.study, Release.state == "current")
        .order_by(func.length(Release.label), Release.label)
    ).all()
    may = [row for row in rows if may_be_used(row, work.now)]
    hits = [hit for row in may for hit in _hits(work, row, words)]
    work.note(count=len(may))
    return Found(hits[:MOST_HITS], len(may), max(0, len(hits) - MOST_HITS))


@action(Act.RELEASE_DOWNLOAD)
def download(work: Work, label: str, copy: Copy) -> File:
    """Write a release as a file, and keep what was taken out, by whom and what for."""
    row = _current(work, label)
    if work.actor.membership_id is None:
        raise NotPermitted("only a member takes a copy")
    if copy.purpose not in PURPOSES:
        raise Invalid({"purpose": "Choose what the copy is for"})
    file = _file(Released(row.label, row.number, row.released_on, _opened(work, row)), copy)
    digest = sha256(file.content)
    export = Export(
        id=uuid4(),
        study_id=work.study,
        kind=copy.kind,
        by_id=work.actor.membership_id,
        made_at=work.now,
        sha256=digest.digest(),
        recipients=PURPOSES[copy.purpose],
    )
    work.session.add(export)
    work.session.flush()
    work.session.add(ExportItem(export_id=export.id, release_id=row.id))
    work.note(kind=copy.kind, purpose=copy.purpose, digest=digest.hexdigest())
    work.note(size=len(file.content))
    return file


@action(Act.RELEASE_REPORT)
def report(work: Work, label: str, seen: Seen) -> None:
    """Say that a place may identify somebody: sealed, held at once, and a task for others."""
    row = _current(work, label)
    place = _place(_opened(work, row), seen)
    if row.data_key_id is None or work.actor.membership_id is None:
        raise NotPermitted("only a member reports")
    shred_id = work.session.get_one(DataKey, row.data_key_id).shred_id
    key = work.vault.new_data_key(Compartment.RELEASE, shred_id)
    memo = Memo(
        id=uuid4(),
        study_id=work.study,
        release_id=row.id,
        data_key_id=key.id,
        by_id=work.actor.membership_id,
        made_at=work.now,
    )
    start, end = place
    told = {"turn": seen.turn, "start": start, "end": end, "note": seen.note}
    seal_column(work, key, memo, "body_sealed", row.label, kind="report", **told)
    work.session.add(memo)
    work.session.add(
        Proposal(
            id=uuid4(),
            study_id=work.study,
            act=Act.RELEASE_REPORT,
            subject=f"release:{row.id}",
            payload={"item": str(memo.id)},
            proposed_by=work.actor.membership_id,
            proposed_at=work.now,
        )
    )
    row.held = True


def _current(work: Work, label: str) -> Release:
    """The release in use under a label; a recalled one is as if it never was."""
    found = work.session.scalar(
        select(Release.id).where(
            Release.study_id == work.study, Release.label == label, Release.state == "current"
        )
    )
    if found is None:
        raise NotFound("release")
    row = work.load(Release, found)
    if row.state != "current":
        raise NotFound("release")  # recalled while we waited for it
    if not may_be_used(row, work.now):
        raise Held("this release is on hold")
    work.note(version=str(row.number))
    return row


def _opened(work: Work, row: Release) -> Body:
    if row.data_key_id is None:
        raise NotFound("release")
    text = open_column(work, row.data_key_id, row, "body_sealed", row.label)["text"]
    return turns.read(str(text))


def _hits(work: Work, row: Release, words: str) -> list[Hit]:
    body = _opened(work, row)
    return [
        Hit(
            row.label,
            number,
            body.labels[turn.speaker],
            turn.text[max(0, start - AROUND) : start],
            turn.text[start:end],
            turn.text[end : end + AROUND],
        )
        for number, turn in enumerate(body.turns, 1)
        for start, end in places_of(words, turn.text)
    ]


def _file(released: Released, copy: Copy) -> File:
    if copy.kind == "release_txt":
        return File(exports.file_name(released, "txt"), exports.as_text(released))
    return File(exports.file_name(released, "docx"), exports.as_word(released, copy.speakers))


def _place(body: Body, seen: Seen) -> tuple[int, int]:
    """Where in its turn a reported place is; the words must stand there."""
    if not 1 <= seen.turn <= len(body.turns):
        raise Invalid({"turn": f"The turns of this text are numbered 1 to {len(body.turns)}"})
    found = next(places_of(seen.words, body.turns[seen.turn - 1].text), None)
    if found is None:
        raise Invalid({"words": "Copy the words as they stand in this turn"})
    return found
