"""Read what comes back by mail: a server's report on a letter, or a wish for no more of them.

Only the codes and the letter's own token are taken out: a report holds the address. What a
program answers by itself (RFC 3834) and what has no part for machines is never a bounce.
Sources: RFC 3464 (reports), RFC 3463 (status codes), RFC 5965 (a reader's complaint), RFC 8058
(the mailed stop).
"""

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from studyhub.domain.errors import Invalid

MOST_BYTES = 1024 * 1024
# A part within another needs a header of its own: few of them, and reading stays quick.
MOST_PARTS = 20
# A part may also have no header at all: what separates two begins like this.
MOST_SEPARATORS = 1000
BOUNCE = "bounce"
COMPLAINT = "complaint"
# What a reader's server calls a letter that its reader does not want (RFC 5965, 7.3).
_UNWANTED = frozenset({"abuse", "fraud"})

_TOKEN = r"\+([A-Za-z0-9_-]{43})@"  # noqa: S105 - where a token stands, not one
_SEPARATOR = re.compile(rb"[\r\n]--")
_ENVELOPE_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_WHERE_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
# Which classes of status fit an action: 2 succeeded, 4 may yet, 5 never will.
_CLASSES = {"failed": "45", "delayed": "4", "delivered": "2", "relayed": "2", "expanded": "2"}


@dataclass(frozen=True)
class Returned:
    """What a message is about: a word of ``mail_events.kind`` with its status, or ``stop``."""

    kind: str
    status: str
    token: str = field(repr=False)


def read_returned(raw: bytes, stop_address: str = "") -> Returned:
    """Read one message. Invalid, with what is wrong, unless it is about exactly one letter."""
    parts, separators = raw.lower().count(b"content-type"), len(_SEPARATOR.findall(raw))
    if len(raw) > MOST_BYTES or parts > MOST_PARTS or separators > MOST_SEPARATORS:
        raise _unreadable("it is larger than a report is")
    try:
        message = message_from_bytes(raw)
        return _read(message, stop_address)
    # What the library raises on headers that were made to break it.
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise _unreadable("it is not written as mail is") from None


def _read(message: Message, stop_address: str) -> Returned:
    stop = _tokens_to(message, stop_address.partition("@")[0]) if stop_address else set()
    if stop:
        return Returned("stop", "", _the_one(stop | _tokens_to(message, BOUNCE)))
    feedback = _only_part(message, "message/feedback-report")
    if feedback is not None:
        return _complaint(message, feedback)
    blocks = _blocks(message)
    if not blocks:
        if _is_automatic(message):
            return Returned("auto_reply", "", _the_one(_tokens_to(message, BOUNCE)))
        raise _unreadable("it has no part for machines: read it yourself")
    named = {text for block in blocks for text in _all(block, "Original-Envelope-Id")}
    token = _the_one(_tokens_to(message, BOUNCE) | _envelope_ids(named))
    about = [block for block in blocks if block.get_all("Action")]
    if len(about) != 1:
        raise _unreadable("it is not about exactly one recipient")
    return Returned(*_outcome(about[0]), token)


def _blocks(message: Message) -> list[Message]:
    """The groups of fields of the one part for machines, or none."""
    part = _only_part(message, "message/delivery-status")
    return _messages_in(part) if part is not None else []


def _only_part(message: Message, kind: str) -> Message | None:
    """The one part of this kind in a report, or nothing where it is none or has several."""
    if message.get_content_type() != "multipart/report":
        return None
    found = [part for part in _messages_in(message) if part.get_content_type() == kind]
    return found[0] if len(found) == 1 and found[0].is_multipart() else None


def _messages_in(message: Message) -> list[Message]:
    parts = message.get_payload() if message.is_multipart() else []
    return [part for part in parts if isinstance(part, Message)]


def _complaint(message: Message, feedback: Message) -> Returned:
    """What a reader's server says of a letter: it names our return address once more."""
    fields = _messages_in(feedback)[0]
    kinds = [text.strip().lower() for text in _all(fields, "Feedback-Type")]
    if len(kinds) != 1 or kinds[0] not in _UNWANTED:
        raise _unreadable("it is no complaint about one letter")
    return_address = re.compile(re.escape(BOUNCE) + _TOKEN, re.IGNORECASE)
    named = {
        token
        for text in _all(fields, "Original-Mail-From")
        for token in return_address.findall(text)
    }
    envelope = _envelope_ids(set(_all(fields, "Original-Envelope-Id")))
    return Returned(COMPLAINT, "", _the_one(named | envelope | _tokens_to(message, BOUNCE)))


def _outcome(block: Message) -> tuple[str, str]:
    actions, statuses = _all(block, "Action"), _all(block, "Status")
    if len(actions) != 1 or len(statuses) != 1:
        raise _unreadable("it says more than one thing, or nothing")
    action = (actions[0].split() or [""])[0].lower()
    found = _STATUS.match(statuses[0])
    if found is None or found[1][0] not in _CLASSES.get(action, ""):
        raise _unreadable("its action and its status do not fit")
    return action, found[1]


def _is_automatic(message: Message) -> bool:
    """RFC 3834: ``no`` is what a person's program may write."""
    return any(
        text.split(";")[0].strip().lower() != "no" for text in _all(message, "Auto-Submitted")
    )


def _tokens_to(message: Message, name: str) -> set[str]:
    wanted = re.compile(re.escape(name) + _TOKEN, re.IGNORECASE)
    return {
        token
        for header in _WHERE_TO
        for text in _all(message, header)
        for token in wanted.findall(text)
    }


def _envelope_ids(named: set[str]) -> set[str]:
    """A report from a server that was told no name, or keeps one of its own, names nothing."""
    return {text.strip() for text in named if _ENVELOPE_ID.fullmatch(text.strip())}


def _the_one(tokens: set[str]) -> str:
    if len(tokens) != 1:
        raise _unreadable("it names two letters" if tokens else "it names no letter of ours")
    return tokens.pop()


def _all(message: Message, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])]


def _unreadable(why: str) -> Invalid:
    return Invalid({"report": f"This is not taken: {why}"})
