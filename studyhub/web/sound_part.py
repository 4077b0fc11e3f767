"""A sound, or the one range of it that is asked for (RFC 9110, 14): status and headers."""

from flask import Response, request

from studyhub.web.transfer import Beyond, Part, asked_part, still_the_same

PARTIAL, UNSATISFIABLE = 206, 416


def answer_for(tag: str, length: int, media_type: str) -> tuple[Response, Part | None]:
    """The answer without its bytes, and which are to follow; none where the range lies beyond.

    ``tag`` names the very sound, as a range goes on only in what was begun.
    """
    quoted = f'"{tag}"'
    headers = {"Accept-Ranges": "bytes", "ETag": quoted, "Content-Disposition": "inline"}
    try:
        part = _asked(quoted, length)
    except Beyond:
        headers["Content-Range"] = f"bytes */{length}"
        return Response(status=UNSATISFIABLE, headers=headers), None
    answer = Response(headers=headers, mimetype=media_type)
    if part is not None:
        answer.status_code = PARTIAL
        answer.headers["Content-Range"] = part.content_range(length)
    sent = part or Part(0, length)
    answer.content_length = sent.size
    return answer, sent


def _asked(tag: str, length: int) -> Part | None:
    """A range is asked of GET alone, and of the very sound that was asked for before."""
    if request.method != "GET" or not still_the_same(request.headers.get("If-Range"), tag):
        return None
    return asked_part(request.headers.get("Range"), length)
