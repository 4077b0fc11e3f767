"""Names in speaker labels and in the head of a transcript."""

import re
from collections.abc import Iterator

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
        if not is_generic(label) and len(label.split()) <= _LONGEST:
            yield Span(start, end, "PERSON", 0.9, "label", "The label of a speaker.")
    for found in _HEAD.finditer(text.plain):
        name = found["name"].strip()
        if _NAME.fullmatch(name) and not is_generic(name) and len(name.split()) <= _LONGEST:
            start = found.start("name")
            yield Span(start, start + len(name), "PERSON", 0.9, "label", "A name at the head.")
