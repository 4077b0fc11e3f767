"""What stands open in the text of a letter until it is written to one person.

Each kind of document has a closed list; ``{{name}}`` is written without blanks. What everybody
reads alike (sheets, consent forms) has none, since its hash covers every word (invariant 31).
"""

import re
from collections.abc import Mapping

from studyhub.domain.errors import Invalid
from studyhub.domain.markdown import is_hidden

_MAIL = frozenset({"name", "study", "recruiter", "link", "stop_link"})

# ``study`` is the neutral name, never the title.
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "invitation": _MAIL,
    "reminder": _MAIL,
    "summary": _MAIL,
    "confirmation": _MAIL | {"time", "mode"},
    "debrief": _MAIL,
    "pis": frozenset(),
    "consent_form": frozenset(),
    "topic_guide": frozenset(),
    "withdrawal_form": frozenset(),
    "privacy_notice": frozenset(),
    "script_verbal_consent": frozenset(),
}

# What a letter of this kind must hold: nobody is written to without a way to stop it.
NEEDED: Mapping[str, frozenset[str]] = {
    "invitation": frozenset({"link", "stop_link"}),
    "reminder": frozenset({"link", "stop_link"}),
}

_KNOWN = frozenset().union(*PLACEHOLDERS.values()) | {"deadline", "transcriber"}
_MOST_LETTERS = 1000
_OPEN = re.compile(r"\{\{([^{}]{0,80})\}\}")
_STRAY = re.compile(r"\{\{|\}\}")
_THREE = re.compile(r"\{{3}|\}{3}")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def placeholders_in(text: str) -> frozenset[str]:
    """Name what stands open in a text, known or not."""
    return frozenset(_OPEN.findall(text))


def problem_of_placeholders(kind: str, text: str) -> str | None:
    """Say in plain words what is wrong with the placeholders of a document, or nothing."""
    wrong = placeholders_in(text) - PLACEHOLDERS[kind]
    if wrong:
        return f"This kind of document cannot have {_listed(wrong)}"
    missing = NEEDED.get(kind, frozenset()) - placeholders_in(text)
    if missing:
        return f"Add {_listed(missing)} to the text"
    if _has_stray(text):
        return "Two braces stand alone: a placeholder is written {{name}}"
    return None


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill a line or a plain text. One pass: what a value contains is never filled again.

    Unknown, missing or leftover placeholders are Invalid, and so is a value that would break
    a header: every value is one line without signs that cannot be seen.
    """
    return _filled(text, values)


def fill_markdown(source: str, values: Mapping[str, str]) -> str:
    """Fill a document before it is read: a value stays words, whatever signs it contains."""
    return _filled(
        source, {name: _PUNCTUATION.sub(r"\\\1", text) for name, text in values.items()}
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    found = placeholders_in(text)
    problems = dict.fromkeys(values.keys() - _KNOWN, "There is no such placeholder")
    problems |= dict.fromkeys(found - _KNOWN, "There is no such placeholder")
    problems |= dict.fromkeys((found & _KNOWN) - values.keys(), "Nothing was given for this")
    problems |= {name: "Give this as one line" for name in values if _unfit(values[name])}
    if _has_stray(text):
        problems["text"] = "Two braces stand alone"
    if problems:
        raise Invalid(problems)
    return _OPEN.sub(lambda match: values[match[1]], text)


def _has_stray(text: str) -> bool:
    return bool(_STRAY.search(_OPEN.sub("", text)) or _THREE.search(text))


def _unfit(value: str) -> bool:
    return len(value) > _MOST_LETTERS or any(map(is_hidden, value)) or not value.strip()


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in sorted(names))
