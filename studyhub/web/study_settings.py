"""What the study has settled for itself: read by the team, changed by the PI."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    EmailField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from studyhub.domain.policy import POLICY
from studyhub.domain.settings import GIB, lines_of
from studyhub.domain.vocabulary import Act
from studyhub.web import guard
from studyhub.web.filled import one_line, phone_number, plain_text, taken, whole_address
from studyhub.web.forms import StudyForm, as_choices, one_of
from studyhub.web.frame import Status
from studyhub.workflows import study_settings
from studyhub.workflows.kernel import Desk, need_role
from studyhub.workflows.study_settings import SettingsView, Wanted

bp = Blueprint("study_settings", __name__, url_prefix="/s/<slug>/settings")

DONE = {"changed": Status("Settled.", "It holds from now on. What is signed stays signed.")}
YES_NO = {"yes": "Yes", "no": "No"}
_LISTS = {"languages": ", ", "sensitive_terms": "\n"}
_SWITCHES = ("countersign", "typed_name_enough", "notes_only_allowed", "agreement_figures")


def _number(label: str, hint: str) -> IntegerField:
    return IntegerField(
        label,
        [InputRequired("Enter a whole number")],
        description=hint,
        render_kw={"classes": "govuk-input--width-5"},
    )


class SettingsForm(StudyForm):
    """Everything a study settles for itself, as the page shows it: four groups of fields."""

    seen = HiddenField()
    neutral_name = StringField(
        "Neutral name of the study",
        [DataRequired("Write a name that says nothing"), Length(max=100), one_line],
        description="In letters and on the pages of participants, instead of the title. "
        "Letters that were sent keep the name they had.",
        render_kw={"autocomplete": "off"},
    )
    team_phone = TelField(
        "Telephone number of the team (optional)",
        [Optional(), Length(max=40), phone_number],
        description="At the foot of every page for participants, for those who would rather "
        "have it on paper or talk.",
        render_kw={"autocomplete": "off"},
    )
    team_email = EmailField(
        "E-mail address of the team (optional)",
        [Optional(), Length(max=254), whole_address],
        description="Beside the number.",
        render_kw={"autocomplete": "off"},
    )
    safe_site = URLField(
        "Where “Leave this page” leads",
        [DataRequired("Write a whole address"), Length(max=200), one_line],
        description="A harmless page that nobody wonders about.",
        render_kw={"autocomplete": "off", "spellcheck": False},
    )
    sensitive_terms = TextAreaField(
        "Sensitive terms (optional)",
        [Length(max=4000), plain_text],
        description="One a line. They may never stand in a subject, a sender, a calendar title "
        "or the name of a file. Letters that wait already are not searched again.",
        render_kw={"rows": 4, "spellcheck": False},
    )
    languages = StringField(
        "Languages",
        [DataRequired("Write at least one language, like en"), Length(max=200), one_line],
        description="Of documents and participants, the first one on the public page: en, cy.",
        render_kw={"autocomplete": "off", "spellcheck": False},
    )
    consider_time = _number(
        "Hours to think it over",
        "Between the information sheet and signing. It holds at once, also for people who have "
        "the sheet and were told another time; what is signed stays signed.",
    )
    typed_name_enough = one_of(
        "Is a name typed on the page enough as a signature?",
        YES_NO,
        hint="If not, a drawing is asked for, or paper. It holds at once, also for people who "
        "have their link.",
        needed="Choose “Yes” or “No”",
        classes="govuk-radios--inline",
    )
    typed_name_reason = TextAreaField(
        "Why is it enough?",
        [Length(max=1000), plain_text],
        description="If yes: one or two sentences that an ethics committee can read.",
        render_kw={"rows": 3},
    )
    countersign = one_of(
        "Does whoever takes a consent countersign it?",
        YES_NO,
        hint="On paper or in person only, for consents that come in from now on. Those before "
        "stay as they are.",
        needed="Choose “Yes” or “No”",
        classes="govuk-radios--inline",
    )
    link_days = _number(
        "Days that a link works",
        "Of links to the sheet and the consent form. Links that were sent keep their last day; "
        "those to stop letters or to withdraw work until the study ends.",
    )
    reminders_max = _number(
        "Reminders to one person, at most",
        "As the committee approved. Those that were sent count.",
    )
    reminder_days = _number(
        "Days before the next reminder", "After the letter before it, whoever sent that."
    )
    planned_sample = _number(
        "Planned number of participants",
        "The largest number you expect: labels of transcripts are drawn at random up to it.",
    )
    call_sheet_before = _number(
        "Call sheet opens, hours before",
        "How long before the interview its interviewer sees first name and number. It holds at "
        "once, also for interviews that are planned.",
    )
    call_sheet_after = _number(
        "Call sheet closes, hours after", "The interview was planned for."
    )
    notes_only_allowed = one_of(
        "May an interview be held without recording?",
        YES_NO,
        hint="For people who take part and do not want to be recorded.",
        needed="Choose “Yes” or “No”",
        classes="govuk-radios--inline",
    )
    quarantine_days = _number(
        "Days a recording may wait for its consent",
        "Then it comes before the PI. It holds at once, also for what waits now.",
    )
    default_transcriber = SelectField(
        "Who is given a finished upload?",
        choices=[],
        description="From the next upload on. It opens once the consent is verified.",
    )
    quota = _number(
        "Room for recordings and scans, in GiB",
        "Uploads beyond it are refused. Nothing that is kept is taken away.",
    )
    threshold_k = _number(
        "Smallest group in tables", "Tables about the sample name no group that is smaller."
    )
    agreement_figures = one_of(
        "Show figures of agreement between coders?",
        YES_NO,
        needed="Choose “Yes” or “No”",
        classes="govuk-radios--inline",
    )

    def wanted(self) -> Wanted:
        """What was filled in, as the act takes it."""
        told: dict[str, Any] = {
            field.short_name: field.data.strip() if isinstance(field.data, str) else field.data
            for field in self
        }
        told |= {name: told[name] == "yes" for name in _SWITCHES}
        told |= {name: lines_of(told[name] or "") for name in _LISTS}
        told |= {name: told[name] or "" for name in ("team_phone", "team_email")}
        return Wanted(**told)


@bp.get("")
def show(slug: str) -> ResponseReturnValue:
    """What holds now."""
    desk = guard.study_desk(slug)
    return _page(desk, "show.html", study_settings.show(desk))


@bp.route("/change", methods=["GET", "POST"])
def change(slug: str) -> ResponseReturnValue:
    """Settle what holds from now on."""
    desk = guard.study_desk(slug)
    view = study_settings.show(desk)
    need_role(desk, Act.STUDY_CHANGE)
    form = SettingsForm(request.form, data=_as_filled(view))
    form.default_transcriber.choices = as_choices({"": "Nobody: assigned each time"})
    form.default_transcriber.choices += as_choices(view.transcribers)
    if taken(form, lambda: study_settings.change(desk, form.wanted())):
        return redirect(url_for(".show", slug=slug, done="changed"))
    return _page(desk, "change.html", view, form=form), 422 if form.errors else 200


def _as_filled(view: SettingsView) -> dict[str, Any]:
    """The form as it stands before anybody changes it."""
    now = dict(view.settings)
    before, after = now["call_sheet_hours"]
    return {
        **now,
        **{name: "yes" if now[name] else "no" for name in _SWITCHES},
        **{name: between.join(now[name]) for name, between in _LISTS.items()},
        "seen": view.seen,
        "neutral_name": view.neutral_name,
        "call_sheet_before": before,
        "call_sheet_after": after,
        "quota": now["quota"] // GIB,
        "default_transcriber": now["default_transcriber"] if view.transcriber else "",
    }


def _page(desk: Desk, template: str, view: SettingsView, **values: object) -> str:
    return render_template(
        f"settings/{template}",
        frame=guard.frame("settings"),
        slug=guard.place().slug,
        view=view,
        now=view.settings,
        gib=GIB,
        status=DONE.get(request.args.get("done", "")),
        may_change=desk.actor.role in POLICY[Act.STUDY_CHANGE].roles,
        **values,
    )
