"""What may be sent as the picture of a paper: known by its first bytes, and not too large."""

from collections.abc import Iterable, Iterator, Mapping

from studyhub.domain.errors import Invalid

MOST_BYTES = 20 * 1024 * 1024
# What a scan begins with, and its kind.
BEGINNINGS: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
_LONGEST = max(map(len, BEGINNINGS))


def kind_of_scan(beginning: bytes) -> str:
    """The media type of a scan by its first bytes; empty for anything that we do not take."""
    found = (kind for start, kind in BEGINNINGS.items() if beginning.startswith(start))
    return next(found, "")


def refuse_size(length: int) -> None:
    """Invalid for a scan announced as empty, or as too large."""
    if not 0 < length <= MOST_BYTES:
        raise Invalid({"scan": "Send a scan of at most 20 MB"})


def checked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Hand on what arrives, once its first bytes are those of a scan. Raises Invalid."""
    waiting, known = b"", False
    for chunk in chunks:
        if known:
            yield chunk
            continue
        waiting += chunk
        if len(waiting) >= _LONGEST:
            _refuse_other_kinds(waiting)
            known = True
            yield waiting
    if not known:
        _refuse_other_kinds(waiting)
        yield waiting


def whole(chunks: Iterable[bytes], length: int) -> bytes:
    """All of a scan, exactly as long as was announced. Raises Invalid."""
    refuse_size(length)
    found = bytearray()
    for chunk in checked(chunks):
        found += chunk
        if len(found) > length:
            break
    if len(found) != length:
        raise Invalid({"scan": "It did not arrive whole. Send it again"})
    return bytes(found)


def _refuse_other_kinds(beginning: bytes) -> None:
    if not kind_of_scan(beginning):
        raise Invalid({"scan": "Send a PDF, JPEG or PNG"})
