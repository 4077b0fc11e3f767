"""The second reading: the text as it would be released, what tells on somebody, six questions.

Reading and answering work without script; marking places needs it.
"""

from uuid import UUID

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.errors import Invalid
from studyhub.web import guard
from studyhub.web.deidentification_words import ANSWERS, QUESTIONS, RETURNS, WHO
from studyhub.web.forms import StudyForm
from studyhub.web.sent_json import SentJson, kept, sent_json
from studyhub.workflows import deidentification_reading
from studyhub.workflows.deidentification_reading import Doubt

bp = Blueprint("second_reader", __name__, url_prefix="/s/<slug>/deidentification")


@bp.get("/<uuid:transcript_id>/reading")
def show(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """What would be released, and nothing else. Opening it is on the record."""
    return _page(slug, transcript_id)


def _page(slug: str, transcript_id: UUID, form: StudyForm | None = None) -> str:
    reading = deidentification_reading.review(guard.study_desk(slug), transcript_id)
    return render_template(
        "deidentification/reading.html",
        frame=guard.frame("deidentification"),
        form=form or StudyForm(),
        slug=slug,
        transcript_id=transcript_id,
        reading=reading,
        who=WHO,
        questions=QUESTIONS,
        answers=ANSWERS,
        returns=RETURNS,
    )


@bp.post("/<uuid:transcript_id>/reading/doubts")
def doubts(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """Keep what was marked so far. Only script calls this."""
    sent = sent_json()
    if "doubts" not in sent.values:
        abort(400)
    places = [_doubt(each) for each in sent.parts("doubts")]
    said = SentJson.of(sent.values.get("answers", {}))
    answers = {kept(str(code)): said.words(code) for code in said.values}
    try:
        deidentification_reading.doubt(guard.study_desk(slug), transcript_id, places, answers)
    except Invalid as wrong:
        return jsonify(problems=wrong.problems), 422
    return "", 204


def _doubt(sent: SentJson) -> Doubt:
    turn, start, end = (sent.number(name) for name in ("turn", "start", "end"))
    who, sure, note = sent.texts("who"), sent.words("sure"), sent.words("note")
    return Doubt(turn, start, end, "", tuple(who), sure, note)


@bp.post("/<uuid:transcript_id>/reading")
def finish(slug: str, transcript_id: UUID) -> ResponseReturnValue:
    """End the reading: any yes, and any marked place, sends the text back."""
    desk = guard.study_desk(slug)
    answers = {code: request.form.get(f"answer:{code}", "") for code in QUESTIONS}
    given = {code: answer for code, answer in answers.items() if answer}
    gives_away = "yes" in given.values() or request.form.get("marked") == "yes"
    try:
        if gives_away:
            reason = request.form.get("reason", "quality")
            deidentification_reading.send_back(
                desk, transcript_id, reason=reason, answers=given
            )
            return redirect(url_for("workbench.show", slug=slug, done="returned"))
        seen = request.form.get("seen", "")
        deidentification_reading.clear(desk, transcript_id, answers=given, seen=seen)
    except Invalid as wrong:
        form = StudyForm(request.form)
        form.refuse(wrong.problems)
        return _page(slug, transcript_id, form), 422
    return redirect(url_for("leak_gate.show", slug=slug, transcript_id=transcript_id))
