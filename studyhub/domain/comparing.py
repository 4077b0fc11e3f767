"""What changed between two versions of a transcript: turns side by side, words within them.

Turns keep their ids from version to version, so they are set beside each other by id, never by
what they sound like.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from studyhub.domain.differences import Row, words_between
from studyhub.domain.turns import Body, Turn


@dataclass(frozen=True)
class TurnRow:
    """One turn in both versions; None where a version does not have it.

    ``words`` shows the text word by word; ``older_label`` and ``newer_label`` who speaks.
    """

    older: Turn | None
    newer: Turn | None
    older_label: str
    newer_label: str
    words: Row

    @property
    def same(self) -> bool:
        """Say whether the turn reads alike: same words, same speaker shown, same times."""
        if self.older is None or self.newer is None:
            return False
        older, newer = self.older, self.newer
        same_times = (older.start_ms, older.end_ms) == (newer.start_ms, newer.end_ms)
        return self.words.same and self.older_label == self.newer_label and same_times


def compare(older: Body, newer: Body) -> list[TurnRow]:
    """Set two versions beside each other, in the order of both."""
    return [
        TurnRow(
            before,
            after,
            older.labels[before.speaker] if before else "",
            newer.labels[after.speaker] if after else "",
            words_between(number, before.text if before else "", after.text if after else ""),
        )
        for number, (before, after) in enumerate(_pairs(older, newer), 1)
    ]


def _pairs(older: Body, newer: Body) -> Iterator[tuple[Turn | None, Turn | None]]:
    older_ids = [turn.id for turn in older.turns]
    newer_ids = [turn.id for turn in newer.turns]
    matcher = SequenceMatcher(None, older_ids, newer_ids, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        before, after = older.turns[a:b], newer.turns[c:d]
        if tag == "equal":
            yield from zip(before, after, strict=True)
        else:
            yield from ((turn, None) for turn in before)
            yield from ((None, turn) for turn in after)
