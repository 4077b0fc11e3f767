"""Write the lines of the audit record, each linked to the one before, and read them again."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from studyhub.domain.errors import HouseRuleBroken
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.audit import Event, Head
from studyhub.vault import heads
from studyhub.vault.verify_audit import NOTHING, canonical, line_digest

_AT_ONCE = 1000


@dataclass(frozen=True)
class Entry:
    """What happened: who, in which role, did what to which subject, and how it ended."""

    chain: UUID
    at: datetime
    act: Act
    outcome: str
    actor_id: UUID | None
    role: Role
    subject: str
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unsigned:
    """How many lines no head covers yet, and since when."""

    lines: int
    since: datetime


def append(session: Session, entry: Entry) -> None:
    """Add one line, last of all: the lock on the chain is held until the commit."""
    _lock(session, entry.chain)
    last = newest(session, entry.chain)
    if last is None and entry.act is not Act.CHAIN_OPEN:
        raise HouseRuleBroken(f"{entry.act} before the chain was opened")
    at, facts = entry.at, dict(entry.facts)
    if last is not None and at < last.at:
        facts["skew"] = int((last.at - at).total_seconds())
        at = last.at
    seq = last.seq + 1 if last else 0
    line = canonical(
        {
            "v": 1,
            "seq": seq,
            "prev": last.digest.hex() if last else NOTHING,
            "ts": heads.instant_text(at),
            "act": str(entry.act),
            "outcome": entry.outcome,
            "actor": str(entry.actor_id) if entry.actor_id else None,
            "role": str(entry.role),
            "study": str(entry.chain),
            "subject": entry.subject,
            "facts": facts,
        }
    )
    session.add(
        Event(
            chain=entry.chain,
            seq=seq,
            line=line,
            digest=line_digest(line),
            at=at,
            act=str(entry.act),
            outcome=entry.outcome,
            actor_id=entry.actor_id,
            subject=entry.subject,
        )
    )
    session.flush()


def newest(session: Session, chain: UUID) -> Event | None:
    """The last line of a chain, if it was opened."""
    last = select(Event).where(Event.chain == chain).order_by(Event.seq.desc()).limit(1)
    return session.scalar(last)


def stored_lines(session: Session, chain: UUID, end: int | None = None) -> Iterator[bytes]:
    """The lines of a chain exactly as they were hashed, first to last."""
    wanted = select(Event.line).where(Event.chain == chain).order_by(Event.seq)
    if end is not None:
        wanted = wanted.where(Event.seq < end)
    # Closed also when the reader stops at a bad line: the server keeps a cursor until then.
    with closing(session.scalars(wanted.execution_options(yield_per=_AT_ONCE))) as lines:
        yield from lines


def signed_heads(session: Session, chain: UUID) -> list[tuple[heads.Head, bytes]]:
    """Every signed head of a chain with its signature, shortest first."""
    wanted = select(Head).where(Head.chain == chain).order_by(Head.size)
    return [
        (heads.Head(row.chain, row.size, row.digest, row.at), row.signature)
        for row in session.scalars(wanted)
    ]


def end_of(last: Event) -> heads.Head:
    """The head that a chain would have now, by its newest line."""
    return heads.Head(last.chain, last.seq + 1, last.digest, last.at)


def unsigned(session: Session, chain: UUID) -> Unsigned | None:
    """What was added since the newest head, if it is more than the line of its signing."""
    size = session.scalar(select(func.max(Head.size)).where(Head.chain == chain)) or 0
    first = session.get(Event, (chain, size + 1 if size else 0))
    last = newest(session, chain)
    if first is None or last is None:
        return None
    return Unsigned(last.seq + 1 - size, first.at)


def _lock(session: Session, chain: UUID) -> None:
    """Let one writer at a time add to a chain. SQLite holds its write lock already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:chain, 0))"),
            {"chain": str(chain)},
        )
