"""What a release may be used for, what a copy of it is for, and the search in its words."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

# Why somebody takes a copy out; kept with the download.
PURPOSES: dict[str, str] = {
    "coding": "To code it in another program",
    "reading": "To read it away from this page",
    "checking": "To check a quote or a coding",
}

_QUOTE_MARKS = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


class Projected(Protocol):
    """A release as far as the gates wrote onto it what is allowed."""

    @property
    def held(self) -> bool: ...
    @property
    def use_until(self) -> datetime | None: ...


def may_be_used(release: Projected, now: datetime) -> bool:
    """Whether nothing holds it, and what was written onto it still holds."""
    return not release.held and (release.use_until is None or now < release.use_until)


def places_of(words: str, text: str) -> Iterator[tuple[int, int]]:
    """Where words stand in a text, whatever their case, blanks and quotation marks."""
    parts = [re.escape(part) for part in words.translate(_QUOTE_MARKS).split()]
    if parts:
        pattern = re.compile(r"\s+".join(parts), re.IGNORECASE)
        for found in pattern.finditer(text.translate(_QUOTE_MARKS)):
            yield found.span()
