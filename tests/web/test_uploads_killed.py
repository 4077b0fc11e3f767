"""The real server, or what answers in it, is killed with signal 9 while recordings are sent."""

import os
import signal
from dataclasses import dataclass, field
from secrets import randbelow
from threading import Timer

import pytest
import requests

from tests.makers import said_of
from tests.web.real_server import Served, signed_in, start
from tests.web.sending import MIB, instance_in, sound, whole
from tests.workflows import recording

KILLS = 2  # of what answers, and of all of it; twenty were tried by hand
REQUESTS = 12  # before one of so many it is made ready, ...
WITHIN = 60  # ... and happens within so many milliseconds


@dataclass
class Sender:
    """One browser that sends recording after recording, and remembers what was acknowledged."""

    server: Served
    session: requests.Session
    headers: dict[str, str]
    sent: dict[str, bytes] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    death: Timer | None = None
    left: int = 0

    def ask(self, method, path, body=None, **told):
        if self.death and self.left == 0:
            self.death.start()
        self.left -= 1
        named = {name.replace("_", "-"): str(value) for name, value in told.items()}
        address = self.server.address + path
        return self.session.request(
            method, address, data=body, headers={**self.headers, **named}, timeout=60
        )

    def send_without_end(self) -> None:
        while True:
            content = sound(MIB)
            said = said_of(recording._staged("sqlite").made[1], "audio/wav")
            made = self.ask(
                "POST", "/api/uploads", Upload_Length=len(content), Upload_Metadata=said
            )
            assert made.status_code == 201
            path = made.headers["Location"]
            self.sent[path], self.acknowledged[path] = content, 0
            self.go_on(path)

    def go_on(self, path: str) -> None:
        """From what is kept to the end, in pieces of any size."""
        at, content = self.acknowledged[path], self.sent[path]
        kind = "application/offset+octet-stream"
        while at < len(content):
            piece = content[at : at + 1 + randbelow(300_000)]
            answer = self.ask("PATCH", path, piece, Upload_Offset=at, Content_Type=kind)
            assert answer.status_code == 204
            at = self.acknowledged[path] = int(answer.headers["Upload-Offset"])

    def resume(self, path: str) -> None:
        """Ask where it stands, which is no less than was acknowledged, and go on from there."""
        answer = self.ask("HEAD", path)
        if answer.status_code == 410:  # nobody heard that the last byte was kept
            return
        stands = int(answer.headers["Upload-Offset"])
        assert stands >= self.acknowledged[path]
        self.acknowledged[path] = stands
        self.go_on(path)


def test_what_the_server_acknowledged_outlives_its_death_at_any_moment(tmp_path):
    folder = instance_in(tmp_path)
    server = start(folder)
    try:
        with signed_in(server, "ivan") as (session, headers):
            sender = Sender(server, session, headers)
            for number in range(KILLS):
                send_until_killed(sender, all_of_it=number % 2 == 1)
                for path in sender.sent:
                    sender.resume(path)

            assert len(sender.sent) >= KILLS
            for path, content in sender.sent.items():
                ivan = session, headers
                assert whole(sender.server, ivan, path.rpartition("/")[2]) == content
    finally:
        sender.server.kill()


def send_until_killed(sender: Sender, *, all_of_it: bool) -> None:
    """Let it send, and kill the processes that answer, or their parent with them."""
    server = sender.server
    death = Timer(
        randbelow(WITHIN) / 1000, server.kill if all_of_it else kill_what_answers(server)
    )
    sender.death, sender.left = death, 1 + randbelow(REQUESTS)
    with pytest.raises(requests.ConnectionError):
        sender.send_without_end()
    sender.death = None
    death.join()
    if all_of_it:
        sender.server = start(server.folder)


def kill_what_answers(server: Served):
    def kill() -> None:
        for pid in server.pids[1:]:
            os.kill(pid, signal.SIGKILL)

    return kill
