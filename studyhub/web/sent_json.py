"""JSON that a script of ours sends, read value by value: 400 for what no page of ours sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, request

MOST_LISTED = 20_000


@dataclass(frozen=True)
class SentJson:
    """One object of the JSON that came with this request."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, value: object) -> "SentJson":
        """The value, which has to be an object."""
        if not isinstance(value, Mapping):
            abort(400)
        return cls(value)

    def number(self, name: str, below: int | None = None) -> int:
        """A whole number; with ``below`` from nought up to that."""
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            abort(400)
        if below is not None and not 0 <= value < below:
            abort(400)
        return value

    def words(self, name: str, otherwise: str | None = None, most: int | None = None) -> str:
        """A text that can be kept; ``otherwise`` where nothing was sent."""
        value = self.values.get(name)
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, str) or (most is not None and len(value) > most):
            abort(400)
        return kept(value)

    def flag(self, name: str) -> bool:
        """Yes or no."""
        value = self.values.get(name)
        if not isinstance(value, bool):
            abort(400)
        return value

    def listed(self, name: str) -> list[Any]:
        """A list, empty where nothing was sent."""
        value = self.values.get(name, [])
        if not isinstance(value, list) or len(value) > MOST_LISTED:
            abort(400)
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        found = self.listed(name)
        if not all(isinstance(each, str) for each in found):
            abort(400)
        return [kept(each) for each in found]

    def parts(self, name: str) -> "list[SentJson]":
        """A list of objects."""
        return [SentJson.of(each) for each in self.listed(name)]


def kept(text: str) -> str:
    """The text, if a database and UTF-8 can hold it: half of a pair of signs is no sign."""
    try:
        text.encode()
    except UnicodeEncodeError:
        abort(400)
    if "\0" in text:
        abort(400)
    return text


def sent_json() -> SentJson:
    """The object that came with this request."""
    return SentJson.of(request.get_json())
