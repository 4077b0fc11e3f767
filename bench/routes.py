"""P1 to P4 over the real routes: a recording is sent, listened to and sought in, by HTTP."""

import json
import os
import secrets
import shutil
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL, Popen

from bench.measure import CHUNK, MIB, Line, interleave, ratio, workplace
from bench.routes_server import FOLDER
from tests.makers import password_of, said_of
from tests.web.visits import TOKEN
from tests.workflows import recording

ROOT = Path(__file__).parents[1]
PIECE = 5 * MIB  # what the browser sends in one go
NAIVE = 64 * MIB
MANY = 100  # ranges in one measurement
CANARY = b"this sentence must not be found on any disk"


class Client:
    """One browser: a session, its token, one connection that stays open."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port)
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body=None, **headers: str) -> tuple[object, bytes]:
        told = self.headers | {name.replace("_", "-"): each for name, each in headers.items()}
        self.connection.request(method, path, body, told)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status < 400, (method, path, answer.status, content[:200])
        return answer, content

    def drain(self, path: str) -> int:
        """Read an answer to its end without keeping it."""
        self.connection.request("GET", path, headers=self.headers)
        answer, size = self.connection.getresponse(), 0
        while piece := answer.read(MIB):
            size += len(piece)
        return size

    def sign_in(self) -> None:
        form = f"login=ivan&password={password_of('ivan').replace(' ', '+')}"
        kind = "application/x-www-form-urlencoded"
        answer, _ = self.ask("POST", "/sign-in", form, Content_Type=kind)
        self.headers["Cookie"] = answer.getheader("Set-Cookie").partition(";")[0]
        token = TOKEN.search(self.ask("GET", "/account")[1].decode())
        assert token
        self.headers |= {"X-CSRF-Token": token[1], "Tus-Resumable": "1.0.0"}

    def begin(self, size: int) -> str:
        """Begin to send a recording of the interview. Returns the upload's id."""
        said = said_of(recording._staged("sqlite").made[1], "audio/wav")
        told = {"Upload_Length": str(size), "Upload_Metadata": said}
        path = self.ask("POST", "/api/uploads", **told)[0].getheader("Location")
        return path.rpartition("/")[2]

    def send(self, source: Path) -> str:
        """Send a file as a recording of the interview, in pieces. Returns its id."""
        made = self.begin(source.stat().st_size)
        self.send_to(f"/api/uploads/{made}", source)
        return made

    def send_to(self, path: str, source: Path) -> None:
        """The same pieces with the same headers, wherever they go."""
        kind = "application/offset+octet-stream"
        for at, piece in _pieces(source):
            self.ask("PATCH", path, piece, Upload_Offset=str(at), Content_Type=kind)

    def listen(self, recording_id: str) -> str:
        told = {"Accept": "application/json"}
        content = self.ask("POST", f"/recordings/{recording_id}/listen", **told)[1]
        return json.loads(content)["audio"]


def _pieces(source: Path) -> Iterator[tuple[int, bytes]]:
    with source.open("rb") as file:
        at = 0
        while piece := file.read(PIECE):
            yield at, piece
            at += len(piece)


def lines(size: int, large: int, rounds: int, parent: Path) -> list[Line]:
    with workplace(parent) as folder:
        stage = recording._staged("sqlite")
        shutil.copytree(stage.folder, folder / "instance")
        (folder / "instance" / "studyhub.sqlite3").write_bytes(stage.database)
        with _server(folder, "made()") as (port, pid):
            client = Client(port)
            client.sign_in()
            found = [*_transfers(client, folder, size, rounds)]
            found += [*_large(client, folder, large, rounds, pid)]
        with _server(folder, "naive()") as (port, _):
            found += _naive(Client(port))
    return found


def _sound(path: Path, size: int) -> Path:
    """A WAV file of noise with something in it that can be searched for."""
    length = size - 44
    head = b"RIFF" + struct.pack("<I", (size - 8) % 2**32) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 1, 48000, 96000, 2, 16)
    with path.open("wb") as file:
        file.write(head + b"data" + struct.pack("<I", length % 2**32))
        left = length
        while left:
            piece = (CANARY + os.urandom(min(MIB, left)))[: min(MIB, left)]
            file.write(piece)
            left -= len(piece)
    return path


def _transfers(client: Client, folder: Path, size: int, rounds: int) -> Iterator[Line]:
    source = _sound(folder / "source", size)

    def plain(path: str) -> None:
        (folder / "plain.part").unlink(missing_ok=True)
        client.send_to(path, source)

    sent: list[str] = []
    checked = f"/plain/{client.begin(size)}"
    times = interleave(
        {
            "sealed": lambda: sent.append(client.send(source)),
            "plain": lambda: plain(checked),
            "bare": lambda: plain("/bare"),
        },
        rounds,
    )
    what = f"{size // MIB} MiB, "
    yield Line("P1", what + "sealed / bare upload", None, ratio(times, "bare", "sealed"))
    yield Line(
        "P1",
        what + "sealed / plain upload",
        0.9,
        ratio(times, "plain", "sealed"),
        at_least=True,
    )
    (folder / "plain.part").rename(folder / "plain")
    address = client.listen(sent[-1])
    bare = f"/plain/{sent[-1]}?{address.partition('?')[2]}"
    times = interleave(
        {"sealed": lambda: client.drain(address), "plain": lambda: client.drain(bare)}, rounds
    )
    yield Line(
        "P2",
        what + "sealed / plain download",
        0.8,
        ratio(times, "plain", "sealed"),
        at_least=True,
    )
    for name in ("source", "plain"):
        (folder / name).unlink()


def _large(client: Client, folder: Path, size: int, rounds: int, pid: int) -> Iterator[Line]:
    source, before = _sound(folder / "source", size), _grown(pid)
    made = client.send(source)
    arrived = _grown(pid) - before
    source.rename(folder / "plain")
    address, before = client.listen(made), _grown(pid)
    assert client.drain(address) == size
    read = _grown(pid) - before
    bare = f"/plain/{made}?{address.partition('?')[2]}"
    ask = partial(_ranges, client)
    times = interleave(
        {
            "plain": lambda: ask(bare, 0, size),
            "sealed": lambda: ask(address, 0, size),
            "first": lambda: ask(address, 0, MIB),
            "last": lambda: ask(address, size - MIB, size),
        },
        rounds,
    )
    what = f"64 KiB from {size // MIB} MiB, "
    yield Line("P3", what + "sealed / plain", 1.3, ratio(times, "sealed", "plain"))
    yield Line("P3", what + "last MiB / first", 1.2, ratio(times, "last", "first"))
    what = f"memory grown while {size // MIB} MiB "
    yield Line("P4", what + "arrive", 64, max(0.0, arrived / MIB), unit="MiB")
    yield Line("P4", what + "are heard", 64, max(0.0, read / MIB), unit="MiB")
    kept = [path for path in (folder / "instance").rglob("*") if path.is_file()]
    found = float(sum(_count(path) for path in kept))
    yield Line("P4", "pieces of plaintext found on the disk", 0, found, unit="")


def _ranges(client: Client, path: str, start: int, stop: int) -> None:
    for _ in range(MANY):
        at = start + secrets.randbelow(stop - start - CHUNK + 1)
        content = client.ask("GET", path, Range=f"bytes={at}-{at + CHUNK - 1}")[1]
        assert len(content) == CHUNK


def _naive(client: Client) -> list[Line]:
    content = os.urandom(NAIVE)
    edge = b"--edge\r\nContent-Disposition: form-data; name=file; filename=a.wav\r\n\r\n"
    body = edge + content + b"\r\n--edge--\r\n"
    begun = time.perf_counter()
    client.ask("POST", "/naive", body, Content_Type="multipart/form-data; boundary=edge")
    sent = time.perf_counter()
    assert client.drain("/naive") == NAIVE
    heard = time.perf_counter()
    rates = [NAIVE / MIB / (sent - begun), NAIVE / MIB / (heard - sent)]
    return [
        Line("P1", "naive peer, 64 MiB up", None, rates[0], unit="MiB/s"),
        Line("P2", "naive peer, 64 MiB down", None, rates[1], unit="MiB/s"),
    ]


def _grown(pid: int) -> int:
    """The most memory the server has held since the last question, in bytes."""
    lines_ = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines_ if line.startswith("VmHWM:"))
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return int(peak.split()[1]) * 1024


def _count(path: Path) -> int:
    found, before = 0, b""
    with path.open("rb") as file:
        while piece := file.read(MIB):
            found += (before + piece).count(CANARY)
            before = piece[-len(CANARY) + 1 :]
    return found


@contextmanager
def _server(folder: Path, app: str) -> Iterator[tuple[int, int]]:
    """The application in one process of gunicorn; its port and the id of that process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-k", "gthread", "--threads", "4", "-b", f"127.0.0.1:{port}"]
    options += ["--timeout", "600", "--keep-alive", "600"]  # a source is made in between
    command = [sys.executable, "-m", "gunicorn", *options, f"bench.routes_server:{app}"]
    around = {**os.environ, FOLDER: str(folder)}
    with Popen(command, cwd=ROOT, env=around, stdout=DEVNULL, stderr=DEVNULL) as server:
        try:
            _connected(port)
            yield port, _worker_of(server.pid)
        finally:
            server.terminate()


def _worker_of(pid: int) -> int:
    """The process that answers: it is made only after the port was opened."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not (found := children.read_text().split()):
        time.sleep(0.05)
    return int(found[0])


def _connected(port: int) -> None:
    for _ in range(600):
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("the server for the measurement did not start")
