"""The entities of one text as its workbench shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from studyhub.domain.redaction.marks import Mark, general_words
from studyhub.domain.redaction.replacements import OWN_LABEL, numbered
from studyhub.workflows.entities import Vocabulary
from studyhub.workflows.marks_kept import Kept, words_for


@dataclass(frozen=True)
class EntityView:
    """One entity of a text: by the longest words it has here, with what stands for it."""

    id: str
    category: str
    aliases: tuple[str, ...]
    replacement: str
    general: str
    is_own: bool
    is_named: bool


def views_of(kept: Kept, vocabulary: Vocabulary) -> tuple[EntityView, ...]:
    """Every entity of the marks in order; who has no replacement yet gets the next number."""
    words = words_for(kept, vocabulary)
    first: dict[str, Mark] = {}
    for mark in kept.marks:
        first.setdefault(mark.entity, mark)
    offered = _offered(words, first, vocabulary)
    return tuple(_view(kept, mark, offered, words) for mark in first.values())


def _offered(
    words: Mapping[str, str], first: Mapping[str, Mark], vocabulary: Vocabulary
) -> dict[str, str]:
    named = {entity: said for entity, said in words.items() if said}
    order = [(entity, mark.category) for entity, mark in first.items()]
    return numbered(order, {**vocabulary.in_words(), **named})


def _view(
    kept: Kept, mark: Mark, offered: Mapping[str, str], words: Mapping[str, str]
) -> EntityView:
    said = dict.fromkeys(one.surface for one in kept.marks if one.entity == mark.entity)
    return EntityView(
        mark.entity,
        mark.category,
        tuple(sorted(said, key=lambda one: (-len(one), one))),
        offered[mark.entity],
        general_words(mark.category, mark.surface),
        is_own=words[mark.entity] == OWN_LABEL,
        is_named=bool(words[mark.entity]),
    )
