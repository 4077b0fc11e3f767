"""How states of documents and approvals look, and what an approval is called."""

from studyhub.domain.document_names import AMENDMENT_KINDS
from studyhub.workflows.documents_list import ApprovalView

KINDS = {
    "draft": "quiet",
    "submitted": "warn",
    "approved": "info",
    "effective": "ok",
    "superseded": "quiet",
    "retired": "quiet",
    "planned": "quiet",
    "drafted": "quiet",
    "revision_requested": "warn",
    "suspended": "stop",
    "expired": "stop",
    "closed": "stop",
    "rejected": "stop",
    "withdrawn": "quiet",
    "implemented": "ok",
}


def label_of(approval: ApprovalView) -> str:
    """Name an approval or an amendment in a list."""
    kind = AMENDMENT_KINDS.get(approval.kind)
    what = f"{kind} amendment" if kind else "Approval"
    return f"{what} {approval.reference}"
