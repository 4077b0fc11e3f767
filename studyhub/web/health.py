"""Is it alive, is it ready, and what do browsers complain of. Nothing here knows anybody."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from studyhub.web import guard

bp = Blueprint("health", __name__)

Checks = Callable[[], Mapping[str, bool]]

# A missing worker delays letters, but pages can be served.
_CAN_WAIT = frozenset({"worker"})
_SMALL = 16 * 1024


@bp.get("/healthz")
def alive() -> Response:
    """Say that the process lives. Touches nothing."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether pages can be served, and which part is missing."""
    checks: Checks = current_app.extensions["studyhub.checks"]
    found = checks()
    whole = all(good for name, good in found.items() if name not in _CAN_WAIT)
    words = {name: "ok" if good else "missing" for name, good in found.items()}
    status = "ok" if whole else "not ready"
    return jsonify(status=status, checks=words), 200 if whole else 503


@bp.post("/csp-report")
def csp_report() -> ResponseReturnValue:
    """Count that a browser kept something from being loaded; what it says is not read."""
    if (request.content_length or 0) > _SMALL:
        abort(413)
    guard.hub().counters.count("csp_report", guard.hub().now())
    return Response(status=204)
