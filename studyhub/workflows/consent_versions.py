"""Versions put into use, superseded and retired: one of each document is effective."""

from uuid import UUID

from sqlalchemy import select

from studyhub.domain.documents import Number, problems_of_use
from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import VERSION, choosing
from studyhub.domain.vocabulary import Act
from studyhub.domain.words import REASON_CODES
from studyhub.store.consent import Approval, Document, DocumentVersion
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.letters import happened_to_version
from studyhub.workflows.protocol_periods import approved_periods


@action(Act.DOCUMENT_USE)
def use(work: Work, version_id: UUID) -> None:
    """Put an approved version into use from now on (invariants 4, 5)."""
    version = work.load(DocumentVersion, version_id)
    following = advance(version.state, Act.DOCUMENT_USE, VERSION)
    _need_cover(work, version)
    # Two versions put into use at once wait for each other here.
    document = work.session.get_one(Document, version.document_id, with_for_update=True)
    _supersede(work, document)
    version.state, version.use_from = following, work.now
    number = Number(version.major, version.minor)
    work.note(kind=document.kind, version=str(number), state=version.reconsent)


def _need_cover(work: Work, version: DocumentVersion) -> None:
    """Refuse a version that no approval or implemented amendment lists, or not now."""
    approval = work.session.get(Approval, version.approval_id) if version.approval_id else None
    if approval is None or approval.state not in {"approved", "implemented"}:
        raise WrongState("no approval or implemented amendment lists this version")
    approved = approved_periods(work.session, work.study)
    problems = problems_of_use(work.now, work.now, approved.get(approval.id, ()))
    if problems:
        raise WrongState("; ".join(problems.values()))


def _supersede(work: Work, document: Document) -> None:
    """End the use of the version before, and write that down first: one is effective."""
    before = work.session.scalar(
        select(DocumentVersion)
        .where(DocumentVersion.document_id == document.id, DocumentVersion.state == "effective")
        .with_for_update()
    )
    if before is None:
        return
    act = choosing(Act.DOCUMENT_USE, "superseded")
    before.state, before.retired_at = advance(before.state, act, VERSION), work.now
    work.session.flush()
    work.note(count=happened_to_version(work, before.id))


@action(Act.DOCUMENT_RETIRE)
def retire(work: Work, version_id: UUID, reason: str) -> None:
    """Take a version out of use for good."""
    version = work.load(DocumentVersion, version_id)
    following = advance(version.state, Act.DOCUMENT_RETIRE, VERSION)
    if reason not in REASON_CODES:
        raise Invalid({"reason": "Choose a reason"})
    version.state, version.retired_at = following, work.now
    work.note(reason=reason, count=happened_to_version(work, version.id))
