"""What changed between two versions: paragraph by paragraph, and the words within each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from studyhub.domain import deadlines
from studyhub.domain.documents import VersionText
from studyhub.domain.rendering import to_text

_WORD = re.compile(r"\S+\s*")
# Beyond this a paragraph counts as changed whole: comparing its words would take too long.
_MOST_WORDS = 1500


@dataclass(frozen=True)
class Piece:
    """Some words of one side; ``changed`` if the other side does not have them."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Row:
    """One paragraph on both sides. A side without it has no pieces."""

    number: int
    older: tuple[Piece, ...]
    newer: tuple[Piece, ...]

    @property
    def same(self) -> bool:
        """Say whether both sides read alike."""
        return self.older == self.newer

    @property
    def places(self) -> int:
        """Count the places where the sides differ."""
        return max(_changed(self.older), _changed(self.newer))


def _changed(pieces: Sequence[Piece]) -> int:
    return sum(piece.changed for piece in pieces)


@dataclass(frozen=True)
class Shown:
    """A row to show, or a run of rows left out because they are the same."""

    row: Row | None
    first: int = 0
    last: int = 0


def paragraphs(version: VersionText) -> list[str]:
    """Everything that is compared: the text, the deadline and the statements in their order."""
    found = [part for part in to_text(version.body, None).split("\n\n") if part.strip()]
    if version.deadline_rule:
        found.append(f"Can be taken out until {deadlines.in_words(version.deadline_rule)}.")
    for statement in version.statements:
        must = "needed" if statement.mandatory else "optional"
        found.append(f"{statement.wording} ({statement.code}, {must})")
    return found


def compare(older: VersionText, newer: VersionText) -> list[Row]:
    """Set two versions beside each other."""
    before, after = paragraphs(older), paragraphs(newer)
    pairs: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            pairs += zip(before[a:b], after[c:d], strict=True)
        else:
            pairs += zip_longest(before[a:b], after[c:d], fillvalue="")
    return [words_between(number, *pair) for number, pair in enumerate(pairs, 1)]


def words_between(number: int, older: str, newer: str) -> Row:
    """Set two wordings of one paragraph beside each other, word by word."""
    if older == newer:
        same = (Piece(older),)
        return Row(number, same, same)
    before, after = _WORD.findall(older), _WORD.findall(newer)
    if max(len(before), len(after)) > _MOST_WORDS or not before or not after:
        return Row(number, _whole(older), _whole(newer))
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        left += _piece(before[a:b], changed=tag != "equal")
        right += _piece(after[c:d], changed=tag != "equal")
    return Row(number, tuple(left), tuple(right))


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, changed=True),) if text else ()


def _piece(words: Sequence[str], *, changed: bool) -> Iterator[Piece]:
    if words:
        yield Piece("".join(words), changed)


def with_neighbours(rows: Sequence[Row], *, whole: bool = False) -> list[Shown]:
    """The rows that changed, each with the one before and after it; the rest as runs."""
    if whole:
        return [Shown(row) for row in rows]
    near = {
        index + step for index, row in enumerate(rows) if not row.same for step in (-1, 0, 1)
    }
    shown: list[Shown] = []
    for index, row in enumerate(rows):
        if index in near:
            shown.append(Shown(row))
        elif shown and shown[-1].row is None:
            shown[-1] = Shown(None, shown[-1].first, row.number)
        else:
            shown.append(Shown(None, row.number, row.number))
    return shown
