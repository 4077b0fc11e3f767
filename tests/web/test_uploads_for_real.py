"""Other people's clients against the real server: cut at any byte, and nothing in clear."""

import socket
from io import BytesIO
from secrets import randbelow

import pytest
from tusclient.client import TusClient

from tests.makers import said_of
from tests.web.real_server import served, signed_in
from tests.web.sending import CANARY, MIB, instance_in, sound, whole
from tests.web.watching import watched
from tests.workflows import recording


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(instance_in(tmp_path_factory.mktemp("real"))) as found:
        yield found


@pytest.fixture(scope="module")
def interview_id():
    return recording._staged("sqlite").made[1]


@pytest.fixture(scope="module")
def ivan(server):
    with signed_in(server, "ivan") as found:
        yield found


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

    with watched(server, CANARY):
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
