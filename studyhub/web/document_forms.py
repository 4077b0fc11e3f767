"""The form in which a version is written: text, statements, and until when to withdraw."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from studyhub.domain.deadlines import MOST_DAYS, in_words
from studyhub.domain.document_names import KIND_NAMES, REASON_NAMES
from studyhub.domain.documents import MAIL_KINDS, MOST_LETTERS, SECTIONS, StatementText
from studyhub.domain.placeholders import NEEDED, PLACEHOLDERS
from studyhub.domain.statements import STARTERS
from studyhub.web.filled import LAST_YEAR, near, one_line, plain_text
from studyhub.web.forms import StudyForm, one_of, pick_from
from studyhub.workflows.consent_documents import Draft

EMPTY_ROWS = 3
MOST_ROWS = 40

RULES = {
    "days_after_interview": "A number of days after the interview",
    "fixed_date": "A fixed day",
    "until_release": "Until the text without names is given to those who analyse it",
}

PLACEHOLDER_WORDS = {
    "name": "their name",
    "study": "the neutral name of the study, never its title",
    "recruiter": "your name",
    "link": "their own link",
    "stop_link": "the link that stops all letters",
    "time": "when you meet",
    "mode": "how you meet",
}


class StatementForm(StudyForm):
    """One statement. Without wording it is left out."""

    place = IntegerField(
        "Place",
        [Optional(), NumberRange(1, 999)],
        render_kw={"classes": "govuk-input--width-2"},
    )
    code = StringField(
        "Code",
        [Length(max=42), one_line],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": False},
    )
    wording = TextAreaField("Wording", [Length(max=2000), plain_text], render_kw={"rows": 3})
    mandatory = BooleanField("Needed for taking part")


class WriteForm(StudyForm):
    """The text of a version. ``major`` asks for the next whole number."""

    body = TextAreaField(
        "Text",
        [DataRequired("Write the text"), Length(max=MOST_LETTERS), plain_text],
        render_kw={"rows": 24, "spellcheck": True},
    )
    major = BooleanField("This is a new whole number, such as 2.0")

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Put what was found onto the fields of this form."""
        names = {"deadline_rule": "rule"}
        super().refuse({names.get(name, name): text for name, text in problems.items()})

    def draft(self, kind: str, language: str) -> Draft:
        """What was written, as the act takes it."""
        return Draft(
            kind,
            _unix(self.body.data),
            language,
            statements=self.written_statements(),
            deadline_rule=self.written_rule(),
            major=bool(self.major.data),
        )

    def written_statements(self) -> tuple[StatementText, ...]:
        """A form without statements has none."""
        return ()

    def written_rule(self) -> Mapping[str, Any]:
        """A form without a deadline has none."""
        return {}


class SheetForm(WriteForm):
    """An information sheet: until when what was said can be taken out."""

    rule = one_of(
        "Until when can people have what they said taken out?",
        RULES,
        hint="Each person is later shown the day that follows from it.",
        needed="Choose until when",
    )
    days = IntegerField(
        "Days after the interview",
        [Optional(), NumberRange(1, MOST_DAYS)],
        description="For a number of days.",
        render_kw={"classes": "govuk-input--width-3"},
    )
    last = DateField(
        "Last day",
        [Optional()],
        description="For a fixed day.",
        render_kw={"classes": "sh-date"},
    )

    def validate_rule(self, field: Any) -> None:
        """Ask for the number, or the day, that belongs to the rule."""
        if field.data == "days_after_interview" and self.days.data is None:
            raise ValidationError("Enter how many days after the interview")
        if field.data == "fixed_date" and not _is_near(self.last.data):
            raise ValidationError("Enter the last day, like 2027-06-30")

    def written_rule(self) -> Mapping[str, Any]:
        """The rule in the form in which it is kept."""
        kind = self.rule.data
        if kind == "days_after_interview":
            return {"kind": kind, "days": self.days.data}
        if kind == "fixed_date" and self.last.data is not None:
            return {"kind": kind, "date": self.last.data.isoformat()}
        return {"kind": kind}

    def show_rule(self, rule: Mapping[str, Any]) -> None:
        """Fill in a rule that was kept."""
        self.rule.data = rule.get("kind")
        self.days.data = rule.get("days")
        self.last.data = date.fromisoformat(rule["date"]) if "date" in rule else None


class ConsentFormForm(WriteForm):
    """A consent form: its statements, each answered on its own."""

    statement = FieldList(FormField(StatementForm), max_entries=MOST_ROWS)

    def written_statements(self) -> tuple[StatementText, ...]:
        """The rows that have a wording, by their places."""
        rows = [row.form for row in self.statement if (row.form.wording.data or "").strip()]
        rows.sort(key=lambda row: row.place.data or 1000)
        return tuple(
            StatementText(
                (row.code.data or "").strip(),
                _unix(row.wording.data).strip(),
                bool(row.mandatory.data),
            )
            for row in rows
        )

    def show_statements(self, statements: Iterable[StatementText]) -> None:
        """Fill in the rows, and leave some empty ones for more."""
        for place, statement in enumerate(statements, 1):
            row = self._row(place)
            row.code.data, row.wording.data = statement.code, statement.wording
            row.mandatory.data = statement.mandatory
        for _ in range(min(EMPTY_ROWS, MOST_ROWS - len(self.statement))):
            self._row(len(self.statement) + 1)

    def _row(self, place: int) -> StatementForm:
        row: StatementForm = self.statement.append_entry().form
        row.place.data = place
        return row


class UseForm(StudyForm):
    """From when a version is used."""

    use_from = DateField(
        "From the beginning of",
        [Optional(), near],
        description="A day to come. Empty to use it now.",
        render_kw={"classes": "sh-date"},
    )


class ReasonForm(StudyForm):
    """Why a version is sent back or retired: a closed list, since it stands in the record."""

    reason = pick_from(
        "Reason", REASON_NAMES, empty="Choose a reason", needed="Choose a reason"
    )


def form_for(kind: str) -> type[WriteForm]:
    """The form in which this kind of document is written."""
    return {"pis": SheetForm, "consent_form": ConsentFormForm}.get(kind, WriteForm)


def starters(rule: Mapping[str, Any]) -> list[StatementText]:
    """The statements a study starts from; what it must decide itself stays open."""
    until = in_words(rule) if rule else "{{deadline}}"
    return [
        StatementText(one.code, one.wording.replace("{{deadline}}", until), one.mandatory)
        for one in STARTERS
    ]


def help_for(kind: str) -> dict[str, Any]:
    """What a writer of this kind must know about marks and placeholders."""
    return {
        "name": KIND_NAMES[kind],
        "is_mail": kind in MAIL_KINDS,
        "sections": dict(SECTIONS) if kind == "pis" else {},
        "placeholders": {
            f"{{{{{name}}}}}": PLACEHOLDER_WORDS[name] for name in sorted(PLACEHOLDERS[kind])
        },
        "needed": [f"{{{{{name}}}}}" for name in sorted(NEEDED.get(kind, ()))],
    }


def _unix(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n")


def _is_near(day: date | None) -> bool:
    return day is not None and day.year < LAST_YEAR
