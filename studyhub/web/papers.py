"""Whose consent is to be entered, given on paper or by word of mouth: asked by the code."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from studyhub.domain.consent_ways import PAPER, SPOKEN
from studyhub.domain.policy import check_subject
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.filled import one_line
from studyhub.web.forms import StudyForm
from studyhub.workflows import consent_list
from studyhub.workflows.kernel import need_role

bp = Blueprint("papers", __name__, url_prefix="/s/<slug>/consent")


class FindForm(StudyForm):
    """The code of a participant."""

    code = StringField(
        "Code of the participant",
        [DataRequired("Write the code, like K7Q4"), Length(max=8), one_line],
        description="Four letters and digits, as on the list of participants.",
        render_kw={
            "classes": "govuk-input--width-5",
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": False,
        },
    )


@bp.get("/spoken", defaults={"mode": SPOKEN.mode})
@bp.get("/paper", defaults={"mode": PAPER.mode})
def find(slug: str, mode: str) -> ResponseReturnValue:
    """Ask for the code, and go to the form of whoever has it."""
    desk, form = guard.study_desk(slug), FindForm(request.args)
    need_role(desk, Act.CONSENT_ENTER)
    check_subject(desk.actor, Act.CONSENT_ENTER, None)
    is_asked = "code" in request.args
    if is_asked and form.validate():
        code = (form.code.data or "").strip().upper()
        if consent_list.look(desk, code=code).form is not None:
            return redirect(url_for("consent.enter", slug=slug, code=code, mode=mode))
        form.refuse({"code": "No participant has this code"})
    page = render_template(
        "consent/find.html", frame=guard.frame("consent"), form=form, slug=slug, mode=mode
    )
    return page, 422 if is_asked else 200
