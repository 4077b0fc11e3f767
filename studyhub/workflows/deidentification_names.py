"""Choose what stands for a name in every text of the study, and say which names are one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.policy import allows
from studyhub.domain.redaction.marks import Mark
from studyhub.domain.redaction.replacements import OWN_LABEL, problems_of
from studyhub.domain.vocabulary import Act
from studyhub.store.transcripts import Assignment, Entity, Transcript
from studyhub.workflows import entities, texts_kept
from studyhub.workflows.entities import Vocabulary, read_vocabulary
from studyhub.workflows.entity_views import EntityView, views_of
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.marks_kept import IN_WORK, Kept, keep_marks, open_both, open_marks
from studyhub.workflows.recognising import recogniser


@dataclass(frozen=True)
class Renamed:
    """What stands now, and the codes of texts that were released with the words before."""

    entities: tuple[EntityView, ...]
    released: tuple[str, ...]


@action(Act.ENTITY_NAME)
def name(work: Work, transcript_id: UUID, entity: UUID, replacement: str) -> Renamed:
    """Choose what stands for an entity, in every text of the study that is not released.

    Invalid where it is, holds or sounds like a name of the study, keeps an initial, or is
    taken (invariants 6 and 7).
    """
    kept, vocabulary, row = _entity_in_hand(work, transcript_id, entity)
    surfaces = [mark.surface for mark in kept.marks if _is_of(mark, vocabulary, row.id)]
    known = recogniser(work, vocabulary.merged)
    others = [words for other, words in vocabulary.words.items() if other != row.id]
    problems = problems_of(replacement, surfaces, known, others)
    if problems or replacement == OWN_LABEL:
        says = problems[0].says if problems else "These words are kept for the participant."
        raise Invalid({"replacement": says})
    entities.write_words(work, row, replacement)
    _decided(work, kept)
    work.note(transcript=str(transcript_id))
    return Renamed(_views(work, transcript_id), _released_with(work, row.id))


@action(Act.ENTITY_MERGE)
def merge(work: Work, transcript_id: UUID, entity: UUID, into: UUID) -> Renamed:
    """Say that two names are of one; from now on one replacement stands for both."""
    kept, vocabulary, row = _entity_in_hand(work, transcript_id, entity)
    to = vocabulary.now(into)
    own = vocabulary.now(UUID(kept.own_entity)) if kept.own_entity else None
    if row.id in (to, own):
        raise Invalid({"into": "Choose another one that it is the same as."})
    if not any(_is_of(mark, vocabulary, to) for mark in kept.marks):
        raise NotFound("entity")
    target = work.session.get(Entity, to) or entities.new_entity(work, to, row.category)
    entities.join(work, row, target.id)
    _decided(work, kept)
    work.note(transcript=str(transcript_id))
    return Renamed(_views(work, transcript_id), _released_with(work, target.id))


def _entity_in_hand(
    work: Work, transcript_id: UUID, entity: UUID
) -> tuple[Kept, Vocabulary, Entity]:
    """An entity that stands in a text which the actor is de-identifying; the act's subject."""
    transcript = work.session.get(Transcript, transcript_id)
    row = work.session.get(Entity, entity)
    if row is not None:
        work.claim(row)
    if transcript is None or not allows(work.actor, Act.TRANSCRIPT_DECIDE, transcript):
        raise NotPermitted("not given to this member")
    kept, vocabulary = open_both(work, transcript)
    found = next((mark for mark in kept.marks if mark.entity == str(entity)), None)
    if found is None:
        raise NotFound("entity")
    if transcript.state != IN_WORK:
        raise WrongState("this text is not being de-identified now")
    if row is None:
        row = entities.new_entity(work, entity, found.category)
        work.claim(row)
    return kept, vocabulary, work.session.get_one(Entity, vocabulary.now(row.id))


def _decided(work: Work, kept: Kept) -> None:
    """Who chooses what stands for a name in a text does not read it again (H-3)."""
    by = str(texts_kept.author(work))
    keep_marks(work, replace(kept, deciders=kept.deciders | {by}))


def _views(work: Work, transcript_id: UUID) -> tuple[EntityView, ...]:
    return views_of(*open_both(work, work.session.get_one(Transcript, transcript_id)))


def _is_of(mark: Mark, vocabulary: Vocabulary, entity: UUID) -> bool:
    return vocabulary.now(UUID(mark.entity)) == entity


def _released_with(work: Work, entity: UUID) -> tuple[str, ...]:
    """Codes of the released texts of this member in which the entity stands."""
    rows: Sequence[Transcript] = work.session.scalars(
        select(Transcript)
        .join(Assignment, Assignment.transcript_id == Transcript.id)
        .where(
            Transcript.state == "released",
            Assignment.membership_id == work.actor.membership_id,
            Assignment.ended_at.is_(None),
        )
        .distinct()
    ).all()
    vocabulary = read_vocabulary(work)
    return tuple(
        texts_kept.code_of(work.session, row)
        for row in rows
        if any(_is_of(mark, vocabulary, entity) for mark in open_marks(work, row).marks)
    )
