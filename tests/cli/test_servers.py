"""The web server and the worker as real processes, and how they are set up."""

import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from gunicorn.http.unreader import SocketUnreader

from studyhub import config
from studyhub.cli import servers, web_server
from studyhub.web.raw_body import PIECE
from tests.web.real_server import free_port


@contextmanager
def process(folder, *words):
    command = [sys.executable, "-m", "studyhub", "--instance", str(folder), *words]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def answer_of(address, running):
    """The first answer, once the server listens."""
    while running.poll() is None:
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own address
                return answer.status, answer.read()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(running.stderr.read())


def test_pages_are_served_until_a_signal_and_tokens_are_not_logged(small_shell):
    address = f"127.0.0.1:{free_port()}"
    with process(small_shell.folder, "serve", "--bind", address) as running:
        status, body = answer_of(f"http://{address}/healthz?secret=1", running)
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"http://{address}/l/the-token-of-somebody")
        missing.value.close()
        limits = Path(f"/proc/{running.pid}/limits").read_text().splitlines()
        (core,) = (line for line in limits if line.startswith("Max core"))
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate()

    assert (status, body.strip()) == (200, b'{"status":"ok"}')
    assert core.split()[4:6] == ["0", "0"]
    assert running.returncode == 0, err
    assert "/healthz" in out
    assert "/l/…" in out
    assert "secret" not in out + err
    assert "the-token-of-somebody" not in out + err
    assert address in err
    assert err.count("Links that other commands write into letters lead to") == 1


def test_the_worker_runs_until_a_signal(small_shell):
    with process(small_shell.folder, "worker") as running:
        while not list((small_shell.folder / "outbox").glob("*.eml")):
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        running.communicate()

    assert running.returncode == 0


@pytest.mark.parametrize(
    ("bind", "code"), [("0.0.0.0:8000", 3), ("127.0.0.1", 2), ("127.0.0.1:port", 2)]
)
def test_a_cookie_without_secure_stays_on_this_machine(small_shell, bind, code):
    assert small_shell.json("serve", "--bind", bind).code == code


def test_another_port_stands_in_letters_too(small_shell):
    settings = config.load(small_shell.folder)

    bound = servers._bound(settings, "127.0.0.1:8765")

    assert (bound.bind, bound.public_url) == ("127.0.0.1:8765", "http://127.0.0.1:8765")
    assert servers._bound(settings, None) is settings
    assert f"lead to {settings.public_url}," in servers._links_elsewhere(settings, bound)
    assert servers._links_elsewhere(settings, settings) == ""


def test_the_server_uses_threads_ends_its_processes_and_opens_no_control_socket(small_shell):
    options = web_server.options(config.load(small_shell.folder))

    assert options["worker_class"] == "gthread"
    assert options["max_requests"] > 0
    assert options["control_socket_disable"] is True
    assert not {"h", "f", "a", "q", "r"} & set(options["access_log_format"].split("%("))


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/l/abc/consent", "/l/…"),
        ("/o/abc", "/o/…"),
        ("/interest/abc", "/interest/…"),
        ("/join/abc", "/join/…"),
        ("/reset/abc", "/reset/…"),
        ("/s/voices/team", "/s/voices/team"),
        ("/login", "/login"),
    ],
)
def test_inv_87_a_path_is_logged_without_what_is_as_good_as_a_key(path, logged):
    assert web_server.public_part(path) == logged


def test_the_server_takes_no_more_of_a_body_at_once_than_is_asked_for(monkeypatch):
    monkeypatch.setattr(SocketUnreader, "max_body_chunk", 1 << 20)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = Thread(target=theirs.sendall, args=[bytes(4 * PIECE)])
        sender.start()

        web_server.take_in_pieces()
        reader = SocketUnreader(ours)
        taken = [len(reader.chunk(4 * PIECE))]
        while sum(taken) < 4 * PIECE:
            taken.append(len(reader.chunk(4 * PIECE)))
        sender.join()

    assert max(taken) <= PIECE


def test_no_core_is_dumped():
    servers.keep_memory_private()

    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
