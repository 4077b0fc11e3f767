"""A mail server on loopback that takes, defers, refuses, drops or hangs, as a test wishes."""

import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

# What the server says at each step; None: it hangs up; "silence": it says nothing more.
TAKES: dict[str, str | None] = {
    "hello": "220 ready",
    "auth": "235 welcome",
    "mail": "250 sender ok",
    "rcpt": "250 recipient ok",
    "data": "354 go ahead",
    "end": "250 taken",
}
SILENCE = "silence"


@dataclass
class Delivery:
    """One message as it came over the wire, with the words behind MAIL FROM and RCPT TO."""

    sender: str
    recipients: list[str]
    raw: bytes
    encrypted: bool
    options: list[str] = field(default_factory=list)

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=SMTP)


@dataclass
class MailServer:
    """Where it listens, what it answers, what it got."""

    answers: dict[str, str | None]
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    reports: bool = False
    signed_in: list[bytes] = field(default_factory=list)
    address: tuple[str, int] = ("", 0)
    taken: list[Delivery] = field(default_factory=list)
    seen: list[Delivery] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://{self.address[0]}:{self.address[1]}"


class _HangsUp(Exception):
    pass


class _Dialogue(socketserver.StreamRequestHandler):
    server: "_Listener"

    def handle(self):
        self.encrypted = False
        with suppress(_HangsUp, OSError):
            if self.server.told.tls_at_once:
                self._encrypt()
            self._say("hello")
            while line := self.rfile.readline():
                verb, _, rest = line.decode().strip().partition(" ")
                self._obey(verb.upper(), rest)

    def _obey(self, verb, rest):
        match verb:
            case "EHLO":
                self._greet()
            case "STARTTLS":
                self._write("220 go on")
                self._encrypt()
            case "AUTH":
                self.server.told.signed_in.append(b64decode(rest.split()[1]))
                self._say("auth")
            case "MAIL" | "RCPT" | "DATA":
                self._letter(verb, rest)
            case "QUIT":
                self._write("221 bye")
                raise _HangsUp
            case _:
                self._write("502 not here")

    def _greet(self):
        told = self.server.told
        offers = ["loopback", "AUTH PLAIN", *(["DSN"] if told.reports else [])]
        last = "STARTTLS" if told.tls and not self.encrypted else "HELP"
        # In one piece: a line behind another waits for its acknowledgement, 40 ms each time.
        self._write("".join(f"250-{offer}\r\n" for offer in offers) + f"250 {last}")

    def _letter(self, verb, rest):
        match verb:
            case "MAIL":
                self.now = Delivery(_address(rest), [], b"", self.encrypted)
                self.now.options.extend(_options(rest))
                self._say("mail")
            case "RCPT":
                self.now.recipients.append(_address(rest))
                self.now.options.extend(_options(rest))
                self._say("rcpt")
            case "DATA":
                if self._say("data").startswith("354"):
                    self._take()

    def _encrypt(self):
        self.request = self.server.told.tls.wrap_socket(self.request, server_side=True)
        self.encrypted = True
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb")

    def _take(self):
        lines = iter(self.rfile.readline, b"")
        got = [line.removeprefix(b".") for line in _until_dot(lines)]
        self.now.raw = b"".join(got)
        self.server.told.seen.append(self.now)
        if self._say("end").startswith("250"):
            self.server.told.taken.append(self.now)

    def _say(self, step):
        answer = self.server.told.answers[step]
        if answer is None:
            raise _HangsUp
        if answer == SILENCE:
            self.server.told.over.wait()
            raise _HangsUp
        self._write(answer)
        return answer

    def _write(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def finish(self):
        with suppress(OSError):
            super().finish()
        self.request.close()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    told: MailServer


def _until_dot(lines):
    for line in lines:
        if line == b".\r\n":
            return
        yield line
    raise _HangsUp


def _address(rest):
    return rest.partition("<")[2].partition(">")[0]


def _options(rest):
    return rest.partition(">")[2].split()


@contextmanager
def mail_server(
    tls: ssl.SSLContext | None = None,
    *,
    tls_at_once: bool = False,
    reports: bool = False,
    **answers: str | None,
) -> Iterator[MailServer]:
    """A mail server for one test; ``rcpt="550 no"`` and the like say how it differs."""
    told = MailServer({**TAKES, **answers}, tls, tls_at_once, reports)
    with _Listener(("127.0.0.1", 0), _Dialogue) as listener:
        listener.told, told.address = told, listener.server_address
        # Wait for nobody: a short interval lets the server stop at once.
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield told
        finally:
            told.over.set()
            listener.shutdown()
            thread.join()
