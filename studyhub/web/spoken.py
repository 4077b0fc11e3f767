"""Hear how somebody consented by word of mouth: the act, then single ranges of the sound."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from studyhub.web import guard
from studyhub.web.sound_part import answer_for
from studyhub.workflows import consent_check

bp = Blueprint("spoken", __name__, url_prefix="/s/<slug>/consent/<uuid:consent_id>")


@bp.post("/hear")
def hear(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """Open the sound on the page of its consent; that somebody did is on the record."""
    desk = guard.study_desk(slug)
    opened = consent_check.hear(desk, consent_id, guard.visitor().sitting.id)
    return redirect(url_for("consent.one", slug=slug, consent_id=consent_id, p=opened))


@bp.get("/sound")
def sound(slug: str, consent_id: UUID) -> ResponseReturnValue:
    """The sound or one range of it, for whoever opened it in this session."""
    desk = guard.study_desk(slug)
    opened = request.args.get("p", UUID(int=0), type=UUID)  # nobody holds number nought
    heard = consent_check.play(desk, consent_id, opened, guard.visitor().sitting.id)
    answer, part = answer_for(heard.tag, heard.reader.length, heard.media_type)
    if part is None or request.method == "HEAD":
        heard.reader.close()
        return answer
    answer.response = heard.reader.range(part.start, part.stop)
    answer.call_on_close(heard.reader.close)
    return answer
