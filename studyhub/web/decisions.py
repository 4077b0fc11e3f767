"""Approve a version that somebody else wrote, or send it back to its author."""

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.validators import Length, Optional, Regexp

from studyhub.domain.document_names import RECONSENT_NAMES
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.document_forms import ReasonForm
from studyhub.web.document_pages import beside, page, version
from studyhub.web.document_words import label_of
from studyhub.web.filled import taken
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.workflows import consent_documents, consent_documents_view
from studyhub.workflows.consent_documents_view import VersionView
from studyhub.workflows.kernel import Desk, need_role

bp = Blueprint("decisions", __name__, url_prefix="/s/<slug>/ethics/documents/<uuid:version_id>")


class ApproveForm(StudyForm):
    """Under what it is approved, and who signs again: nothing is chosen for you.

    ``seen`` is the digest of the text that was on the page.
    """

    approval_id = one_of(
        "What did the committee decide about this version?",
        {},
        needed="Choose what the committee decided",
    )
    reconsent = one_of(
        "Who must sign again?", RECONSENT_NAMES, needed="Choose who must sign again"
    )
    seen = HiddenField(validators=[Length(max=64), Regexp("^(?:[0-9a-f]{2})*$")])


@bp.route("/decide", methods=["GET", "POST"])
def decide(slug: str, version_id: UUID) -> ResponseReturnValue:
    """Read what was handed in, beside the version before, and approve it."""
    desk = guard.study_desk(slug)
    found = _waiting(desk, version_id)
    form = _approve_form(found)

    def approve() -> None:
        read = bytes.fromhex(form.seen.data or "")
        under, again = UUID(form.approval_id.data), form.reconsent.data or ""
        decision = consent_documents.Approving(under, read, again)
        consent_documents.approve(desk, version_id, decision)

    if taken(form, approve):
        return redirect(
            url_for("documents.show", slug=slug, version_id=version_id, done="approved")
        )
    return _decide(desk, found, form, ReasonForm())


@bp.post("/send-back")
def send_back(slug: str, version_id: UUID) -> ResponseReturnValue:
    """Give it back to its author, with a reason."""
    desk = guard.study_desk(slug)
    form = ReasonForm(request.form)
    if taken(form, lambda: consent_documents.send_back(desk, version_id, form.reason.data)):
        return redirect(url_for("ethics.show", slug=slug, done="sent_back"))
    found = _waiting(desk, version_id)
    return _decide(desk, found, _approve_form(found, empty=True), form)


def _waiting(desk: Desk, version_id: UUID) -> VersionView:
    found = consent_documents_view.show(desk, version_id)
    need_role(desk, Act.DOCUMENT_APPROVE)
    if request.method == "GET" and found.row.state != "submitted":
        abort(409)
    if found.row.older_id is not None:
        found = consent_documents_view.show(desk, version_id, found.row.older_id)
    return found


def _approve_form(found: VersionView, *, empty: bool = False) -> ApproveForm:
    form = ApproveForm(None if empty else request.form)
    form.approval_id.choices = as_choices(
        {str(one.id): label_of(one) for one in found.approvals}
    )
    if found.row.approval_id is not None or not found.was_signed_before:
        # Settled by the amendment that lists it, or because nobody can have signed it before.
        form.reconsent.validators = [Optional()]
    if request.method == "GET" or empty:
        form.seen.data = found.digest
    return form


def _decide(
    desk: Desk, found: VersionView, form: ApproveForm, back: ReasonForm
) -> ResponseReturnValue:
    amendment = next((one for one in found.approvals if one.id == found.row.approval_id), None)
    shown = page(
        "decide.html",
        desk,
        form=form,
        back=back,
        asks_who=found.was_signed_before and found.row.approval_id is None,
        amendment=amendment,
        **version(desk, found),
        **beside(found),
    )
    return shown, 422 if request.method == "POST" else 200
