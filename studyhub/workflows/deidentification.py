"""Take identifiers out of a finished text, and hand it to somebody who reads it again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select

from studyhub.domain import turns
from studyhub.domain.errors import Refused
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import TRANSCRIPT
from studyhub.domain.redaction.spans import ENGINE_VERSION
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.transcripts import (
    Assignment,
    SecondReading,
    Transcript,
    TranscriptVersion,
    WorkingCopy,
)
from studyhub.workflows import texts_kept
from studyhub.workflows.entities import read_vocabulary
from studyhub.workflows.holding import is_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.marks_kept import (
    Kept,
    ReleasedText,
    begin_marks,
    decisions_of,
    keep_marks,
    open_both,
    settle,
    written_out,
)
from studyhub.workflows.sealing import seal_column
from studyhub.workflows.suggesting import with_suggestions

UNDECIDED = "there are suggestions that nobody has decided"


@dataclass(frozen=True)
class Awaiting:
    """How far one text is, by code. ``duties`` are the actor's own on it."""

    transcript_id: UUID
    participant_id: UUID
    code: str
    state: str
    duties: frozenset[str]
    since: datetime | None
    reading: str
    is_own: bool
    is_held: bool


@action(Act.TRANSCRIPT_AWAIT)
def awaiting(work: Work) -> list[Awaiting]:
    """The texts that are to be de-identified or read again: a member's own, a PI's all."""
    work.claim_all("transcript")
    mine = select(Assignment.transcript_id).where(
        Assignment.membership_id == work.actor.membership_id, Assignment.ended_at.is_(None)
    )
    query = (
        select(Transcript, Participant, WorkingCopy.saved_at)
        .join(Interview, Interview.id == Transcript.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .outerjoin(WorkingCopy, WorkingCopy.transcript_id == Transcript.id)
        .where(
            Participant.study_id == work.study,
            Transcript.state != "raw_draft",
            Transcript.data_key_id.is_not(None),
        )
        .order_by(WorkingCopy.saved_at, Transcript.id)
    )
    if work.actor.role is not Role.PI:
        query = query.where(Transcript.id.in_(mine))
    rows = work.session.execute(query).all()
    readings = _readings(work, [row for row, _, _ in rows])
    return [_awaiting(work, row, person, since, readings) for row, person, since in rows]


def _readings(work: Work, rows: list[Transcript]) -> dict[UUID, str]:
    """How the newest reading of each text ended, or that it is under way."""
    newest = (
        select(SecondReading.transcript_id, func.max(SecondReading.begun_at).label("at"))
        .where(SecondReading.transcript_id.in_([row.id for row in rows]))
        .group_by(SecondReading.transcript_id)
        .subquery()
    )
    found = work.session.execute(
        select(SecondReading.transcript_id, SecondReading.outcome).join(
            newest,
            (newest.c.transcript_id == SecondReading.transcript_id)
            & (newest.c.at == SecondReading.begun_at),
        )
    )
    return {row.transcript_id: row.outcome for row in found}


def _awaiting(
    work: Work,
    row: Transcript,
    person: Participant,
    since: datetime | None,
    readings: Mapping[UUID, str],
) -> Awaiting:
    duties = frozenset(
        each.duty
        for each in row.assignments
        if each.membership_id == work.actor.membership_id and each.ended_at is None
    )
    own = row.deidentified_by == work.actor.membership_id
    reading = readings.get(row.id, "")
    held = is_held(work.session, person.id, "transcript")
    return Awaiting(
        row.id, person.id, person.code, row.state, duties, since, reading, own, held
    )


@action(Act.TRANSCRIPT_DEIDENTIFY)
def deidentify(work: Work, transcript_id: UUID) -> int:
    """Begin, or begin again after a return or for the next number. Returns how many are open.

    What people decided before stays; the engine adds what it sees now.
    """
    row = work.load(Transcript, transcript_id)
    row.state = advance(row.state, Act.TRANSCRIPT_DEIDENTIFY, TRANSCRIPT)
    kept, _ = settle(work, begin_marks(work, texts_kept.open_text(work, row)))
    kept = with_suggestions(work, kept, read_vocabulary(work))
    kept.copy.marks_rev += 1
    keep_marks(work, kept)
    work.note(state=row.state, version=ENGINE_VERSION)
    return kept.open


@action(Act.TRANSCRIPT_PROPOSE)
def propose(work: Work, transcript_id: UUID, *, base_rev: int | None = None) -> UUID:
    """Hand a text to a second reader: everything is decided. Returns the version that was made.

    The engine looks once more, with all that was written into the register since; Refused
    while anything is undecided, also when that only came now.
    """
    row = work.load(Transcript, transcript_id)
    state = advance(row.state, Act.TRANSCRIPT_PROPOSE, TRANSCRIPT)
    kept, vocabulary = open_both(work, row)
    kept, _ = settle(work, kept)
    kept = with_suggestions(work, kept, vocabulary)
    if kept.open or (base_rev is not None and base_rev != kept.copy.marks_rev):
        raise Refused(UNDECIDED, "undecided")
    released = written_out(kept, decisions_of(kept, vocabulary))
    version_id = _keep_proposed(work, kept, released)
    keep_marks(work, kept)
    row.state, row.deidentified_by = state, work.actor.membership_id
    work.note(state=row.state, version=ENGINE_VERSION)
    return version_id


def _keep_proposed(work: Work, kept: Kept, released: ReleasedText) -> UUID:
    """Keep what was proposed and how it came about, so that it can be made again."""
    opened = kept.opened
    row = TranscriptVersion(
        id=uuid4(),
        transcript_id=opened.row.id,
        parent_id=kept.version_id,
        kind="deidentified",
        author_id=texts_kept.author(work),
        made_at=work.now,
    )
    seal_column(
        *(work, opened.key, row, "body_sealed", opened.participant_id),
        text=turns.write(released.body),
        base=str(kept.version_id),
        engine=ENGINE_VERSION,
        decisions=[asdict(each) for each in released.decisions],
    )
    work.session.add(row)
    work.session.flush()
    return row.id
