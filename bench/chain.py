"""P9: the auditor's script over a million lines, against a plain SHA-256 of the same file.

What a check costs that goes on after an earlier one stands beside it: only new lines count.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from bench.crowd_record import pieces_of
from bench.measure import Line, interleave, ratio, workplace
from studyhub.store.audit import Event
from studyhub.vault.heads import Head, heads_line, sign_head, signed_head
from studyhub.vault.primitives import new_signing_pair
from studyhub.vault.verify_audit import NOTHING, Verdict, line_digest, verify, verify_folder
from tests.makers import Clock
from tests.workflows.recording import interviewed_on

NEW = 10_000  # lines added since the earlier check
HEAD_EVERY = 1000
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def lines(events: int, rounds: int, parent: Path) -> Iterator[Line]:
    """A record of real acts, told again and again."""
    with workplace(parent) as folder:
        chain = _Chain(folder, events + NEW)
        path = folder / "log.jsonl"
        seen = chain.verified(0, events, None)

        def whole() -> None:
            assert verify_folder(folder).ok

        def hashed() -> None:
            with path.open("rb") as file:
                file_digest(file, "sha256")

        def added() -> None:
            assert chain.verified(events, events + NEW, seen).size == events + NEW

        times = interleave({"hashed": hashed, "whole": whole, "added": added}, rounds)
        size = path.stat().st_size >> 20
    what = f"{events:,} lines, {size} MiB: checked / SHA-256"
    yield Line("P9", what, 30, ratio(times, "whole", "hashed"))
    share = ratio(times, "added", "whole")
    fair = (events + NEW) / NEW
    reached = share * fair if share is not None else None
    yield Line("P9", f"{NEW:,} new lines: cost of a line / in the whole", 1.5, reached)


class _Chain:
    """An export whose lines are those of a real study, over and over."""

    def __init__(self, folder: Path, size: int) -> None:
        self._log, self._heads = folder / "log.jsonl", []
        self._pair = new_signing_pair()
        with interviewed_on("sqlite", Clock()) as (study, *_):
            self._id: UUID = study.id
            with study.hub.sessions.reading.begin() as session:
                stored = session.scalars(select(Event.line).where(Event.chain == study.id))
                pieces = [pieces_of(line) for line in stored]
        self._write(pieces, size)
        told = b"".join(heads_line(*head) + b"\n" for head in self._heads)
        (folder / "heads.jsonl").write_bytes(told)
        (folder / "witness.txt").write_text("")
        (folder / "pub.txt").write_text(self._pair.public.hex())
        self._offsets: dict[int, int] = {}

    def _write(self, pieces: list[tuple[str, str, str]], size: int) -> None:
        digest, at = NOTHING, NOON
        with self._log.open("wb") as log:
            for seq in range(size):
                before, between, after = pieces[seq % len(pieces)]
                at += timedelta(seconds=7, microseconds=1)
                told = at.isoformat(timespec="microseconds")[:26]
                line = f'{before}{digest}{between}{seq}{after}{told}Z","v":1}}'.encode()
                digest = line_digest(line).hex()
                log.write(line + b"\n")
                if (seq + 1) % HEAD_EVERY == 0 or seq + 1 == size:
                    head = Head(self._id, seq + 1, bytes.fromhex(digest), at)
                    self._heads.append((head, sign_head(self._pair.private, head)))

    def verified(self, first: int, end: int, seen: Verdict | None) -> Verdict:
        """Check from one line to another, where the lines before were checked."""
        heads = [signed_head(*head) for head in self._heads if first < head[0].size <= end]
        with self._log.open("rb") as log:
            if first not in self._offsets:
                self._offsets[first] = sum(map(len, islice(log, first)))
            log.seek(self._offsets[first])
            stored = (line[:-1] for line in islice(log, end - first))
            return verify(stored, heads, self._pair.public, seen=seen)
