"""The real application for P1 to P4, with plain routes beside its own and the naive peer.

The plain routes go through the same door and the same acts, piece by piece, and flush each
piece to the disk; only sealing and opening are left out. The bare route asks who sends, and
nothing else. The naive peer does what a form with a file does: it spools the file, then
encrypts it whole.
"""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.fernet import Fernet
from flask import Flask, Response, request

from bench.measure import CHUNK
from studyhub.app import create_app
from studyhub.cli.web_server import take_in_pieces
from studyhub.hub import open_hub
from studyhub.web import guard, raw_body
from studyhub.web.transfer import asked_part
from studyhub.workflows import playback, uploads
from studyhub.workflows.playback import Listening

FOLDER = "STUDYHUB_BENCH_FOLDER"


def made() -> Flask:
    folder = Path(os.environ[FOLDER])
    take_in_pieces()
    app = create_app(open_hub(folder / "instance"))
    keep = _keeper(folder)
    app.add_url_rule("/bare", "bare", keep, methods=["PATCH"])
    app.add_url_rule("/plain/<uuid:upload_id>", "plain", _checked(keep), methods=["PATCH"])
    app.add_url_rule("/plain/<uuid:recording_id>", "plain_sound", _give(folder))
    return app


def _keeper(folder: Path):
    def keep() -> Response:
        pieces, _ = raw_body.patient_body(1 << 40)
        with (folder / "plain.part").open("ab", buffering=0) as file:
            for piece in pieces:
                file.write(piece)
            os.fsync(file.fileno())
        return Response(status=204)

    return keep


def _checked(keep):
    def take(upload_id: UUID) -> Response:
        uploads.find(guard.study_desk(guard.place().slug), upload_id)
        return keep()

    return take


def _give(folder: Path):
    def give(recording_id: UUID) -> Response:
        desk = guard.study_desk(guard.place().slug)
        by = Listening(UUID(request.args["p"]), guard.visitor().sitting.id)
        playback.find(desk, recording_id, by)
        path = folder / "plain"
        length = path.stat().st_size
        part = asked_part(request.headers.get("Range"), length)
        start, stop = (part.start, part.stop) if part else (0, length)
        told = {"Content-Length": str(stop - start)}
        return Response(_pieces(path, start, stop), 206 if part else 200, told)

    return give


def _pieces(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while start < stop:
            piece = os.pread(file.fileno(), min(CHUNK, stop - start), start)
            start += len(piece)
            yield piece


def naive() -> Flask:
    """The peer: a file in a form, encrypted as a whole and kept."""
    app, folder = Flask("naive"), Path(os.environ[FOLDER])
    box = Fernet(base64.urlsafe_b64encode(bytes(32)))

    @app.post("/naive")
    def take() -> Response:
        sealed = box.encrypt(request.files["file"].read())
        (folder / "naive").write_bytes(sealed)
        return Response(status=204)

    @app.get("/naive")
    def give() -> Response:
        return Response(box.decrypt((folder / "naive").read_bytes()))

    return app
