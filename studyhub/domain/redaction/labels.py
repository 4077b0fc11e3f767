"""Names in speaker labels and in the head of a transcript."""

import re
from collections.abc import Iterator

from studyhub.domain.redaction.lexicon import bare, is_given, is_ordinary
from studyhub.domain.redaction.spans import Span
from studyhub.domain.redaction.words import Text, is_generic

_HEAD = re.compile(
    r"^(?:participant|interviewer|interviewee|name|respondent|moderator|transcriber|"
    r"transcribed by|present|speakers?)[ \t]*:[ \t]*(?P<name>[^\n:]{2,60})$",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = re.compile(r"[^\W\d_][\w.'-]*(?: [A-Z][\w.'-]*)*\.?")
_LONGEST = 4


def find_labels(text: Text) -> Iterator[Span]:
    """Speaker labels that are no generic part, and names written at the head."""
    for start, end in text.labels:
        label = text.plain[start:end]
        colon = text.plain.startswith((":", "]", ")"), end)
        if _may_name(label) and (colon or not _is_speech(label)):
            yield Span(start, end, "PERSON", 0.9, "label", "The label of a speaker.")
    for found in _HEAD.finditer(text.plain):
        name = found["name"].strip().removesuffix(".")
        if _NAME.fullmatch(name) and _may_name(name) and not _is_speech(name):
            start = found.start("name")
            yield Span(start, start + len(name), "PERSON", 0.9, "label", "A name at the head.")


def _may_name(label: str) -> bool:
    return not is_generic(label) and len(label.split()) <= _LONGEST


def _is_speech(words: str) -> bool:
    """Say whether it is a short turn that somebody said, Oh. or Right, and nobody's name."""
    folds = [bare(word.casefold().strip(".")) for word in words.split()]
    return all(map(is_ordinary, folds)) and not any(map(is_given, folds))
