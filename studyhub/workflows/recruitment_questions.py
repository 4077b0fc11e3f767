"""Questions of participants: asked by link or noted from a call, passed on, answered.

A question is sealed to ``contact`` and granted to the links of the person who asked, so that
the answer, sealed under the same key, can be read on their page. Interviewers hold no key to
``contact``: passing a question on to one gives them the key of this question alone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from studyhub.domain import letter_texts
from studyhub.domain.errors import Invalid, NotFound, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION, QUESTION, QUESTION_WAITS
from studyhub.domain.roles import ROLE_NAMES
from studyhub.domain.vocabulary import Act, Actor, Compartment, Role, Side
from studyhub.domain.words import WORDS
from studyhub.store.consent import Participant
from studyhub.store.keys import DataKeyGrant
from studyhub.store.people import Link, Question
from studyhub.store.users import Membership, Study, User
from studyhub.workflows.expressions import newest_of
from studyhub.workflows.holding import is_held, refuse_held
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.links import own_link
from studyhub.workflows.pages import Cut, cut_by_time
from studyhub.workflows.people import HELD, read_card, refuse_erased, side_of
from studyhub.workflows.post import Outgoing, to_participant
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.sealing import open_column, seal_column
from studyhub.workflows.standing import is_current

PURPOSE = "questions"
MAY_ANSWER = (Role.RECRUITER, Role.PI, Role.INTERVIEWER)
# How a question reaches the team when it does not come by link.
HEARD = ("telephone", "in_person", "email", "post")
AT_ONCE = 25


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
def ask(
    work: Work, asked: Asked, participant_id: UUID | None = None, channel: str = "telephone"
) -> UUID:
    """Keep a question: of the holder of a link, or noted by a recruiter for a participant."""
    if work.link_id is not None:
        participant_id, channel = own_link(work, PURPOSE).participant_id, "link"
    elif channel not in HEARD:
        raise Invalid({"channel": "Choose how they asked"})
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
def waiting(work: Work, *, done: bool = False, after: str = "") -> Cut[QuestionView]:
    """Open the questions that wait, longest first; or those that are done, newest first."""
    waits = Question.state.in_(QUESTION_WAITS)
    query = (
        select(Question)
        .join(Participant, Participant.id == Question.participant_id)
        .where(Participant.study_id == work.study, ~waits if done else waits)
    )
    if work.actor.role is Role.INTERVIEWER:
        query = query.where(Question.assigned_to == work.actor.membership_id)
    place = (Question.asked_at, Question.id)
    found = cut_by_time(
        work.session, query, place, size=AT_ONCE, after=after, newest_first=done
    )
    work.claim_all("questions")
    work.note(count=len(found.page.rows))
    return found.drawn(lambda row: _view(work, row))


@action(Act.QUESTION_READ)
def read(work: Work, question_id: UUID) -> QuestionView:
    """Open one question and its answer."""
    return _view(work, work.load(Question, question_id))


def who_may_answer(desk: Desk) -> dict[str, str]:
    """Who a question can be passed on to, by the id of their membership: no secret of it."""
    with desk.hub.sessions.reading.begin() as session:
        rows = session.execute(
            select(Membership, User.name)
            .join(User, User.id == Membership.user_id)
            .where(Membership.study_id == desk.study, Membership.role.in_(MAY_ANSWER))
            .order_by(User.name)
        ).all()
        now = desk.hub.now()
        return {
            str(member.id): f"{name}, {ROLE_NAMES[Role(member.role)].lower()}"
            for member, name in rows
            if is_current(member, now)
        }


@action(Act.QUESTION_ASSIGN)
def assign(work: Work, question_id: UUID, to: UUID) -> None:
    """Say who answers a question; an interviewer gets the key of this one question."""
    row = work.load(Question, question_id)
    member = work.session.get(Membership, to)
    if (
        member is None
        or member.study_id != work.study
        or member.role not in MAY_ANSWER
        or not is_current(member, work.now)
    ):
        raise Invalid({"to": "Choose a recruiter, an interviewer or a principal investigator"})
    if row.state not in QUESTION_WAITS:
        raise WrongState("this question was answered already")
    if row.state == "open":
        row.state = advance(row.state, Act.QUESTION_ASSIGN, QUESTION)
    row.assigned_to = member.id
    _hand_key(work, row, member)
    work.note(membership=str(member.id), state=row.state)


def _hand_key(work: Work, row: Question, member: Membership) -> None:
    """Take the question's key from who had it before, and give it to an interviewer."""
    work.session.execute(
        delete(DataKeyGrant).where(
            DataKeyGrant.data_key_id == row.data_key_id,
            DataKeyGrant.grantee_kind == "membership",
        )
    )
    certificate = certificate_of(member)
    if member.role == Role.INTERVIEWER and certificate is not None:
        work.vault.grant_data_key(work.vault.data_key(row.data_key_id), certificate)


def ways_to_answer(actor: Actor) -> tuple[str, ...]:
    """An interviewer opens no address: who asked reads that answer on their own page."""
    told = ("telephone", "in_person")
    return told if actor.role is Role.INTERVIEWER else ("email", *told)


@action(Act.QUESTION_ANSWER)
def answer(work: Work, question_id: UUID, words: str, *, channel: str) -> UUID | None:
    """Answer: the words stand on the person's page, and are mailed if ``channel`` is email.

    Returns the letter.
    """
    row = work.load(Question, question_id)
    if not words.strip():
        raise Invalid({"answer": "Write the answer"})
    if channel not in ways_to_answer(work.actor):
        raise Invalid({"channel": "Choose how the answer is given"})
    refuse_held(work.session, row.participant_id, "card")
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


def _words(work: Work, row: Question) -> tuple[str, str]:
    """What was asked and answered; of who took their identity back nothing is opened."""
    owner = row.participant_id
    if is_held(work.session, owner, "card"):
        return HELD, ""
    asked = open_column(work, row.data_key_id, row, "text_sealed", owner)["question"]
    if row.answer_sealed is None:
        return asked, ""
    return asked, open_column(work, row.data_key_id, row, "answer_sealed", owner)["answer"]


def _view(work: Work, row: Question) -> QuestionView:
    owner = row.participant_id
    asked, answered = _words(work, row)
    member = work.session.get(Membership, row.assigned_to) if row.assigned_to else None
    return QuestionView(
        id=row.id,
        participant_id=owner,
        code=work.session.get_one(Participant, owner).code,
        question=asked,
        answer=answered,
        topic=row.topic,
        channel=row.channel,
        state=row.state,
        blocks=row.blocks,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        assigned_to=row.assigned_to,
        assigned_name=work.session.get_one(User, member.user_id).name if member else "",
    )
