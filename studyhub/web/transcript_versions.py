"""The versions of a transcript: kept, compared two by two, brought back."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from studyhub.domain.errors import NotFound
from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.filled import one_line, taken
from studyhub.web.forms import StudyForm, one_of
from studyhub.web.frame import Status
from studyhub.web.transcript_words import STATES, VERSIONS
from studyhub.workflows import transcripts, transcripts_list
from studyhub.workflows.kernel import need_role

bp = Blueprint(
    "transcript_versions",
    __name__,
    url_prefix="/s/<slug>/transcription/<uuid:transcript_id>/versions",
)

NOW = "now"
DONE = {
    "kept": Status("Kept.", "This version stays as it is."),
    "restored": Status("Brought back.", "What stood there before is a version too."),
}


class KeepForm(StudyForm):
    """A version under a note."""

    note = StringField(
        "Note", [Length(max=200), one_line], description="For example: first pass"
    )
    kind = one_of(
        "How is it written down?",
        {"verbatim": "Word for word", "cleaned": "Without fillers and false starts"},
        needed="Choose how it is written down",
    )


class BackForm(StudyForm):
    """Which version is brought back, in place of which revision."""

    version = HiddenField()
    rev = HiddenField()


@bp.get("")
def show(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """All versions, the newest first, without a word of them."""
    return _page(slug, transcript_id, KeepForm(kind="verbatim"))


@bp.post("")
def keep(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Keep the text as it is now."""
    desk, form = guard.study_desk(slug), KeepForm(request.form)
    note, kind = form.note.data or "", form.kind.data or ""
    if taken(form, lambda: transcripts.keep(desk, transcript_id, note=note, kind=kind)):
        return redirect(url_for(".show", slug=slug, transcript_id=transcript_id, done="kept"))
    return _page(slug, transcript_id, form), 422


@bp.post("/restore")
def restore(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Go on from an earlier version."""
    desk, form = guard.study_desk(slug), BackForm(request.form)
    need_role(desk, Act.TRANSCRIPT_RESTORE)
    rev = form.rev.data or ""
    wanted = _version(form.version.data or "")
    if wanted is None:
        raise NotFound("version")
    number = int(rev) if rev.isdecimal() else -1
    transcripts.restore(desk, transcript_id, wanted, rev=number)
    return redirect(url_for(".show", slug=slug, transcript_id=transcript_id, done="restored"))


@bp.get("/compare")
def compare(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Two versions side by side, turn by turn; ``now`` is the text as it is."""
    desk = guard.study_desk(slug)
    older, newer = (_version(request.args.get(name, NOW)) for name in ("older", "newer"))
    found = transcripts.compare(desk, transcript_id, older, newer)
    view = transcripts_list.show(desk, transcript_id)
    lines = {line.id: line for line in view.versions}
    return render_template(
        "transcription/compare.html",
        frame=guard.frame("transcription"),
        slug=slug,
        view=view,
        rows=found.rows,
        changed=[row for row in found.rows if not row.same],
        older=lines.get(older) if older else None,
        newer=lines.get(newer) if newer else None,
        notes=(found.older_note, found.newer_note),
        kinds=VERSIONS,
        whole="all" in request.args,
    )


def _version(sent: str) -> UUID | None:
    """An id from an address or a form; NotFound for what is none."""
    if sent == NOW:
        return None
    try:
        return UUID(sent)
    except ValueError:
        raise NotFound("version") from None


def _page(slug: str, transcript_id: UUID, form: KeepForm) -> str:
    desk = guard.study_desk(slug)
    view = transcripts_list.show(desk, transcript_id)
    return render_template(
        "transcription/versions.html",
        frame=guard.frame("transcription"),
        slug=slug,
        view=view,
        status=DONE.get(request.args.get("done", "")),
        state=STATES[view.state],
        form=form,
        kinds=VERSIONS,
        may_keep=view.may_type and desk.actor.role in POLICY[Act.TRANSCRIPT_KEEP].roles,
    )
