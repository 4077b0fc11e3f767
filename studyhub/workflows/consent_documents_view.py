"""What the pages of ethics show: all versions, one version, two beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select

from studyhub.domain.documents import VersionText, bytes_of_form, problems_at_submit
from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Consent, DocumentVersion, Participant
from studyhub.workflows.documents_list import ApprovalView, EthicsView, VersionRow, all_of
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.protocol import text_of


@dataclass(frozen=True)
class VersionView:
    """One version with its words. ``digest`` is the SHA-256 of what everybody is shown.

    ``was_signed_before``: somebody can have signed an earlier version of it.
    """

    row: VersionRow
    text: VersionText
    digest: str
    problems: Mapping[str, str]
    approvals: list[ApprovalView]
    was_signed_before: bool
    signers: int
    other: "VersionView | None" = None


@action(Act.DOCUMENT_LIST)
def ethics(work: Work) -> EthicsView:
    """The approvals of a study and all versions of its documents."""
    work.claim_all("document")
    return all_of(work)


@action(Act.DOCUMENT_SHOW)
def show(work: Work, version_id: UUID, other_id: UUID | None = None) -> VersionView:
    """One version, and another one of the same document beside it."""
    version = work.session.get(DocumentVersion, version_id)
    if version is None:
        raise NotFound("no such version")
    work.claim(version)
    view = all_of(work)
    other = None
    if other_id is not None:
        beside = work.session.get(DocumentVersion, other_id)
        if beside is None or beside.document_id != version.document_id:
            raise NotFound("no such version of this document")
        other = _version(work, view, beside)
    return _version(work, view, version, other)


def _version(
    work: Work, view: EthicsView, version: DocumentVersion, other: VersionView | None = None
) -> VersionView:
    text = text_of(work.session, version)
    return VersionView(
        row=view.version(version.id),
        text=text,
        digest=sha256(bytes_of_form(text)).hexdigest(),
        problems=problems_at_submit(text) if version.state == "draft" else {},
        approvals=_allowing(view, version),
        was_signed_before=text.kind == "consent_form"
        and any(
            row.use_from is not None
            for row in view.versions
            if (row.kind, row.language) == (text.kind, text.language)
        ),
        signers=_signers(work),
        other=other,
    )


def _allowing(view: EthicsView, version: DocumentVersion) -> list[ApprovalView]:
    """What a version can be approved under now: the amendment that lists it, if one does."""
    able = [one for one in view.approvals if one.in_force or one.state == "implemented"]
    return [one for one in able if version.approval_id in {None, one.id}]


def _signers(work: Work) -> int:
    """How many people signed at least once."""
    wanted = (
        select(func.count(Consent.participant_id.distinct()))
        .join(Participant, Participant.id == Consent.participant_id)
        .where(Consent.kind == "signed", Participant.study_id == work.study)
    )
    return work.session.scalar(wanted) or 0
