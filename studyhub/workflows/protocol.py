"""The protocol in force: which approval covers an instant, and what a version says.

Nothing is sent or signed without both (invariants 1, 4, 6, 8, 27).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.documents import Number, StatementText, VersionText
from studyhub.domain.errors import WrongState
from studyhub.store.consent import Approval, Document, DocumentVersion, Statement

PARTICIPANTS = "participants"


def approval_at(session: Session, study: UUID, at: datetime) -> Approval | None:
    """The first approval of the study, if it is approved and covers this instant."""
    rows = session.scalars(
        select(Approval).where(
            Approval.study_id == study, Approval.kind == "initial", Approval.state == "approved"
        )
    )
    return next((row for row in rows if covers(row, at)), None)


def covers(approval: Approval, at: datetime) -> bool:
    """Whether an approval has begun and not ended; many have no end."""
    begun = approval.starts_at is not None and approval.starts_at <= at
    return begun and (approval.ends_at is None or at < approval.ends_at)


def need_approval(session: Session, study: UUID, at: datetime) -> Approval:
    """The approval that covers an instant. WrongState without one, in plain words."""
    found = approval_at(session, study, at)
    if found is None:
        raise WrongState("no approval of an ethics committee covers this now")
    return found


def statements_of(session: Session, version_id: UUID) -> list[Statement]:
    """The statements of a consent form in their order."""
    return list(
        session.scalars(
            select(Statement)
            .where(Statement.version_id == version_id)
            .order_by(Statement.position)
        )
    )


def text_of(session: Session, version: DocumentVersion) -> VersionText:
    """A version as the plain text of the rules: what everybody is shown."""
    document = session.get_one(Document, version.document_id)
    return VersionText(
        kind=document.kind,
        language=document.language,
        number=Number(version.major, version.minor),
        body=version.body,
        statements=tuple(
            StatementText(row.code, row.wording, row.mandatory)
            for row in statements_of(session, version.id)
        ),
        deadline_rule=version.deadline_rule or None,
    )
