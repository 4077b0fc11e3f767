"""Sending what was queued. A letter is sent at most once; doubt is left to a person.

First the letter is marked as being sent and that is committed, then it is handed over, then
what became of it is recorded. A worker that dies in between leaves a letter in ``sending``,
which nobody takes again by itself.
"""

import contextlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub import mail
from studyhub.domain.errors import Corrupt, Erased, Invalid, WrongState
from studyhub.domain.lifecycle import LETTER, advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.safe_hours import safe_hours
from studyhub.domain.vocabulary import Act, Role
from studyhub.mail import Answer, Reply
from studyhub.store.audit import Event
from studyhub.store.outbox import Letter
from studyhub.vault.seal import unpack
from studyhub.workflows import letters, mail_queue, suppressions
from studyhub.workflows.bounces import bounce
from studyhub.workflows.kernel import Desk, Hub, Work, action, worker_desk
from studyhub.workflows.letters import empty, in_doubt

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=12)
SAFE_HOURS = "safe_hours"
TRIES = 16  # nearly five days in all; RFC 5321, 4.5.4.1 asks for four or five

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
        for letter_id, chain in mail_queue.due(hub):
            answer = _send(worker_desk(hub, chain), letter_id)
            done += answer is Answer.ACCEPTED
            failed += answer is Answer.REFUSED
    return Done(done, failed, mail_queue.left(hub))


def has_a_way_out(hub: Hub) -> bool:
    """Whether letters may leave: by a mail server, or in clear where that is allowed.

    Without a server they are written to ``outbox/`` on an insecure loopback instance only.
    """
    return hub.settings.smtp_url is not None or hub.settings.insecure_loopback


class Unwanted(WrongState):
    """The address wants no letters."""


class Uncovered(WrongState):
    """No approval covers this letter now, and it is one that only makes sense under one."""


class Unsafe(WrongState):
    """The person may not be reached at this hour; ``until`` is when they may."""

    def __init__(self, until: datetime) -> None:
        super().__init__("this letter waits for safe hours")
        self.until = until


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
    _refuse_unsafe_hour(body, work.now)
    suppressions.keep_tags(work, letter, body)
    sender = work.hub.settings.mail_from
    host = work.hub.settings.mail_domain
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


def _refuse_unsafe_hour(body: dict[str, Any], now: datetime) -> None:
    """Invariant 20: a letter that is late does not arrive when others may see it."""
    hours = safe_hours(*body["hours"]) if body.get("hours") else None
    if hours is not None and hours.next(now) > now:
        raise Unsafe(hours.next(now))


def _refuse_uncovered(work: Work, letter: Letter) -> None:
    if not letters.is_held(work.session, letter, work.now):
        return
    if mail_queue.ends_with_approval(letter.purpose):
        raise Uncovered("no approval covers this letter now")
    raise WrongState("this letter waits until an approval covers it")


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
def defer(
    work: Work, letter_id: UUID, *, code: str = "", until: datetime | None = None
) -> None:
    """Record that the letter was not taken yet; it waits, each time twice as long.

    With ``until`` it was not even tried: the person's safe hours begin then.
    """
    letter = work.load(Letter, letter_id)
    if until is not None and work.actor.role is Role.SYSTEM:
        letter.state = advance(letter.state, choosing(Act.LETTER_DEFER, SAFE_HOURS), LETTER)
        letter.not_before = until
        _note(work, letter, SAFE_HOURS)
        return
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


def deferrals(session: Session, letter_id: UUID) -> int:
    """How often a letter was tried in vain: the record counts it."""
    wanted = select(Event.line).where(
        Event.subject == f"letter:{letter_id}",
        Event.act == Act.LETTER_DEFER,
        Event.outcome == "done",
    )
    lines = session.scalars(wanted).all()
    return sum(json.loads(line)["facts"].get("code") != SAFE_HOURS for line in lines)


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
    except Unsafe as now:
        with contextlib.suppress(WrongState):
            defer(desk, letter_id, until=now.until)
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
