"""Small audit chains and their exports, for the tests of the verifier."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from studyhub.vault import heads as chain_heads
from studyhub.vault import verify_audit
from studyhub.vault.primitives import Pair, new_signing_pair

CHAIN = UUID("5f0c1d9e-0000-4000-8000-000000000001")
START = datetime(2026, 11, 23, 8, 20, tzinfo=UTC)
LOG_KEY = new_signing_pair()
OTHER_KEY = new_signing_pair()


def parts_of(seq: int, prev: str, /, **changes):
    """One line's parts; every third has words that are not plain."""
    facts = [
        {},
        {"count": seq, "form": "x"},
        {"reason": "other", "role": 'Jörg "\\\t名', "version": None},
    ]
    return {
        "act": "transcript.read" if seq else "chain.open",
        "actor": "0a6a2c5e-0000-4000-8000-000000000002" if seq % 2 else None,
        "facts": facts[seq % 3],
        "outcome": "done",
        "prev": prev,
        "role": "transcriber",
        "seq": seq,
        "study": str(CHAIN),
        "subject": f"transcript:{seq}",
        "ts": chain_heads.instant_text(START + timedelta(seconds=seq)),
        "v": 1,
    } | changes


@dataclass
class Export:
    """Stored lines and signed heads of one chain; each test spoils them in its own way."""

    lines: list[bytes] = field(default_factory=list)
    heads: list[tuple[chain_heads.Head, bytes]] = field(default_factory=list)
    public: bytes = LOG_KEY.public
    witness: str = ""

    def head(self, size: int, key: Pair = LOG_KEY) -> tuple[chain_heads.Head, bytes]:
        at = START + timedelta(hours=1, seconds=size)
        head = chain_heads.Head(CHAIN, size, verify_audit.line_digest(self.lines[size - 1]), at)
        return head, chain_heads.sign_head(key.private, head)

    def write(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        (folder / "log.jsonl").write_bytes(b"".join(line + b"\n" for line in self.lines))
        signed = b"".join(chain_heads.heads_line(*known) + b"\n" for known in self.heads)
        (folder / "heads.jsonl").write_bytes(signed)
        (folder / "witness.txt").write_text(self.witness)
        (folder / "pub.txt").write_text(self.public.hex() + "\n")
        return folder


def chained(all_parts: list[dict]) -> list[bytes]:
    """Write lines so that each follows from the one before, whatever else they say."""
    lines: list[bytes] = []
    for parts in all_parts:
        prev = verify_audit.line_digest(lines[-1]).hex() if lines else verify_audit.NOTHING
        lines.append(verify_audit.canonical(parts | {"prev": prev}))
    return lines


def export(count: int = 12, sizes: tuple[int, ...] = (4, 8, 12)) -> Export:
    """A good export, the same every time."""
    made = Export(chained([parts_of(seq, "") for seq in range(count)]))
    made.heads = [made.head(size) for size in sizes]
    return made
