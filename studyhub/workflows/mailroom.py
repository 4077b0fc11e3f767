"""Sending what was queued. A letter is sent at most once; doubt is left to a person.

First the letter is marked as being sent and that is committed, then it is handed over, then
what became of it is recorded. A worker that dies in between leaves a letter in ``sending``,
which nobody takes again by itself.
"""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from studyhub import mail
from studyhub.domain.errors import Corrupt, Erased, Invalid, WrongState
from studyhub.domain.lifecycle import LETTER, advance
from studyhub.domain.recruitment import CANCEL_WHEN
from studyhub.domain.vocabulary import INSTANCE, Act, Role
from studyhub.mail import Answer, Reply
from studyhub.store.audit import Event
from studyhub.store.outbox import Letter
from studyhub.vault.seal import unpack
from studyhub.workflows import letters, suppressions
from studyhub.workflows.kernel import Desk, Hub, Work, action, worker_desk
from studyhub.workflows.letters import empty, in_doubt, mark_bounced

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=12)
FIRST = "suppression_confirmed"
TRIES = 16  # nearly five days in all; RFC 5321, 4.5.4.1 asks for four or five

_WAITING = ("queued", "deferred")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """How many letters were sent, how many never will be, and how many wait or are in doubt."""

    done: int
    failed: int
    left: int


def run_once(hub: Hub) -> Done:
    """Send every letter that is due. Letters found in ``sending`` are not touched."""
    done = failed = 0
    if has_a_way_out(hub):
        for letter_id, chain in _due(hub):
            answer = _send(worker_desk(hub, chain), letter_id)
            done += answer is Answer.ACCEPTED
            failed += answer is Answer.REFUSED
    return Done(done, failed, _left(hub))


def has_a_way_out(hub: Hub) -> bool:
    """Whether letters may leave: by a mail server, or in clear where that is allowed.

    Without a server they are written to ``outbox/`` on an insecure loopback instance only.
    """
    return hub.settings.smtp_url is not None or hub.settings.insecure_loopback


class Unwanted(WrongState):
    """The address wants no letters."""


class Uncovered(WrongState):
    """No approval covers this letter now, and it is one that only makes sense under one."""


@action(Act.LETTER_SEND)
def take(work: Work, letter_id: UUID) -> mail.Message:
    """Claim a letter for sending and open it. The message id finds it at the mail server.

    Without an approval (invariant 1) it stays where it is, or is Uncovered; Unwanted for an
    address that wants none (11).
    """
    letter = work.load(Letter, letter_id)
    letter.state = advance(letter.state, Act.LETTER_SEND, LETTER)
    body = unpack(work.vault.open_letter(letter))
    _refuse_uncovered(work, letter)
    if suppressions.is_unwanted(work, letter, body):
        raise Unwanted("this address wants no letters")
    suppressions.keep_tags(work, letter, body)
    sender = work.hub.settings.mail_from
    host = sender.rpartition("@")[2].rstrip(">")
    letter.message_id = letter.message_id or f"<{letter.id}@{host}>"
    return mail.Message(
        id=letter.message_id,
        sender=sender,
        at=work.now,
        to=body["to"],
        subject=body["subject"],
        text=body["text"],
        headers=body["headers"],
        attachments=tuple(body["attachments"]),
        envelope=f"bounce+{body['bounce']}@{host}" if "bounce" in body else "",
    )


def _refuse_uncovered(work: Work, letter: Letter) -> None:
    if not letters.is_held(work.session, letter, work.now):
        return
    if _ends_with_approval(letter.purpose):
        raise Uncovered("no approval covers this letter now")
    raise WrongState("this letter waits until an approval covers it")


def _ends_with_approval(purpose: str) -> bool:
    """Whether a lapsed approval takes a letter out; what a person is owed only waits."""
    return "approval_lapsed" in CANCEL_WHEN.get(purpose, ())


@action(Act.LETTER_SUPPRESS)
def suppress(work: Work, letter_id: UUID) -> None:
    """Drop a letter to an address that wants none, and empty it."""
    letter = work.load(Letter, letter_id)
    body = unpack(work.vault.open_letter(letter))
    if not suppressions.is_unwanted(work, letter, body):
        raise WrongState("this address takes letters")
    suppressions.keep_tags(work, letter, body)
    letter.state = advance(letter.state, Act.LETTER_SUPPRESS, LETTER)
    _note(work, letter, "")
    empty(work, letter)


@action(Act.LETTER_CONFIRM)
def confirm(work: Work, letter_id: UUID, *, code: str = "") -> None:
    """Record that the mail server took the letter, and empty it."""
    letter = work.load(Letter, letter_id)
    _refuse_too_early(work, letter)
    letter.state = advance(letter.state, Act.LETTER_CONFIRM, LETTER)
    letter.sent_at = work.now
    _note(work, letter, code)
    empty(work, letter)


@action(Act.LETTER_DEFER)
def defer(work: Work, letter_id: UUID, *, code: str = "") -> None:
    """Record that the letter was not taken yet; it waits, each time twice as long."""
    letter = work.load(Letter, letter_id)
    _refuse_too_early(work, letter)
    letter.state = advance(letter.state, Act.LETTER_DEFER, LETTER)
    before = deferrals(work.session, letter_id)
    pause = min(FIRST_PAUSE * 2 ** min(before, TRIES), LONGEST_PAUSE)
    letter.not_before = work.now + pause
    work.note(count=before + 1)
    _note(work, letter, code)


def _refuse_too_early(work: Work, letter: Letter) -> None:
    """A person decides about a letter only once the mailer cannot be busy with it any more."""
    if work.actor.role is not Role.SYSTEM and not in_doubt(work.session, letter, work.now):
        raise WrongState("this letter is not in doubt")


@action(Act.LETTER_BOUNCE)
def bounce(work: Work, letter_id: UUID, *, code: str = "") -> None:
    """Record that the letter was refused for good, or given up, and empty it."""
    letter = work.load(Letter, letter_id)
    letter.state = advance(letter.state, Act.LETTER_BOUNCE, LETTER)
    mark_bounced(work, letter)
    _note(work, letter, code)
    empty(work, letter)


def deferrals(session: Session, letter_id: UUID) -> int:
    """How often a letter was deferred: the record counts it."""
    wanted = select(func.count()).where(
        Event.subject == f"letter:{letter_id}",
        Event.act == Act.LETTER_DEFER,
        Event.outcome == "done",
    )
    return session.scalar(wanted) or 0


def _note(work: Work, letter: Letter, code: str) -> None:
    work.note(purpose=letter.purpose)
    if code:
        work.note(code=code)


def _send(desk: Desk, letter_id: UUID) -> Answer | None:
    """Bring one letter as far as it comes today. None if another worker has it."""
    with desk.hub.sessions.reading.begin() as session:
        given_up = deferrals(session, letter_id) >= TRIES
    if given_up:
        bounce(desk, letter_id, code="given_up")
        return Answer.REFUSED
    try:
        message = take(desk, letter_id)
    except (Uncovered, Unwanted) as no:
        _drop(desk, letter_id, no)
        return None
    except WrongState:
        return None
    except (Corrupt, Erased) as unopened:
        _log.warning("letter %s cannot be opened: %s", letter_id, unopened)
        return Answer.DEFERRED
    reply = _hand_over(desk.hub, letter_id, message)
    _record(desk, letter_id, reply)
    return reply.answer


def _drop(desk: Desk, letter_id: UUID, no: Uncovered | Unwanted) -> None:
    """Take a letter out of the queue that must not be sent. Another worker may have done so."""
    with contextlib.suppress(WrongState):
        if isinstance(no, Unwanted) and not _was_tried(desk, letter_id):
            suppress(desk, letter_id)
        else:
            reason = "opted_out" if isinstance(no, Unwanted) else "approval_lapsed"
            letters.take_back(desk, letter_id, reason=reason)


def _was_tried(desk: Desk, letter_id: UUID) -> bool:
    with desk.hub.sessions.reading.begin() as session:
        return session.get_one(Letter, letter_id).state == "deferred"


def _hand_over(hub: Hub, letter_id: UUID, message: mail.Message) -> Reply:
    try:
        written = mail.compose(message)
    except Invalid:
        return Reply(Answer.REFUSED, "invalid")
    if hub.settings.smtp_url is None:
        return mail.lay_out(hub.settings.outbox, str(letter_id), written)
    return mail.hand_over(hub.settings.smtp_url, written, envelope=message.envelope)


def _record(desk: Desk, letter_id: UUID, reply: Reply) -> None:
    match reply.answer:
        case Answer.ACCEPTED:
            confirm(desk, letter_id, code=reply.code)
        case Answer.DEFERRED:
            defer(desk, letter_id, code=reply.code)
        case Answer.REFUSED:
            bounce(desk, letter_id, code=reply.code)
        case Answer.DOUBT:
            _log.warning("letter %s may have been taken: a person decides", letter_id)


def _due(hub: Hub) -> Iterator[tuple[UUID, UUID]]:
    """The letters to send now, oldest first, each with the chain that records it."""
    now = hub.now()
    with hub.sessions.reading.begin() as session:
        rows = session.scalars(
            select(Letter)
            .where(Letter.state.in_(_WAITING), Letter.not_before <= now)
            # Who wants no more letters is known before the others are sent.
            .order_by(Letter.purpose != FIRST, Letter.not_before, Letter.id)
        ).all()
        due = [
            (row.id, row.study_id or INSTANCE)
            for row in rows
            if _ends_with_approval(row.purpose) or not letters.is_held(session, row, now)
        ]
    return iter(due)


def _left(hub: Hub) -> int:
    """Letters that are due, deferred or in doubt; those of another day are not counted."""
    with hub.sessions.reading.begin() as session:
        return session.scalar(select(func.count()).where(_unfinished(hub.now()))) or 0


def _unfinished(now: datetime) -> ColumnElement[bool]:
    due = (Letter.state == "queued") & (Letter.not_before <= now)
    return or_(Letter.state.in_(("sending", "deferred")), due)
