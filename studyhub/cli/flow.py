"""Count from the shell how many people came how far, on any date: numbers only."""

import argparse
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.cli.frame import Answer, Commands, Usage, add, opened
from studyhub.domain.deadlines import end_of_day
from studyhub.domain.errors import NotFound
from studyhub.domain.flow import Box, is_balanced
from studyhub.store.users import Study
from studyhub.workflows import flow
from studyhub.workflows.kernel import operator_desk


def add_commands(commands: Commands) -> None:
    """Add ``flow``."""
    parser = add(commands, "flow", "How many people came how far, by a date.", count)
    parser.add_argument("slug", help="of the study")
    parser.add_argument("--at", metavar="T", help="a date, or like 2026-11-23T14:00:00Z")


def count(asked: argparse.Namespace) -> Answer:
    """Every box with its exits, and whether they add up; leaves no line: it opens nothing."""
    with opened(asked) as hub:
        with hub.sessions.reading.begin() as session:
            study = _study(session, asked.slug)
            at = _instant(asked.at, study) if asked.at else None
            study_id = study.id
        boxes = flow.read(operator_desk(hub, study_id), at)
    told = [{"name": box.name, "n": box.n, "exits": dict(box.exits)} for box in boxes]
    balanced = is_balanced(boxes)
    text = "\n".join(line for box in boxes for line in _lines(box))
    return Answer({"boxes": told, "balanced": balanced}, text, found_wrong=not balanced)


def _lines(box: Box) -> list[str]:
    exits = [f"  {how:<16}{n:>6}" for how, n in box.exits.items()]
    return [f"{box.name:<18}{box.n:>6}", *exits]


def _study(session: Session, slug: str) -> Study:
    found = session.scalar(select(Study).where(Study.slug == slug))
    if found is None:
        raise NotFound(f"there is no study {slug}")
    return found


def _instant(text: str, study: Study) -> datetime:
    """A date counts to its end where the study is; a time needs its zone."""
    with suppress(ValueError):
        return end_of_day(date.fromisoformat(text), study.time_zone)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"{text} is no date. Write it like 2026-11-23") from None
    if found.tzinfo is None:
        raise Usage(f"{text} names no time zone. Add Z for UTC")
    return found
