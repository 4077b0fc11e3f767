"""The forms by which a recruiter sorts and decides expressions of interest, and their words."""

from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from studyhub.web.filled import one_line, phone_number, plain_text, whole_address
from studyhub.web.forms import StudyForm, as_choices, one_of, pick_from
from studyhub.web.recruitment_words import MODE_WORDS
from studyhub.workflows.expressions import Told

STATES = {
    "received": ("New", "warn"),
    "acknowledged": ("To sort", "warn"),
    "screening": ("To decide", "warn"),
    "eligible": ("Eligible", "ok"),
    "info_sent": ("Informed", "ok"),
    "considering": ("Considering", "info"),
    "converted": ("Signed", "ok"),
    "ineligible": ("Not eligible", "quiet"),
    "declined": ("Declined", "quiet"),
    "lapsed": ("Lapsed", "quiet"),
    "unreachable": ("Not reached", "quiet"),
    "opted_out": ("Asked us to stop", "stop"),
}


class TriageForm(StudyForm):
    """Who wrote this."""

    kind = RadioField("Who is this?", validators=[DataRequired("Choose who this is")])
    another_person = BooleanField(
        "Somebody else uses the same address",
        description="Tick this if you are sure that it is not the contact named above.",
    )


class DecideForm(StudyForm):
    """What comes of an expression."""

    outcome = RadioField("What comes of it?", validators=[DataRequired("Choose what it is")])
    criteria = StringField(
        "Version of the criteria",
        [Length(max=20), one_line],
        description="For eligible people: which version of the criteria in your protocol you "
        "looked at, like 1.0.",
        render_kw={"classes": "govuk-input--width-5", "autocomplete": "off"},
    )
    mailbox_shared = BooleanField(
        "Others can read their mail",
        description="Then no links, reminders or attachments are sent to it.",
    )
    another_person = BooleanField(
        "Somebody else uses the same address",
        description="Only where the address is known already.",
    )


class NoteForm(StudyForm):
    """Interest that somebody told by telephone or face to face."""

    name = StringField("Name", [DataRequired("Write their name"), Length(max=200), one_line])
    channel = one_of(
        "How may we reach them?",
        {"email": "By e-mail", "telephone": "By phone"},
        needed="Choose how we may reach them",
    )
    email = EmailField("E-mail address", [Optional(), Length(max=254), whole_address])
    phone = TelField("Phone number", [Optional(), Length(max=40), phone_number])
    safe_contact = TextAreaField(
        "What to avoid",
        [Length(max=2000), plain_text],
        description="In their own words: when, where, what to say, what never.",
        render_kw={"rows": 2},
    )
    preference = SelectField(
        "How they would like to talk", default="", choices=as_choices(MODE_WORDS)
    )
    note = TextAreaField("Note", [Length(max=2000), plain_text], render_kw={"rows": 3})

    def told(self) -> Told:
        """What was said, as the act takes it."""
        return Told(**{name: (self[name].data or "").strip() for name in self.data})


class LinkForm(StudyForm):
    """How a link is handed over."""

    channel = pick_from(
        "How you hand it over",
        {"in_person": "Face to face", "telephone": "By phone", "post": "By post"},
        empty="Choose how",
        needed="Choose how you hand it over",
    )
