"""The real web server over an instance in files, and a browser's worth of HTTP against it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import requests

from tests.makers import password_of
from tests.web.visits import TOKEN

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds until it must answer; on a busy machine it starts slowly


@dataclass
class Served:
    """One server process with its children."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    sessions: dict[str, requests.Session] = field(default_factory=dict)
    since: float = field(default_factory=time.time)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def temporary(self) -> Path:
        """Where this server alone has its temporary files, if it ever makes one."""
        return temporary_of(self.folder)

    @property
    def pids(self) -> list[int]:
        first = self.process.pid
        found = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, found)]

    def kill(self) -> None:
        """End it and its children without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def temporary_of(folder: Path) -> Path:
    """Beside the instance, with nothing of anybody else in it."""
    return folder.with_name(f"{folder.name}-temporary")


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """The instance behind gunicorn, as ``studyhub serve`` runs it."""
    found = start(folder)
    try:
        yield found
    finally:
        found.kill()


def start(folder: Path) -> Served:
    """Start the server and wait until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "studyhub", "--instance", str(folder), "serve"]
    return served_by([*command, "--bind", f"127.0.0.1:{port}"], folder, port)


def free_port() -> int:
    """A port of this machine on which nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def served_by(
    command: list[str],
    folder: Path,
    port: int,
    said: int | IO[bytes] = subprocess.DEVNULL,
    patience: float = PATIENCE,
) -> Served:
    """Start a program that serves an instance, and wait until it answers."""
    temporary_of(folder).mkdir(exist_ok=True)
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary_of(folder))},
        stdout=said,
        stderr=said,
        start_new_session=True,
    )
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
        else:
            return Served(folder, port, process)
    raise AssertionError("the server did not start")


@contextmanager
def signed_in(
    server: Served, login: str, password: str = ""
) -> Iterator[tuple[requests.Session, dict[str, str]]]:
    """A session of somebody, and the headers that go with each unsafe request."""
    with requests.Session() as session:
        told = {"login": login, "password": password or password_of(login)}
        session.post(f"{server.address}/sign-in", data=told, timeout=30)
        token = TOKEN.search(session.get(f"{server.address}/account", timeout=30).text)
        assert token, "nobody is signed in"
        yield session, {"X-CSRF-Token": token[1], "Tus-Resumable": "1.0.0"}
