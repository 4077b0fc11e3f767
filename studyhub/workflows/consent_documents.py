"""Versions of documents: written, handed in, sent back, approved by somebody else.

The words are frozen once approved, by triggers too; a later change is a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from studyhub.domain.deadlines import problem_of_rule
from studyhub.domain.documents import (
    MOST_LETTERS,
    Number,
    StatementText,
    VersionText,
    bytes_of_form,
    next_version,
    problems_at_submit,
)
from studyhub.domain.errors import Invalid, NotPermitted, Stale, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import VERSION
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act
from studyhub.domain.words import RECONSENT, WORDS
from studyhub.store.consent import Approval, Document, DocumentVersion, Statement
from studyhub.store.users import Membership, Study
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.protocol import PARTICIPANTS, covers, text_of

_MOST_STATEMENTS = 40


@dataclass(frozen=True)
class Draft:
    """What somebody wrote. ``major`` asks for the next whole number."""

    kind: str
    body: str
    language: str = "en"
    statements: tuple[StatementText, ...] = ()
    deadline_rule: Mapping[str, Any] = field(default_factory=dict)
    major: bool = False


# -- write and hand in ---------------------------------------------------------------


@action(Act.DOCUMENT_DRAFT)
def draft(work: Work, text: Draft, version_id: UUID | None = None) -> UUID:
    """Begin a version, or write a draft of one's own anew."""
    _check(work, text)
    document = _document(work, text)
    work.claim(document)
    if version_id is None:
        version = _next(work, document, major=text.major)
    else:
        version = _own_draft(work, document, version_id)
    version.body, version.deadline_rule = text.body, dict(text.deadline_rule)
    work.session.add(version)
    _write_statements(work, version, text.statements)
    number = Number(version.major, version.minor)
    work.note(kind=document.kind, version=str(number))
    return version.id


def _check(work: Work, text: Draft) -> None:
    """Refuse what cannot be kept; what is only unfinished waits for the handing in."""
    study = work.session.get_one(Study, work.study)
    problems = {}
    if text.kind not in WORDS["documents.kind"]:
        problems["kind"] = "Choose a kind of document"
    if text.language not in study.settings["languages"]:
        problems["language"] = "Choose a language of this study"
    if len(text.body) > MOST_LETTERS:
        problems["body"] = f"The text is longer than {MOST_LETTERS} letters"
    if text.deadline_rule and problem_of_rule(text.deadline_rule):
        problems["deadline_rule"] = str(problem_of_rule(text.deadline_rule))
    if text.statements and "kind" not in problems:
        problems |= _problem_of_statements(text)
    if problems:
        raise Invalid(problems)


def _problem_of_statements(text: Draft) -> dict[str, str]:
    if len(text.statements) > _MOST_STATEMENTS:
        return {"statements": f"A form has at most {_MOST_STATEMENTS} statements"}
    found = problems_at_submit(_as_version(text))
    return {"statements": found["statements"]} if "statements" in found else {}


def _as_version(text: Draft) -> VersionText:
    return VersionText(
        text.kind, text.language, Number(0, 0), text.body, text.statements, text.deadline_rule
    )


def _document(work: Work, text: Draft) -> Document:
    """The document of this kind and language; the first version makes it."""
    found = work.session.scalar(
        select(Document)
        .where(
            Document.study_id == work.study,
            Document.kind == text.kind,
            Document.language == text.language,
            Document.audience == PARTICIPANTS,
        )
        .with_for_update()
    )
    if found is None:
        found = Document(
            id=uuid4(),
            study_id=work.study,
            kind=text.kind,
            language=text.language,
            audience=PARTICIPANTS,
        )
        work.session.add(found)
    return found


def _next(work: Work, document: Document, *, major: bool) -> DocumentVersion:
    numbers = [
        Number(*pair)
        for pair in work.session.execute(
            select(DocumentVersion.major, DocumentVersion.minor).where(
                DocumentVersion.document_id == document.id
            )
        )
    ]
    number = next_version(numbers, major=major or not numbers)
    return DocumentVersion(
        id=uuid4(),
        document_id=document.id,
        major=number.major,
        minor=number.minor,
        state="draft",
        author_id=work.actor.membership_id,
        reconsent="none",
    )


def _own_draft(work: Work, document: Document, version_id: UUID) -> DocumentVersion:
    """A draft of the actor's own: nobody rewrites, and then approves, another's words."""
    version = work.session.get(DocumentVersion, version_id, with_for_update=True)
    if version is None or version.document_id != document.id:
        raise Invalid({"kind": "A version keeps its kind and language"})
    if version.author_id != work.actor.membership_id:
        raise NotPermitted("only its author changes a draft")
    if version.state != "draft":
        raise WrongState("a version is changed as a draft only")
    return version


def _write_statements(
    work: Work, version: DocumentVersion, statements: tuple[StatementText, ...]
) -> None:
    work.session.flush()
    work.session.execute(delete(Statement).where(Statement.version_id == version.id))
    work.session.add_all(
        Statement(
            version_id=version.id,
            position=position,
            code=statement.code,
            wording=statement.wording.strip(),
            mandatory=statement.mandatory,
        )
        for position, statement in enumerate(statements, 1)
    )


@action(Act.DOCUMENT_SUBMIT)
def submit(work: Work, version_id: UUID) -> None:
    """Hand a draft of one's own in for approval, complete."""
    version = work.load(DocumentVersion, version_id)
    advance(version.state, Act.DOCUMENT_SUBMIT, VERSION)
    text = text_of(work.session, version)
    problems = problems_at_submit(text)
    if problems:
        raise Invalid(problems)
    version.state = advance(version.state, Act.DOCUMENT_SUBMIT, VERSION)
    work.note(kind=text.kind, version=str(text.number))


# -- decide --------------------------------------------------------------------------


@dataclass(frozen=True)
class Approving:
    """Under which approval or amendment, the text that was read, and who signs again.

    ``seen`` is the SHA-256 of the text that the approver read. ``reconsent`` may be empty
    where it is settled: by the amendment, or because nobody can have signed it before.
    """

    approval_id: UUID
    seen: bytes
    reconsent: str = ""


@action(Act.DOCUMENT_SEND_BACK)
def send_back(work: Work, version_id: UUID, reason: str) -> None:
    """Give a version back to its author, who may then write on."""
    version = work.load(DocumentVersion, version_id)
    advance(version.state, Act.DOCUMENT_SEND_BACK, VERSION)
    need_reason(reason)
    version.state = advance(version.state, Act.DOCUMENT_SEND_BACK, VERSION)
    work.note(reason=reason)


@action(Act.DOCUMENT_APPROVE)
def approve(work: Work, version_id: UUID, decision: Approving) -> None:
    """Fix the words of a version that somebody else wrote (invariants 2, 3)."""
    version = work.load(DocumentVersion, version_id)
    author = work.session.get_one(Membership, version.author_id)
    if author.user_id == work.actor.user_id:
        raise NotPermitted("nobody approves what they wrote, in no role of theirs")
    advance(version.state, Act.DOCUMENT_APPROVE, VERSION)
    digest = sha256(bytes_of_form(text_of(work.session, version))).digest()
    if digest != decision.seen:
        raise Stale("the text was changed after it was read")
    approval = _approval(work, version, decision.approval_id)
    reconsent = _who_signs_again(work, version, approval, decision.reconsent)
    # One statement for all of it: once it is approved, nothing can be added.
    version.approval_id, version.reconsent = approval.id, reconsent
    version.approved_by = work.actor.membership_id
    version.body_hash = digest
    version.state = advance(version.state, Act.DOCUMENT_APPROVE, VERSION)
    work.note(approval=str(approval.id), digest=digest.hex(), state=reconsent)


def _approval(work: Work, version: DocumentVersion, approval_id: UUID) -> Approval:
    """The decision that covers a version: the amendment that lists it, or the approval."""
    found = work.session.get(Approval, approval_id)
    if found is None or found.study_id != work.study:
        raise Invalid({"approval_id": "Choose what the committee decided about this version"})
    if version.approval_id not in {None, found.id}:
        raise Invalid({"approval_id": "Another amendment lists this version"})
    if not _allows(work, found):
        raise WrongState("the committee has not allowed this version yet")
    return found


def _allows(work: Work, approval: Approval) -> bool:
    if approval.kind != "initial":
        return approval.state == "implemented"
    return approval.state == "approved" and covers(approval, work.now)


def _who_signs_again(
    work: Work, version: DocumentVersion, approval: Approval, wanted: str
) -> str:
    """Who signs again: settled by the amendment, or chosen where anybody can have signed."""
    if approval.kind != "initial":
        settled = approval.reconsent
    else:
        settled = "" if _was_signed_before(work, version) else "none"
    if settled and wanted not in {"", settled}:
        raise Invalid({"reconsent": "This was settled already, differently"})
    if (settled or wanted) not in RECONSENT:
        raise Invalid({"reconsent": "Choose who must sign again"})
    return settled or wanted


def _was_signed_before(work: Work, version: DocumentVersion) -> bool:
    """Whether anybody can have signed an earlier version: only consent forms are signed."""
    used = (
        select(DocumentVersion.id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(
            Document.kind == "consent_form",
            DocumentVersion.document_id == version.document_id,
            DocumentVersion.use_from.is_not(None),
        )
    )
    return work.session.scalar(used.limit(1)) is not None
