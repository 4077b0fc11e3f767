"""Decide about each suggestion, and choose what stands for each name in the whole study."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select

from studyhub.domain import saving
from studyhub.domain.errors import NotFound, WrongState
from studyhub.domain.redaction.marks import Change, Mark, take_in, uncovered
from studyhub.domain.redaction.normal import plain
from studyhub.domain.redaction.replacements import numbered, problems_of
from studyhub.domain.redaction.spans import Known
from studyhub.domain.saving import Answer, Save, Working
from studyhub.domain.vocabulary import Act
from studyhub.store.transcripts import (
    Entity,
    SecondReading,
    Transcript,
    WorkingCopy,
)
from studyhub.workflows import entities, texts_kept
from studyhub.workflows.entities import Vocabulary, read_vocabulary
from studyhub.workflows.entity_views import EntityView, views_of
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.left_names import refuse_names
from studyhub.workflows.marks_kept import (
    IN_WORK,
    Kept,
    in_one_name,
    keep_marks,
    open_both,
    settle,
    words_for,
)
from studyhub.workflows.recognising import recogniser
from studyhub.workflows.register import Value, forget_entries, write_entries
from studyhub.workflows.sealing import open_with
from studyhub.workflows.suggesting import of_known_entities, with_suggestions

# What is written into the register when it is masked: names and what leads to somebody. Dates,
# ages, posts and details would be found in every other text.
REGISTERED = frozenset({"PERSON", "ORG", "PLACE", "CONTACT", "ID", "URL"})


@dataclass(frozen=True)
class MarkedPlace:
    """A place that the second reader marked, in the text that they read."""

    turn: int
    words: str
    who: tuple[str, ...]
    sure: str
    note: str


@dataclass(frozen=True)
class Workbench:
    """Everything the workbench shows. Offsets count code points of ``text``."""

    code: str
    state: str
    rev: int
    text: str = field(repr=False)
    marks: tuple[Mark, ...] = field(repr=False)
    entities: tuple[EntityView, ...] = field(repr=False)
    lost: int
    returned: tuple[MarkedPlace, ...] = ()


@dataclass(frozen=True)
class Sent:
    """What a page sends: what changed, on which revision, as which of its messages."""

    base_rev: int
    client_id: str
    seq: int
    change: Change
    replacements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """What became of it. Where it was not taken, somebody else decided in between.

    ``moved`` are entities that turned out to be ones of other texts.
    """

    taken: bool
    rev: int
    entities: tuple[EntityView, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)


# -- the page ------------------------------------------------------------------------------


@action(Act.TRANSCRIPT_CONSIDER)
def consider(work: Work, transcript_id: UUID) -> Workbench:
    """Open a text with its marks; what was typed, or learnt of names, since is taken in."""
    row = work.load(Transcript, transcript_id)
    kept, vocabulary = open_both(work, row)
    lost = 0
    if row.state == IN_WORK:
        settled, lost = settle(work, kept)
        settled = with_suggestions(work, settled, vocabulary)
        if settled != kept:
            kept = settled
            kept.copy.marks_rev += 1
            keep_marks(work, kept)
    return Workbench(
        *(texts_kept.code_of(work.session, row), row.state, kept.copy.marks_rev, kept.text),
        *(kept.marks, views_of(kept, vocabulary), lost),
        returned=_returned(work, kept),
    )


def _returned(work: Work, kept: Kept) -> tuple[MarkedPlace, ...]:
    """What the newest second reader marked, if they sent the text back."""
    row = work.session.scalars(
        select(SecondReading)
        .where(
            SecondReading.transcript_id == kept.opened.row.id,
            SecondReading.outcome != "open",
        )
        .order_by(SecondReading.ended_at.desc())
        .limit(1)
    ).first()
    if row is None or row.outcome != "returned":
        return ()
    said = open_with(work, kept.opened.key, row, "body_sealed", kept.opened.participant_id)
    return tuple(
        MarkedPlace(each["turn"], each["words"], tuple(each["who"]), each["sure"], each["note"])
        for each in said["doubts"]
    )


# -- decisions -----------------------------------------------------------------------------


@action(Act.TRANSCRIPT_DECIDE)
def decide(work: Work, transcript_id: UUID, sent: Sent) -> Saved:
    """Take in what a page decided, once. Invalid takes nothing; a stale page is told so."""
    row = work.load(Transcript, transcript_id)
    if row.state != IN_WORK:
        raise WrongState("this text is not being de-identified now")
    kept, vocabulary = open_both(work, row)
    answer = _received(kept.copy, sent)
    if answer is not Answer.TAKEN:
        done = answer is Answer.DONE_BEFORE
        return Saved(done, kept.copy.marks_rev, views_of(kept, vocabulary) if done else ())
    signed = [_signed(work, kept, mark) for mark in in_one_name(sent.change.marks, vocabulary)]
    kept = _with(work, kept, vocabulary, replace(sent.change, marks=signed))
    moved: dict[str, str] = {}
    if _unnamed(kept, vocabulary):
        known = recogniser(work, vocabulary.merged)
        kept, moved = _told_apart(kept, of_known_entities(kept, vocabulary, known))
        vocabulary = _name_new(work, kept, vocabulary, known, sent.replacements)
    kept = replace(kept, entries=_registered(work, kept))
    keep_marks(work, kept)
    return Saved(
        taken=True,
        rev=kept.copy.marks_rev,
        entities=views_of(kept, vocabulary),
        moved=moved,
    )


def _with(work: Work, kept: Kept, vocabulary: Vocabulary, change: Change) -> Kept:
    """The marks after a change of this member."""
    marks = tuple(take_in(kept.text, kept.places, kept.marks, change))
    refuse_names(work, kept, vocabulary, change.marks)
    by = str(texts_kept.author(work))
    # What nothing covers any more is suggested again, before the text is handed in.
    seen = "" if uncovered(kept.marks, marks) else kept.seen
    return replace(kept, marks=marks, deciders=kept.deciders | {by}, seen=seen)


def _told_apart(before: Kept, after: Kept) -> tuple[Kept, dict[str, str]]:
    """The marks after, and which entities of before they are of now."""
    pairs = zip(before.marks, after.marks, strict=True)
    return after, {one.entity: two.entity for one, two in pairs if one.entity != two.entity}


def _received(copy: WorkingCopy, sent: Sent) -> Answer:
    """Whether this message is new, by the same rule as what is typed; counted if it is."""
    by = copy.marks_by
    pages = tuple((str(page), int(seq)) for page, seq in by.get("earlier", {}).items())
    working = Working(
        *(copy.marks_rev, "", str(by.get("client_id", "")), int(by.get("client_seq", 0))),
        *(int(by.get("run_from", 0)), pages),
    )
    save = Save(sent.base_rev, "", sent.client_id, sent.seq)
    taken, answer = saving.receive(working, save)
    if answer is Answer.TAKEN:
        copy.marks_rev = taken.rev
        copy.marks_by = {
            "client_id": taken.client_id,
            "client_seq": taken.client_seq,
            "run_from": taken.run_from,
            "earlier": dict(taken.earlier),
        }
    return answer


def _signed(work: Work, kept: Kept, sent: Mark) -> Mark:
    """A mark as a page sent it, with what it was before and who decided it now."""
    before = next((mark for mark in kept.marks if mark.id == sent.id), None)
    told = before or replace(sent, detector="hand", score=1.0, ask=False)
    changed = replace(
        told,
        start=sent.start,
        end=sent.end,
        category=sent.category,
        entity=sent.entity,
        state=sent.state,
        note=sent.note,
        words=sent.words,
    )
    if changed.is_open:
        return replace(changed, by="", at="")
    if before is not None and changed == before:
        return before
    return replace(changed, by=str(texts_kept.author(work)), at=work.now.isoformat())


def _unnamed(kept: Kept, vocabulary: Vocabulary) -> dict[str, Mark]:
    """One mark of each entity that is masked and has no replacement yet."""
    words = words_for(kept, vocabulary)
    return {mark.entity: mark for mark in kept.marks if mark.masks and not words[mark.entity]}


def _name_new(
    work: Work,
    kept: Kept,
    vocabulary: Vocabulary,
    known: Known,
    wanted: Mapping[str, str],
) -> Vocabulary:
    """Give every masked entity its replacement: what the page offered, if it is still free."""
    missing = _unnamed(kept, vocabulary)
    taken = dict(vocabulary.in_words())
    for entity in missing:
        surfaces = [mark.surface for mark in kept.marks if mark.entity == entity]
        offer = wanted.get(entity, "")
        if offer and not problems_of(offer, surfaces, known, taken.values()):
            taken[entity] = offer
    chosen = numbered([(entity, mark.category) for entity, mark in missing.items()], taken)
    for entity, mark in missing.items():
        row = work.session.get(Entity, UUID(entity))
        row = row or entities.new_entity(work, UUID(entity), mark.category)
        if row.study_id != work.study:
            raise NotFound("entity")
        entities.write_words(work, row, chosen[entity])
    return read_vocabulary(work)


def _registered(work: Work, kept: Kept) -> dict[str, str]:
    """Write what is masked into the register, and take out what is not masked any more."""
    wanted: dict[str, Mark] = {}
    for mark in kept.marks:
        if mark.masks and mark.category in REGISTERED:
            wanted.setdefault(f"{mark.entity}|{plain(mark.surface)}", mark)
    gone = {key: entry for key, entry in kept.entries.items() if key not in wanted}
    forget_entries(work, [UUID(entry) for entry in gone.values() if entry])
    entries = {key: entry for key, entry in kept.entries.items() if key in wanted}
    for key, mark in wanted.items():
        if key in entries:
            continue
        value = Value(mark.category, mark.surface)
        made = write_entries(
            *(work, kept.opened.participant_id, [value]),
            source="text",
            entity_id=UUID(mark.entity),
        )
        entries[key] = str(made[0]) if made else ""
    return entries
