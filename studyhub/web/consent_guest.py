"""Decide by one's own link: the form, the confirmation with the copy, and the copy later.

The form token names the number of the signing and the very texts that were shown. So a page
sent twice is one signing, and one that showed an older text signs nothing (invariants 31, 35).
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.domain.consent_copy import as_text
from studyhub.domain.documents import StatementText
from studyhub.domain.errors import Invalid
from studyhub.domain.statements import GROUPS, STARTERS
from studyhub.web import guest
from studyhub.workflows import consent_copies, consent_form, consent_signing
from studyhub.workflows.consent_form import FormView
from studyhub.workflows.consent_ground import CannotSign
from studyhub.workflows.consent_signing import Filled, Signed
from studyhub.workflows.links import Guest

bp = Blueprint("consent_guest", __name__)

TITLE = "Your invitation"
PICTURE = "data:image/png;base64,"
BESIDES = "More"
_GROUP_OF = {starter.code: starter.group for starter in STARTERS}


@dataclass(frozen=True)
class Asked:
    """One statement on the page: its number, its words, what was typed and what is wrong."""

    number: int
    code: str
    wording: str
    mandatory: bool
    answer: str
    problem: str


@dataclass(frozen=True)
class Group:
    """Statements that stand under one heading, in the order of the form."""

    title: str
    asked: list[Asked]


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
        return _cannot(who, token, view, found)
    return _thanks(who, token, signed)


def _cannot(who: Guest, token: str, view: FormView, found: CannotSign) -> ResponseReturnValue:
    """Say why not. Where saying that one does not want to wait would help, at that field."""
    if [each.code for each in found.obstacles] == ["time_to_consider"]:
        problem = "Tick this if you do not want to wait, or come back later"
        return _page(who, token, view, {"waive_wait": problem}), 422
    return _closed(who, token, view, [each.says for each in found.obstacles]), 409


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
        groups=_groups(statements, found),
        total=len(statements),
        words=guest.document(view.ground.form.body) if view.ground.form else "",
        sheet=view.ground.sheet,
        given_at=view.ground.sheet_given_at,
        deadline_at=view.ground.deadline_at,
        wait_until=view.obstacles[0].until if view.obstacles else None,
        waived=request.form.get("waive_wait") == "yes",
        typed_name=request.form.get("typed_name", ""),
        drawing_needed=not view.typed_name_enough,
        problems=found,
        summary=_summary(statements, found),
        earlier=bool(view.made),
    )


def _closed(who: Guest, token: str, view: FormView, reasons: Sequence[str]) -> str:
    """Why the form cannot be opened now. Refusing stays possible where there is a form."""
    ready = view.ground.form is not None and view.ground.sheet is not None
    shown = _shown_now(view) if ready else ""
    around = _around(who, token, shown)
    return render_template("consent/closed.html", **around, reasons=reasons, signing=shown)


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


def _groups(statements: Sequence[StatementText], problems: Mapping[str, str]) -> list[Group]:
    """The statements in their order; a heading stands wherever the group changes."""
    found: list[Group] = []
    for number, each in enumerate(statements, 1):
        title = GROUPS.get(_GROUP_OF.get(each.code, ""), BESIDES)
        if not found or (found[-1].title != title and each.code in _GROUP_OF):
            found.append(Group(title, []))
        found[-1].asked.append(_asked(number, each, problems))
    return found


def _asked(number: int, each: StatementText, problems: Mapping[str, str]) -> Asked:
    problem = "Choose “I agree” or “I do not agree”" if each.code in problems else ""
    answer = request.form.get(f"statement:{each.code}", "")
    return Asked(number, each.code, each.wording, each.mandatory, answer, problem)


def _summary(
    statements: Sequence[StatementText], problems: Mapping[str, str]
) -> list[dict[str, str]]:
    """Every problem with a link to its field, in the order of the page."""
    numbers = {each.code: number for number, each in enumerate(statements, 1)}
    found = [
        {
            "text": f"Choose “I agree” or “I do not agree” for sentence {number}",
            "href": f"#{code}-agree",
        }
        for code, number in numbers.items()
        if code in problems
    ]
    fields = ("typed_name", "drawing", "waive_wait")
    found += [
        {"text": problems[name], "href": f"#{name}"} for name in fields if name in problems
    ]
    if problems and not found:
        found = [{"text": "Some of what was sent does not belong to this form"}]
    return found


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
    """Read one's own copy again, as it was made at signing."""
    who = guest.of(token, "copy")
    found = consent_copies.copy(who.desk)
    if request.args.get("as") == "text":
        return _as_file(as_text(found))
    return render_template(
        "consent/copy.html",
        **_around(who, token, ""),
        copy=found,
        words=guest.document(found.body),
        text_url=_text_url(token),
    )


def _text_url(token: str) -> str:
    return url_for(".copy", token=token) + "?as=text"


def _as_file(text: str) -> Response:
    """A file to keep; its name says nothing."""
    answer = make_response(text)
    answer.mimetype = "text/plain"
    answer.headers["Content-Disposition"] = "attachment; filename=copy.txt"
    return answer
