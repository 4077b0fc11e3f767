"""Whom and what texts mention, each with the one replacement of the study.

Replacements are sealed under the study key ``vocabulary``; names never stand here. Two
entities that were found to be one stay two rows: the first says into which it went.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import HouseRuleBroken
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import ENTITY
from studyhub.domain.redaction.spans import DIRECT
from studyhub.domain.vocabulary import Act, StudyKey
from studyhub.store.transcripts import Entity
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.sealing import open_with, seal_column

_LONGEST_CHAIN = 100


@dataclass(frozen=True)
class Vocabulary:
    """Every replacement of the study, and which entities became others."""

    words: Mapping[UUID, str]
    merged: Mapping[UUID, UUID]

    def of(self, entity: str) -> str:
        """The replacement of an entity; empty until somebody named it."""
        return self.words.get(self.now(UUID(entity)), "")

    def now(self, entity: UUID) -> UUID:
        """The entity that this one became, or itself."""
        return self.merged.get(entity, entity)

    def in_words(self) -> dict[str, str]:
        """Replacement by entity, as text."""
        return {str(entity): words for entity, words in self.words.items()}


def read_vocabulary(work: Work) -> Vocabulary:
    """Open every replacement of the study, locked: two people name one thing at a time."""
    key = work.vault.study_key(StudyKey.VOCABULARY)
    words: dict[UUID, str] = {}
    into: dict[UUID, UUID] = {}
    rows = select(Entity).where(
        Entity.study_id == work.study, Entity.replacement_sealed.is_not(None)
    )
    for row in work.session.scalars(rows.order_by(Entity.made_at, Entity.id)):
        said = open_with(work, key, row, "replacement_sealed", work.study)
        if said.get("into"):
            into[row.id] = UUID(said["into"])
        else:
            words[row.id] = str(said["replacement"])
    return Vocabulary(words, {entity: _end(into, entity) for entity in into})


def _end(into: Mapping[UUID, UUID], entity: UUID) -> UUID:
    for _ in range(_LONGEST_CHAIN):
        if entity not in into:
            return entity
        entity = into[entity]
    raise HouseRuleBroken("entities went into each other in a circle")


def new_entity(work: Work, entity_id: UUID, category: str) -> Entity:
    """An entity that was first met in a text; its replacement follows."""
    row = Entity(
        id=entity_id,
        study_id=work.study,
        category=category,
        directness="direct" if category in DIRECT else "quasi",
        data_key_id=_key(work).id,
        made_at=work.now,
        by_id=work.actor.membership_id,
    )
    work.session.add(row)
    work.session.flush()
    return row


def write_words(work: Work, row: Entity, replacement: str) -> None:
    """Seal what stands for an entity from now on, wherever it is not released yet."""
    key = _key(work)
    seal_column(
        work, key, row, "replacement_sealed", work.study, replacement=replacement, into=""
    )
    work.session.flush()


def join(work: Work, row: Entity, into: UUID) -> None:
    """Two entities are one: the first goes into the second for good."""
    row.state = advance(row.state, Act.ENTITY_MERGE, ENTITY)
    seal_column(
        work, _key(work), row, "replacement_sealed", work.study, replacement="", into=str(into)
    )
    work.session.flush()


def _key(work: Work) -> OpenKey:
    return work.vault.study_key(StudyKey.VOCABULARY)
