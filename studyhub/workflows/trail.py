"""The record: sign its head, look whether it is whole, read its lines, take a copy."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event, Head
from studyhub.store.users import Membership, User
from studyhub.vault import heads, verify_audit
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.record import end_of, newest, signed_heads, stored_lines

PAGE = 50


@dataclass(frozen=True)
class TrailLine:
    """One line of the record, ready to show. Staff have names here; participants never.

    ``about`` is the name of the team member that the subject is about, where there is one.
    """

    seq: int
    at: datetime
    act: str
    outcome: str
    role: str
    actor: str
    subject: str
    about: str
    facts: dict[str, Any]
    digest: str


@dataclass(frozen=True)
class TrailPage:
    """Newest lines first; ``older`` is the number to go on from, if there are more."""

    lines: list[TrailLine]
    older: int | None


@dataclass(frozen=True)
class HeadView:
    """A signed head: how long the record was, and the digest to compare with a letter."""

    size: int
    digest: str
    at: datetime


@dataclass(frozen=True)
class Health:
    """Whether the record is whole. ``unsigned`` counts the lines after the newest head."""

    ok: bool
    size: int
    digest: str
    first_at: datetime
    last_at: datetime
    first_bad: int | None
    problem: str
    head: HeadView | None
    unsigned: int
    refused: int


@action(Act.AUDIT_HEAD)
def sign_head(work: Work) -> HeadView:
    """Sign how long the chain is and which digest it ends with. Needs the log key."""
    work.claim_all(f"chain:{work.study}")
    last = newest(work.session, work.study)
    if last is None:
        raise NotFound("no such chain")
    head = replace(end_of(last), at=max(work.now, last.at))
    if work.session.get(Head, (work.study, head.size)) is None:
        work.session.add(
            Head(
                chain=head.chain,
                size=head.size,
                digest=head.digest,
                at=head.at,
                signature=heads.sign_head(work.hub.key_files.log, head),
            )
        )
    work.note(size=head.size, digest=head.digest.hex())
    return _view(head)


@action(Act.TRAIL_LIST)
def check_health(work: Work) -> Health:
    """Read every line again and say whether the record is whole."""
    work.claim_all(f"chain:{work.study}")
    session, chain = work.session, work.study
    first = session.get(Event, (chain, 0))
    last = newest(session, chain)
    if first is None or last is None:
        raise NotFound("no such chain")
    known = signed_heads(session, chain)
    verdict = heads.verify_lines(
        stored_lines(session, chain),
        known,
        work.hub.key_files.log_public,
        witness=heads.witness_text(end_of(last), b""),
    )
    refused = session.scalar(
        select(func.count())
        .select_from(Event)
        .where(Event.chain == chain, Event.outcome == "refused")
    )
    return Health(
        ok=verdict.ok,
        size=last.seq + 1,
        digest=last.digest.hex(),
        first_at=first.at,
        last_at=last.at,
        first_bad=verdict.first_bad,
        problem=verdict.reason,
        head=_view(known[-1][0]) if known else None,
        unsigned=last.seq + 1 - (known[-1][0].size if known else 0),
        refused=refused or 0,
    )


@action(Act.TRAIL_READ)
def read_lines(
    work: Work, *, before: int | None = None, outcome: str = "", act: str = ""
) -> TrailPage:
    """Read a page of the record, newest first. Reading it is an event too."""
    work.claim_all(f"chain:{work.study}")
    wanted = select(Event).where(Event.chain == work.study)
    if before is not None:
        wanted = wanted.where(Event.seq < before)
    if outcome:
        wanted = wanted.where(Event.outcome == outcome)
    if act:
        wanted = wanted.where(Event.act == act)
    found = list(work.session.scalars(wanted.order_by(Event.seq.desc()).limit(PAGE + 1)))
    names, about = _names(work.session, found), _about(work.session, found)
    lines = [_line(event, names, about) for event in found[:PAGE]]
    return TrailPage(lines, found[PAGE - 1].seq if len(found) > PAGE else None)


def _names(session: Session, events: list[Event]) -> dict[UUID, str]:
    ids = {event.actor_id for event in events if event.actor_id}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _about(session: Session, events: list[Event]) -> dict[str, str]:
    """Whom subjects name: an account, or the holder of a membership."""
    subjects = {event.subject for event in events}
    people = session.execute(
        select(User.id, User.name).where(User.id.in_(_ids(subjects, "user")))
    )
    members = session.execute(
        select(Membership.id, User.name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.id.in_(_ids(subjects, "membership")))
    )
    return {
        **{f"user:{row[0]}": row[1] for row in people},
        **{f"membership:{row[0]}": row[1] for row in members},
    }


def _ids(subjects: set[str], kind: str) -> list[UUID]:
    told = (subject.partition(":") for subject in subjects)
    return [UUID(key) for of, _, key in told if of == kind and key]


def _line(event: Event, names: dict[UUID, str], about: dict[str, str]) -> TrailLine:
    told = json.loads(event.line)
    return TrailLine(
        seq=event.seq,
        at=event.at,
        act=event.act,
        outcome=event.outcome,
        role=told["role"],
        actor=names.get(event.actor_id, "") if event.actor_id else "",
        subject=event.subject,
        about=about.get(event.subject, ""),
        facts=told["facts"],
        digest=event.digest.hex(),
    )


@dataclass(frozen=True)
class Export:
    """A copy of the record up to a signed head, and everything that proves it."""

    log: bytes
    heads: bytes
    witness: bytes
    public_key: bytes
    size: int
    digest: str

    @property
    def files(self) -> dict[str, bytes]:
        """Every file of the folder, with the script that checks the others."""
        return {
            "log.jsonl": self.log,
            "heads.jsonl": self.heads,
            "witness.txt": self.witness,
            "pub.txt": self.public_key,
            "verify_audit.py": Path(verify_audit.__file__).read_bytes(),
        }


@action(Act.AUDIT_EXPORT)
def export(work: Work) -> Export:
    """A copy of the record up to its newest signed head, with everything that proves it."""
    work.claim_all(f"chain:{work.study}")
    known = signed_heads(work.session, work.study)
    if not known:
        raise NotFound("no head of this record was signed yet")
    end, signature = known[-1]
    work.note(size=end.size, digest=end.digest.hex())
    return Export(
        log=_lines(stored_lines(work.session, work.study, end.size)),
        heads=_lines(heads.heads_line(*head) for head in known),
        witness=heads.witness_text(end, signature).encode(),
        public_key=_lines([work.hub.key_files.log_public.hex().encode()]),
        size=end.size,
        digest=end.digest.hex(),
    )


def _lines(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


@action(Act.ATTEMPTS_COUNT)
def count_attempts(work: Work, *, kind: str, hour: datetime, count: int) -> None:
    """Record how often strangers tried to enter in one hour."""
    work.claim_all("attempts")
    work.note(kind=kind, count=count, to=heads.instant_text(hour))


def _view(head: heads.Head) -> HeadView:
    return HeadView(head.size, head.digest.hex(), head.at)
