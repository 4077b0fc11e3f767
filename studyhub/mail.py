"""Speak SMTP, or write a letter into a folder: one message to one person, and what came of it.

A message is handed over at most once. If the connection is lost after its text began to flow
and before the server answered, nobody knows whether it was taken: that is ``DOUBT``, and a
person decides. Sources: RFC 5321 (replies, and dots at the start of lines), RFC 8314 (TLS).
"""

import re
import smtplib
import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from studyhub.config import NotConfigured, is_loopback, write_whole
from studyhub.domain.errors import Invalid

STOP = "List-Unsubscribe"
HEADERS = frozenset({STOP, "List-Unsubscribe-Post", "Reply-To"})
PATIENCE = 30.0  # seconds to wait for each answer of a mail server
PORTS = {"smtp": 25, "smtps": 465}

_ADDRESS = re.compile(r"([\w!#$%&'*+/=?^`{|}~.-]{1,64})@([^\s@<>,;:\"()\[\]\\]{1,253})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class _Wire(EmailPolicy):
    """Mail as RFC 5322 has it, with the addresses of a stop left as they are.

    The library encodes words that are longer than a line; no mail program would follow those.
    """

    def fold(self, name: str, value: str) -> str:
        """Break a stop between its two addresses; all else as the library does."""
        if name != STOP:
            return str(super().fold(name, value))
        end = str(self.linesep)
        return f"{name}: {value}".replace(", ", f",{end} ") + end

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same in bytes."""
        if name != STOP:
            return bytes(super().fold_binary(name, value))
        return self.fold(name, value).encode("ascii")


_WIRE = _Wire(linesep="\r\n")


class Answer(StrEnum):
    """What became of a message that was handed over."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    DOUBT = "doubt"


@dataclass(frozen=True)
class Reply:
    """What became of it, and the three digits of the server or a word of ours."""

    answer: Answer
    code: str


@dataclass(frozen=True)
class Message:
    """A finished letter, opened. It lives as long as one hand-over."""

    id: str
    sender: str
    at: datetime
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    attachments: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    envelope: str = field(default="", repr=False)  # where reports go, if not to the sender


def attachment(name: str, media_type: str, content: bytes) -> dict[str, str]:
    """A small file as it waits inside a sealed letter; its name says nothing."""
    return {"name": name, "type": media_type, "data": b64encode(content).decode()}


def compose(message: Message) -> EmailMessage:
    """Write a message as it goes over the wire. Raises Invalid for what must not go out."""
    foreign = sorted(message.headers.keys() - HEADERS)
    if foreign:
        raise Invalid({"headers": "a letter has no such header"})
    written = EmailMessage(_WIRE)
    try:
        written["From"] = message.sender
        written["To"] = one_address(message.to)
        written["Subject"] = _one_line(message.subject)
        written["Date"] = message.at
        written["Message-ID"] = message.id
        for name, value in message.headers.items():
            written[name] = _one_line(value)
        _refuse_foreign_letters(message.headers.get(STOP, ""))
        written.set_content(message.text, cte="quoted-printable")
        for each in message.attachments:
            _attach(written, each)
        _refuse_more_headers(written)
    except ValueError:
        raise Invalid({"letter": "this cannot be written as a letter"}) from None
    return written


def one_address(text: str) -> Address:
    """Read exactly one plain address, without a display name. Raises Invalid."""
    found = _ADDRESS.fullmatch(text)
    try:
        if found and found[1].isascii():
            return Address(username=found[1], domain=found[2].encode("idna").decode())
    except ValueError:
        pass
    raise Invalid({"to": "this is not one address"})


def _one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise Invalid({"headers": "a header is one line"})
    return text


def _refuse_more_headers(written: EmailMessage) -> None:
    """The library decodes what looks encoded in a header: line ends may come out of it."""
    sent = BytesHeaderParser().parsebytes(written.as_bytes())
    if sorted(sent.keys()) != sorted(written.keys()):
        raise Invalid({"headers": "a header is one line"})


def _refuse_foreign_letters(text: str) -> None:
    if not text.isascii():
        raise Invalid({"headers": "the addresses of a stop are written in ASCII"})


def _attach(written: EmailMessage, attachment: Mapping[str, str]) -> None:
    """A file, its type with parameters as in ``text/calendar; method=REQUEST``."""
    whole, *given = (part.strip() for part in _one_line(attachment["type"]).split(";"))
    kind, _, form = whole.partition("/")
    content = b64decode(attachment["data"], validate=True)
    written.add_attachment(
        content,
        maintype=kind,
        subtype=form,
        filename=_one_line(attachment["name"]),
        params={name: value for name, _, value in (each.partition("=") for each in given)},
    )


def lay_out(folder: Path, name: str, written: EmailMessage) -> Reply:
    """Write a letter where there is no mail server: whole, or not at all."""
    try:
        write_whole(folder / f"{name}.eml", written.as_bytes())
    except OSError:
        return Reply(Answer.DEFERRED, "disk")
    return Reply(Answer.ACCEPTED, "outbox")


def hand_over(
    url: str, written: EmailMessage, patience: float | None = None, *, envelope: str = ""
) -> Reply:
    """Hand a message to the mail server of ``smtp://`` or ``smtps://[user:password@]host``.

    Everywhere but on this machine itself the connection is encrypted and the server's
    certificate is verified; otherwise nothing is sent. ``envelope`` is the address to which
    other servers return what they cannot deliver (VERP). Raises NotConfigured for another URL.
    """
    place = _place(url)
    try:
        with _connected(place, patience or PATIENCE) as server:
            return _transact(server, written, envelope)
    except smtplib.SMTPResponseException as no:
        return Reply(Answer.DEFERRED, str(no.smtp_code))
    except (smtplib.SMTPException, OSError):
        return Reply(Answer.DEFERRED, "connection")


def _place(url: str) -> SplitResult:
    place = urlsplit(url)
    if place.scheme not in PORTS or not place.hostname:
        raise NotConfigured("smtp_url is smtp://HOST:PORT or smtps://HOST:PORT")
    return place


@contextmanager
def _connected(place: SplitResult, patience: float) -> Iterator[smtplib.SMTP]:
    """A server that was greeted, over a connection that may be used."""
    host = place.hostname or ""
    # Our own name is not told: it may say where this instance stands.
    given: dict[str, Any] = {"port": place.port or PORTS[place.scheme], "timeout": patience}
    given["local_hostname"] = "localhost"
    server = (
        smtplib.SMTP_SSL(host, context=ssl.create_default_context(), **given)
        if place.scheme == "smtps"
        else smtplib.SMTP(host, **given)
    )
    try:
        server.ehlo_or_helo_if_needed()
        if place.scheme == "smtp" and not is_loopback(f"[{host}]" if ":" in host else host):
            server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.docmd("QUIT")
        server.close()


def _transact(server: smtplib.SMTP, written: EmailMessage, envelope: str) -> Reply:
    """One sender, one recipient, one text. What a server says before DATA costs nothing."""
    sender = envelope or written["From"].addresses[0].addr_spec
    recipient = written["To"].addresses[0].addr_spec
    told = _for_reports(envelope) if envelope and server.has_extn("dsn") else _NO_REPORTS
    code, _ = server.mail(sender, told.of_letter)
    if not _yes(code):
        # The sender is ours: what is wrong with it can be mended, and the letter wait.
        return Reply(Answer.DEFERRED, str(code))
    code, _ = server.rcpt(recipient, told.of_recipient)
    if not _yes(code):
        return _no(code)
    code, _ = server.docmd("DATA")
    if code != 354:  # noqa: PLR2004 - RFC 5321: go ahead
        return _no(code)
    return _pour(server, written.as_bytes())


@dataclass(frozen=True)
class _Reporting:
    """What a server is told about reports on a letter (RFC 3461)."""

    of_letter: tuple[str, ...] = ()
    of_recipient: tuple[str, ...] = ()


_NO_REPORTS = _Reporting()


def _for_reports(envelope: str) -> _Reporting:
    """Name the letter as its return address does; report what fails, without its text."""
    token = envelope.partition("+")[2].partition("@")[0]
    named = (f"ENVID={token}",) if token else ()
    return _Reporting(("RET=HDRS", *named), ("NOTIFY=FAILURE,DELAY",))


def _pour(server: smtplib.SMTP, content: bytes) -> Reply:
    """From here on silence is doubt: the server may have taken it."""
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    try:
        server.send(stuffed + b".\r\n")
        code, _ = server.getreply()
    except (smtplib.SMTPException, OSError):
        return Reply(Answer.DOUBT, "connection")
    return Reply(Answer.ACCEPTED, str(code)) if _yes(code) else _no(code)


def _yes(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004 - RFC 5321: done


def _no(code: int) -> Reply:
    permanent = 500 <= code < 600  # noqa: PLR2004 - RFC 5321: refused for good
    return Reply(Answer.REFUSED if permanent else Answer.DEFERRED, str(code))
