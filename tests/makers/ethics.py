"""The approval of the committee, and the documents: written, approved, in use."""

from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.documents import bytes_of_form
from studyhub.store.consent import Document, DocumentVersion
from studyhub.workflows import consent_documents, consent_ethics, consent_versions, protocol
from tests import texts
from tests.makers.cast import Study


def approved_study(study: Study) -> UUID:
    """Let the study have its approval and every document in use. Returns the approval.

    Rita writes the letters and Petra approves them; Petra the rest, and Ravi approves it.
    """
    approval_id = approve_study(study)
    for text in texts.WRITTEN_BY_PETRA:
        in_use(study, text, approval_id, author="petra", approver="ravi")
    for text in texts.WRITTEN_BY_RITA:
        in_use(study, text, approval_id, author="rita", approver="petra")
    return approval_id


def approve_study(study: Study) -> UUID:
    """Record that the committee approved the study, from today, without an end."""
    petra = study.petra
    asked = consent_ethics.Request(texts.COMMITTEE, texts.REFERENCE)
    approval_id = consent_ethics.record(petra, asked)
    consent_ethics.change(petra, approval_id, consent_ethics.Outcome("submitted"))
    now = study.clock()
    decided = consent_ethics.Outcome("approved", now.date(), now, conditions=texts.CONDITIONS)
    consent_ethics.change(petra, approval_id, decided)
    return approval_id


def in_use(
    study: Study,
    text: consent_documents.Draft,
    approval_id: UUID,
    *,
    author: str = "petra",
    approver: str = "ravi",
    reconsent: str = "",
) -> UUID:
    """Write a version, hand it in, let somebody else approve it, and put it into use."""
    version_id = submitted(study, text, author=author)
    approve_version(study, version_id, approval_id, approver=approver, reconsent=reconsent)
    consent_versions.use(study.petra, version_id)
    return version_id


def submitted(study: Study, text: consent_documents.Draft, *, author: str = "petra") -> UUID:
    """Write a version and hand it in for approval."""
    version_id = consent_documents.draft(study.desk(author), text)
    consent_documents.submit(study.desk(author), version_id)
    return version_id


def approve_version(
    study: Study,
    version_id: UUID,
    approval_id: UUID,
    *,
    approver: str = "ravi",
    reconsent: str = "",
) -> None:
    """Approve a version that was handed in, as it reads now."""
    decision = consent_documents.Approving(approval_id, seen(study, version_id), reconsent)
    consent_documents.approve(study.desk(approver), version_id, decision)


def seen(study: Study, version_id: UUID) -> bytes:
    """The digest of a version's text as it reads now."""
    with study.hub.sessions.reading.begin() as session:
        version = session.get_one(DocumentVersion, version_id)
        return sha256(bytes_of_form(protocol.text_of(session, version))).digest()


def guide_in_use(study: Study) -> UUID:
    """The version of the topic guide that is in use."""
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(
            select(DocumentVersion.id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(
                Document.study_id == study.id,
                Document.kind == "topic_guide",
                DocumentVersion.state == "effective",
            )
        ).one()
