"""Listen to a recording: the act, then single ranges of its sound."""

from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.web import guard
from studyhub.web.sound_part import answer_for
from studyhub.workflows import playback
from studyhub.workflows.kernel import Desk
from studyhub.workflows.playback import Listening

bp = Blueprint("playback", __name__, url_prefix="/recordings/<uuid:recording_id>")


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
    answer, part = answer_for(found.file.root.hex(), reader.length, found.media_type)
    if part is None or request.method == "HEAD":
        reader.close()
        return answer
    answer.response = playback.stream(desk, found, by, reader, (part.start, part.stop))
    answer.call_on_close(reader.close)
    return answer


@bp.get("/peaks")
def peaks(recording_id: UUID) -> ResponseReturnValue:
    """The picture of the sound: pairs of signed bytes, twenty a second."""
    found = playback.peaks(_desk(), recording_id, _listening())
    return Response(found, mimetype="application/octet-stream")
