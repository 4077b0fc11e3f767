"""A process that sends recordings without end, to be killed at any moment."""

import struct
from hashlib import shake_256
from pathlib import Path
from secrets import randbelow
from uuid import UUID

from studyhub.domain.upload_metadata import read
from studyhub.workflows import accounts, uploads, visitors, worker
from studyhub.workflows.kernel import Desk, Hub
from tests.makers import SLUG, password_of, said_of

SIZE = 150_000


def ivan_at(hub: Hub) -> Desk:
    """The interviewer, signed in."""
    cookie = accounts.sign_in(hub, "ivan", password_of("ivan"), "test").cookie
    found = visitors.visitor(hub, cookie)
    assert found is not None
    return visitors.study_desk(hub, found, SLUG)


def sound_of(upload_id: UUID) -> bytes:
    """What is sent in this upload: a WAV file of noise that nobody else sends."""
    body = shake_256(upload_id.bytes).digest(SIZE - 44)
    head = b"RIFF" + struct.pack("<I", SIZE - 8) + b"WAVEfmt "
    head += struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16)
    return head + b"data" + struct.pack("<I", len(body)) + body


def send_without_end(hub: Hub, _study: UUID, interview_id: UUID, told: Path) -> None:
    """Send recordings in pieces; write down what was acknowledged. Now and then clear away."""
    desk = ivan_at(hub)
    while True:
        upload_id, _ = uploads.start(desk, read(said_of(interview_id, "audio/wav")), SIZE)
        content, at = sound_of(upload_id), 0
        while at < SIZE:
            piece = content[at : at + 1 + randbelow(60_000)]
            place = uploads.find(desk, upload_id)
            at = uploads.append(desk, place, at, [piece])
            with told.open("a") as file:
                file.write(f"{upload_id} {at}\n")
        if not randbelow(3):
            worker.sweep(hub)


def bring_to_end(desk: Desk, upload_id: UUID) -> int:
    """Go on with what a crash left, to its end. Returns how much was there."""
    place = uploads.find(desk, upload_id)
    was = uploads.received(desk, place)
    if was < SIZE:
        uploads.append(desk, place, was, [sound_of(upload_id)[was:]])
    return was
