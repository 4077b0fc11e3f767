"""Typing in a plain form, for browsers without script: the whole text, and what it began as."""

from http import HTTPStatus
from secrets import token_hex
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from studyhub.domain import turns
from studyhub.domain.plain_turns import as_plain, from_plain
from studyhub.domain.saving import Save
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, times
from studyhub.web.filled import taken
from studyhub.web.forms import StudyForm
from studyhub.workflows import transcripts, transcripts_list, transcripts_saving
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.transcripts_saving import Outcome, Saved

bp = Blueprint(
    "transcript_plain",
    __name__,
    url_prefix="/s/<slug>/transcription/<uuid:transcript_id>/plain",
)


class PlainForm(StudyForm):
    """The whole text; ``rev`` and ``base`` say what it began as."""

    text = TextAreaField(
        "Text",
        description="One paragraph for each turn, with the speaker in front: Participant: …",
        render_kw={"rows": 24, "spellcheck": False},
    )
    rev = HiddenField()
    base = HiddenField()


@bp.get("")
def show(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """The text as it is now, to be typed in without script."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.TRANSCRIPT_SAVE)
    found = transcripts.read(desk, transcript_id)
    form = PlainForm()
    form.text.data = as_plain(turns.read(found.text))
    form.rev.data, form.base.data = str(found.rev), found.text
    return _page(slug, transcript_id, form)


@bp.post("")
def save(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Keep the text, unless somebody saved since: then both are shown, and nothing is lost."""
    desk, form = guard.study_desk(slug), PlainForm(request.form)
    answers: list[Saved] = []
    if not taken(form, lambda: answers.append(_save(desk, transcript_id, form))):
        return _page(slug, transcript_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    if answers[0].outcome is Outcome.SAVED:
        return redirect(url_for(".show", slug=slug, transcript_id=transcript_id, done="saved"))
    return _both(slug, transcript_id, form, answers[0])


def _save(desk: Desk, transcript_id: UUID, form: PlainForm) -> Saved:
    body = from_plain(form.text.data or "", turns.read(form.base.data or ""))
    sent_rev = form.rev.data or ""
    rev = int(sent_rev) if sent_rev.isdecimal() else 0
    sent = Save(rev, turns.write(body), f"form-{token_hex(8)}", 1)
    return transcripts_saving.save(desk, transcript_id, sent)


def _both(slug: str, transcript_id: UUID, form: PlainForm, found: Saved) -> ResponseReturnValue:
    """One's own text, ready to be sent again knowingly, and beside it the one that is kept."""
    if found.outcome is Outcome.LOCKED:
        page = _page(slug, transcript_id, form, typing=found.by)
        return page, HTTPStatus.LOCKED
    form.rev.data, form.base.data = str(found.rev), found.text
    theirs = as_plain(turns.read(found.text))
    at = times.clock(found.at, guard.zone())
    page = _page(slug, transcript_id, form, theirs=theirs, by=found.by, at=at)
    return page, HTTPStatus.CONFLICT


def _page(slug: str, transcript_id: UUID, form: PlainForm, **more: str) -> str:
    told = {"theirs": "", "by": "", "at": "", "typing": "", **more}
    return render_template(
        "transcription/plain.html",
        frame=guard.frame("transcription"),
        slug=slug,
        view=transcripts_list.show(guard.study_desk(slug), transcript_id),
        form=form,
        done=request.args.get("done") == "saved",
        **told,
    )
