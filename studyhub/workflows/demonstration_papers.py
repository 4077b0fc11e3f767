"""The approval of the demonstration and its documents, by the real acts of three members."""

from dataclasses import dataclass
from uuid import UUID

from studyhub.domain.documents import VersionText
from studyhub.domain.vocabulary import Role
from studyhub.workflows import (
    consent_documents,
    consent_documents_view,
    consent_ethics,
    consent_versions,
)
from studyhub.workflows import demonstration_texts as texts
from studyhub.workflows.consent_documents import Draft
from studyhub.workflows.demonstration_hand import Team


@dataclass(frozen=True)
class Papers:
    """The versions that a consent rests on, with the text of the form and its digest."""

    sheet: UUID
    form: UUID
    text: VersionText
    digest: bytes


def plant_papers(team: Team) -> Papers:
    """The approval of the committee, and a version of each document in use.

    The PI writes and the reviewer approves; letters a recruiter writes and the PI approves.
    """
    approval_id = _approval(team)
    written = {Role.PI: texts.WRITTEN_BY_PETRA, Role.RECRUITER: texts.WRITTEN_BY_RITA}
    made = {
        text.kind: _in_use(team, role, text, approval_id)
        for role, drafts in written.items()
        for text in drafts
    }
    form = consent_documents_view.show(team.desks[Role.PI], made["consent_form"])
    return Papers(made["pis"], form.row.id, form.text, bytes.fromhex(form.digest))


def _approval(team: Team) -> UUID:
    desk, now = team.desks[Role.PI], team.hub.now()
    asked = consent_ethics.Request(texts.COMMITTEE, texts.REFERENCE)
    approval_id = consent_ethics.record(desk, asked)
    consent_ethics.change(desk, approval_id, consent_ethics.Outcome("submitted"))
    decided = consent_ethics.Outcome("approved", now.date(), now, conditions=texts.CONDITIONS)
    consent_ethics.change(desk, approval_id, decided)
    return approval_id


def _in_use(team: Team, author: Role, text: Draft, approval_id: UUID) -> UUID:
    """Write a version, hand it in, let somebody else approve it, and put it into use."""
    desk, pi = team.desks[author], team.desks[Role.PI]
    approver = team.desks[Role.REVIEWER if author is Role.PI else Role.PI]
    version_id = consent_documents.draft(desk, text)
    consent_documents.submit(desk, version_id)
    seen = bytes.fromhex(consent_documents_view.show(approver, version_id).digest)
    decision = consent_documents.Approving(approval_id, seen, "")
    consent_documents.approve(approver, version_id, decision)
    consent_versions.use(pi, version_id)
    return version_id
