"""Bring in a transcript made elsewhere: look at what would be taken, then confirm.

A file comes as a raw body by script: one line of JSON with what was decided, then its bytes, so
that neither a name nor a word of it stands in an address. Text can be pasted without script.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired

from studyhub.domain.turns import clock
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.filled import taken
from studyhub.web.forms import StudyForm
from studyhub.web.raw_body import raw_body
from studyhub.web.transcript_words import ROLES
from studyhub.workflows import transcripts_import, transcripts_list
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.transcripts_import import Document, Preview, Voice

bp = Blueprint(
    "transcript_import",
    __name__,
    url_prefix="/s/<slug>/transcription/<uuid:transcript_id>/import",
)

MOST_BYTES = 20 * 1024 * 1024
MOST_LINE = 64 * 1024
MOST_SHOWN = 12
MOST_VOICES = 50
FIELDS = 3  # name found, name shown, part


class PasteForm(StudyForm):
    """A transcript as text, and the revision that it takes the place of."""

    text = TextAreaField(
        "Text of the transcript",
        [DataRequired("Paste the text")],
        description="Each turn on a line of its own, with the speaker in front: Interviewer: …",
        render_kw={"rows": 14, "spellcheck": False},
    )
    rev = HiddenField()

    def revision(self) -> int:
        """The revision the page was drawn at; one that never was if it is no number."""
        sent = self.rev.data or ""
        return int(sent) if sent.isdecimal() else -1


@bp.get("")
def show(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Choose a file, or paste text."""
    return _choose(slug, transcript_id, PasteForm())


def _choose(slug: str, transcript_id: UUID, form: PasteForm) -> str:
    desk = guard.study_desk(slug)
    need_role(desk, Act.TRANSCRIPT_IMPORT)
    view = transcripts_list.show(desk, transcript_id)
    form.rev.data = form.rev.data or str(view.rev)
    return _page("import.html", slug, transcript_id, form=form)


def _page(template: str, slug: str, transcript_id: UUID, **values: object) -> str:
    return render_template(
        f"transcription/{template}",
        frame=guard.frame("transcription"),
        slug=slug,
        view=transcripts_list.show(guard.study_desk(slug), transcript_id),
        roles=ROLES,
        **values,
    )


# -- pasted, without script --------------------------------------------------------------


@bp.post("")
def paste(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Look at pasted text, or with ``confirm`` take it in."""
    desk, form = guard.study_desk(slug), PasteForm(request.form)
    document = Document((form.text.data or "").encode(), "txt")
    if "confirm" in request.form:
        return _confirm(slug, transcript_id, form, document)
    found: list[Preview] = []
    if not taken(form, lambda: found.append(_look(desk, transcript_id, document))):
        page = _choose(slug, transcript_id, _with_problem(form))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    return _preview(slug, transcript_id, form, found[0])


def _look(desk: Desk, transcript_id: UUID, document: Document) -> Preview:
    return transcripts_import.preview(desk, transcript_id, document)


def _with_problem(form: PasteForm) -> PasteForm:
    """What is wrong with a file is wrong with the text that was pasted."""
    if form.form_errors:
        form.text.errors = [*form.text.errors, *form.form_errors]
        form.form_errors = []
    return form


def _confirm(
    slug: str, transcript_id: UUID, form: PasteForm, document: Document
) -> ResponseReturnValue:
    desk, voices = guard.study_desk(slug), _voices_typed()
    rev = form.revision()
    if taken(form, lambda: _take_in(desk, transcript_id, document, voices, rev)):
        return redirect(url_for("transcription.show", slug=slug, done="imported"))
    found = transcripts_import.preview(desk, transcript_id, document)
    page = _preview(slug, transcript_id, form, found)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _take_in(
    desk: Desk, transcript_id: UUID, document: Document, voices: Mapping[str, Voice], rev: int
) -> None:
    transcripts_import.take_in(desk, transcript_id, document, voices, rev=rev)


def _voices_typed() -> dict[str, Voice]:
    """What each name found is called, from fields numbered as the names are."""
    names = request.form.getlist("name")[:MOST_VOICES]
    labels, parts = request.form.getlist("label"), request.form.getlist("part")
    return {
        name: Voice(label, part)
        for name, label, part in zip(names, labels, parts, strict=False)
    }


def _preview(slug: str, transcript_id: UUID, form: PasteForm, found: Preview) -> str:
    return _page(
        "preview.html",
        slug,
        transcript_id,
        form=form,
        found=found,
        sample=_sample(found),
        more=len(found.body.turns) - MOST_SHOWN,
    )


def _sample(found: Preview) -> list[tuple[str, str, str]]:
    """The first turns: time, name, words."""
    labels = found.body.labels
    return [
        (
            "" if turn.start_ms is None else clock(turn.start_ms),
            labels[turn.speaker],
            turn.text,
        )
        for turn in found.body.turns[:MOST_SHOWN]
    ]


# -- a file, by script -------------------------------------------------------------------


@bp.post("/file")
def look(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Look at a file: the answer is what would be imported, and nothing is kept."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.TRANSCRIPT_PREVIEW)
    _, document = _sent()
    return jsonify(_as_json(transcripts_import.preview(desk, transcript_id, document)))


@bp.post("/file/confirm")
def confirm(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Take in the file that was looked at, sent once more with what its speakers are called."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.TRANSCRIPT_IMPORT)
    told, document = _sent()
    rev = told.get("rev")
    if not isinstance(rev, int):
        abort(400)
    _take_in(desk, transcript_id, document, _voices(told.get("voices")), rev)
    return jsonify(next=url_for("transcription.one", slug=slug, transcript_id=transcript_id))


def _sent() -> tuple[dict[str, Any], Document]:
    """The line of JSON and the bytes behind it. 413 above the limit, 400 for anything odd."""
    pieces, announced = raw_body(MOST_BYTES + MOST_LINE)
    whole = b"".join(pieces)
    line, _, data = whole.partition(b"\n")
    if len(whole) < announced or len(line) > MOST_LINE:
        abort(400)
    try:
        told = json.loads(line)
    except ValueError:
        abort(400)
    if not isinstance(told, dict):
        abort(400)
    ending = str(told.get("ending", ""))[:10]
    return told, Document(data, ending, _labels(told.get("labels")))


def _labels(sent: object) -> frozenset[str] | None:
    if sent is None:
        return None
    if not isinstance(sent, list) or not all(isinstance(one, str) for one in sent):
        abort(400)
    return frozenset(sent[:MOST_VOICES])


def _voices(sent: object) -> dict[str, Voice]:
    rows = sent if isinstance(sent, list) else abort(400)
    if not all(isinstance(row, list) and len(row) == FIELDS for row in rows):
        abort(400)
    return {str(row[0]): Voice(str(row[1]), str(row[2])) for row in rows[:MOST_VOICES]}


def _as_json(found: Preview) -> dict[str, object]:
    return {
        "format": found.format,
        "unit": found.unit,
        "seen": found.seen,
        "imported": found.imported,
        "words": found.words,
        "turns": len(found.body.turns),
        "names": [asdict(one) for one in found.names],
        "skipped": [asdict(one) for one in found.skipped],
        "dropped": [asdict(one) for one in found.dropped],
        "notes": list(found.notes),
        "sample": _sample(found),
    }
