"""For the auditor: each act by code and its cover, and who was given and signed what."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.consent import state_of
from studyhub.domain.consent_history import NEEDS_CHECK
from studyhub.domain.cover import COVERED, KEPT_SHUT, NOT_COVERED
from studyhub.domain.documents import Number
from studyhub.domain.errors import Corrupt, NotFound
from studyhub.domain.vocabulary import Act
from studyhub.domain.words import WORDS
from studyhub.store.consent import (
    Approval,
    Consent,
    ConsentEvent,
    Document,
    DocumentGiven,
    DocumentVersion,
    Evidence,
    Participant,
)
from studyhub.store.keys import SealedObject
from studyhub.store.users import Study
from studyhub.workflows.acts_done import Acts, Done
from studyhub.workflows.consent_history_rows import StatementStanding, standings
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.stored_files import blobs

_SETTLED = ("verified", "queried", "invalidated")


@dataclass(frozen=True)
class VersionUse:
    """One version of a document: under which approval, who was given it and who signed it."""

    id: UUID
    kind: str
    number: str
    state: str
    approval: str
    use_from: datetime | None
    given: tuple[str, ...]
    signed: tuple[str, ...]


@dataclass(frozen=True)
class Overdue:
    """A consent on paper, or spoken, that nobody checked in time."""

    consent_id: UUID
    code: str
    entered_at: datetime
    due: datetime


@dataclass(frozen=True)
class Person:
    """One participant by code, and how many acts of theirs were covered or not."""

    code: str
    acts: int
    covered: int
    kept_shut: int
    not_covered: int


@dataclass(frozen=True)
class Cover:
    """The whole study by code."""

    people: tuple[Person, ...]
    uncovered: tuple[Done, ...]
    versions: tuple[VersionUse, ...]
    overdue: tuple[Overdue, ...]
    checked: int


@dataclass(frozen=True)
class Signing:
    """One consent as the auditor sees it: version, statements, times, hashes; no name."""

    id: UUID
    number: str
    sheet: str
    approval: str
    kind: str
    mode: str
    state: str
    signed_at: datetime
    entered_at: datetime
    answers: dict[str, str]
    text_hash: str
    evidence: str
    unchanged: bool | None


@dataclass(frozen=True)
class Trail:
    """Everything about one code: acts newest first, signings, what was given, what holds."""

    code: str
    acts: tuple[Done, ...]
    signings: dict[UUID, Signing]
    versions: tuple[VersionUse, ...]
    lights: tuple[StatementStanding, ...]
    at: datetime

    def count(self, state: str) -> int:
        """How many acts stand so."""
        return sum(each.cover.state == state for each in self.acts)


@action(Act.TRAIL_COVER)
def look(work: Work) -> Cover:
    """Every act that needs cover, asked anew; and which versions were given and signed."""
    work.claim_all("trail")
    acts = Acts(work.session, work.study)
    found = acts.needing_cover()
    by_code: defaultdict[str, list[Done]] = defaultdict(list)
    for each in found:
        by_code[each.code].append(each)
    return Cover(
        tuple(_person(code, by_code[code]) for code in sorted(acts.codes.values())),
        tuple(each for each in found if each.cover.state == NOT_COVERED),
        _versions(work, None),
        _overdue(work),
        len(found),
    )


def _person(code: str, acts: list[Done]) -> Person:
    states = [each.cover.state for each in acts]
    return Person(
        code,
        len(acts),
        states.count(COVERED),
        states.count(KEPT_SHUT),
        states.count(NOT_COVERED),
    )


@action(Act.TRAIL_FOLLOW)
def follow(work: Work, code: str, at: datetime | None = None) -> Trail:
    """What was done about one participant; ``at`` asks what was in force at another time."""
    person = work.session.scalar(
        select(Participant).where(
            Participant.study_id == work.study, Participant.code == code.upper()
        )
    )
    if person is None:
        raise NotFound("participant")
    work.claim(person)
    work.note(code=person.code)
    acts = Acts(work.session, work.study, person.id)
    when = min(at or work.now, work.now)
    return Trail(
        person.code,
        tuple(reversed(acts.everything())),
        _signings(work, acts, person.id),
        _versions(work, person.id),
        tuple(standings(work.session, person.id, when)),
        when,
    )


def _versions(work: Work, person: UUID | None) -> tuple[VersionUse, ...]:
    given = _codes(work, DocumentGiven.version_id, DocumentGiven.participant_id)
    signed = _codes(work, Consent.form_version_id, Consent.participant_id)
    rows = work.session.execute(
        select(DocumentVersion, Document.kind, Approval.reference)
        .join(Document, Document.id == DocumentVersion.document_id)
        .outerjoin(Approval, Approval.id == DocumentVersion.approval_id)
        .where(Document.study_id == work.study, DocumentVersion.use_from.is_not(None))
        .order_by(Document.kind, DocumentVersion.major, DocumentVersion.minor)
    ).all()
    code = work.session.get_one(Participant, person).code if person else ""
    found = [
        VersionUse(
            row.id,
            kind,
            str(Number(row.major, row.minor)),
            row.state,
            reference or "",
            row.use_from,
            tuple(given.get(row.id, ())),
            tuple(signed.get(row.id, ())),
        )
        for row, kind, reference in rows
    ]
    return tuple(each for each in found if not code or code in {*each.given, *each.signed})


def _codes(work: Work, version: Any, person: Any) -> dict[UUID, list[str]]:
    rows = work.session.execute(
        select(version, Participant.code)
        .join(Participant, Participant.id == person)
        .where(Participant.study_id == work.study)
        .distinct()
        .order_by(Participant.code)
    )
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for version_id, code in rows:
        found[version_id].append(code)
    return found


def _overdue(work: Work) -> tuple[Overdue, ...]:
    """Consents that need a second look and had none within the time of the quarantine."""
    days = int(work.session.get_one(Study, work.study).settings["quarantine_days"])
    settled = select(ConsentEvent.consent_id).where(ConsentEvent.kind.in_(_SETTLED))
    rows = work.session.execute(
        select(Consent.id, Participant.code, Consent.entered_at)
        .join(Participant, Participant.id == Consent.participant_id)
        .where(
            Participant.study_id == work.study,
            Consent.mode.in_(sorted(NEEDS_CHECK)),
            Consent.entered_at <= work.now - timedelta(days=days),
            Consent.id.not_in(settled),
        )
        .order_by(Consent.entered_at)
    )
    return tuple(Overdue(*row, row.entered_at + timedelta(days=days)) for row in rows)


def _signings(work: Work, acts: Acts, person: UUID) -> dict[UUID, Signing]:
    history = acts.history(person)
    rows = {
        row.id: row
        for row in work.session.scalars(select(Consent).where(Consent.participant_id == person))
    }
    found = {}
    for record in history.records:
        row = rows[record.id]
        number, approval = _named(work, row.form_version_id)
        found[row.id] = Signing(
            row.id,
            number,
            _named(work, row.sheet_version_id)[0],
            approval,
            row.kind,
            row.mode,
            state_of(history, record, work.now),
            row.signed_at,
            row.entered_at,
            dict(record.decisions),
            row.text_hash.hex(),
            (row.evidence_root or b"").hex(),
            _unchanged(work, row),
        )
    return found


def _named(work: Work, version_id: UUID) -> tuple[str, str]:
    row = work.session.get_one(DocumentVersion, version_id)
    approval = work.session.get(Approval, row.approval_id) if row.approval_id else None
    return str(Number(row.major, row.minor)), approval.reference if approval else ""


def _unchanged(work: Work, row: Consent) -> bool | None:
    """Whether the evidence is what was sealed at signing, without a key; None if it is gone."""
    kinds = WORDS["evidence.kind"]
    stored = work.session.execute(
        select(Evidence.kind, SealedObject)
        .join(SealedObject, SealedObject.id == Evidence.object_id)
        .where(Evidence.consent_id == row.id)
    ).all()
    if not stored or any(each.gone_at for _, each in stored):
        return None
    in_order = sorted(stored, key=lambda pair: kinds.index(pair[0]))
    try:
        roots = [blobs(work.hub).root_of(each.store_name) for _, each in in_order]
    except Corrupt:
        return False
    return sha256(b"".join(roots)).digest() == row.evidence_root
