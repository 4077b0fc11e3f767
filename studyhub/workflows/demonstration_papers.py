"""The approval of the demonstration and its documents, by the acts of three members."""

from datetime import timedelta
from uuid import UUID

from studyhub.workflows import (
    consent_documents,
    consent_documents_view,
    consent_ethics,
    consent_versions,
)
from studyhub.workflows import demonstration_texts as texts
from studyhub.workflows.consent_documents import Draft
from studyhub.workflows.demonstration_stage import Stage, Story

_A_WHILE = timedelta(minutes=50)


def papers(stage: Stage) -> Story:
    """The approval of the committee, and a version of each document in use.

    The PI writes and the reviewer approves; letters a recruiter writes and the PI approves.
    """
    yield stage.clock.later(0, "14:00")
    asked = consent_ethics.Request(texts.COMMITTEE, texts.REFERENCE)
    approval_id = consent_ethics.record(stage.desk("petra"), asked)
    consent_ethics.change(stage.desk("petra"), approval_id, consent_ethics.Outcome("submitted"))
    yield stage.clock.later(1, "11:00")
    now = stage.clock()
    decided = consent_ethics.Outcome("approved", now.date(), now, conditions=texts.CONDITIONS)
    consent_ethics.change(stage.desk("petra"), approval_id, decided)
    for author, approver, drafts in (
        ("petra", "ravi", texts.WRITTEN_BY_PETRA),
        ("rita", "petra", texts.WRITTEN_BY_RITA),
    ):
        yield stage.clock() + _A_WHILE
        written = [_submitted(stage, author, draft) for draft in drafts]
        yield stage.clock() + _A_WHILE
        for version_id in written:
            _into_use(stage, approver, version_id, approval_id)


def _submitted(stage: Stage, author: str, draft: Draft) -> UUID:
    version_id = consent_documents.draft(stage.desk(author), draft)
    consent_documents.submit(stage.desk(author), version_id)
    return version_id


def _into_use(stage: Stage, approver: str, version_id: UUID, approval_id: UUID) -> None:
    """Let somebody who did not write it approve the text as it reads, and put it into use."""
    desk = stage.desk(approver)
    seen = bytes.fromhex(consent_documents_view.show(desk, version_id).digest)
    consent_documents.approve(
        desk, version_id, consent_documents.Approving(approval_id, seen, "")
    )
    consent_versions.use(stage.desk("petra"), version_id)
