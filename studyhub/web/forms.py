"""The base of every form: WTForms fields, drawn by the kit with label, hint, problem and value.

``{{ form.name }}`` draws the whole group. ``description`` is the hint. ``render_kw`` takes
``classes``, ``label_classes``, ``hint``, ``hints`` (per choice), ``described_by``, ``rows``,
``autocomplete``, ``autocapitalize``, ``inputmode``, ``spellcheck``; anything else becomes an
attribute. What was typed is shown again, except passwords and one-time codes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from markupsafe import Markup, escape
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    EmailField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SearchField,
    SelectField,
    SelectMultipleField,
    TelField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice  # type: ignore[attr-defined] # newer than its stubs
from wtforms.validators import InputRequired

from studyhub.web.kit import FUNCTIONS

Look = dict[str, Any]
Choices = Iterable[str] | Mapping[str, str]

COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
KEPT = "Nothing was saved. What you typed is still here."

_INPUTS: tuple[tuple[type[Field], Look], ...] = (
    (EmailField, {"type": "email", "spellcheck": False}),
    (TelField, {"type": "tel"}),
    (SearchField, {"type": "search"}),
    (DateTimeLocalField, {"type": "datetime-local"}),
    (DateField, {"type": "date"}),
    (TimeField, {"type": "time"}),
    (IntegerField, {"inputmode": "numeric"}),
)
_TO_INPUT = ("type", "autocomplete", "autocapitalize", "inputmode", "spellcheck", "pattern")
_TO_TEXTAREA = ("rows", "autocomplete", "spellcheck")


class _OurWords:
    """WTForms' own messages in the tone of the product."""

    words: ClassVar[dict[str, str]] = {
        "This field is required.": "Fill this in",
        "Not a valid choice.": "Choose one of the answers shown",
        "Invalid Choice: could not coerce.": "Choose one of the answers shown",
        "Invalid email address.": "Write a whole e-mail address, like name@example.org",
        "Not a valid date value.": "Enter a date, like 2026-11-17",
        "Not a valid time value.": "Enter a time, like 14:00",
        "Not a valid datetime value.": "Enter a date and a time",
        "Not a valid integer value.": "Enter a whole number",
        "Number must be at least %(min)s.": "Enter %(min)s or more",
        "Number must be at most %(max)s.": "Enter %(max)s or less",
        "Number must be between %(min)s and %(max)s.": "Enter a number from %(min)s to %(max)s",
        "Field must be at least %(min)d character long.": "Write at least %(min)d character",
        "Field must be at least %(min)d characters long.": "Write at least %(min)d characters",
        "Field cannot be longer than %(max)d character.": "Write at most %(max)d character",
        "Field cannot be longer than %(max)d characters.": "Write at most %(max)d characters",
    }

    def gettext(self, string: str, /) -> str:
        return self.words.get(string, string)

    def ngettext(self, singular: str, plural: str, n: int, /) -> str:
        return self.gettext(singular if n == 1 else plural)


class StudyForm(Form):
    """Plain WTForms, drawn by the kit; guard.py stops forgery before a form is built."""

    class Meta:
        """How WTForms is told to speak and draw like us."""

        large = False

        def get_translations(self, _form: Form) -> _OurWords:
            return _OurWords()

        def render_field(self, field: Field, render_kw: Mapping[str, Any]) -> Markup:
            look = {**(field.render_kw or {}), **render_kw}
            if isinstance(field, (HiddenField, FormField, FieldList)):
                widget: Any = field.widget
                return Markup(widget(field, **look))  # noqa: S704 - the widget escapes
            return _draw(field, look)

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Put what a workflow found (``errors.Invalid.problems``) onto the fields it names."""
        for name, message in problems.items():
            if name in self:
                self[name].errors = [*self[name].errors, message]
            else:
                self.form_errors.append(message)

    def summary(self, title: str = "", text: str = KEPT) -> Markup:
        """The list of all problems with links to their fields; empty when there is none."""
        problems: list[dict[str, str]] = [{"text": message} for message in self.form_errors]
        problems += [{"text": str(each.errors[0])} | _where(each) for each in _in_trouble(self)]
        if not problems:
            return Markup()
        return FUNCTIONS["govukErrorSummary"](
            {
                "titleText": title or _things(len(problems)),
                "descriptionText": text,
                "errorList": problems,
            }
        )


class ParticipantForm(StudyForm):
    """A form for participants: large targets."""

    class Meta:
        """As in StudyForm, but large."""

        large = True


def one_of(
    label: str,
    values: Choices,
    *,
    hint: str = "",
    hints: Mapping[str, str] | None = None,
    needed: str,
    classes: str = "",
) -> RadioField:
    """Radio buttons: one answer, nothing chosen for you. Values may map to their labels."""
    return RadioField(
        label,
        [InputRequired(needed)],
        choices=as_choices(values),
        description=hint,
        render_kw={"hints": hints or {}, "classes": classes},
    )


def pick_from(
    label: str, values: Choices, *, hint: str = "", empty: str = "", needed: str
) -> SelectField:
    """A drop-down for longer lists; ``empty`` is the text of the answer that is none."""
    choices = [SelectChoice("", empty)] if empty else []
    return SelectField(
        label,
        [InputRequired(needed)],
        choices=choices + as_choices(values),
        description=hint,
    )


def as_choices(values: Choices) -> list[SelectChoice]:
    """Choices for a field whose values are known only when the page is asked for."""
    pairs = (
        values.items() if isinstance(values, Mapping) else ((value, value) for value in values)
    )
    return [SelectChoice(str(value), str(text)) for value, text in pairs]


def _things(count: int) -> str:
    number = COUNTS[count] if count < len(COUNTS) else str(count)
    return f"{number} {'thing' if count == 1 else 'things'} to look at"


def _where(field: Field) -> dict[str, str]:
    # Nobody can go to what is hidden.
    return {} if isinstance(field, HiddenField) else {"href": f"#{field.id}"}


def _in_trouble(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        if isinstance(field, (FormField, FieldList)):
            yield from _in_trouble(field)
        elif field.errors:
            yield field


def _draw(field: Field, look: Look) -> Markup:
    if isinstance(field, BooleanField):
        return _tick(field, look)
    if isinstance(field, (RadioField, SelectMultipleField)):
        return _choices(field, look)
    if isinstance(field, SelectField):
        return _select(field, look)
    if isinstance(field, TextAreaField):
        return _textarea(field, look)
    return _input(field, look)


def _common(field: Field, look: Look) -> Look:
    """Take out of ``look`` what every component has; the rest stays."""
    params: Look = {"id": field.id, "name": field.name, "classes": look.pop("classes", "")}
    if hint := look.pop("hint", field.description):
        params["hint"] = {"text": _exact(hint)}
    if field.errors:
        params["errorMessage"] = {"text": field.errors[0], "visuallyHiddenText": "Problem"}
    return params


def _grouped(field: Field, look: Look, component: str) -> Look:
    params = _common(field, look)
    params["idPrefix"] = params.pop("id")
    if not field.meta.large:
        params["classes"] += f" govuk-{component}--small"
    return params


def _labelled(field: Field, look: Look) -> Look:
    params = _common(field, look)
    params["label"] = {
        "text": _exact(field.label.text),
        "classes": look.pop("label_classes", ""),
    }
    params["describedBy"] = look.pop("described_by", "")
    return params


def _exact(text: str) -> Markup:
    """Safe text whose line breaks the kit cannot indent: consent stands as it was written."""
    return escape(text).replace("\r\n", "\n").replace("\n", Markup("&#10;"))


def _typed(field: Field) -> str:
    text: Any = field._value() if hasattr(field, "_value") else field.data
    return "" if text is None else str(text)


def _input(field: Field, look: Look) -> Markup:
    usual: Look = next((usual for kind, usual in _INPUTS if isinstance(field, kind)), {})
    look = {**usual, **look}
    params = _labelled(field, look)
    params |= {name: look.pop(name) for name in _TO_INPUT if name in look}
    if isinstance(field, PasswordField):
        return FUNCTIONS["govukPasswordInput"]({**params, "attributes": look})
    if params.get("autocomplete") != "one-time-code":
        params["value"] = _typed(field)
    return FUNCTIONS["govukInput"]({**params, "attributes": look})


def _textarea(field: Field, look: Look) -> Markup:
    params = _labelled(field, look)
    params |= {name: look.pop(name) for name in _TO_TEXTAREA if name in look}
    # A browser swallows the first line break of a text area, so one is added.
    value = Markup("\n") + _exact(_typed(field))
    return FUNCTIONS["govukTextarea"]({**params, "value": value, "attributes": look})


def _items(field: SelectField, hints: Mapping[str, str]) -> list[Look]:
    return [
        {
            "value": str(value),
            "text": text,
            "checked": bool(chosen),
            "selected": bool(chosen),
            "hint": {"text": hints.get(str(value), "")},
        }
        for value, text, chosen, _ in field.iter_choices()
    ]


def _select(field: SelectField, look: Look) -> Markup:
    params = _labelled(field, look)
    params["items"] = _items(field, look.pop("hints", {}))
    return FUNCTIONS["govukSelect"]({**params, "attributes": look})


def _choices(field: SelectField, look: Look) -> Markup:
    several = isinstance(field, SelectMultipleField)
    component = "checkboxes" if several else "radios"
    params = _grouped(field, look, component)
    params["items"] = _items(field, look.pop("hints", {}))
    params["fieldset"] = {
        "legend": {"text": _exact(field.label.text), "classes": look.pop("label_classes", "")},
        "describedBy": look.pop("described_by", ""),
    }
    return FUNCTIONS[f"govuk{component.title()}"]({**params, "attributes": look})


def _tick(field: BooleanField, look: Look) -> Markup:
    params = _grouped(field, look, "checkboxes")
    params["describedBy"] = look.pop("described_by", "")
    hint = params.pop("hint", {"text": ""})
    item = {"value": "y", "text": field.label.text, "checked": bool(field.data), "hint": hint}
    return FUNCTIONS["govukCheckboxes"]({**params, "items": [item], "attributes": look})
