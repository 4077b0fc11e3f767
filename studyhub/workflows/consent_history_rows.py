"""Rows about one person's consent as the history that the rules read, and what gates were told.

Everything here is plain and by code only: no key is needed to ask whether something was agreed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from studyhub.domain import consent
from studyhub.domain.consent import Answer
from studyhub.domain.consent_history import (
    ConsentRecord,
    FormVersion,
    History,
    LaterEvent,
    Withdrawal,
    needs_countersign,
)
from studyhub.domain.errors import NotFound
from studyhub.domain.settings import asks_to_countersign
from studyhub.store.consent import (
    Consent,
    ConsentEvent,
    Decision,
    Document,
    DocumentVersion,
    GateAnswer,
    Participant,
    Statement,
)
from studyhub.store.users import Study
from studyhub.store.withdrawals import Withdrawal as WithdrawalRow
from studyhub.store.withdrawals import WithdrawalStep
from studyhub.workflows.kernel import Work
from studyhub.workflows.protocol import PARTICIPANTS, statements_of
from studyhub.workflows.protocol_periods import (
    approved_periods,
    in_use_at,
    periods_of_use,
    used_since,
)

V = TypeVar("V")

FORM = "consent"  # the form of participants; a form for another audience has its name


@dataclass(frozen=True)
class StatementStanding:
    """One statement of somebody's form, and whether it is in force."""

    code: str
    wording: str
    mandatory: bool
    answer: Answer


def history_of(session: Session, participant_id: UUID) -> History:
    """Everything recorded about the consent of one participant."""
    study = session.get_one(Participant, participant_id).study_id
    return _histories(session, study, participant_id).get(participant_id) or History(
        versions=_versions(session, study), records=(), events=(), withdrawals=()
    )


def histories_of(session: Session, study: UUID) -> dict[UUID, History]:
    """The same for everybody of a study who signed, refused or withdrew: read at once."""
    return _histories(session, study, None)


def _histories(session: Session, study: UUID, one: UUID | None) -> dict[UUID, History]:
    rows = _gathered(
        (row.participant_id, row)
        for row in session.scalars(
            select(Consent).where(_of(study, one, Consent.participant_id))
        )
    )
    told = _later_events(session, study, one)
    withdrawals = _withdrawals(session, study, one)
    versions = _versions(session, study)
    records = _Records(session, study, one)
    return {
        person: History(
            versions=versions,
            records=tuple(map(records.of, sorted(rows[person], key=lambda row: row.seq))),
            events=tuple(told.get(person, ())),
            withdrawals=tuple(withdrawals.get(person, ())),
        )
        for person in rows.keys() | withdrawals.keys()
    }


def _of(
    study: UUID, one: UUID | None, person: InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """Only what is of one person, or of anybody in a study."""
    if one is not None:
        return person == one
    return person.in_(select(Participant.id).where(Participant.study_id == study))


def _gathered(pairs: Iterable[tuple[UUID, V]]) -> defaultdict[UUID, list[V]]:
    found: defaultdict[UUID, list[V]] = defaultdict(list)
    for person, each in pairs:
        found[person].append(each)
    return found


def _later_events(
    session: Session, study: UUID, one: UUID | None
) -> dict[UUID, list[LaterEvent]]:
    rows = session.execute(
        select(Consent.participant_id, ConsentEvent)
        .join(Consent, Consent.id == ConsentEvent.consent_id)
        .where(_of(study, one, Consent.participant_id))
        .order_by(ConsentEvent.entered_at, ConsentEvent.kind)
    )
    return _gathered(
        (person, LaterEvent(row.consent_id, row.kind, row.entered_at)) for person, row in rows
    )


def _versions(session: Session, study: UUID) -> Mapping[UUID, FormVersion]:
    approved = approved_periods(session, study)
    used = periods_of_use(session, study, "consent_form")
    rows = session.execute(
        select(DocumentVersion, Document.audience)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(Document.study_id == study, Document.kind == "consent_form")
    ).all()
    asks = any(row.reconsent == "all_active" for row, _ in rows)
    decided = used_since(session, study) if asks else {}
    return {
        row.id: FormVersion(
            id=row.id,
            form=FORM if audience == PARTICIPANTS else audience,
            effective=used.get(row.id),
            approved=approved.get(row.approval_id, ()) if row.approval_id else (),
            reconsent_from=(
                row.use_from if row.reconsent == "all_active" and row.id in used else None
            ),
            known_from=_earlier(decided.get(row.id), row.use_from),
        )
        for row, audience in rows
    }


def _earlier(decided: datetime | None, use_from: datetime | None) -> datetime | None:
    """A use that was planned is known before it begins."""
    return min(decided, use_from) if decided and use_from else None


class _Records:
    """Consents as the rules read them, with what they answered."""

    def __init__(self, session: Session, study: UUID, one: UUID | None) -> None:
        self._settings = session.get_one(Study, study).settings
        self._answers: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
        decided = session.execute(
            select(Decision.consent_id, Statement.code, Decision.answer)
            .join(Statement, Statement.id == Decision.statement_id)
            .join(Consent, Consent.id == Decision.consent_id)
            .where(_of(study, one, Consent.participant_id))
        )
        for consent_id, code, answer in decided:
            self._answers[consent_id][code] = answer

    def of(self, row: Consent) -> ConsentRecord:
        """One consent or refusal."""
        asked = asks_to_countersign(self._settings, row.entered_at)
        return ConsentRecord(
            id=row.id,
            seq=row.seq,
            version_id=row.form_version_id,
            kind=row.kind,
            mode=row.mode,
            signed_at=row.signed_at,
            entered_at=row.entered_at,
            decisions=self._answers[row.id],
            needs_countersign=needs_countersign(row.mode, study_asks=asked),
            expires_at=row.expires_at,
        )


def _withdrawals(
    session: Session, study: UUID, one: UUID | None
) -> dict[UUID, list[Withdrawal]]:
    mine = _of(study, one, WithdrawalRow.participant_id)
    steps = session.scalars(
        select(WithdrawalStep)
        .join(WithdrawalRow, WithdrawalRow.id == WithdrawalStep.withdrawal_id)
        .where(WithdrawalStep.step == "retracted", mine)
    )
    retracted = {step.withdrawal_id: step.at for step in steps}
    return _gathered(
        (
            row.participant_id,
            Withdrawal(
                scopes=tuple(row.scopes),
                received_at=row.received_at,
                entered_at=row.entered_at,
                retracted_at=retracted.get(row.id),
            ),
        )
        for row in session.scalars(select(WithdrawalRow).where(mine))
    )


def in_force(
    session: Session,
    participant_id: UUID,
    code: str,
    at: datetime,
    known_at: datetime,
    *,
    provisional: bool = False,
) -> Answer:
    """Was this agreed for that instant, by what was known then? Unknown is no."""
    history = history_of(session, participant_id)
    return consent.in_force(history, code, at, known_at, provisional=provisional)


def answer_gate(
    work: Work, participant_id: UUID, code: str, at: datetime, *, provisional: bool = False
) -> tuple[UUID, Answer]:
    """Ask, and keep the answer with what it rests on. The one way through every gate.

    The row is append-only: what a gate was told stays, whatever is learned later. The person
    is locked, so that a withdrawal is seen or waits: it never slips in between.
    """
    participant = work.session.get(Participant, participant_id, with_for_update=True)
    if participant is None or participant.study_id != work.study:
        raise NotFound("participant")
    told = in_force(work.session, participant_id, code, at, work.now, provisional=provisional)
    row = GateAnswer(
        id=uuid4(),
        participant_id=participant_id,
        statement_code=code,
        at=at,
        known_at=work.now,
        answer=told.answer,
        consent_id=told.consent_id,
        reason_code=told.reason_code,
    )
    work.session.add(row)
    work.session.flush()
    return row.id, told


def standings(session: Session, participant_id: UUID, now: datetime) -> list[StatementStanding]:
    """Every statement this person is or would be asked, each with its light of this moment."""
    history = history_of(session, participant_id)
    version = _form_of(session, participant_id, history, now)
    if version is None:
        return []
    return [
        StatementStanding(
            row.code,
            row.wording,
            row.mandatory,
            consent.in_force(history, row.code, now, now, provisional=True),
        )
        for row in statements_of(session, version)
    ]


def _form_of(
    session: Session, participant_id: UUID, history: History, now: datetime
) -> UUID | None:
    """The version a person answered last; before that, the one they would be shown."""
    newest = max(history.records, key=lambda record: record.order, default=None)
    if newest is not None:
        return newest.version_id
    who = session.get_one(Participant, participant_id)
    shown = in_use_at(session, who.study_id, "consent_form", who.language, now)
    return shown.id if shown else None
