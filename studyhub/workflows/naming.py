"""What ids stand for, in words that the page they were chosen on has shown already.

For somebody who looks once more at what they chose before a password was asked. Nothing is
opened: members by name, people by code, versions and approvals by number and reference.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.document_names import KIND_NAMES
from studyhub.domain.documents import Number
from studyhub.domain.policy import POLICY
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.consent import Approval, Document, DocumentVersion, Participant
from studyhub.store.users import Membership, User
from studyhub.workflows.kernel import Desk


def words_of(desk: Desk, ids: Collection[UUID]) -> dict[UUID, str]:
    """What each id of this study stands for, as far as the role of this desk meets it."""
    role = desk.actor.role
    with desk.hub.sessions.reading.begin() as session:
        found = _members(session, desk.study, ids)
        if role in POLICY[Act.CONSENT_LIST].roles:
            found |= _people(session, desk.study, ids)
        if role in POLICY[Act.DOCUMENT_LIST].roles:
            found |= _versions(session, desk.study, ids) | _approvals(session, desk.study, ids)
    return found


def _members(session: Session, study: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Membership.id, User.name, Membership.role)
        .join(User, User.id == Membership.user_id)
        .where(Membership.study_id == study, Membership.id.in_(ids))
    )
    return {each.id: f"{each.name}, {ROLE_NAMES[Role(each.role)].lower()}" for each in rows}


def _people(session: Session, study: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Participant.id, Participant.code).where(
            Participant.study_id == study, Participant.id.in_(ids)
        )
    )
    return {each.id: each.code for each in rows}


def _versions(session: Session, study: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(DocumentVersion, Document.kind)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(Document.study_id == study, DocumentVersion.id.in_(ids))
    )
    return {row.id: f"{KIND_NAMES[kind]} {Number(row.major, row.minor)}" for row, kind in rows}


def _approvals(session: Session, study: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Approval.id, Approval.committee, Approval.reference).where(
            Approval.study_id == study, Approval.id.in_(ids)
        )
    )
    return {each.id: f"{each.committee}, {each.reference}" for each in rows}
