"""Ask by code whether something was agreed: codes, times and reasons only, which are plain."""

import argparse
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.cli.frame import Answer, Commands, Usage, add, group, opened
from studyhub.domain.documents import Number
from studyhub.domain.errors import NotFound
from studyhub.store.consent import DocumentVersion, Participant
from studyhub.store.users import Study
from studyhub.workflows.consent_history_rows import in_force


def add_commands(commands: Commands) -> None:
    """Add ``consent in-force``."""
    words = group(commands, "consent", "What people agreed to, by code.")
    parser = add(words, "in-force", "Was this agreed, at a time?", consent_in_force)
    parser.add_argument("slug", help="of the study")
    parser.add_argument("code", help="of the participant, like K7Q4")
    parser.add_argument("statement", help="like participate or audio_recording")
    parser.add_argument("--at", required=True, metavar="T", help="like 2026-11-23T14:00:00Z")
    parser.add_argument("--known-at", metavar="T", help="by what was known then (else: now)")
    parser.add_argument(
        "--provisional", action="store_true", help="also before a paper was verified"
    )


def consent_in_force(asked: argparse.Namespace) -> Answer:
    """Give the same answer as every gate, and leave no line: nothing is opened."""
    with opened(asked) as hub, hub.sessions.reading.begin() as session:
        person = _person(session, asked.slug, asked.code)
        at = _instant(asked.at)
        known = _instant(asked.known_at) if asked.known_at else hub.now()
        told = in_force(
            session, person, asked.statement, at, known, provisional=asked.provisional
        )
        version = session.get(DocumentVersion, told.version_id) if told.version_id else None
        number = str(Number(version.major, version.minor)) if version else None
    consent = str(told.consent_id) if told.consent_id else None
    values = {
        "answer": told.opens,
        "reason": told.reason_code,
        "consent": consent,
        "version": number,
    }
    return Answer(values, f"{'yes' if told.opens else 'no'}: {told.reason_code}")


def _person(session: Session, slug: str, code: str) -> UUID:
    found = session.scalar(
        select(Participant.id)
        .join(Study, Study.id == Participant.study_id)
        .where(Study.slug == slug, Participant.code == code.upper())
    )
    if found is None:
        raise NotFound(f"there is no participant {code} in {slug}")
    return found


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"{text} is no time. Write it like 2026-11-23T14:00:00Z") from None
    if found.tzinfo is None:
        raise Usage(f"{text} names no time zone. Add Z for UTC")
    return found
