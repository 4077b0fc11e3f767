"""Which version was in use when, and under which periods of approval; read once for many."""

from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.consent_history import Period, covered
from studyhub.domain.cover import COVERED, NOT_COVERED, Cover, by_version
from studyhub.store.consent import Document, DocumentVersion
from studyhub.workflows.protocol_periods import approved_periods, periods_of_use


class VersionsUsed:
    """The versions and approvals of one study, as an act of any time needs them."""

    def __init__(self, session: Session, study: UUID) -> None:
        self._session, self._study = session, study

    def of_version(self, version_id: UUID, at: datetime) -> Cover:
        """Whether a version was in use, under its approval, at an instant."""
        used, approved = self._used.get(version_id), self._approvals.get(version_id, ())
        return by_version(used, approved, at, version_id)

    def approved(self, at: datetime) -> Cover:
        """Whether any approval of the study was in force at an instant."""
        every = tuple(period for periods in self._periods.values() for period in periods)
        return Cover(COVERED) if covered(every, at) else Cover(NOT_COVERED, "not_approved")

    @cached_property
    def _periods(self) -> dict[UUID, tuple[Period, ...]]:
        return approved_periods(self._session, self._study)

    @cached_property
    def _approvals(self) -> dict[UUID, tuple[Period, ...]]:
        rows = self._session.execute(
            select(DocumentVersion.id, DocumentVersion.approval_id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(Document.study_id == self._study)
        )
        return {version: self._periods.get(of, ()) for version, of in rows if of}

    @cached_property
    def _used(self) -> dict[UUID, Period]:
        kinds = self._session.scalars(
            select(Document.kind).where(Document.study_id == self._study).distinct()
        )
        found: dict[UUID, Period] = {}
        for kind in kinds.all():
            found |= periods_of_use(self._session, self._study, kind)
        return found
