"""The server for P3: one range of a plain or of a sealed file, the rest of the way the same."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from flask import Flask, Response

from bench.measure import CHUNK
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.vault.stream_reader import Reader

FOLDER = "STUDYHUB_BENCH_FOLDER"
_ID = UUID(int=1)
KEY = ObjectKey(bytes(32), _ID, _ID, Context(_ID, _ID, "recording", "recording", 1))


def _plain(folder: Path, start: int) -> Iterator[bytes]:
    with (folder / "plain").open("rb", buffering=0) as file:
        yield os.pread(file.fileno(), CHUNK, start)


def _sealed(folder: Path, start: int) -> Iterator[bytes]:
    with Reader(folder / "sealed", KEY) as reader:
        yield from reader.range(start, start + CHUNK)


app = Flask(__name__)


@app.get("/<kind>/<int:start>")
def audio(kind: str, start: int) -> Response:
    """One range, as a page would answer it."""
    serve = {"plain": _plain, "sealed": _sealed}[kind]
    folder = Path(os.environ[FOLDER])
    return Response(serve(folder, start), headers={"Content-Length": str(CHUNK)})
