"""What tests of recordings share: an interview that was held, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from uuid import UUID

from studyhub.domain.upload_metadata import read
from studyhub.store.db import Sessions
from studyhub.workflows import uploads
from tests.makers import (
    SOUND,
    Clock,
    Study,
    agreed_on_paper,
    approved_study,
    enrolled,
    interviewed,
    new_instance,
    said_of,
)
from tests.staged import Staged, copied, staged_as

SPEECH = SOUND.read_bytes()
LENGTH = len(SPEECH)


@contextmanager
def interviewed_on(kind: str, clock: Clock) -> Iterator[tuple[Study, UUID, UUID]]:
    """A study, an interview of somebody who consents, and one whose paper is unverified."""
    stage = _staged(kind)
    made, by_link, on_paper = stage.made
    with copied(stage, clock) as hub:
        clock.at = made.clock.at
        yield replace(made, hub=hub, clock=clock), by_link, on_paper


@cache
def _staged(kind: str) -> Staged[tuple[Study, UUID, UUID]]:
    return staged_as("interviewed", kind, _interviewed)


def _interviewed(sessions: Sessions, folder: Path) -> tuple[Study, UUID, UUID]:
    clock = Clock()
    study = enrolled(new_instance(sessions, folder, clock), clock)
    approved_study(study)
    by_link = interviewed(study)
    return study, by_link, interviewed(study, agreed_on_paper(study))


def begun(study: Study, interview_id: UUID, length: int = LENGTH) -> UUID:
    """Ivan begins to send a recording. Returns the upload's id."""
    return uploads.start(study.ivan, read(said_of(interview_id)), length)[0]


def row_of(study, table, key):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def lie(study):
    """Every file of sealed objects, finished or not."""
    settings = study.hub.settings
    folders = (settings.objects, settings.tmp)
    return [path for each in folders for path in each.rglob("*") if path.is_file()]
