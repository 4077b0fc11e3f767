"""Decide by one's own link: the form, the confirmation with the copy, and the copy later.

The form token names the number of the signing and the very texts that were shown. So a page
sent twice is one signing, and one that showed an older text signs nothing (invariants 31, 35).
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.consent_copy import ANSWERS, as_text
from studyhub.domain.errors import Busy, Invalid, Stale
from studyhub.web import guard, guest
from studyhub.web.statement_fields import groups, summary
from studyhub.workflows import consent_copies, consent_form, consent_signing
from studyhub.workflows.consent_copies import OwnCopy, WordNeeded
from studyhub.workflows.consent_form import FormView
from studyhub.workflows.consent_ground import CannotSign
from studyhub.workflows.consent_signing import PNG, Filled, Signed
from studyhub.workflows.links import Guest

bp = Blueprint("consent_guest", __name__)

TITLE = "Your invitation"
CHOOSE = "Choose “I agree” or “I do not agree”"
PICTURE = "data:image/png;base64,"
NOT_NOW = "We could not take it just now. Please send the form again"
ANSWERED = (
    "You have answered this form before, with other answers. The first ones count.",
    "If you want to change something, open the form again and answer it anew.",
)


@bp.route("/l/<token>/consent", methods=["GET", "POST"])
def consent(token: str) -> ResponseReturnValue:
    """Answer every statement and sign, or refuse. Nothing is chosen for anybody."""
    who = guest.of(token, "consent")
    view = consent_form.open_form(who.desk)
    if request.method == "GET":
        return _page(who, token, view)
    filled = _filled(who, view)
    try:
        signed = consent_signing.sign(who.desk, filled)
    except Invalid as found:
        return _page(who, token, view, found.problems), 422
    except CannotSign as found:
        return _cannot(who, token, found)
    except Stale:
        return _closed(who, token, consent_form.open_form(who.desk), ANSWERED), 409
    except Busy:
        return _page(who, token, view, {"again": NOT_NOW}), 503
    return _thanks(who, token, signed)


def _cannot(who: Guest, token: str, found: CannotSign) -> ResponseReturnValue:
    """Say why not. Where saying that one does not want to wait would help, at that field."""
    view = consent_form.open_form(who.desk)
    if [each.code for each in found.obstacles] == ["time_to_consider"]:
        problem = "Tick this if you do not want to wait, or come back later"
        return _page(who, token, view, {"waive_wait": problem}), 422
    return _closed(who, token, view, [each.says for each in found.obstacles]), 409


def _kept_drawing() -> str:
    """The drawn signature, to be sent again with a form that is sent again."""
    return request.form.get("drawing", "") if _drawing().startswith(PNG) else ""


def _page(
    who: Guest, token: str, view: FormView, problems: Mapping[str, str] | None = None
) -> str:
    """The form; or why it cannot be opened, where there is nothing to be filled in."""
    if view.obstacles and not view.may_waive:
        return _closed(who, token, view, [each.says for each in view.obstacles])
    found = problems or {}
    shown = _shown_now(view)
    statements = view.ground.form.statements if view.ground.form else ()
    return render_template(
        "consent/form.html",
        **_around(who, token, shown),
        signing=shown,
        groups=groups(statements, dict.fromkeys(found, CHOOSE)),
        total=len(statements),
        words=guest.document(view.ground.form.body) if view.ground.form else "",
        sheet=view.ground.sheet,
        given_at=view.ground.sheet_given_at,
        deadline_at=view.ground.deadline_at,
        wait_until=view.obstacles[0].until if view.obstacles else None,
        waived=request.form.get("waive_wait") == "yes",
        typed_name=request.form.get("typed_name", ""),
        drawing_needed=not view.typed_name_enough,
        drawing=_kept_drawing() if "drawing" not in found else "",
        word=request.form.get("word", ""),
        has_word=view.has_word,
        problems=found,
        summary=summary(statements, found),
        earlier=bool(view.made),
    )


def _closed(who: Guest, token: str, view: FormView, reasons: Sequence[str]) -> str:
    """Why the form cannot be opened now. Refusing stays possible where there is a form."""
    ready = view.ground.form is not None and view.ground.sheet is not None
    shown = _shown_now(view) if ready else ""
    around = _around(who, token, shown)
    return render_template(
        "consent/closed.html",
        **around,
        reasons=reasons,
        signing=shown,
        sent=request.method == "POST",
        opens_now=view.may_waive or not view.obstacles,
    )


def _around(who: Guest, token: str, shown: str) -> dict[str, object]:
    return {
        "frame": guest.frame(who, _form_name(shown) if shown else ""),
        "title": TITLE,
        "token": token,
        "can": who.purposes,
        "home_url": url_for("interest.home", token=token),
    }


# -- what was shown, and what came back --------------------------------------------------


def _form_name(shown: str) -> str:
    return f"consent/{shown}"


def _shown_now(view: FormView) -> str:
    """Name what the page shows: the number of the signing, the form's hash, the sheet."""
    ground = view.ground
    return f"{ground.next_seq}.{ground.text_hash.hex()}.{ground.sheet_id}"


def _shown_before(view: FormView) -> list[str]:
    return [f"{each.seq}.{each.text_hash.hex()}.{each.sheet_id}" for each in view.made]


def _shown(who: Guest, view: FormView) -> str:
    """What the page showed that this was sent from; 400 if it was no page of this link."""
    stated = request.form.get("signing", "")
    sent = request.form.get("csrf_token", "").encode()
    has_form = view.ground.form is not None and view.ground.sheet is not None
    known = [stated] if stated else [*_shown_before(view), *[_shown_now(view)][:has_form]]
    for each in known:
        if hmac.compare_digest(sent, guest.token(who, _form_name(each)).encode()):
            return each
    return abort(400)


def _filled(who: Guest, view: FormView) -> Filled:
    seq, text_hash, sheet = _shown(who, view).split(".")
    refuse = request.form.get("kind") == "refused"
    return Filled(
        seq=int(seq),
        text_hash=bytes.fromhex(text_hash),
        sheet_id=UUID(sheet),
        answers={} if refuse else _answers(),
        name=request.form.get("typed_name", ""),
        drawing=_drawing(),
        word="" if refuse else request.form.get("word", ""),
        waived=request.form.get("waive_wait") == "yes",
        refuse=refuse,
    )


def _answers() -> dict[str, str]:
    """What was answered, by code. Two answers to one statement are none."""
    found = {}
    for name, values in request.form.lists():
        start, _, code = name.partition(":")
        if start == "statement":
            found[code] = values[0] if len(values) == 1 else ""
    return found


def _drawing() -> bytes:
    """The drawn signature as it came; something that is no picture where it is none."""
    sent = request.form.get("drawing", "")
    if not sent:
        return b""
    try:
        return b64decode(sent.removeprefix(PICTURE), validate=True) or b"-"
    except (binascii.Error, ValueError):
        return b"-"


# -- afterwards -------------------------------------------------------------------------


def _thanks(who: Guest, token: str, signed: Signed) -> str:
    """The confirmation, with the copy and the address at which it can be read later."""
    around = _around(who, token, "")
    lasting = signed.address.rpartition("/")[2]
    return render_template(
        "consent/done.html",
        **around,
        signed=signed,
        copy=signed.copy,
        address=signed.address,
        words=guest.document(signed.copy.body) if signed.copy else "",
        lasting=lasting,
        text_url=_text_url(lasting) if lasting else "",
    )


@bp.route("/l/<token>/copy", methods=["GET", "POST"])
def copy(token: str) -> ResponseReturnValue:
    """Read one's own copy again, as it was made. A word opens it, if one was chosen."""
    who = guest.of(token, "copy")
    word = ""
    if request.method == "POST":
        guest.check(who, "copy")
        word = request.form.get("word", "").strip()
    try:
        found = consent_copies.copy(who.desk, word, guard.source())
    except WordNeeded:
        missing = {"word": "Write the word you chose"} if request.method == "POST" else {}
        return _ask_for_word(who, token, missing), 422 if missing else 200
    except Invalid as wrong:
        return _ask_for_word(who, token, wrong.problems), 422
    if request.values.get("as") == "text":
        return _as_file(as_text(found.copy))
    return _copy_page(who, token, found, by_word=found.locked and bool(word))


def _copy_page(who: Guest, token: str, found: OwnCopy, *, by_word: bool) -> str:
    return render_template(
        "consent/copy.html",
        **_around(who, token, ""),
        copy=found.copy,
        earlier=found.earlier,
        words=guest.document(found.copy.body),
        text_url=_text_url(token),
        once=found.locked and not by_word,
        by_word=by_word,
        in_words=ANSWERS,
    )


def _ask_for_word(who: Guest, token: str, problems: Mapping[str, str]) -> str:
    """Ask for the memorable word. What was tried is not shown again: it may be nearly right."""
    around = _around(who, token, "")
    around["frame"] = guest.frame(who, "copy")
    return render_template("consent/word.html", **around, problem=problems.get("word", ""))


def _text_url(token: str) -> str:
    return url_for(".copy", token=token) + "?as=text"


def _as_file(text: str) -> Response:
    """A file to keep; its name says nothing."""
    answer = make_response(text)
    answer.mimetype = "text/plain"
    answer.headers["Content-Disposition"] = "attachment; filename=copy.txt"
    return answer
