"""What analysts work with: releases under their labels, and nothing about people."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import EXPORT
from studyhub.domain.releasing import may_be_used
from studyhub.domain.vocabulary import Act
from studyhub.store.analysis import Export, ExportItem
from studyhub.store.releases import Release
from studyhub.workflows.kernel import Work, action


@dataclass(frozen=True)
class ReleaseView:
    """One released transcript as analysts know it: a label, and whether it may be read now."""

    label: str
    number: int
    held: bool


@dataclass(frozen=True)
class ToDelete:
    """A copy that this member took out of a release that was recalled since."""

    id: UUID
    label: str
    number: int
    kind: str


@dataclass(frozen=True)
class ReleasesView:
    """What there is to read, and what must be deleted elsewhere."""

    releases: list[ReleaseView]
    to_delete: list[ToDelete]


@action(Act.RELEASE_LIST)
def list_releases(work: Work) -> ReleasesView:
    """The releases in use, by label. No dates, names or codes: they would lead to people."""
    work.claim_all("releases")
    rows = work.session.scalars(
        select(Release)
        .where(Release.study_id == work.study, Release.state == "current")
        .order_by(func.length(Release.label), Release.label)
    )
    views = [ReleaseView(row.label, row.number, not may_be_used(row, work.now)) for row in rows]
    return ReleasesView(views, _to_delete(work))


def _to_delete(work: Work) -> list[ToDelete]:
    rows = work.session.execute(
        select(Export.id, Release.label, Release.number, Export.kind)
        .join(ExportItem, ExportItem.export_id == Export.id)
        .join(Release, Release.id == ExportItem.release_id)
        .where(
            Export.study_id == work.study,
            Export.by_id == work.actor.membership_id,
            Export.recall_state == "asked",
        )
        .order_by(func.length(Release.label), Release.label, Export.made_at, Export.id)
    )
    return [ToDelete(*row) for row in rows]


@action(Act.EXPORT_CONFIRM)
def confirm_deleted(work: Work, export_id: UUID) -> None:
    """Say that one's copies of a recalled release are deleted."""
    export = work.load(Export, export_id)
    export.recall_state = advance(export.recall_state, Act.EXPORT_CONFIRM, EXPORT)
    work.note(kind=export.kind)
