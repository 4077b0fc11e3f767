"""A file as the raw body of a request: read piece by piece, in memory, never by a form.

A form with a file in it would write the file in clear into the temporary folder.
"""

from collections.abc import Iterator

from flask import request

PIECE = 64 * 1024


def raw_body(most: int) -> tuple[Iterator[bytes], int]:
    """The pieces of the body as they arrive, and the bytes announced; 413 above ``most``.

    A body that was cut ends without an error: compare the two lengths (RFC 9110, 8.6).
    """
    request.max_content_length = most
    return _pieces(), request.content_length or 0


def _pieces() -> Iterator[bytes]:
    while piece := request.stream.read(PIECE):
        yield piece
