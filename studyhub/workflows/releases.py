"""Releasing a text to analysis, and taking it back.

A release is a row of its own under a label, sealed to analysis; the text on which people work
is never touched. Nothing written here joins a person, a code or a transcript to a label: the
event of releasing names the transcript, that of recalling the release.
"""

from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import CODING, EXPORT, RELEASE
from studyhub.domain.vocabulary import Act
from studyhub.domain.words import REASON_CODES
from studyhub.store.analysis import Cell, Coding, Export, ExportItem
from studyhub.store.releases import Case, Release
from studyhub.store.users import Proposal
from studyhub.workflows.kernel import Hub, Work, action, worker_desk
from studyhub.workflows.projections import (
    close_report_holds,
    person_of,
    refresh,
    refresh_all,
)


@action(Act.RELEASE_RECALL)
def recall(work: Work, label: str, reason: str) -> int:
    """Take the release in use under a label back for good. Returns how many copies are out.

    What was coded in it, matrix cells that rest on it and copies of it are marked at once.
    """
    row = work.load(Release, _current(work, label))
    if reason not in REASON_CODES:
        raise Invalid({"reason": "Choose a reason"})
    row.state = advance(row.state, Act.RELEASE_RECALL, RELEASE)
    _mark_codings(work, row)
    copies = _ask_back(work, row.id)
    _end_report(work, row)
    work.note(version=str(row.number), reason=reason, count=copies)
    return copies


def _current(work: Work, label: str) -> UUID:
    found = work.session.scalar(
        select(Release.id).where(
            Release.study_id == work.study, Release.label == label, Release.state == "current"
        )
    )
    if found is None:
        raise NotFound("release")
    return found


def _mark_codings(work: Work, row: Release) -> None:
    codings = work.session.scalars(
        select(Coding).where(Coding.release_id == row.id, Coding.state == "active")
    )
    for coding in codings:
        coding.state = advance(coding.state, Act.RELEASE_RECALL, CODING)
    cells = work.session.scalars(
        select(Cell)
        .join(Case, Case.id == Cell.case_id)
        .where(Case.study_id == work.study, Case.label == row.label, Cell.status == "agreed")
    )
    for cell in cells:
        cell.status = "draft"  # somebody looks at it again


def _ask_back(work: Work, release_id: UUID) -> int:
    """Ask everybody who took a copy to delete it; they find it on their first page."""
    out = work.session.scalars(
        select(Export)
        .join(ExportItem, ExportItem.export_id == Export.id)
        .where(ExportItem.release_id == release_id, Export.recall_state == "none")
    ).all()
    for export in out:
        export.recall_state = advance(export.recall_state, Act.RELEASE_RECALL, EXPORT)
    return len(out)


def _end_report(work: Work, row: Release) -> None:
    """A report that led to the recall is taken up by it, and the text can be worked on."""
    open_ones = work.session.scalars(
        select(Proposal).where(
            Proposal.act == Act.RELEASE_REPORT,
            Proposal.subject == f"release:{row.id}",
            Proposal.outcome.is_(None),
        )
    )
    for proposal in open_ones:
        proposal.outcome = "approved"
        proposal.decided_by, proposal.decided_at = work.actor.membership_id, work.now
    work.session.flush()
    person = person_of(work, row)
    if person is not None:
        close_report_holds(work, person)
        refresh(work, person)


# -- what ends by its date -----------------------------------------------------------------


def refresh_due(hub: Hub) -> int:
    """Write onto releases what ended by its date since the last round. How many people."""
    due = (
        select(Release.study_id)
        .where(Release.use_until <= hub.now(), Release.quotes_ok | Release.sharing_ok)
        .distinct()
    )
    with hub.sessions.reading.begin() as session:
        studies = session.scalars(due).all()
    return sum(_refresh(worker_desk(hub, study)) for study in studies)


@action(Act.RELEASE_REFRESH)
def _refresh(work: Work) -> int:
    """Bring every release of a study up to what consents allow now."""
    work.claim_all("releases")
    return refresh_all(work)
