"""What an inspection found: each look either tells what is well, or raises what is not."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from studyhub.config import NotConfigured
from studyhub.domain.errors import StudyHubError


class Wrong(StudyHubError):
    """An inspection found something that is not as it should be."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def look(name: str, inspect: Callable[[], str]) -> Check:
    """Look at one thing; what cannot be read at all is a finding too."""
    try:
        return Check(name, ok=True, detail=inspect())
    except (StudyHubError, NotConfigured, OSError, SQLAlchemyError, sqlite3.Error) as found:
        return Check(name, ok=False, detail=str(found) or type(found).__name__)


def some(names: list[str]) -> str:
    """The first few of a list, for a message that stays readable."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"  # noqa: PLR2004 - a few
