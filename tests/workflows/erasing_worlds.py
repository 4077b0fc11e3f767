"""Two people with everything there can be of them; one of the two withdraws all of it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from studyhub.store.consent import Participant
from studyhub.store.db import Base, Sessions
from studyhub.store.interviews import Interview
from studyhub.store.keys import SealedObject
from studyhub.store.outbox import Letter
from studyhub.store.withdrawals import Erasure
from studyhub.workflows import analysis_reading, recruitment_questions
from studyhub.workflows.kernel import Hub
from tests import makers
from tests.makers import Clock, Study, approved_study, enrolled, new_instance
from tests.staged import Staged, staged_as


@dataclass(frozen=True)
class Person:
    """Somebody who went the whole way, and the label of what they said."""

    id: UUID
    recording_id: UUID
    transcript_id: UUID
    label: str


@dataclass(frozen=True)
class Everything:
    """The study, who leaves it, and who stays."""

    study: Study
    leaves: Person
    stays: Person


def whole_way(study: Study) -> Person:
    """Somebody new: asked, agreed, interviewed, recorded, released, downloaded, reported."""
    who = makers.agreed(study)
    asked = recruitment_questions.Asked("May my sister Ottoline sit beside me?", blocks=False)
    recruitment_questions.ask(study.rita, asked, who)
    interview = makers.interviewed(study, who)
    recording = makers.recorded(study, interview)
    transcript = makers.transcribed(study, makers.assigned(study, interview))
    label = makers.released(
        study, makers.read_twice(study, makers.deidentified(study, transcript))
    )
    analysis_reading.download(study.ann, label, analysis_reading.Copy("release_txt", "reading"))
    return Person(who, recording, transcript, label)


@cache
def everything(kind: str) -> Staged[Everything]:
    """Both of them, before anybody withdrew."""
    return staged_as("everything", kind, _everything)


def _everything(sessions: Sessions, folder: Path) -> Everything:
    clock = Clock()
    study = enrolled(new_instance(sessions, folder, clock), clock)
    study.approval_id = approved_study(study)
    return Everything(study, whole_way(study), whole_way(study))


def erasures(hub: Hub) -> list[Erasure]:
    with hub.sessions.reading.begin() as session:
        found = list(session.scalars(select(Erasure).order_by(Erasure.requested_at)))
        session.expunge_all()
        return found


def sealed_bytes(hub: Hub, participant_id: UUID) -> list[bytes]:
    """The beginning of every sealed value that tables keep about a person by their id."""
    found = []
    with hub.sessions.reading.begin() as session:
        mine = select(Interview.id).where(Interview.participant_id == participant_id)
        confirmation = select(Letter.body_sealed).where(
            Letter.purpose == "withdrawal_confirmed"
        )
        later = {each[:24] for each in session.scalars(confirmation)}
        for table in Base.metadata.sorted_tables:
            sealed = [column for column in table.columns if column.name.endswith("_sealed")]
            for column, ids in (("participant_id", [participant_id]), ("interview_id", mine)):
                if column in table.columns:
                    for each in sealed:
                        values = session.scalars(
                            select(each).where(table.c[column].in_(ids), each.is_not(None))
                        )
                        found += [value[:24] for value in values if len(value) > 24]
    return [each for each in found if each not in later]


def end_of(hub: Hub) -> dict[str, Any]:
    """How everything stands, without times and without what the record says of them."""
    told: dict[str, Any] = {}
    skipped = {"events", "heads", "files"}
    with hub.sessions.reading.begin() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in skipped:
                continue
            columns = [
                column
                for column in table.columns
                if not column.name.endswith(("_at", "_on")) and column.name not in _DRAWN
            ]
            rows = session.execute(select(*columns))
            told[table.name] = sorted(_shape(row) for row in rows)
        gone = select(SealedObject.id).where(SealedObject.gone_at.is_not(None))
        told["gone"] = sorted(map(str, session.scalars(gone)))
        people = select(Participant.id).where(Participant.emptied_at.is_not(None))
        told["emptied"] = sorted(map(str, session.scalars(people)))
    told["objects"] = sorted(path.name for path in hub.settings.objects.glob("*/*"))
    return told


def _shape(row: Any) -> str:
    """A row without what is drawn anew each time: ids, sealed bytes, digests, references."""
    told = ["bytes" if isinstance(each, bytes) and each else repr(each) for each in row]
    return _IDS.sub("id", " ".join(told))


_IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|W-\w{5}")
# Not the same for two workers who do the same: drawn at random, or the digest of an instant.
_DRAWN = {"at", "proof", "use_until"}
