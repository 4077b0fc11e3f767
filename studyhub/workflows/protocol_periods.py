"""From when until when: the periods of approvals and of versions, as the rules ask for them.

A row says how things stand now; whether a consent holds depends on how they stood when it was
signed. What an approval went through since is read from its lines in the record.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.consent_history import Period, covered
from studyhub.domain.errors import WrongState
from studyhub.store.audit import Event
from studyhub.store.consent import Approval, Document, DocumentVersion

_WAS_USED = frozenset({"effective", "superseded", "retired"})
_NO_MORE = frozenset({"suspended", "expired", "closed"})
_CHANGE = "approval.change"
_USE = "document.use"

Change = tuple[datetime, str]


def approved_periods(session: Session, study: UUID) -> dict[UUID, tuple[Period, ...]]:
    """When each approval of a study was approved; an amendment has the periods of its first.

    An amendment covers nothing before it was implemented (invariant 4).
    """
    changes = _changes(session, study)
    rows = {
        row.id: row
        for row in session.scalars(select(Approval).where(Approval.study_id == study))
    }
    own = {row.id: _periods(row, changes.get(row.id, [])) for row in rows.values()}
    return {
        row.id: own[first.id] if (first := _first(rows, row)) is not None else ()
        for row in rows.values()
    }


def _first(rows: dict[UUID, Approval], row: Approval) -> Approval | None:
    """The approval that an implemented amendment rests on; the approval itself if it is one."""
    if row.kind == "initial":
        return row
    if row.state != "implemented" or row.amends_id is None:
        return None
    return _first(rows, rows[row.amends_id])


def _changes(session: Session, study: UUID) -> dict[UUID, list[Change]]:
    """What was recorded about each approval, first to last."""
    found: dict[UUID, list[Change]] = {}
    lines = session.execute(
        select(Event.subject, Event.at, Event.line)
        .where(Event.chain == study, Event.act == _CHANGE, Event.outcome == "done")
        .order_by(Event.seq)
    )
    for subject, at, line in lines:
        facts = json.loads(line)["facts"]
        state = str(facts.get("to") or facts.get("state") or "")
        found.setdefault(UUID(subject.partition(":")[2]), []).append((at, state))
    return found


def _periods(row: Approval, changes: Sequence[Change]) -> tuple[Period, ...]:
    if row.starts_at is None:
        return ()
    was_approved = bool(changes) and changes[0][1] in _NO_MORE
    begun = row.starts_at if was_approved else None
    found: list[Period] = []
    for at, state in changes:
        if state == "approved" and begun is None:
            begun = at if found else row.starts_at
        elif state in _NO_MORE and begun is not None:
            found.append(Period(begun, at))
            begun = None
    if row.state == "approved":
        found.append(Period(begun or row.starts_at))
    return tuple(_clipped(found, row.ends_at))


def _clipped(periods: Iterable[Period], end: datetime | None) -> Iterable[Period]:
    """Leave out what lies after the date on which an approval ends."""
    for period in periods:
        ends = [each for each in (period.ends_at, end) if each is not None]
        if not ends or period.starts_at < min(ends):
            yield Period(period.starts_at, min(ends, default=None))


def periods_of_use(session: Session, study: UUID, kind: str) -> dict[UUID, Period]:
    """When each version of a kind was, is or will be in use: until retired or succeeded.

    A planned one counts from its instant, also before the worker has written that it began.
    """
    rows = session.scalars(
        select(DocumentVersion)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(Document.study_id == study, Document.kind == kind)
        .order_by(
            DocumentVersion.document_id,
            DocumentVersion.use_from,
            DocumentVersion.major,
            DocumentVersion.minor,
        )
    ).all()
    approved = approved_periods(session, study) if any(map(_is_planned, rows)) else {}
    used = [row for row in rows if _came_into_use(row) or _will_be_used(row, approved)]
    found: dict[UUID, Period] = {}
    for _, versions in groupby(used, key=lambda row: row.document_id):
        found |= _successive(list(versions))
    return found


def _came_into_use(row: DocumentVersion) -> bool:
    """Whether it was used at all: one retired before its day never was.

    One retired at the very instant was: it covers no signing, and asks all to sign again.
    """
    if row.use_from is None or row.state not in _WAS_USED:
        return False
    return row.retired_at is None or row.use_from <= row.retired_at


def _is_planned(row: DocumentVersion) -> bool:
    return row.state == "approved" and row.use_from is not None


def _will_be_used(row: DocumentVersion, approved: Mapping[UUID, tuple[Period, ...]]) -> bool:
    """Whether a plan holds: its approval is approved at that instant (domain.md 3.2)."""
    if row.use_from is None or row.approval_id is None or not _is_planned(row):
        return False
    return covered(approved.get(row.approval_id, ()), row.use_from)


def used_since(session: Session, study: UUID) -> dict[UUID, datetime]:
    """When it was last decided from when each version is used."""
    rows = session.execute(
        select(Event.subject, func.max(Event.at))
        .where(Event.chain == study, Event.act == _USE, Event.outcome == "done")
        .group_by(Event.subject)
    )
    return {UUID(subject.partition(":")[2]): at for subject, at in rows}


def _successive(versions: Sequence[DocumentVersion]) -> dict[UUID, Period]:
    found = {}
    for row, successor in zip(versions, [*versions[1:], None], strict=True):
        ends = [each for each in (row.retired_at, successor and successor.use_from) if each]
        if row.use_from is not None:
            found[row.id] = Period(row.use_from, min(ends, default=None))
    return found


def in_use_at(
    session: Session, study: UUID, kind: str, language: str, at: datetime
) -> DocumentVersion | None:
    """The version of a kind that was in use at an instant, also one that has passed."""
    covering = [
        version
        for version, period in periods_of_use(session, study, kind).items()
        if period.covers(at)
    ]
    return session.scalar(
        select(DocumentVersion)
        .join(Document, Document.id == DocumentVersion.document_id)
        .where(
            DocumentVersion.id.in_(covering),
            Document.language == language,
            Document.audience == "participants",
        )
    )


def need_effective(
    session: Session, study: UUID, kind: str, language: str, at: datetime
) -> DocumentVersion:
    """The version in use at an instant. WrongState without one (invariants 6, 27)."""
    found = in_use_at(session, study, kind, language, at)
    if found is None:
        raise WrongState(f"no version of {kind.replace('_', ' ')} is in use in this language")
    return found
