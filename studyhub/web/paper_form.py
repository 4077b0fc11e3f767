"""The form on which a consent is entered: when and how it was given. Answers come beside it."""

from datetime import date, datetime
from uuid import UUID

from flask import request
from wtforms import BooleanField, DateField, HiddenField, TimeField
from wtforms.validators import InputRequired, Optional

from studyhub.domain.consent_ways import PAPER, SPOKEN, Way
from studyhub.web import guard
from studyhub.web.consent_words import CAPACITIES
from studyhub.web.filled import end_of
from studyhub.web.forms import StudyForm, one_of
from studyhub.workflows.consent_paper import Paper


class PaperForm(StudyForm):
    """What stands on a signed paper. The answers come beside these fields."""

    WAY: Way = PAPER
    ASK = "Choose what the paper says"

    scan = HiddenField(validators=[InputRequired("Send the scan first")])
    version = HiddenField()
    signed_on = DateField("Day on the paper", [InputRequired("Enter the day on the paper")])
    signed_at = TimeField(
        "Time you saw it signed",
        [Optional()],
        description="If you attest it. Without a time it counts from the end of the day.",
        render_kw={"classes": "govuk-input--width-5"},
    )
    capacity = one_of(
        "How did the person decide?", CAPACITIES, needed="Choose how the person decided"
    )
    interpreter = BooleanField("An interpreter took part")
    waive_wait = BooleanField("The person wrote that they did not want to wait longer")

    def paper(self) -> Paper:
        """What was typed, as the act takes it. After ``validate``."""
        return Paper(
            answers=answers_sent(),
            signed_on=self.signed_on.data or date.min,
            signed_at=self._attested(),
            capacity=self.capacity.data,
            interpreter=self.interpreter.data,
            waived=self.waive_wait.data,
            way=self.WAY,
        )

    def counts_from(self) -> datetime | None:
        """The instant for which the paper counts, if a day was typed."""
        day = self.signed_on.data
        return self._attested() or (end_of(day) if day else None)

    def _attested(self) -> datetime | None:
        day, time = self.signed_on.data, self.signed_at.data
        return datetime.combine(day, time, guard.zone()) if day and time else None

    def scan_id(self) -> UUID:
        """The scan that was sent before; an id of none where it was no id."""
        try:
            return UUID(self.scan.data or "")
        except ValueError:
            return UUID(int=0)


class SpokenForm(PaperForm):
    """What somebody said aloud: whoever took it heard it, so the time is never left out."""

    WAY = SPOKEN
    ASK = "Choose what you heard"

    scan = HiddenField(validators=[InputRequired("Send the sound first")])
    signed_on = DateField("Day on which it was said", [InputRequired("Enter the day")])
    signed_at = TimeField(
        "Time at which you heard it",
        [InputRequired("Enter the time at which you heard it")],
        description="You attest it. The consent counts from then.",
        render_kw={"classes": "govuk-input--width-5"},
    )
    waive_wait = BooleanField("The person said that they did not want to wait longer")


FORMS = {form.WAY.mode: form for form in (PaperForm, SpokenForm)}


def answers_sent() -> dict[str, str]:
    """What was chosen for each statement, by its code."""
    return {
        name.partition(":")[2]: value
        for name, value in request.form.items()
        if name.startswith("statement:")
    }
