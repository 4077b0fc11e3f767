"""The record of a crowd: the lines about each copy, in their order, in one true chain."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bench.crowd_rows import insert
from studyhub.domain.vocabulary import Act, Role
from studyhub.vault.heads import Head, sign_head
from studyhub.vault.verify_audit import canonical, line_digest
from tests.makers import Study

if TYPE_CHECKING:
    from bench.crowd import Copy

HEAD_EVERY = 1000
AT_ONCE = 20_000
_MARK = "\0"
Drawn = tuple[datetime, int, Callable[[], "tuple[str, str, str, str | None, str, str]"]]


def fill_record(
    study: Study, database: Connection, copies: "Iterable[Copy]", events: int
) -> datetime:
    """Add the lines of all copies and so many that somebody looked. Returns when it ended."""
    chain = study.id.hex
    seq, digest, at = database.execute(
        "SELECT seq, digest, at FROM events WHERE chain = ? ORDER BY seq DESC LIMIT 1", (chain,)
    ).fetchone()
    (rita,) = database.execute("SELECT id FROM users WHERE login = 'rita'").fetchone()
    lines = _Lines(study, UUID(rita))
    found = [drawn for copy in copies for drawn in lines.of(copy)]
    begun, ended = datetime.fromisoformat(at), max(each[0] for each in found)
    found += lines.looks(begun, ended, events - len(found))
    found.sort(key=lambda each: each[:2])
    _write(study, database, found, seq + 1, digest)
    return ended.replace(tzinfo=UTC) + timedelta(minutes=1)


class _Lines:
    """Lines in pieces, around what only their place in the chain says."""

    def __init__(self, study: Study, rita: UUID) -> None:
        self._study = study
        self._rita = rita
        self._number = 0

    def of(self, copy: "Copy") -> Iterator[Any]:
        """The lines about one copy, each with its time."""
        for row in copy.world.lines:
            self._number += 1
            at = datetime.fromisoformat(row["at"]) + copy.shift
            yield at, self._number, row, copy

    def looks(self, begun: datetime, ended: datetime, number: int) -> Iterator[Any]:
        """Lines that somebody looked at a list, evenly."""
        told = {"act": str(Act.CONTACT_LIST), "outcome": "done", "subject": "contact"}
        told |= {"actor_id": self._rita.hex}
        parts = {"act": told["act"], "actor": str(self._rita), "facts": {"count": 16}}
        parts |= {"outcome": "done", "role": str(Role.RECRUITER), "subject": "contact"}
        line = canonical(
            {**parts, "study": str(self._study.id), "ts": "", "v": 1, "seq": 0, "prev": ""}
        )
        for nth in range(number):
            self._number += 1
            yield (
                begun + (ended - begun) * nth / number,
                self._number,
                {**told, "line": line},
                None,
            )


def _write(
    study: Study, database: Connection, found: list[Any], seq: int, digest: bytes
) -> None:
    chain, log = study.id.hex, study.hub.key_files.log
    rows, signed, last = [], [], seq + len(found)
    pieces: dict[bytes, tuple[str, str, str]] = {}
    for at, _, row, copy in found:
        if row["line"] not in pieces:
            pieces[row["line"]] = pieces_of(row["line"])
        before, between, after = pieces[row["line"]]
        subject = row["subject"]
        if copy is not None:
            before, after, subject = (_renamed(each, copy) for each in (before, after, subject))
        told = at.isoformat("T", "microseconds")
        line = f'{before}{digest.hex()}{between}{seq}{after}{told}Z","v":1}}'.encode()
        digest = line_digest(line)
        kept = told.replace("T", " ")
        rows.append(
            (
                chain,
                seq,
                line,
                digest,
                kept,
                row["act"],
                row["outcome"],
                row["actor_id"],
                subject,
            )
        )
        seq += 1
        if seq % HEAD_EVERY == 0 or seq == last:
            head = Head(study.id, seq, digest, at.replace(tzinfo=UTC))
            signed.append((chain, seq, digest, kept, sign_head(log, head)))
        if len(rows) == AT_ONCE:
            insert(database, "events", rows)
    insert(database, "events", rows)
    insert(database, "heads", signed)


def pieces_of(line: bytes) -> tuple[str, str, str]:
    """What stands before the digest, between it and the number, and from there to the time."""
    parts = json.loads(line)
    whole = canonical({**parts, "prev": _MARK, "seq": 0, "ts": _MARK}).decode()
    mark = json.dumps(_MARK)[1:-1]
    before, between, _ = whole.split(mark)
    role, _, after = between.partition('"seq":0')
    return before, f'{role}"seq":', after


def _renamed(told: str, copy: "Copy") -> str:
    told = copy.spelled(told)
    for code, own in copy.codes.items():
        told = told.replace(f'"{code}"', f'"{own}"')
    return told
