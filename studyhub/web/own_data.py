"""Everything held on one person as a file for them: to read in any browser, and as JSON."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue

from studyhub.domain.consent_copy import as_text, copy_from
from studyhub.domain.scans import kind_of_scan
from studyhub.domain.vocabulary import Act
from studyhub.web import guard, times
from studyhub.workflows import own_data
from studyhub.workflows.kernel import need_role
from studyhub.workflows.own_data import Held
from studyhub.workflows.people import code_of

PERSON = "/s/<slug>/recruitment/people/<uuid:participant_id>"
bp = Blueprint("own_data", __name__, url_prefix=PERSON)

PARTS = {
    "contact": "Who you are and how you may be reached",
    "interest": "What you wrote when you offered to take part",
    "questions": "What you asked, and our answers",
    "letters": "Letters and calls",
    "documents": "Documents you were given",
    "consents": "What you agreed to or refused",
    "interviews": "Interviews",
    "recordings": "Recordings (a list; the sound is not in this file)",
    "transcripts": "Transcripts (a list; the text is not in this file)",
    "releases": "De-identified texts that analysts read (a list)",
    "withdrawals": "What you withdrew",
    "incidents": "Something that went wrong and concerned you (a list)",
}
CODED = re.compile(r"pis|[a-z]+(_[a-z]+)+")  # a word of our own lists, nobody's own words
_ENDINGS = {"copy": "txt", "typed_name": "txt", "drawing": "png"}


@bp.route("/everything", methods=["GET", "POST"])
def take(slug: str, participant_id: UUID) -> ResponseReturnValue:
    """Take it out for the person who asked. Opening it is on the record."""
    desk = guard.study_desk(slug)
    need_role(desk, Act.CONTACT_EXPORT)
    if request.method == "GET":
        code, frame = code_of(desk, participant_id), guard.frame("recruitment")
        return render_template("own_data/ask.html", frame=frame, slug=slug, code=code)
    held = own_data.take_out(desk, participant_id)
    file = BytesIO(_packed(held))
    name = f"everything-held-{held.code}.zip"
    return send_file(file, "application/zip", as_attachment=True, download_name=name)


def _packed(held: Held) -> bytes:
    """A folder with the page, the same as JSON, and what proves each consent."""
    files = {
        "what-we-hold.html": _page(held).encode(),
        "what-we-hold.json": json.dumps(
            held.parts, default=str, ensure_ascii=False, indent=1
        ).encode(),
        **dict(_file(*each) for each in held.files),
    }
    packed, at = BytesIO(), guard.hub().now().timetuple()[:6]
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(f"{held.code}/{name}", at), content, ZIP_DEFLATED)
    return packed.getvalue()


def _page(held: Held) -> str:
    parts = [
        (title, [_words(facts) for facts in held.parts[part]]) for part, title in PARTS.items()
    ]
    return render_template(
        "own_data/held.html",
        code=held.code,
        made_at=guard.hub().now(),
        parts=parts,
        files=[_file(*each)[0] for each in held.files],
    )


def _file(name: str, kind: str, content: bytes) -> tuple[str, bytes]:
    """What a piece of evidence is called, and its content as a person can read it."""
    if kind == "copy":
        content = as_text(copy_from(json.loads(content))).encode()
    ending = _ENDINGS.get(kind) or kind_of_scan(content[:16]).rpartition("/")[2] or "bin"
    return f"{name}.{ending}", content


def _words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each fact with its name as people write it; what is not known is left out."""
    named = (
        (name.replace("_", " "), _said(value))
        for name, value in facts.items()
        if value is not None
    )
    return [(name[:1].upper() + name[1:], said) for name, said in named if said]


def _said(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return _said_time(value)
        case dict():
            return _said([f"{name}: {each}" for name, each in value.items()])
        case list() | tuple():
            return ", ".join(map(_said, value))
        case str() if CODED.fullmatch(value):
            return {"pis": "information sheet"}.get(value, value.replace("_", " "))
    return str(value)


def _said_time(at: date) -> str:
    """A day; with its time, where one is known."""
    if isinstance(at, datetime):
        return times.moment(at, guard.zone())
    return f"{at.day} {at:%B %Y}"
