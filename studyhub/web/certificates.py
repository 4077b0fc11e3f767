"""What was destroyed, signed: a list for the team, and each certificate to read and to keep."""

from io import BytesIO

from flask import Blueprint, Response, render_template, send_file
from flask.typing import ResponseReturnValue

from studyhub.web import guard, guest, withdrawal_words
from studyhub.workflows import certificates

bp = Blueprint("certificates", __name__)

JSON, TEXT = "application/json", "text/plain"
# The files behind a certificate, by their name in the address.
KEY, SCRIPT = "pub.txt", "verify_certificate.py"


@bp.get("/s/<slug>/certificates")
def show(slug: str) -> ResponseReturnValue:
    """Every erasure of the study, newest first."""
    return render_template(
        "certificates/list.html",
        frame=guard.frame("withdrawals"),
        slug=slug,
        rows=certificates.look(guard.study_desk(slug)),
        scopes=withdrawal_words.scopes,
    )


@bp.get("/s/<slug>/certificates/<name>")
def one(slug: str, name: str) -> ResponseReturnValue:
    """One certificate in words, and how it is checked."""
    found = certificates.read(guard.study_desk(slug), name)
    return render_template(
        "certificates/one.html",
        frame=guard.frame("withdrawals"),
        slug=slug,
        name=name,
        found=found,
        told=found.told,
        words=withdrawal_words,
        files=(found.name, KEY, SCRIPT),
    )


@bp.get("/s/<slug>/certificates/<name>/<file>")
def take(slug: str, name: str, file: str) -> ResponseReturnValue:
    """The certificate, the key to check it with, or the script that does."""
    found = certificates.read(guard.study_desk(slug), name)
    if file == KEY:
        return _file(found.public_key, KEY, TEXT)
    if file == SCRIPT:
        return _file(found.script, SCRIPT, TEXT)
    return _file(found.content, found.name, JSON)


@bp.get("/l/<token>/certificate/<name>")
def own(token: str, name: str) -> ResponseReturnValue:
    """One's own certificate, by one's own link."""
    found = certificates.read(guest.of(token, "withdraw").desk, name)
    return _file(found.content, "certificate.json", JSON)


def _file(content: bytes, name: str, kind: str) -> Response:
    return send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
