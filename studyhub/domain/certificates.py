"""What a certificate of erasure states: classes, decisions, proofs and times, and no person.

A proof is a word and what it rests on: ``key:`` and the digest of a line of the ledger, whose
chain holds every destroyed key before it; ``rows:`` and how many were emptied where a key that
covers more had to stay; ``recalled:``, ``cancelled:`` or ``unused:`` and how many; ``kept``.
No label, no release and no digest of a copy stands in it: it goes with a reference that leads
to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

KEY, ROWS, KEPT = "key", "rows", "kept"
# What "no longer used" means for each class; other classes are only marked so.
STOPPED = {"export": "recalled", "interview": "cancelled", "letter": "cancelled"}
UNUSED = "unused"


@dataclass(frozen=True)
class Proven:
    """One item of a withdrawal: what was decided, and the proof that it was done."""

    class_: str
    number: int
    decision: str
    reason_code: str
    proof: str

    @property
    def parts(self) -> dict[str, Any]:
        """The item as it stands in the certificate."""
        return {
            "class": self.class_,
            "number": self.number,
            "decision": self.decision,
            "reason": self.reason_code,
            "proof": self.proof,
        }


@dataclass(frozen=True)
class Statement:
    """A finished erasure in full. Instants are texts in UTC."""

    erasure: str
    study: str
    requested: str
    completed: str
    roots: Sequence[str] = ()
    ledger_line: int = 0
    ledger_digest: str = ""
    reference: str = ""
    received: str = ""
    scopes: Sequence[str] = ()
    items: Sequence[Proven] = field(default_factory=tuple)

    @property
    def parts(self) -> dict[str, Any]:
        """The statement as it is signed."""
        told: dict[str, Any] = {
            "v": 1,
            "erasure": self.erasure,
            "study": self.study,
            "requested": self.requested,
            "completed": self.completed,
            "files": sorted(self.roots),
        }
        if self.ledger_digest:
            told["ledger"] = {"line": self.ledger_line, "digest": self.ledger_digest}
        if self.reference:
            told["withdrawal"] = {
                "reference": self.reference,
                "received": self.received,
                "scopes": list(self.scopes),
                "items": [each.parts for each in self.items],
            }
        return told


def proof_of_erasing(ledger_digest: str, count: int, *, key_gone: bool) -> str:
    """The proof that a class was erased."""
    return f"{KEY}:{ledger_digest}" if key_gone and ledger_digest else f"{ROWS}:{count}"


def proof_of_stopping(class_: str, count: int) -> str:
    """The proof that a class is no longer used."""
    return f"{STOPPED.get(class_, UNUSED)}:{count}"
