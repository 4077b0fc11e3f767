"""Listen to a recording: the act, then single ranges of its sound (RFC 9110, 14)."""

from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.web import guard
from studyhub.web.transfer import Beyond, Part, asked_part, still_the_same
from studyhub.workflows import playback
from studyhub.workflows.kernel import Desk
from studyhub.workflows.playback import Heard, Listening

bp = Blueprint("playback", __name__, url_prefix="/recordings/<uuid:recording_id>")

PARTIAL, UNSATISFIABLE = 206, 416


def _desk() -> Desk:
    return guard.study_desk(guard.place().slug)


def _listening() -> Listening:
    """The playback that the address names; a number that is none is one nobody opened."""
    try:
        return Listening(UUID(request.args.get("p", "")), guard.visitor().sitting.id)
    except ValueError:
        abort(404)


@bp.post("/listen")
def listen(recording_id: UUID) -> ResponseReturnValue:
    """Open a playback for a script. Pages have a form of their own."""
    reason = str(request.form.get("reason", ""))
    if request.is_json:
        said = request.get_json(silent=True)
        reason = str(said.get("reason", "")) if isinstance(said, dict) else ""
    made = playback.listen(_desk(), recording_id, guard.visitor().sitting.id, reason)
    audio = url_for(".audio", recording_id=recording_id, p=made)
    peaks = url_for(".peaks", recording_id=recording_id, p=made)
    return jsonify(playback=str(made), audio=audio, peaks=peaks), 201


@bp.get("/audio")
def audio(recording_id: UUID) -> ResponseReturnValue:
    """The sound or one range of it. A server's own way to send files would read all of it."""
    desk, by = _desk(), _listening()
    found = playback.find(desk, recording_id, by)
    reader = playback.open_sound(desk, found, by)
    answer, part = _answer(found, reader.length)
    if part is None or request.method == "HEAD":
        reader.close()
        return answer
    answer.response = playback.stream(desk, found, by, reader, (part.start, part.stop))
    answer.call_on_close(reader.close)
    return answer


def _answer(found: Heard, length: int) -> tuple[Response, Part | None]:
    """Status, headers and which bytes are to follow; none where the range lies beyond."""
    tag = f'"{found.file.root.hex()}"'
    headers = {"Accept-Ranges": "bytes", "ETag": tag, "Content-Disposition": "inline"}
    try:
        part = _asked(tag, length)
    except Beyond:
        headers["Content-Range"] = f"bytes */{length}"
        return Response(status=UNSATISFIABLE, headers=headers), None
    answer = Response(headers=headers, mimetype=found.media_type)
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


@bp.get("/peaks")
def peaks(recording_id: UUID) -> ResponseReturnValue:
    """The picture of the sound: pairs of signed bytes, twenty a second."""
    found = playback.peaks(_desk(), recording_id, _listening())
    return Response(found, mimetype="application/octet-stream")
