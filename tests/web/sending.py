"""What tests of recordings over the real server share: an instance, what is sent and heard."""

import shutil
import struct
from pathlib import Path
from secrets import token_bytes

from tests.workflows import recording

CANARY = b"heron-7-walks-over-the-grey-ice!"
MIB = 1024 * 1024


def instance_in(folder: Path) -> Path:
    """An instance in files in which an interview was held by Ivan."""
    stage = recording._staged("sqlite")
    shutil.copytree(stage.folder, folder / "instance")
    (folder / "instance" / "studyhub.sqlite3").write_bytes(stage.database)
    return folder / "instance"


def sound(size: int) -> bytes:
    """A WAV file with something in it that can be searched for."""
    body = bytearray(token_bytes(size))
    for at in range(0, size - 64, 20_000):
        body[at : at + len(CANARY)] = CANARY
    head = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
    return head + b"data" + struct.pack("<I", size) + bytes(body)


def whole(server, ivan, upload_id):
    """The sound as a listener gets it."""
    session, headers = ivan
    told = {**headers, "Accept": "application/json"}
    listen = f"{server.address}/recordings/{upload_id}/listen"
    address = server.address + session.post(listen, headers=told, timeout=60).json()["audio"]
    return session.get(address, timeout=60).content
