"""What nobody can decide about a place: to leave a name without a reason, or to write one.

A mark may have got another kind or other bounds since it was suggested, so the engine looks at
the words themselves.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from studyhub.domain.errors import Invalid
from studyhub.domain.redaction import paper
from studyhub.domain.redaction.engine import suggest
from studyhub.domain.redaction.marks import Mark
from studyhub.domain.redaction.replacements import problems_of
from studyhub.domain.redaction.spans import DIRECT, Decided
from studyhub.workflows.entities import Vocabulary
from studyhub.workflows.kernel import Work
from studyhub.workflows.marks_kept import Kept
from studyhub.workflows.recognising import recogniser
from studyhub.workflows.suggesting import what_is_known


def refuse_names(work: Work, kept: Kept, vocabulary: Vocabulary, sent: Sequence[Mark]) -> None:
    """Invalid for marks that leave a name without a reason, or whose own words are one."""
    left = [mark for mark in sent if mark.state == Decided.REJECT and not mark.note]
    named = list(_names_beside(work, kept, vocabulary, left)) if left else []
    if any(mark.start <= start and end <= mark.end for mark in left for start, end in named):
        raise Invalid({"note": "Say why a name, number or address may stay."})
    written = [mark for mark in sent if mark.state == Decided.EDIT]
    if written:
        _refuse_written(work, kept, vocabulary, written)


def _names_beside(
    work: Work, kept: Kept, vocabulary: Vocabulary, marks: Sequence[Mark]
) -> Iterator[tuple[int, int]]:
    """Names, numbers and addresses that the engine sees in the turns of these marks."""
    known = what_is_known(work, kept, vocabulary)
    turns = {paper.place_at(kept.places, mark.start, mark.end) for mark in marks}
    for turn in filter(None, turns):
        begins = kept.text.rfind("\n", 0, turn.start) + 1
        for span in suggest(kept.text[begins : turn.end], known.known, known.own):
            if span.category in DIRECT and not span.ask:
                yield begins + span.start, begins + span.end


def _refuse_written(
    work: Work, kept: Kept, vocabulary: Vocabulary, written: Sequence[Mark]
) -> None:
    """Words of one place keep the rules of every replacement (invariants 6 and 7)."""
    known = recogniser(work, vocabulary.merged)
    for mark in written:
        now = vocabulary.now(UUID(mark.entity))
        others = (words for entity, words in vocabulary.words.items() if entity != now)
        problems = problems_of(mark.words, [kept.text[mark.start : mark.end]], known, others)
        if problems:
            raise Invalid({"words": problems[0].says})
