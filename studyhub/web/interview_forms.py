"""The forms of an interview's own page: confirm, start, end, note."""

from wtforms import DateTimeLocalField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from studyhub.web import interview_words
from studyhub.web.filled import plain_text
from studyhub.web.forms import StudyForm, as_choices, one_of, pick_from


def _optional(label: str, values: dict[str, str]) -> SelectField:
    """A drop-down of which nothing need be chosen."""
    choices = as_choices({"": "Choose", **values})
    return SelectField(label, [Optional()], choices=choices)


class ConfirmForm(StudyForm):
    """Whether the interviewer knows the person (invariant 54)."""

    relationship = one_of(
        "Do you know this person?",
        interview_words.RELATIONSHIPS,
        needed="Say whether you know this person",
    )


class StartForm(StudyForm):
    """The check right before: asked aloud, answered by the person."""

    still_willing = one_of(
        "“Are you still willing to talk with me?”",
        interview_words.YES_NO,
        needed="Ask whether they are still willing",
    )
    may_record = one_of(
        "“Are you happy for me to record?”",
        interview_words.YES_NO,
        needed="Ask whether you may record",
    )


class EndForm(StudyForm):
    """What a finished interview says about itself."""

    outcome = one_of(
        "How did it end?",
        {"completed": "We finished", "ended_early": "It ended early"},
        needed="Choose how it ended",
        hint="For one that ended early the rest may stay open. Nobody is asked why.",
    )
    mode = pick_from("How you talked", interview_words.MODES, needed="Choose how you talked")
    setting = _optional("Where they were", interview_words.SETTINGS)
    others_present = _optional("Anybody else there", interview_words.YES_NO)
    guide = _optional("Topic guide", {})
    ended_at = DateTimeLocalField(
        "When it ended, if not now",
        [Optional()],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )


class NoteForm(StudyForm):
    """A line of the log or a field note, and which earlier one it corrects."""

    kind = pick_from("Kind of note", interview_words.NOTES, needed="Choose the kind of note")
    corrects = _optional("Corrects", {})
    text = TextAreaField(
        "Your note",
        [DataRequired("Write the note"), Length(max=20_000), plain_text],
        description="Sealed. Analysts do not see it. Leave out names.",
        render_kw={"rows": 4},
    )
