"""Other people's clients against the real server: cut at any byte, and nothing in clear."""

import os
import shutil
import socket
import struct
import tempfile  # noqa: TID251 - to look into its folder
import threading
import time
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from secrets import randbelow, token_bytes

import pytest
from tusclient.client import TusClient

from tests.makers import said_of
from tests.web.real_server import served, signed_in
from tests.workflows import recording

CANARY = b"heron-7-walks-over-the-grey-ice!"
MIB = 1024 * 1024


def sound(size: int) -> bytes:
    """A WAV file with something in it that can be searched for."""
    body = bytearray(token_bytes(size))
    for at in range(0, size - 64, 20_000):
        body[at : at + len(CANARY)] = CANARY
    head = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
    return head + b"data" + struct.pack("<I", size) + bytes(body)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    stage = recording._staged("sqlite")
    folder = tmp_path_factory.mktemp("real") / "instance"
    shutil.copytree(stage.folder, folder)
    (folder / "studyhub.sqlite3").write_bytes(stage.database)
    with served(folder) as found:
        yield found


@pytest.fixture(scope="module")
def interview_id():
    return recording._staged("sqlite").made[1]


@pytest.fixture(scope="module")
def ivan(server):
    with signed_in(server, "ivan") as found:
        yield found


@contextmanager
def watched(server):
    """Look ten times a second for what was planted; nothing of it may lie anywhere."""
    found, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            found.extend(path for path in places(server) if planted(path))
            time.sleep(0.1)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
    assert found == []


def places(server):
    """The data folder, the folder of temporary files, and what is open but deleted."""
    for folder in (server.folder, Path(tempfile.gettempdir())):
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if is_ours(server, Path(parent) / name)]
            yield from (Path(parent) / name for name in names)
    for pid in server.pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if str(descriptor.readlink()).endswith(" (deleted)"):
                    yield descriptor
            except FileNotFoundError:
                continue


def is_ours(server, folder):
    """Whether the server may have made it: other tests and tools have folders there too."""
    own = folder == server.folder or server.folder.is_relative_to(folder)
    return own or folder.is_relative_to(server.folder)


def planted(path):
    try:
        return path.is_file() and CANARY in path.read_bytes()
    except OSError:
        return False


def whole(server, ivan, upload_id):
    """The sound as a listener gets it."""
    session, headers = ivan
    told = {**headers, "Accept": "application/json"}
    listen = f"{server.address}/recordings/{upload_id}/listen"
    address = server.address + session.post(listen, headers=told, timeout=60).json()["audio"]
    return session.get(address, timeout=60).content


@pytest.mark.parametrize("with_checksum", [True, False])
def test_a_client_of_others_sends_it_whole_and_nothing_lies_in_clear(
    server, ivan, interview_id, with_checksum
):
    session, headers = ivan
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    client = TusClient(f"{server.address}/api/uploads", headers={**headers, "Cookie": cookie})
    content = sound(3 * MIB)
    uploader = client.uploader(
        file_stream=BytesIO(content),
        chunk_size=512 * 1024,
        metadata={"interview": str(interview_id), "filetype": "audio/wav"},
        upload_checksum=with_checksum,
    )

    with watched(server):
        uploader.upload()
        heard = whole(server, ivan, uploader.url.rpartition("/")[2])

    assert uploader.offset == len(content)
    assert heard == content


def test_cut_at_any_byte_it_sends_little_twice(server, ivan, interview_id):
    session, headers = ivan
    content, address = sound(2 * MIB), f"{server.address}/api/uploads"
    told = {"Upload-Length": str(len(content)), "Upload-Metadata": said_of(interview_id)}
    made = session.post(address, headers={**headers, **told}, timeout=60)
    path = made.headers["Location"]
    sent, cuts, stands = 0, 0, 0

    while stands < len(content):
        many = min(1 + randbelow(300_000), len(content) - stands)
        cut_after(server, ivan, path, (stands, content, many))
        sent, cuts = sent + many, cuts + 1
        answer = session.head(server.address + path, headers=headers, timeout=60)
        stands = int(answer.headers.get("Upload-Offset", len(content)))

    assert cuts > 5
    assert sent / len(content) < 1.05
    assert whole(server, ivan, path.rpartition("/")[2]) == content


def cut_after(server, ivan, path, what):
    """Announce all that is missing, send some of it, and go; but see that it was noticed."""
    session, headers = ivan
    start, content, many = what
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    lines = [
        f"PATCH {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Cookie: {cookie}",
        "Content-Type: application/offset+octet-stream",
        f"Upload-Offset: {start}",
        f"Content-Length: {len(content) - start}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        line.sendall(content[start : start + many])
        line.shutdown(socket.SHUT_WR)
        line.recv(100)
