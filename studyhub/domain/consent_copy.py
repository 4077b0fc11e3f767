"""The copy a person keeps of what they agreed to or refused: made once, at signing.

It is stored as it was made and never made again (invariant 32), so what it says does not change
with the study. The words of the statements are those of the version, letter for letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

ANSWERS = {"agree": "I agree", "decline": "I do not agree"}


@dataclass(frozen=True)
class Answered:
    """One statement in the words of the form, and what was answered."""

    code: str
    wording: str
    mandatory: bool
    answer: str

    @property
    def in_words(self) -> str:
        """The answer as it stood beside the button."""
        return ANSWERS[self.answer]


@dataclass(frozen=True)
class Copy:
    """Everything that was shown and answered, and when; times are ISO 8601 in UTC."""

    number: str
    kind: str
    name: str
    form: str
    sheet: str
    study: str
    committee: str
    reference: str
    signed_at: str
    time_zone: str
    waited: bool
    body: str
    answers: tuple[Answered, ...]

    @property
    def at(self) -> datetime:
        """When it was signed."""
        return datetime.fromisoformat(self.signed_at)

    def values(self) -> dict[str, Any]:
        """Write it as plain values, to be sealed."""
        return asdict(self)


def copy_from(values: Mapping[str, Any]) -> Copy:
    """Read a copy as it was stored."""
    fields = {name: values[name] for name in Copy.__dataclass_fields__}
    answers: Sequence[Mapping[str, Any]] = fields.pop("answers")
    return Copy(**fields, answers=tuple(_answered(each) for each in answers))


def _answered(values: Mapping[str, Any]) -> Answered:
    return Answered(
        str(values["code"]),
        str(values["wording"]),
        bool(values["mandatory"]),
        str(values["answer"]),
    )


def as_text(copy: Copy) -> str:
    """Write a copy as plain text, to be kept or printed."""
    local = copy.at.astimezone(ZoneInfo(copy.time_zone))
    said = "I agree to what is answered so below." if copy.kind == "signed" else "I refuse."
    lines = [
        copy.study,
        "",
        f"Consent form {copy.form}, information sheet {copy.sheet}",
        f"Approved by {copy.committee}, {copy.reference}",
        "",
        f"Signed by {copy.name}",
        f"on {local:%d %B %Y at %H:%M} ({copy.time_zone}),",
        f"which is {copy.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        said,
    ]
    if not copy.waited:
        lines.append("I did not want to wait longer before deciding.")
    lines += ["", copy.body, ""]
    for nth, each in enumerate(copy.answers, 1):
        lines += [f"{nth}. {each.wording}", f"   {each.in_words}", ""]
    return "\n".join([*lines, f"Number of this copy: {copy.number}", ""])
