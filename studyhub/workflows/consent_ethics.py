"""What an ethics committee was asked and decided: the approval of a study, its amendments."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import AMENDMENT, APPROVAL, choosing
from studyhub.domain.policy import POLICY
from studyhub.domain.scans import kind_of_scan, whole
from studyhub.domain.vocabulary import Act
from studyhub.domain.words import RECONSENT, WORDS
from studyhub.store.consent import Approval, Document, DocumentVersion
from studyhub.store.db import study_of
from studyhub.store.keys import File
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.letters import happened_to_study
from studyhub.workflows.projections import refresh_all

FIRST = "initial"
# An amendment lists versions that are not in use yet.
_CAN_BE_LISTED = frozenset({"draft", "submitted", "approved"})

_LAPSED = frozenset({"suspended", "expired", "closed"})
_UNDECIDED = frozenset({"planned", "drafted", "submitted", "revision_requested"})
NAME = "Letter of the committee"


@dataclass(frozen=True)
class Request:
    """What is put before a committee. The last four are for an amendment only.

    ``reason`` says what changes and why people must, or need not, sign again.
    """

    committee: str
    reference: str
    kind: str = FIRST
    amends_id: UUID | None = None
    reason: str = ""
    reconsent: str = "none"
    versions: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of it. The dates and conditions belong to an approval."""

    to: str
    decided_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    conditions: str = ""
    letter_id: UUID | None = None


@action(Act.APPROVAL_RECORD)
def record(work: Work, request: Request) -> UUID:
    """Record what is, or will be, put before the committee."""
    _check(request)
    if request.kind != FIRST:
        _approved_before(work, request.amends_id)
    made = Approval(
        id=uuid4(),
        study_id=work.study,
        kind=request.kind,
        committee=request.committee.strip(),
        reference=request.reference.strip(),
        state="planned" if request.kind == FIRST else "drafted",
        conditions=request.reason.strip(),
        reconsent=request.reconsent,
        amends_id=request.amends_id,
    )
    work.session.add(made)
    work.claim(made)
    for version_id in request.versions:
        _list(work, made, version_id)
    work.note(kind=made.kind, state=made.state, count=len(request.versions))
    return made.id


def _check(request: Request) -> None:
    problems = {}
    if not request.committee.strip():
        problems["committee"] = "Write the name of the committee"
    if not request.reference.strip():
        problems["reference"] = "Write the reference the committee gave it"
    if request.kind not in WORDS["approvals.kind"]:
        problems["kind"] = "Choose what kind it is"
    if request.reconsent not in RECONSENT:
        problems["reconsent"] = "Choose who must sign again"
    if request.kind == FIRST and (request.amends_id or request.versions):
        problems["kind"] = "Only an amendment changes an approval and lists versions"
    if request.kind != FIRST and not request.reason.strip():
        problems["reason"] = "Say what changes, and why people must or need not sign again"
    if problems:
        raise Invalid(problems)


def _approved_before(work: Work, approval_id: UUID | None) -> Approval:
    """The approval that an amendment changes; of another study there is none."""
    found = work.session.get(Approval, approval_id) if approval_id else None
    if found is None or found.study_id != work.study or found.kind != FIRST:
        raise Invalid({"amends_id": "Choose the approval that is amended"})
    if found.state != "approved":
        raise WrongState("only an approval in force can be amended")
    return found


def _list(work: Work, amendment: Approval, version_id: UUID) -> None:
    """Let the amendment list a version, which then can be used under it only."""
    version = work.session.get(DocumentVersion, version_id, with_for_update=True)
    if version is None or study_of(work.session, version) != work.study:
        raise NotFound("no such version in this study")
    if version.state not in _CAN_BE_LISTED or version.approval_id is not None:
        raise Invalid({"versions": "List versions that are not in use and in no amendment"})
    version.approval_id = amendment.id


@action(Act.APPROVAL_CHANGE)
def change(work: Work, approval_id: UUID, outcome: Outcome) -> None:
    """Record what became of an approval or amendment: submitted, approved and on."""
    approval = work.load(Approval, approval_id)
    before = approval.state
    table = APPROVAL if approval.kind == FIRST else AMENDMENT
    approval.state = advance(before, choosing(Act.APPROVAL_CHANGE, outcome.to), table)
    if (before, outcome.to) == ("submitted", "approved"):
        _decided(work, approval, outcome)
    if outcome.letter_id is not None:
        _keep(work, approval, outcome.letter_id)
    if outcome.to == "implemented":
        _can_be_implemented(work, approval)
    if approval.kind == FIRST and outcome.to in _LAPSED:
        work.note(count=happened_to_study(work, "approval_lapsed"))
    refresh_all(work)
    work.note(**{"from": before, "to": outcome.to})


def _decided(work: Work, approval: Approval, outcome: Outcome) -> None:
    """Keep the dates and conditions of a decision. Many committees give no last day."""
    problems = {}
    if outcome.decided_on is None or outcome.decided_on > work.now.date():
        problems["decided_on"] = "Enter the day of the decision, not later than today"
    if outcome.starts_at is None:
        problems["starts_at"] = "Enter the day from which it holds"
    elif outcome.ends_at is not None and outcome.ends_at <= outcome.starts_at:
        problems["ends_at"] = "The last day must come after the first"
    if problems:
        raise Invalid(problems)
    approval.decided_on = outcome.decided_on
    approval.starts_at, approval.ends_at = outcome.starts_at, outcome.ends_at
    told = (approval.conditions, outcome.conditions.strip())
    approval.conditions = "\n".join(filter(None, told))


def _can_be_implemented(work: Work, amendment: Approval) -> None:
    """An amendment takes effect under an approval in force, and asks through a form."""
    _approved_before(work, amendment.amends_id)
    kinds = set(
        work.session.scalars(
            select(Document.kind)
            .join(DocumentVersion, DocumentVersion.document_id == Document.id)
            .where(DocumentVersion.approval_id == amendment.id)
        )
    )
    if amendment.reconsent == "all_active" and "consent_form" not in kinds:
        raise WrongState("people can sign again only if a new consent form is listed")


# -- the letter of the committee -------------------------------------------------------


@dataclass(frozen=True)
class LetterView:
    """The letter as it was sent, and of which kind it is."""

    content: bytes
    media_type: str


def take_letter(desk: Desk, approval_id: UUID, chunks: Iterable[bytes], length: int) -> UUID:
    """Take the letter of a committee as it arrives. It is kept when an approval names it.

    Invalid if it is no PDF, JPEG or PNG, too large, or shorter than was announced. Of somebody
    who may not send one nothing is read.
    """
    may_send = desk.actor.role in POLICY[Act.APPROVAL_UPLOAD].roles
    return _take(desk, approval_id, whole(chunks, length) if may_send else b"")


@action(Act.APPROVAL_UPLOAD)
def _take(work: Work, approval_id: UUID, content: bytes) -> UUID:
    """Take a letter for an approval that has none. Unless it is linked, it goes in a day."""
    approval = work.session.get(Approval, approval_id)
    if approval is None or approval.study_id != work.study:
        raise NotFound("no such approval of this study")
    _needs_a_letter(approval)
    digest, kind = sha256(content).digest(), kind_of_scan(content)
    made = File(study_id=work.study, name=NAME, media_type=kind, content=content, sha256=digest)
    work.session.add(made)
    work.claim(made)
    work.note(approval=str(approval_id), size=len(content), digest=digest.hex())
    return made.id


def _needs_a_letter(approval: Approval) -> None:
    """One letter is kept with an approval, and none is exchanged for another."""
    if approval.letter_id is not None:
        raise WrongState("the letter of the committee is kept already")


@action(Act.APPROVAL_ATTACH)
def attach(work: Work, approval_id: UUID, letter_id: UUID) -> None:
    """Keep the letter that says what a committee decided, where it came later."""
    _keep(work, work.load(Approval, approval_id), letter_id)


def _keep(work: Work, approval: Approval, letter_id: UUID) -> None:
    _needs_a_letter(approval)
    if approval.state in _UNDECIDED:
        raise Invalid({"letter": "Keep the letter that says what the committee decided"})
    found = work.session.get(File, letter_id, with_for_update=True)
    if found is None or found.study_id != work.study or _is_linked(work, letter_id):
        raise Invalid({"letter": "Send the letter first"})
    approval.letter_id = found.id
    work.note(digest=found.sha256.hex())


def _is_linked(work: Work, letter_id: UUID) -> bool:
    wanted = select(Approval.id).where(Approval.letter_id == letter_id).limit(1)
    return work.session.scalar(wanted) is not None


@action(Act.APPROVAL_READ)
def letter(work: Work, approval_id: UUID) -> LetterView:
    """The letter of the committee, as it was sent. NotFound where none is kept."""
    approval = work.load(Approval, approval_id)
    found = work.session.get(File, approval.letter_id) if approval.letter_id else None
    if found is None:
        raise NotFound("no letter is kept with this approval")
    return LetterView(found.content, found.media_type)
