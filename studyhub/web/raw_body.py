"""A file as the raw body of a request: read piece by piece, in memory, never by a form.

A form with a file in it would write the file in clear into the temporary folder.
"""

from collections.abc import Iterator
from contextlib import suppress

from flask import request
from werkzeug.exceptions import ClientDisconnected

PIECE = 64 * 1024
PATIENCE = 30.0  # seconds without a byte after which a sender is given up


def raw_body(most: int) -> tuple[Iterator[bytes], int]:
    """The pieces of the body as they arrive, and the bytes announced; 413 above ``most``.

    A body that was cut ends without an error: compare the two lengths (RFC 9110, 8.6).
    """
    request.max_content_length = most
    return _pieces(), request.content_length or 0


def patient_body(most: int) -> tuple[Iterator[bytes], int | None]:
    """The same for what may stall for long: who sends nothing for half a minute was cut."""
    request.max_content_length = most
    line = request.environ.get("gunicorn.socket")
    if line is not None:
        line.settimeout(PATIENCE)
    return _until_cut(), request.content_length


def _until_cut() -> Iterator[bytes]:
    with suppress(ClientDisconnected, ConnectionError, TimeoutError):
        yield from _pieces()


def _pieces() -> Iterator[bytes]:
    while piece := request.stream.read(PIECE):
        yield piece
