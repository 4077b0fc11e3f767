"""P3: ranges of 64 KiB from a large sealed file and from a plain one, over the same server."""

import os
import secrets
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL, Popen

from bench.measure import CHUNK, MIB, Line, chunks, interleave, make_source, ratio, workplace
from bench.range_server import FOLDER, KEY
from studyhub.vault.stream_writer import seal_stream

ROOT = Path(__file__).parents[1]
MANY = 200  # ranges in one measurement


def lines(size: int, rounds: int, parent: Path) -> list[Line]:
    with workplace(parent) as folder:
        plain = make_source(folder / "plain", size)
        with (folder / "sealed").open("wb", buffering=0) as target:
            seal_stream(target.fileno(), KEY, chunks(plain), size)
        with _server(folder) as connection:
            ask = partial(_ask, connection)
            times = interleave(
                {
                    "plain": lambda: ask("plain", 0, size),
                    "sealed": lambda: ask("sealed", 0, size),
                    "first": lambda: ask("sealed", 0, MIB),
                    "last": lambda: ask("sealed", size - MIB, size),
                },
                rounds,
            )
    what = f"64 KiB from {size // MIB} MiB, "
    return [
        Line("P3", what + "sealed / plain", 1.3, ratio(times, "sealed", "plain")),
        Line("P3", what + "last MiB / first", 1.2, ratio(times, "last", "first")),
    ]


def _ask(connection: HTTPConnection, kind: str, start: int, stop: int) -> None:
    for _ in range(MANY):
        at = start + secrets.randbelow(stop - start - CHUNK + 1)
        connection.request("GET", f"/{kind}/{at}")
        answer = connection.getresponse().read()
        assert len(answer) == CHUNK


@contextmanager
def _server(folder: Path) -> Iterator[HTTPConnection]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-k", "gthread", "--threads", "4", "-b", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", *options, "bench.range_server:app"]
    surroundings = {**os.environ, FOLDER: str(folder)}
    with Popen(command, cwd=ROOT, env=surroundings, stdout=DEVNULL, stderr=DEVNULL) as server:
        try:
            yield _connected(port)
        finally:
            server.terminate()


def _connected(port: int) -> HTTPConnection:
    for _ in range(200):
        connection = HTTPConnection("127.0.0.1", port)
        try:
            connection.connect()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return connection
    raise SystemExit("the server for the measurement did not start")
