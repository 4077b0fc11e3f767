"""What the holder of a link sees: where they stand, their sheet, their questions and answers.

Reading changes nothing and leaves no line (invariant 12): nobody learns that it was opened.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.documents import Number
from studyhub.domain.errors import NotFound
from studyhub.domain.lifecycle_course import QUESTION_WAITS
from studyhub.domain.signing import may_sign_from
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Document, DocumentGiven, DocumentVersion
from studyhub.store.keys import DataKeyGrant
from studyhub.store.people import Expression, Link, Question
from studyhub.store.users import Study
from studyhub.workflows.consent_history_rows import in_force
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.protocol_periods import in_use_at
from studyhub.workflows.sealing import open_column

SHEET = "pis"


@dataclass(frozen=True)
class Sheet:
    """The information sheet: the one given last, or before that the one in use."""

    number: str
    body: str
    use_from: datetime | None
    given_at: datetime | None


@dataclass(frozen=True)
class OwnQuestion:
    """A question the person asked, and its answer if there is one."""

    question: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class OwnPage:
    """What a person can do by their link, and where they stand."""

    state: str
    sheet: Sheet | None
    may_sign_from: datetime | None
    waits_for_answer: bool
    signs_again: bool
    questions: tuple[OwnQuestion, ...]


@action(Act.LINK_READ)
def see(work: Work, *, questions: bool = False) -> OwnPage:
    """Show the holder of a link where they stand; their questions only where asked for."""
    link = work.session.get(Link, work.link_id) if work.link_id else None
    if link is None:
        raise NotFound("no such link")
    work.claim(link)
    sheet = _sheet(work, link)
    hours = work.session.get_one(Study, work.study).settings["consider_time"]
    given_at = sheet.given_at if sheet else None
    return OwnPage(
        state=_state(work, link),
        sheet=sheet,
        may_sign_from=may_sign_from(given_at, hours) if given_at else None,
        waits_for_answer=_waits(work, link.participant_id),
        signs_again=_signs_again(work, link.participant_id),
        questions=tuple(_questions(work, link)) if questions else (),
    )


def _sheet(work: Work, link: Link) -> Sheet | None:
    given = _given_last(work, link.participant_id) if link.participant_id else None
    if given is not None:
        version = work.session.get_one(DocumentVersion, given.version_id)
        return _sheet_of(version, given.given_at)
    language = work.session.get_one(Study, work.study).settings["languages"][0]
    in_use = in_use_at(work.session, work.study, SHEET, language, work.now)
    return _sheet_of(in_use, None) if in_use else None


def _given_last(work: Work, participant_id: UUID) -> DocumentGiven | None:
    return work.session.scalar(
        select(DocumentGiven)
        .join(DocumentVersion, DocumentVersion.id == DocumentGiven.version_id)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(DocumentGiven.participant_id == participant_id, Document.kind == SHEET)
        .order_by(DocumentGiven.given_at.desc())
        .limit(1)
    )


def _sheet_of(version: DocumentVersion, given_at: datetime | None) -> Sheet:
    number = Number(version.major, version.minor)
    return Sheet(str(number), version.body, version.use_from, given_at)


def _state(work: Work, link: Link) -> str:
    """The state of the newest expression, or nothing if the person never wrote."""
    if link.participant_id is None:
        return ""
    found = work.session.scalar(
        select(Expression.state)
        .where(Expression.participant_id == link.participant_id)
        .order_by(Expression.received_at.desc(), Expression.id)
        .limit(1)
    )
    return found or ""


def _waits(work: Work, participant_id: UUID | None) -> bool:
    wanted = select(Question.id).where(
        Question.participant_id == participant_id,
        Question.blocks,
        Question.state.in_(QUESTION_WAITS),
    )
    return work.session.scalar(wanted.limit(1)) is not None


def _signs_again(work: Work, participant_id: UUID | None) -> bool:
    """Whether they signed a form that changed for everybody since then."""
    if participant_id is None:
        return False
    told = in_force(work.session, participant_id, "participate", work.now, work.now)
    return told.reason_code == "reconsent_due"


def _questions(work: Work, link: Link) -> list[OwnQuestion]:
    """Newest first, as far as this link was given their keys."""
    rows = work.session.scalars(
        select(Question)
        .join(DataKeyGrant, DataKeyGrant.data_key_id == Question.data_key_id)
        .where(
            Question.participant_id == link.participant_id,
            DataKeyGrant.grantee_kind == "link",
            DataKeyGrant.grantee_id == link.id,
        )
        .order_by(Question.asked_at.desc(), Question.id)
    )
    return [_question(work, row) for row in rows]


def _question(work: Work, row: Question) -> OwnQuestion:
    owner = row.participant_id
    asked = open_column(work, row.data_key_id, row, "text_sealed", owner)
    answer = ""
    if row.answer_sealed is not None:
        answer = open_column(work, row.data_key_id, row, "answer_sealed", owner)["answer"]
    return OwnQuestion(asked["question"], answer, row.asked_at, row.answered_at)
