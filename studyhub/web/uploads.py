"""Recordings on their way in, by the protocol tus 1.0.0. Only script and programs call this."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.errors import Invalid
from studyhub.domain.upload_metadata import read
from studyhub.web import guard, transfer
from studyhub.web.raw_body import patient_body
from studyhub.workflows import deposits, uploads
from studyhub.workflows.kernel import Desk

bp = Blueprint("uploads", __name__, url_prefix="/api/uploads")

MOST = 16 * 1024**3  # bytes of one recording: a day of uncompressed sound
CREATED, NO_CONTENT, BAD_REQUEST, TOO_LARGE = 201, 204, 400, 413


@bp.after_request
def _speak_tus(answer: Response) -> Response:
    """Every answer says which version it speaks."""
    answer.headers["Tus-Resumable"] = transfer.VERSION
    return answer


@bp.before_request
def _need_tus() -> ResponseReturnValue | None:
    """Do nothing for who speaks another version."""
    if request.method == "OPTIONS" or _said("Tus-Resumable") == transfer.VERSION:
        return None
    return Response(status=412, headers={"Tus-Version": transfer.VERSION})


def _said(name: str) -> str:
    return request.headers.get(name, "")


def _desk() -> Desk:
    return guard.study_desk(guard.place().slug)


@bp.route("", methods=["OPTIONS"])
def describe() -> ResponseReturnValue:
    """What this server can do."""
    told = {
        "Tus-Version": transfer.VERSION,
        "Tus-Extension": transfer.EXTENSIONS,
        "Tus-Max-Size": str(MOST),
        "Tus-Checksum-Algorithm": ",".join(transfer.ALGORITHMS),
    }
    return Response(status=NO_CONTENT, headers=told)


@bp.post("")
def start() -> ResponseReturnValue:
    """Begin an upload. Every refusal comes before any byte."""
    length = transfer.number(request.headers, "Upload-Length")
    if length > MOST:
        abort(TOO_LARGE)
    try:
        given = read(_said("Upload-Metadata"))
    except Invalid as wrong:
        abort(BAD_REQUEST, str(wrong))
    upload_id, expires_at = uploads.start(_desk(), given, length)
    told = {
        "Location": url_for(".stand", upload_id=upload_id),
        "Upload-Expires": transfer.moment(expires_at),
    }
    return Response(status=CREATED, headers=told)


@bp.route("/<uuid:upload_id>", methods=["HEAD"])
def stand(upload_id: UUID) -> ResponseReturnValue:
    """How much has arrived and is kept."""
    desk = _desk()
    place = uploads.find(desk, upload_id)
    answer = _told(uploads.received(desk, place), place.expires_at)
    answer.headers["Upload-Length"] = str(place.length)
    if place.metadata:
        answer.headers["Upload-Metadata"] = place.metadata
    answer.status_code = 200
    return answer


def _told(offset: int, expires_at: datetime) -> Response:
    told = {"Upload-Offset": str(offset), "Upload-Expires": transfer.moment(expires_at)}
    return Response(status=NO_CONTENT, headers=told)


@bp.patch("/<uuid:upload_id>")
def take(upload_id: UUID) -> ResponseReturnValue:
    """Keep what arrives; with a checksum all of it or nothing. The last byte finishes."""
    if request.mimetype != transfer.CHUNK_TYPE:
        abort(415)
    offset = transfer.number(request.headers, "Upload-Offset")
    checksum = transfer.Checksum.of(request.headers)
    desk = _desk()
    place = uploads.find(desk, upload_id)
    if offset + (request.content_length or 0) > place.length:
        abort(TOO_LARGE)
    body = transfer.Counted(*patient_body(MOST), checksum)
    try:
        agreed = body.agrees if checksum else None
        kept = uploads.append(desk, place, offset, body, agreed)
    except Invalid:  # more came than was announced
        abort(TOO_LARGE)
    if checksum and not body.agrees():
        return Response(status=transfer.MISMATCH)
    return _told(kept, guard.hub().now() + uploads.KEPT_FOR)


@bp.delete("/<uuid:upload_id>")
def destroy(upload_id: UUID) -> ResponseReturnValue:
    """Take it back: key and bytes are destroyed."""
    deposits.destroy(_desk(), upload_id)
    return Response(status=NO_CONTENT)
