"""Who may record what the committee decided, settle the study, and write and use documents."""

from typing import Protocol
from uuid import UUID

from studyhub.domain.documents import MAIL_KINDS
from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Actor, Duty, Role


class OfKind(Protocol):
    """A document: what it is for."""

    @property
    def kind(self) -> str: ...


class Authored(Protocol):
    """A version of a document and the membership that wrote it."""

    @property
    def author_id(self) -> UUID: ...


def may_write_this_kind(actor: Actor, document: OfKind) -> bool:
    """The PI writes everything, a recruiter the letters."""
    return actor.role is Role.PI or document.kind in MAIL_KINDS


def wrote_it(actor: Actor, version: Authored) -> bool:
    """The actor is its author."""
    return version.author_id == actor.membership_id


def did_not_write_it(actor: Actor, version: Authored) -> bool:
    """Nobody approves what they wrote, and no exception lifts this (H-1, invariant 3)."""
    return version.author_id != actor.membership_id


def may_approve(actor: Actor, _version: object) -> bool:
    """The PI by role, others by their duty."""
    return actor.role is Role.PI or Duty.APPROVE in actor.duties


_READERS = (Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER, Role.AUDITOR)
_SETTINGS_READERS = (*_READERS, Role.ANALYST)
_APPROVERS = (Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER)

DOCUMENTS: dict[Act, Rule] = {
    Act.APPROVAL_RECORD: rule(
        "The PI records an approval of the ethics committee, or an amendment to it.", Role.PI
    ),
    Act.APPROVAL_CHANGE: rule(
        "The PI records what became of an approval or an amendment.", Role.PI
    ),
    Act.APPROVAL_UPLOAD: rule(
        "The PI sends the letter of the committee, as a scan or a PDF.", Role.PI
    ),
    Act.APPROVAL_ATTACH: rule(
        "The PI keeps the letter of the committee with an approval that has none.", Role.PI
    ),
    Act.APPROVAL_READ: rule(
        "The team reads the letter of the committee.", *_READERS, traced=False
    ),
    Act.DOCUMENT_LIST: rule(
        "The team sees the approval and which version of each document is in use.",
        *_READERS,
        traced=False,
    ),
    Act.DOCUMENT_SHOW: rule(
        "The team reads a version of a document and compares it with another.",
        *_READERS,
        traced=False,
    ),
    Act.DOCUMENT_DRAFT: rule(
        "The PI writes a version of a document, a recruiter a version of a letter.",
        Role.PI,
        Role.RECRUITER,
        only_if=(may_write_this_kind,),
    ),
    Act.DOCUMENT_SUBMIT: rule(
        "Whoever wrote a version hands it in for approval.",
        Role.PI,
        Role.RECRUITER,
        only_if=(wrote_it,),
    ),
    Act.DOCUMENT_SEND_BACK: rule(
        "The PI, or who has the duty, sends a version back to its author with a reason.",
        *_APPROVERS,
        only_if=(may_approve,),
    ),
    Act.DOCUMENT_APPROVE: rule(
        "The PI, or who has the duty, approves a version that somebody else wrote.",
        *_APPROVERS,
        only_if=(may_approve, did_not_write_it),
        asks_password=True,
    ),
    Act.DOCUMENT_USE: rule(
        "The PI puts an approved version into use, now or from a later instant; the one before "
        "it is superseded then.",
        Role.PI,
    ),
    Act.DOCUMENT_BEGIN: rule(
        "The worker lets a planned version begin then, if an approval covers that instant.",
        Role.SYSTEM,
    ),
    Act.DOCUMENT_RETIRE: rule(
        "The PI takes a version out of use for good, with a reason.", Role.PI
    ),
    Act.STUDY_READ: rule(
        "The team sees what the study has settled for itself.",
        *_SETTINGS_READERS,
        traced=False,
    ),
    Act.STUDY_CHANGE: rule(
        "The PI settles times, numbers and words of the study; what is signed stays signed.",
        Role.PI,
        asks_password=True,
    ),
}
