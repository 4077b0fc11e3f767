"""One approval or amendment: what the committee decided about it, and its letter."""

from datetime import date, datetime, time
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from studyhub.domain.document_names import AMENDMENT_KINDS, APPROVAL_NAMES
from studyhub.domain.lifecycle_course import AMENDMENT, APPROVAL
from studyhub.domain.policy import POLICY
from studyhub.domain.scans import MOST_BYTES
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.document_pages import page
from studyhub.web.filled import end_of, plain_text, taken
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.raw_body import raw_body
from studyhub.workflows import consent_documents_view, consent_ethics
from studyhub.workflows.documents_list import ApprovalView
from studyhub.workflows.kernel import Desk

bp = Blueprint(
    "committee", __name__, url_prefix="/s/<slug>/ethics/approvals/<uuid:approval_id>"
)

NO_LETTER = UUID(int=0)


class OutcomeForm(StudyForm):
    """What became of it."""

    to = one_of("What happened?", {}, needed="Choose what happened")


class DecisionForm(OutcomeForm):
    """What the committee decided, from when, until when and on which conditions."""

    decided_on = DateField(
        "Day of the decision",
        [Optional()],
        description="For an approval.",
        render_kw={"classes": "sh-date"},
    )
    starts = DateField(
        "Holds from",
        [Optional()],
        description="For an approval.",
        render_kw={"classes": "sh-date"},
    )
    ends = DateField(
        "Last day",
        [Optional()],
        description="Empty if the committee set none.",
        render_kw={"classes": "sh-date"},
    )
    conditions = TextAreaField(
        "Conditions",
        [Length(max=2000), plain_text],
        description="One on each line, in the words of the committee.",
        render_kw={"rows": 4},
    )
    letter = HiddenField()


class LetterForm(StudyForm):
    """A letter that came after the decision was recorded."""

    letter = HiddenField(validators=[DataRequired("Send the letter first")])


# -- one approval ----------------------------------------------------------------------


@bp.route("", methods=["GET", "POST"])
def show(slug: str, approval_id: UUID) -> ResponseReturnValue:
    """One approval or amendment, and what the committee said about it."""
    desk = guard.study_desk(slug)
    found = consent_documents_view.ethics(desk).approval(approval_id)
    form = (DecisionForm if found.state == "submitted" else OutcomeForm)(request.form)
    form.to.choices = as_choices({to: _verb(to) for to in _following(found)})
    if taken(form, lambda: consent_ethics.change(desk, approval_id, _outcome(form))):
        return redirect(url_for("ethics.show", slug=slug, done="changed"))
    return _page(desk, found, form, LetterForm())


def _following(found: ApprovalView) -> list[str]:
    table = AMENDMENT if found.is_amendment else APPROVAL
    return [to for (state, _), to in table.items() if state == found.state]


def _page(
    desk: Desk, found: ApprovalView, form: OutcomeForm, letter: LetterForm
) -> ResponseReturnValue:
    shown = page(
        "approval.html",
        desk,
        approval=found,
        form=form,
        letter=letter,
        following=_following(found),
        may_change=desk.actor.role in POLICY[Act.APPROVAL_CHANGE].roles,
        approval_names=APPROVAL_NAMES,
        amendment_kinds=AMENDMENT_KINDS,
    )
    return shown, 422 if form.errors or letter.errors else 200


def _verb(state: str) -> str:
    return {
        "submitted": "It was handed in",
        "revision_requested": "The committee asked for changes",
        "approved": "The committee approved it, or lifted the suspension",
        "suspended": "The committee suspended it",
        "expired": "It has run out",
        "closed": "It was closed",
        "rejected": "The committee rejected it",
        "withdrawn": "We took it back",
        "implemented": "It is carried out from now on",
    }[state]


def _outcome(form: OutcomeForm) -> consent_ethics.Outcome:
    if not isinstance(form, DecisionForm):
        return consent_ethics.Outcome(form.to.data)
    return consent_ethics.Outcome(
        form.to.data,
        form.decided_on.data,
        _start_of(form.starts.data),
        end_of(form.ends.data) if form.ends.data else None,
        form.conditions.data or "",
        _id_of(form.letter.data) if form.letter.data else None,
    )


def _start_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.min, guard.zone()) if day else None


# -- its letter ------------------------------------------------------------------------


@bp.post("/upload")
def upload(slug: str, approval_id: UUID) -> ResponseReturnValue:
    """Take a letter as a raw body. Called by script; no form names a file."""
    pieces, length = raw_body(MOST_BYTES)
    found = consent_ethics.take_letter(guard.study_desk(slug), approval_id, pieces, length)
    return jsonify(letter=str(found)), 201


@bp.post("/letter")
def attach(slug: str, approval_id: UUID) -> ResponseReturnValue:
    """Keep a letter that came after the decision was recorded."""
    desk, letter = guard.study_desk(slug), LetterForm(request.form)
    sent = _id_of(letter.letter.data)
    if taken(letter, lambda: consent_ethics.attach(desk, approval_id, sent)):
        return redirect(url_for("ethics.show", slug=slug, done="attached"))
    found = consent_documents_view.ethics(desk).approval(approval_id)
    form = OutcomeForm(None)
    form.to.choices = as_choices({to: _verb(to) for to in _following(found)})
    return _page(desk, found, form, letter)


def _id_of(text: str | None) -> UUID:
    """The id a form brought; what is none names no letter."""
    try:
        return UUID(text or "")
    except ValueError:
        return NO_LETTER


@bp.get("/letter")
def letter(slug: str, approval_id: UUID) -> ResponseReturnValue:
    """The letter as it was sent; the browser keeps and runs nothing."""
    found = consent_ethics.letter(guard.study_desk(slug), approval_id)
    answer = Response(found.content, mimetype=found.media_type)
    ending = found.media_type.rpartition("/")[2]
    answer.headers["Content-Disposition"] = f"attachment; filename=committee-letter.{ending}"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
