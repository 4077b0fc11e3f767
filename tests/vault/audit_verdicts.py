"""What tests of the verifier ask of a good and of a changed record."""

from hypothesis import settings

from studyhub.vault import heads
from tests.vault.audit_exports import (
    LOG_KEY,
    chained,
    export,
    parts_of,
)

steady = settings(max_examples=60)

GOOD = export()

SIZE = len(GOOD.lines)


def verdict_of(lines, known=GOOD.heads, witness=None):
    return heads.verify_lines(lines, known, LOG_KEY.public, witness)


def faulty(lines, known=GOOD.heads, witness=None):
    verdict = verdict_of(lines, known, witness)
    return not verdict.ok and verdict.reason != "" and verdict.first_bad is not None


def rewritten(*changes, key=LOG_KEY, count=SIZE):
    """The whole log written anew with some lines changed, re-chained and re-signed."""
    changed = dict(changes)
    parts = [parts_of(seq, "", **changed.get(seq, {})) for seq in range(count)]
    made = export(count, ())
    made.lines = chained(parts)
    made.heads = [made.head(size, key) for size in (4, 8, count)]
    return made
