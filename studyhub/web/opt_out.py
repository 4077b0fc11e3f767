"""Stop all letters: by one click in a mail program (RFC 8058), or on a page that asks first.

Looking changes nothing. The POST needs no cookie, no forgery token and nobody of the team: the
token in the address is the whole key, and all it can do is stop letters to its holder.
"""

from urllib.parse import parse_qs

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from studyhub.web import guard, guest
from studyhub.workflows import recruitment_opt_out

bp = Blueprint("opt_out", __name__)

MOST_BYTES = 4096
TITLE = "Stop letters"


@bp.get("/o/<token>")
def ask(token: str) -> ResponseReturnValue:
    """A page that asks; programs that follow every link in a letter stop nothing."""
    found = guest.of(token, "opt_out")
    return render_template("recruitment/stop.html", frame=guest.frame(found), title=TITLE)


@bp.post("/o/<token>")
def stop(token: str) -> ResponseReturnValue:
    """Stop now, and say so without leading elsewhere."""
    found = guest.of(token, "opt_out")
    sent = _sent()
    if sent.get("List-Unsubscribe") != "One-Click":
        abort(400)
    everywhere = sent.get("everywhere") == "yes"
    origin = "page" if "page" in sent else "one_click"
    recruitment_opt_out.opt_out(found.desk, origin, everywhere=everywhere)
    return render_template(
        "recruitment/stopped.html",
        frame=guest.frame(found),
        title=TITLE,
        everywhere=everywhere,
    )


def _sent() -> dict[str, str]:
    """The few fields of this request. Mail programs may send them as parts of a form.

    Read here as plain bytes, so that no part is ever written to a disk.
    """
    if (request.content_length or 0) > MOST_BYTES:
        abort(413)
    body = request.get_data(cache=False).decode("utf-8", "replace")
    if request.mimetype == guard.FORM:
        return {name: values[0] for name, values in parse_qs(body).items()}
    if request.mimetype != "multipart/form-data":
        abort(415)
    boundary = request.mimetype_params.get("boundary", "")
    return _parts(body, boundary) if boundary else {}


def _parts(body: str, boundary: str) -> dict[str, str]:
    found = {}
    for part in body.split(f"--{boundary}"):
        head, _, text = part.partition("\r\n\r\n")
        _, is_named, name = head.partition('name="')
        if is_named:
            found[name.partition('"')[0]] = text.removesuffix("\r\n")
    return found
