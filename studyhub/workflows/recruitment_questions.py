"""Questions of participants: asked by link or noted from a call, given to somebody, answered.

A question is sealed to ``contact`` and granted to the links of the person who asked, so that
the answer, sealed under the same key, can be read on their page.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain import letter_texts
from studyhub.domain.errors import Invalid, NotFound
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION, QUESTION
from studyhub.domain.vocabulary import Act, Compartment, Role, Side
from studyhub.domain.words import WORDS
from studyhub.store.consent import Participant
from studyhub.store.people import Link, Question
from studyhub.store.users import Membership, Study, User
from studyhub.workflows.expressions import newest_of
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.links import own_link
from studyhub.workflows.people import read_card, refuse_erased, side_of
from studyhub.workflows.post import Outgoing, to_participant
from studyhub.workflows.sealing import open_column, seal_column

PURPOSE = "questions"
WAITING = ("open", "assigned")
MAY_ANSWER = (Role.RECRUITER, Role.PI)
AT_ONCE = 50


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know, and whether they wait for the answer before they decide."""

    question: str
    blocks: bool
    topic: str = "other"


@dataclass(frozen=True)
class QuestionView:
    """A question as the team sees it."""

    id: UUID
    participant_id: UUID
    code: str
    question: str
    answer: str
    topic: str
    channel: str
    state: str
    blocks: bool
    asked_at: datetime
    answered_at: datetime | None
    assigned_to: UUID | None
    assigned_name: str


@action(Act.QUESTION_ASK)
def ask(work: Work, asked: Asked, participant_id: UUID | None = None) -> UUID:
    """Keep a question: of the holder of a link, or noted by a recruiter for a participant."""
    channel = "telephone"
    if work.link_id is not None:
        participant_id, channel = own_link(work, PURPOSE).participant_id, "link"
    participant = work.session.get(Participant, participant_id) if participant_id else None
    if participant is None or participant.study_id != work.study:
        raise NotFound("participant")
    refuse_erased(participant)
    _refuse_empty(asked)
    row = _new_question(work, participant.id, asked, channel)
    _is_considering(work, participant.id)
    work.claim(row)
    work.note(channel=channel, kind=asked.topic, answer="blocks" if row.blocks else "free")
    return row.id


def _refuse_empty(asked: Asked) -> None:
    problems = {}
    if not asked.question.strip():
        problems["question"] = "Write your question"
    if asked.topic not in WORDS["questions.topic"]:
        problems["topic"] = "Choose what it is about"
    if problems:
        raise Invalid(problems)


def _new_question(work: Work, owner: UUID, asked: Asked, channel: str) -> Question:
    key = work.vault.new_data_key(Compartment.CONTACT, side_of(work, owner, Side.CONTACT))
    row = Question(
        id=uuid4(),
        participant_id=owner,
        channel=channel,
        topic=asked.topic,
        state="open",
        blocks=asked.blocks,
        data_key_id=key.id,
        asked_at=work.now,
    )
    seal_column(work, key, row, "text_sealed", owner, question=asked.question.strip())
    work.session.add(row)
    work.session.flush()
    _grant_to_links(work, key, owner)
    return row


def _grant_to_links(work: Work, key: OpenKey, participant_id: UUID) -> None:
    """Every living link of the person that shows questions opens this one too."""
    rows = work.session.scalars(
        select(Link).where(Link.participant_id == participant_id, Link.revoked_at.is_(None))
    )
    for link in rows.all():
        if PURPOSE in link.purposes and (link.expires_at is None or link.expires_at > work.now):
            work.vault.grant_to_link(key, link.id, link.public_key)


def _is_considering(work: Work, participant_id: UUID) -> None:
    """Who asks after getting the sheet thinks about it."""
    row = newest_of(work.session, participant_id)
    if row is not None and row.state == "info_sent":
        row.state = advance(row.state, Act.QUESTION_ASK, EXPRESSION)


@action(Act.QUESTION_LIST)
def waiting(work: Work, *, done: bool = False) -> list[QuestionView]:
    """Open the questions that wait for an answer, longest first; or those that are done."""
    which = Question.state.in_(WAITING)
    rows = work.session.scalars(
        select(Question)
        .join(Participant, Participant.id == Question.participant_id)
        .where(Participant.study_id == work.study, ~which if done else which)
        .order_by(Question.asked_at, Question.id)
        .limit(AT_ONCE)
    ).all()
    work.claim_all("questions")
    work.note(count=len(rows))
    return [_view(work, row) for row in rows]


@action(Act.QUESTION_READ)
def read(work: Work, question_id: UUID) -> QuestionView:
    """Open one question and its answer."""
    return _view(work, work.load(Question, question_id))


def who_may_answer(desk: Desk) -> dict[str, str]:
    """The recruiters and PIs of the study by the id of their membership: no secret of it."""
    with desk.hub.sessions.reading.begin() as session:
        rows = session.execute(
            select(Membership.id, User.name)
            .join(User, User.id == Membership.user_id)
            .where(
                Membership.study_id == desk.study,
                Membership.state == "active",
                Membership.role.in_(MAY_ANSWER),
            )
            .order_by(User.name)
        ).all()
    return {str(row.id): row.name for row in rows}


@action(Act.QUESTION_ASSIGN)
def assign(work: Work, question_id: UUID, to: UUID) -> None:
    """Say who answers a question: a recruiter or a PI of the study."""
    row = work.load(Question, question_id)
    member = work.session.get(Membership, to)
    if (
        member is None
        or (member.study_id, member.state) != (work.study, "active")
        or member.role not in MAY_ANSWER
    ):
        raise Invalid({"to": "Choose a recruiter or a principal investigator"})
    if row.state == "open":
        row.state = advance(row.state, Act.QUESTION_ASSIGN, QUESTION)
    row.assigned_to = member.id
    work.note(membership=str(member.id), state=row.state)


@action(Act.QUESTION_ANSWER)
def answer(work: Work, question_id: UUID, words: str, *, channel: str) -> UUID | None:
    """Answer: the words stand on the person's page, and are mailed if ``channel`` is email.

    Returns the letter.
    """
    row = work.load(Question, question_id)
    if not words.strip():
        raise Invalid({"answer": "Write the answer"})
    if channel not in {"email", "telephone", "in_person"}:
        raise Invalid({"channel": "Choose how the answer is given"})
    row.state = advance(row.state, Act.QUESTION_ANSWER, QUESTION)
    key = work.vault.data_key(row.data_key_id)
    owner = row.participant_id
    seal_column(work, key, row, "answer_sealed", owner, answer=words.strip(), channel=channel)
    row.answered_at, row.answered_by = work.now, work.actor.membership_id
    work.note(channel=channel, state=row.state)
    return _mail(work, row, words) if channel == "email" else None


def _mail(work: Work, row: Question, words: str) -> UUID:
    """The letter says the answer only where nobody else reads this person's mail."""
    person = read_card(work, row.participant_id)
    asked = open_column(work, row.data_key_id, row, "text_sealed", row.participant_id)
    study = work.session.get_one(Study, work.study)
    letter = letter_texts.answer(
        name=person.card.name,
        study=study.neutral_name,
        sender=work.session.get_one(User, work.actor.user_id).name,
        question=asked["question"],
        words=words.strip() if person.wishes.mailbox_private else "",
    )
    return to_participant(work, person, Outgoing("answer", letter.subject, letter.text))


@action(Act.QUESTION_CLOSE)
def close(work: Work, question_id: UUID) -> None:
    """Close a question that was answered."""
    row = work.load(Question, question_id)
    row.state = advance(row.state, Act.QUESTION_CLOSE, QUESTION)
    work.note(state=row.state)


def _view(work: Work, row: Question) -> QuestionView:
    owner = row.participant_id
    asked = open_column(work, row.data_key_id, row, "text_sealed", owner)
    answered = {"answer": ""}
    if row.answer_sealed is not None:
        answered = open_column(work, row.data_key_id, row, "answer_sealed", owner)
    member = work.session.get(Membership, row.assigned_to) if row.assigned_to else None
    return QuestionView(
        id=row.id,
        participant_id=owner,
        code=work.session.get_one(Participant, owner).code,
        question=asked["question"],
        answer=answered["answer"],
        topic=row.topic,
        channel=row.channel,
        state=row.state,
        blocks=row.blocks,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        assigned_to=row.assigned_to,
        assigned_name=work.session.get_one(User, member.user_id).name if member else "",
    )
