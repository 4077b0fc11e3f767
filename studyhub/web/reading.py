"""One released text: read it, take a copy of it, say that a place may name somebody."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from studyhub.domain import turns
from studyhub.domain.errors import Held, NotFound
from studyhub.domain.policy import POLICY
from studyhub.domain.releasing import PURPOSES
from studyhub.domain.vocabulary import Act
from studyhub.media.exports import SpeakerPlace
from studyhub.web import guard
from studyhub.web.filled import one_line, plain_text, taken
from studyhub.web.forms import StudyForm, one_of
from studyhub.workflows import analysis, analysis_reading
from studyhub.workflows.analysis_reading import Copy, File, Kind, Reading, Seen
from studyhub.workflows.kernel import Desk, need_role

bp = Blueprint("reading", __name__, url_prefix="/s/<slug>/analysis/<label>")

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILES: dict[str, tuple[str, Kind, SpeakerPlace]] = {
    "docx": ("Word, each paragraph begins with the speaker", "release_docx", "paragraph"),
    "headings": ("Word, each speaker is a heading", "release_docx", "heading"),
    "txt": ("Plain text", "release_txt", "paragraph"),
}


class CopyForm(StudyForm):
    """Which file, and what for."""

    file = one_of(
        "File",
        {name: words for name, (words, _, _) in FILES.items()},
        hints={
            "docx": "For NVivo and most other programs.",
            "headings": "For NVivo, to code all that one speaker says by heading.",
        },
        needed="Choose which file you need",
    )
    purpose = one_of(
        "What is the copy for?",
        PURPOSES,
        hint="It is kept with your name.",
        needed="Choose what the copy is for",
    )


class ReportForm(StudyForm):
    """Where somebody may be named, and why."""

    turn = IntegerField(
        "Number of the turn",
        [InputRequired("Write the number beside the turn"), NumberRange(1, turns.MOST_TURNS)],
        description="It stands beside each turn of the text.",
        render_kw={"classes": "govuk-input--width-4", "inputmode": "numeric"},
    )
    words = StringField(
        "The words, as they stand there",
        [InputRequired("Copy the words that may name somebody"), Length(max=300), one_line],
        render_kw={"autocomplete": "off", "spellcheck": False},
    )
    note = TextAreaField(
        "Who could be known by them, and to whom? (optional)",
        [Length(max=2000), plain_text],
        description="Do not write the name you think of.",
        render_kw={"rows": 3, "spellcheck": False},
    )


@bp.get("")
def show(slug: str, label: str) -> ResponseReturnValue:
    """The text, turn by turn."""
    desk = guard.study_desk(slug)
    reading = analysis_reading.read(desk, label)
    return _page(
        "reading.html",
        slug,
        desk,
        reading=reading,
        rows=_rows(reading),
        count=sum(turns.words_by_speaker(reading.body).values()),
        others=analysis.list_releases(desk).releases,
    )


def _rows(reading: Reading) -> list[tuple[int, str, bool, str]]:
    """Each turn: its number, who speaks, whether they ask, and what they say."""
    asking = {one.id for one in reading.body.speakers if one.role == "interviewer"}
    labels = reading.body.labels
    return [
        (number, labels[turn.speaker], turn.speaker in asking, turn.text)
        for number, turn in enumerate(reading.body.turns, 1)
    ]


def _page(template: str, slug: str, desk: Desk, **values: object) -> str:
    oversees = desk.actor.role in POLICY[Act.RELEASE_OVERSEE].roles
    return render_template(
        f"analysis/{template}",
        frame=guard.frame("releases"),
        slug=slug,
        oversees=oversees,
        may_take=desk.actor.role in POLICY[Act.RELEASE_DOWNLOAD].roles,
        **values,
    )


@bp.route("/copy", methods=["GET", "POST"])
def copy(slug: str, label: str) -> ResponseReturnValue:
    """Take a copy out: the answer is the file, named by its label."""
    desk, form = guard.study_desk(slug), CopyForm(request.form)
    if request.method == "POST" and form.validate():
        _, kind, speakers = FILES[form.file.data]
        wanted = Copy(kind, form.purpose.data, speakers)
        return _sent(analysis_reading.download(desk, label, wanted))
    page = _page("copy.html", slug, desk, form=form, label=_open_to(desk, label))
    return page, 422 if request.method == "POST" else 200


def _open_to(desk: Desk, label: str) -> str:
    """The label, for a form about it; refused like the act that the form leads to."""
    need_role(desk, Act.RELEASE_DOWNLOAD)
    found = [each for each in analysis.list_releases(desk).releases if each.label == label]
    if not found:
        raise NotFound("release")
    if found[0].held:
        raise Held("this release is on hold")
    return label


def _sent(file: File) -> Response:
    media_type = _DOCX if file.name.endswith(".docx") else "text/plain"
    answer = Response(file.content, mimetype=media_type)
    answer.headers["Content-Disposition"] = f"attachment; filename={file.name}"
    return answer


@bp.route("/report", methods=["GET", "POST"])
def report(slug: str, label: str) -> ResponseReturnValue:
    """Say that a place may name somebody. The release is on hold from then on."""
    desk = guard.study_desk(slug)
    form = ReportForm(request.form or request.args)
    if taken(form, lambda: analysis_reading.report(desk, label, _seen(form))):
        return redirect(url_for("analysis.show", slug=slug, done="reported"))
    page = _page("report.html", slug, desk, form=form, label=_open_to(desk, label))
    return page, 422 if request.method == "POST" else 200


def _seen(form: ReportForm) -> Seen:
    words, note = (form.words.data or "").strip(), (form.note.data or "").strip()
    return Seen(form.turn.data or 0, words, note)
