"""The texts of the demonstration, which serve tests as well."""

from studyhub.domain.statements import STARTERS
from studyhub.workflows.demonstration_texts import (
    COMMITTEE,
    CONDITIONS,
    FORM_DRAFT,
    INVITATION,
    INVITATION_DRAFT,
    REFERENCE,
    SHEET_DRAFT,
    SUMMARY,
    WRITTEN_BY_PETRA,
    WRITTEN_BY_RITA,
    statements,
)

__all__ = [
    "COMMITTEE",
    "CONDITIONS",
    "FORM_DRAFT",
    "INVITATION",
    "INVITATION_DRAFT",
    "REFERENCE",
    "SHEET_DRAFT",
    "STARTERS",
    "SUMMARY",
    "WRITTEN_BY_PETRA",
    "WRITTEN_BY_RITA",
    "statements",
]
