"""The rows that every signing or refusal leaves behind, by link or on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.deadlines import never_earlier
from studyhub.domain.errors import NotFound
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION, choosing
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Consent, Decision, Participant
from studyhub.store.people import Expression
from studyhub.workflows import letters
from studyhub.workflows.consent_ground import Ground
from studyhub.workflows.consent_history_rows import FORM
from studyhub.workflows.kernel import Work
from studyhub.workflows.people import refuse_erased
from studyhub.workflows.projections import refresh
from studyhub.workflows.protocol import statements_of


@dataclass(frozen=True)
class Signing:
    """One signing or refusal as it is about to be kept."""

    id: UUID
    kind: str
    mode: str
    signed_at: datetime
    time_source: str
    answers: Mapping[str, str]
    evidence_root: bytes | None
    waived: bool = False
    taken_by: UUID | None = None
    capacity: str = "own"
    interpreter: bool = False


def lock_participant(work: Work, participant_id: UUID) -> Participant:
    """The participant, so that two signings of one person wait for each other."""
    found = work.session.get(
        Participant, participant_id, with_for_update=True, populate_existing=True
    )
    if found is None or found.study_id != work.study:
        raise NotFound("participant")
    refuse_erased(found)
    return found


def keep_signing(
    work: Work, participant: Participant, ground: Ground, signing: Signing
) -> Consent:
    """Write the record, its decisions and all that follows from it (invariants 30, 33, 34)."""
    row = Consent(
        id=signing.id,
        participant_id=participant.id,
        seq=ground.next_seq,
        form=FORM,
        form_version_id=ground.form_id,
        sheet_version_id=ground.sheet_id,
        mode=signing.mode,
        capacity=signing.capacity,
        kind=signing.kind,
        signed_at=signing.signed_at,
        time_source=signing.time_source,
        entered_at=work.now,
        taken_by=signing.taken_by,
        interpreter=signing.interpreter,
        wait_waived=signing.waived,
        text_hash=ground.text_hash,
        questions=list(ground.questions),
        evidence_root=signing.evidence_root,
        supersedes_id=_before(work.session, participant.id, signing.signed_at),
        deadline_at=ground.deadline_at,
    )
    work.session.add(row)
    work.session.flush()
    _keep_decisions(work, row, signing.answers)
    if ground.deadline_at is not None:
        participant.deadline_at = never_earlier(participant.deadline_at, ground.deadline_at)
    _follow(work, participant.id, signing.kind)
    refresh(work, participant.id)
    work.session.flush()
    return row


def _keep_decisions(work: Work, row: Consent, answers: Mapping[str, str]) -> None:
    if not answers:
        return
    work.session.add_all(
        Decision(consent_id=row.id, statement_id=each.id, answer=answers[each.code])
        for each in statements_of(work.session, row.form_version_id)
    )


def _before(session: Session, participant_id: UUID, signed_at: datetime) -> UUID | None:
    """The newest record, unless it was signed later than this one (invariant 34)."""
    newest = session.scalar(
        select(Consent)
        .where(Consent.participant_id == participant_id, Consent.form == FORM)
        .order_by(Consent.seq.desc())
        .limit(1)
    )
    return newest.id if newest is not None and newest.signed_at <= signed_at else None


def _follow(work: Work, participant_id: UUID, kind: str) -> None:
    """What a decision ends: letters that wait, and the expression of interest."""
    letters.happened(work, participant_id, "consented" if kind == "signed" else "refused")
    act = Act.CONSENT_SIGN if kind == "signed" else Act.CONSENT_REFUSE
    rows = work.session.scalars(
        select(Expression)
        .where(
            Expression.participant_id == participant_id,
            Expression.state.in_(("info_sent", "considering")),
        )
        .with_for_update()
    )
    for row in rows:
        if row.state == "info_sent":
            considering = choosing("expression.decide", "considering")
            row.state = advance(row.state, considering, EXPRESSION)
        row.state = advance(row.state, act, EXPRESSION)
