"""Small random histories, in the integers of the reference and as the product's values."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from studyhub.domain.consent_history import (
    ConsentRecord,
    FormVersion,
    History,
    LaterEvent,
    Period,
    Withdrawal,
)
from studyhub.domain.words import WORDS
from tests.domain import in_force_reference as reference

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
CODES = [*reference.CODES, "results", "x_own"]
SCOPES = list(reference.SCOPE_CODES)
ALWAYS = (Period(START - timedelta(days=9999)),)


def instant(number):
    return None if number is None else START + timedelta(minutes=number)


def record_id(seq):
    return UUID(int=1000 + seq)


def version_id(number):
    return UUID(int=number)


def history(versions, records, events):
    """Write a history of the reference as the product reads it."""
    return History(
        versions={version_id(v.id): _version(v) for v in versions.values()},
        records=tuple(_record(r) for r in records),
        events=tuple(
            LaterEvent(record_id(e.seq), e.kind, instant(e.entered_at))
            for e in events
            if e.kind in {"verified", "invalidated"}
        ),
        withdrawals=tuple(_withdrawal(e, events) for e in events if e.kind == "withdrawal"),
    )


def _version(v):
    return FormVersion(
        id=version_id(v.id),
        form=v.form,
        effective=Period(instant(v.effective), instant(v.retired)),
        approved=ALWAYS if v.approved else (),
        reconsent_from=instant(v.reconsent_from),
    )


def _record(r):
    return ConsentRecord(
        id=record_id(r.seq),
        seq=r.seq,
        version_id=version_id(r.version),
        kind=r.kind,
        mode=r.mode,
        signed_at=instant(r.signed_at),
        entered_at=instant(r.entered_at),
        decisions=dict(r.decisions),
        needs_countersign=not r.countersigned,
        expires_at=instant(r.expires),
    )


def _withdrawal(e, events):
    retracts = [x for x in events if x.kind == "retract" and x.seq == e.seq]
    return Withdrawal(
        scopes=e.scope,
        received_at=instant(e.at),
        entered_at=instant(e.entered_at),
        retracted_at=instant(retracts[0].at) if retracts else None,
        retraction_entered_at=instant(retracts[0].entered_at) if retracts else None,
    )


def stranger_world(rng):
    """A history with ties, gaps, retired and never approved versions, and several forms."""
    versions = {}
    for number in range(1, rng.randint(2, 4)):
        start = rng.randint(0, 60)
        versions[number] = reference.Version(
            number,
            start,
            rng.choice([None, None, rng.randint(start, 90)]),
            rng.choice([None, None, start]),
            rng.choice(["consent", "consent", "followup"]),
            rng.random() < 0.9,
        )
    records = [_stranger_record(rng, seq, list(versions)) for seq in range(rng.randint(0, 4))]
    events = [_stranger_event(rng, len(records), nth) for nth in range(rng.randint(0, 5))]
    taken_back = [
        reference.Event("retract", e.seq, e.entered_at + 3, e.at + rng.randint(0, 5))
        for e in events
        if e.kind == "withdrawal" and rng.random() < 0.3
    ]
    return versions, records, events + taken_back


def _stranger_record(rng, seq, versions):
    at = rng.randint(0, 12) * 8
    answers = ["agree", "agree", "agree", "decline"]
    return reference.Record(
        seq,
        rng.choice(versions),
        at,
        at + rng.choice([0, 0, 3, 20]),
        tuple((c, rng.choice(answers)) for c in CODES if rng.random() < 0.8),
        rng.choice(WORDS["consents.mode"]),
        "refused" if rng.random() < 0.15 else "signed",
        rng.choice([None, None, None, rng.randint(at, 130)]),
        rng.random() < 0.9,
    )


def _stranger_event(rng, records, nth):
    at = rng.randint(-5, 120)
    entered = max(at, 0) + rng.choice([0, 2, 30])
    kind = rng.choice(["withdrawal", "verified", "verified", "invalidated"])
    if kind == "withdrawal" or not records:
        scopes = tuple(rng.sample(SCOPES, rng.randint(1, 2)))
        return reference.Event("withdrawal", 100 + nth, entered, at, scopes)
    return reference.Event(kind, rng.randrange(records), entered, at)
