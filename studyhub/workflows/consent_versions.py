"""Versions put into use, now or at a later instant, superseded and retired.

One of each document is in use at any instant. A planned version counts from its instant on;
the worker then writes that it began.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from studyhub.domain.consent_history import covered
from studyhub.domain.documents import Number, problems_of_use
from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import VERSION, choosing
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Approval, Document, DocumentVersion
from studyhub.vault.heads import instant_text
from studyhub.workflows.kernel import Hub, Work, action, worker_desk
from studyhub.workflows.letters import happened_to_version
from studyhub.workflows.projections import refresh_all
from studyhub.workflows.protocol_periods import approved_periods


@action(Act.DOCUMENT_USE)
def use(work: Work, version_id: UUID, use_from: datetime | None = None) -> None:
    """Put an approved version into use, from now on or from a later instant (4, 5).

    Before it begins it may be planned anew. Invalid for an instant that has passed.
    """
    version = work.load(DocumentVersion, version_id)
    advance(version.state, Act.DOCUMENT_USE, VERSION)
    at = use_from or work.now
    _refuse_begun(work, version)
    _need_cover(work, version, at)
    # Two versions put into use at once wait for each other here.
    document = work.session.get_one(Document, version.document_id, with_for_update=True)
    if at > work.now:
        planned = choosing(Act.DOCUMENT_USE, "planned")
        version.state = advance(version.state, planned, VERSION)
        work.note(due=instant_text(at))
    else:
        _supersede(work, document.id, Act.DOCUMENT_USE, at)
        version.state = advance(version.state, Act.DOCUMENT_USE, VERSION)
    version.use_from = at
    _note(work, version, document.kind)
    refresh_all(work)


def _refuse_begun(work: Work, version: DocumentVersion) -> None:
    """It is in use already, though the worker has not written so; people may have signed it."""
    planned = version.use_from
    if planned is not None and planned <= work.now and _is_covered(work, version, planned):
        raise WrongState("this version has begun already")


def _note(work: Work, version: DocumentVersion, kind: str) -> None:
    number = Number(version.major, version.minor)
    work.note(kind=kind, version=str(number), state=version.reconsent)


def _need_cover(work: Work, version: DocumentVersion, at: datetime) -> None:
    """Refuse a version that no approval or implemented amendment lists, or not then."""
    approval = work.session.get(Approval, version.approval_id) if version.approval_id else None
    if approval is None or approval.state not in {"approved", "implemented"}:
        raise WrongState("no approval or implemented amendment lists this version")
    approved = approved_periods(work.session, work.study).get(approval.id, ())
    problems = problems_of_use(at, work.now, approved)
    if problems and at == work.now:
        raise WrongState("; ".join(problems.values()))
    if problems:
        raise Invalid(problems)


def _supersede(work: Work, document_id: UUID, act: Act, at: datetime) -> None:
    """End the use of the version before, and write that down first: one is effective."""
    before = work.session.scalar(
        select(DocumentVersion)
        .where(DocumentVersion.document_id == document_id, DocumentVersion.state == "effective")
        .with_for_update()
    )
    if before is not None:
        _ended(work, before, act, at)


def _ended(work: Work, version: DocumentVersion, act: Act, at: datetime) -> None:
    version.state = advance(version.state, choosing(act, "superseded"), VERSION)
    version.retired_at = at
    work.session.flush()
    work.note(count=happened_to_version(work, version.id))


# -- at the planned instant ------------------------------------------------------------


def begin_planned(hub: Hub) -> int:
    """Let every version begin whose instant has come, the earliest first. Returns how many."""
    due = (
        select(DocumentVersion.id, Document.study_id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(DocumentVersion.state == "approved", DocumentVersion.use_from <= hub.now())
        .order_by(DocumentVersion.use_from, DocumentVersion.major, DocumentVersion.minor)
    )
    with hub.sessions.reading.begin() as session:
        rows = session.execute(due).all()
    return sum(begin(worker_desk(hub, study), version_id) for version_id, study in rows)


@action(Act.DOCUMENT_BEGIN)
def begin(work: Work, version_id: UUID) -> bool:
    """Let a planned version begin; without an approval at that instant the plan is given up."""
    version = work.load(DocumentVersion, version_id)
    advance(version.state, Act.DOCUMENT_BEGIN, VERSION)
    at = version.use_from
    if at is None or at > work.now:
        raise WrongState("it is not planned for now")
    document = work.session.get_one(Document, version.document_id, with_for_update=True)
    _note(work, version, document.kind)
    if not _is_covered(work, version, at):
        _give_up(work, version)
        refresh_all(work)
        return False
    newer = _put_into_use_since(work, version, at)
    if newer is None:
        _supersede(work, document.id, Act.DOCUMENT_BEGIN, at)
    version.state = advance(version.state, Act.DOCUMENT_BEGIN, VERSION)
    if newer is not None:
        _ended(work, version, Act.DOCUMENT_BEGIN, newer)
    refresh_all(work)
    return True


def _is_covered(work: Work, version: DocumentVersion, at: datetime) -> bool:
    approved = approved_periods(work.session, work.study)
    return version.approval_id is not None and covered(
        approved.get(version.approval_id, ()), at
    )


def _give_up(work: Work, version: DocumentVersion) -> None:
    given_up = choosing(Act.DOCUMENT_BEGIN, "given_up")
    version.state, version.use_from = advance(version.state, given_up, VERSION), None
    work.note(reason="committee")


def _put_into_use_since(work: Work, version: DocumentVersion, at: datetime) -> datetime | None:
    """When another version followed, where the worker comes too late."""
    return work.session.scalar(
        select(func.min(DocumentVersion.use_from)).where(
            DocumentVersion.document_id == version.document_id,
            DocumentVersion.state == "effective",
            DocumentVersion.use_from > at,
        )
    )


# -- the end ---------------------------------------------------------------------------


@action(Act.DOCUMENT_RETIRE)
def retire(work: Work, version_id: UUID, reason: str) -> None:
    """Take a version out of use for good, or give up the plan to use it."""
    version = work.load(DocumentVersion, version_id)
    following = advance(version.state, Act.DOCUMENT_RETIRE, VERSION)
    need_reason(reason)
    if version.state == "approved" and version.use_from is not None:
        _end_plan(work, version, version.use_from)
    version.state, version.retired_at = following, work.now
    refresh_all(work)
    work.note(reason=reason, count=happened_to_version(work, version.id))


def _end_plan(work: Work, version: DocumentVersion, at: datetime) -> None:
    """A plan that has not begun leaves nothing; one that has, ended the version before."""
    if at > work.now or not _is_covered(work, version, at):
        version.use_from = None
    else:
        _supersede(work, version.document_id, Act.DOCUMENT_BEGIN, at)
