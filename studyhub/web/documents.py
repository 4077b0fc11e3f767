"""Versions of documents: write, preview, hand in, decide, use, retire, compare."""

from collections.abc import Mapping
from datetime import datetime, time
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.document_names import KIND_ORDER
from studyhub.domain.documents import MAIL_KINDS
from studyhub.domain.errors import Invalid
from studyhub.domain.vocabulary import Act, Role
from studyhub.web import guard
from studyhub.web.document_forms import (
    ConsentFormForm,
    ReasonForm,
    SheetForm,
    UseForm,
    WriteForm,
    form_for,
    help_for,
    starters,
)
from studyhub.web.document_pages import beside, page, version
from studyhub.web.filled import taken
from studyhub.workflows import consent_documents, consent_documents_view, consent_versions
from studyhub.workflows.consent_documents_view import VersionView
from studyhub.workflows.documents_list import EthicsView
from studyhub.workflows.kernel import Desk, need_role

bp = Blueprint("documents", __name__, url_prefix="/s/<slug>/ethics/documents")

# -- write -------------------------------------------------------------------------------


@bp.route("/new", methods=["GET", "POST"])
def choose(slug: str) -> ResponseReturnValue:
    """Choose a kind; then write its next version, from the newest one."""
    desk = guard.study_desk(slug)
    view = consent_documents_view.ethics(desk)
    need_role(desk, Act.DOCUMENT_DRAFT)
    kind = request.args.get("kind", "")
    if kind not in _may_write(desk):
        return page("choose.html", desk, kinds_open=_may_write(desk), view=view)
    language = request.args.get("language", view.languages[0])
    if language not in view.languages:
        abort(404)
    form = form_for(kind)(request.form)
    if request.method == "GET":
        _start_from_newest(desk, view, form, (kind, language))
    return _written(desk, form, (kind, language), None)


def _may_write(desk: Desk) -> list[str]:
    return [kind for kind in KIND_ORDER if desk.actor.role is Role.PI or kind in MAIL_KINDS]


def _start_from_newest(
    desk: Desk, view: EthicsView, form: WriteForm, what: tuple[str, str]
) -> None:
    newest = view.newest(*what)
    if newest is not None:
        _fill(form, consent_documents_view.show(desk, newest.id))
    elif isinstance(form, ConsentFormForm):
        sheet = view.newest("pis", what[1])
        text = consent_documents_view.show(desk, sheet.id).text if sheet else None
        form.show_statements(starters((text and text.deadline_rule) or {}))


def _fill(form: WriteForm, found: VersionView) -> None:
    form.body.data = found.text.body
    if isinstance(form, SheetForm):
        form.show_rule(found.text.deadline_rule or {})
    if isinstance(form, ConsentFormForm):
        form.show_statements(found.text.statements)


@bp.route("/<uuid:version_id>/write", methods=["GET", "POST"])
def write(slug: str, version_id: UUID) -> ResponseReturnValue:
    """Write a draft of one's own anew."""
    desk = guard.study_desk(slug)
    found = consent_documents_view.show(desk, version_id)
    need_role(desk, Act.DOCUMENT_DRAFT)
    if not found.row.is_own:
        abort(403)
    if found.row.state != "draft":
        abort(409)
    form = form_for(found.text.kind)(request.form)
    if request.method == "GET":
        _fill(form, found)
    return _written(desk, form, (found.text.kind, found.text.language), found)


def _written(
    desk: Desk, form: WriteForm, what: tuple[str, str], found: VersionView | None
) -> ResponseReturnValue:
    made: list[UUID] = []

    def keep() -> None:
        version_id = found.row.id if found else None
        made.append(consent_documents.draft(desk, form.draft(*what), version_id))

    if taken(form, keep):
        slug = guard.place().slug
        return redirect(url_for(".show", slug=slug, version_id=made[0], done="kept"))
    shown = page("write.html", desk, form=form, help=help_for(what[0]), found=found)
    return shown, 422 if request.method == "POST" else 200


# -- read --------------------------------------------------------------------------------


@bp.get("/<uuid:version_id>")
def show(slug: str, version_id: UUID) -> ResponseReturnValue:
    """One version as people are shown it, and what can be done with it."""
    desk = guard.study_desk(slug)
    return _show(desk, consent_documents_view.show(desk, version_id))


def _show(
    desk: Desk,
    found: VersionView,
    problems: Mapping[str, str] | None = None,
    using: UseForm | None = None,
) -> ResponseReturnValue:
    """The page of a version, with what keeps it from being handed in or used."""
    form = using or UseForm()
    shown = page("version.html", desk, **version(desk, found), stopped=problems, using=form)
    return shown, 422 if problems or using else 200


@bp.get("/<uuid:version_id>/beside/<uuid:other_id>")
def compare(slug: str, version_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Two versions of one document, paragraph by paragraph."""
    desk = guard.study_desk(slug)
    found = consent_documents_view.show(desk, version_id, other_id)
    whole = request.args.get("all") == "1"
    return page("compare.html", desk, **version(desk, found), **beside(found, whole=whole))


# -- hand in, use, retire ------------------------------------------------------------------


@bp.post("/<uuid:version_id>/submit")
def submit(slug: str, version_id: UUID) -> ResponseReturnValue:
    """Hand in a draft of one's own; what is missing is shown beside it."""
    desk = guard.study_desk(slug)
    try:
        consent_documents.submit(desk, version_id)
    except Invalid as error:
        return _show(desk, consent_documents_view.show(desk, version_id), error.problems)
    return redirect(url_for(".show", slug=slug, version_id=version_id, done="submitted"))


@bp.post("/<uuid:version_id>/use")
def use(slug: str, version_id: UUID) -> ResponseReturnValue:
    """Put an approved version into use, now or from the beginning of a later day."""
    desk, form = guard.study_desk(slug), UseForm(request.form)
    day = form.use_from.data
    at = datetime.combine(day, time.min, guard.zone()) if day else None
    if taken(form, lambda: consent_versions.use(desk, version_id, at)):
        return redirect(url_for("ethics.show", slug=slug, done="planned" if at else "used"))
    return _show(desk, consent_documents_view.show(desk, version_id), using=form)


@bp.route("/<uuid:version_id>/retire", methods=["GET", "POST"])
def retire(slug: str, version_id: UUID) -> ResponseReturnValue:
    """Take a version out of use for good, after reading what that does."""
    desk = guard.study_desk(slug)
    form = ReasonForm(request.form)
    if taken(form, lambda: consent_versions.retire(desk, version_id, form.reason.data)):
        return redirect(url_for("ethics.show", slug=slug, done="retired"))
    found = consent_documents_view.show(desk, version_id)
    need_role(desk, Act.DOCUMENT_RETIRE)
    shown = page("retire.html", desk, form=form, **version(desk, found))
    return shown, 422 if request.method == "POST" else 200
