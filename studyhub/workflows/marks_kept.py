"""The suggestions and decisions of one transcript as they are kept, and the text they give.

They lie sealed beside the working copy, under the transcript's own key, so that the log of
replacements is as closed as the text. They count characters of one kept version; when somebody
typed since, they move with their words, and those whose words changed are to be decided again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from studyhub.domain import turns
from studyhub.domain.errors import WrongState
from studyhub.domain.redaction import paper
from studyhub.domain.redaction.anchoring import reanchor
from studyhub.domain.redaction.applying import Applied, applied
from studyhub.domain.redaction.marks import Mark, decision_of
from studyhub.domain.redaction.replacements import OWN_LABEL
from studyhub.domain.redaction.spans import ENGINE_VERSION, Decision
from studyhub.domain.turns import Body
from studyhub.domain.vocabulary import Role
from studyhub.store.transcripts import (
    SecondReading,
    Transcript,
    TranscriptVersion,
    WorkingCopy,
)
from studyhub.store.users import Membership
from studyhub.workflows import texts_kept
from studyhub.workflows.entities import Vocabulary, read_vocabulary
from studyhub.workflows.kernel import Work
from studyhub.workflows.own_interviews import refuse_interviewer
from studyhub.workflows.register import own_entity
from studyhub.workflows.sealing import open_with, seal_column
from studyhub.workflows.texts_kept import Keeping, OpenText

# The only state in which decisions are made.
IN_WORK = "anonymising"


@dataclass(frozen=True)
class Kept:
    """The marks of one transcript in the memory of one act, with the text they stand in.

    ``deciders`` are memberships that ever decided here; ``entries`` leads from an entity and
    its words to what was written into the register for them.
    """

    opened: OpenText = field(repr=False)
    copy: WorkingCopy = field(repr=False)
    version_id: UUID
    body: Body = field(repr=False)
    marks: tuple[Mark, ...] = field(repr=False)
    deciders: frozenset[str] = frozenset()
    entries: Mapping[str, str] = field(default_factory=dict, repr=False)
    overruled: tuple[Mapping[str, Any], ...] = ()
    seen: str = ""
    own_entity: str = ""

    @property
    def text(self) -> str:
        """The text that the marks count characters of."""
        return paper.text_of(self.body)

    @property
    def places(self) -> tuple[paper.Place, ...]:
        """Where the words of each turn stand in it."""
        return paper.places_of(self.body)

    @property
    def open(self) -> int:
        """How many suggestions nobody has decided."""
        return sum(mark.is_open for mark in self.marks)


@dataclass(frozen=True)
class ReleasedText:
    """What comes out: the body under its label, its plain text, and how it came about.

    ``digest`` is of the text before the label was filled in, as the second reader saw it. It is
    kept sealed only.
    """

    body: Body
    text: str
    decisions: tuple[Decision, ...]
    version_id: UUID
    digest: str


def begin_marks(work: Work, opened: OpenText) -> Kept:
    """Take the newest text as the one to be de-identified, or go on where it was left."""
    copy = texts_kept.working_copy(work, opened.row.id)
    kept = open_with(work, opened.key, copy, "spans_sealed", opened.participant_id)
    if kept.get("version"):
        return open_marks(work, opened.row)
    _refuse_interviewer(work, opened)
    newest = texts_kept.newest_version(work.session, opened.row.id)
    if newest is None:
        raise WrongState("this transcript has no finished version yet")
    body = turns.read(texts_kept.read_version(work, opened, newest).text)
    own = _own_entity(work, opened.participant_id)
    return Kept(opened, copy, newest, body, (), own_entity=own)


def open_marks(work: Work, transcript: Transcript) -> Kept:
    """The marks of a transcript as they stand. WrongState before de-identification began."""
    opened = texts_kept.open_text(work, transcript)
    _refuse_interviewer(work, opened)
    copy = texts_kept.working_copy(work, transcript.id)
    kept = open_with(work, opened.key, copy, "spans_sealed", opened.participant_id)
    if not kept.get("version"):
        raise WrongState("nobody has begun to de-identify this transcript")
    version_id = UUID(kept["version"])
    body = turns.read(texts_kept.read_version(work, opened, version_id).text)
    return Kept(
        *(opened, copy, version_id, body, tuple(Mark(**each) for each in kept["marks"])),
        deciders=frozenset(kept["deciders"]),
        entries=kept["entries"],
        overruled=tuple(kept["overruled"]),
        seen=kept["seen"],
        own_entity=_own_entity(work, opened.participant_id),
    )


def _refuse_interviewer(work: Work, opened: OpenText) -> None:
    """Who interviewed a person does not go on with their text; a PI sees none of it (S-1)."""
    if work.actor.role is not Role.PI:
        refuse_interviewer(work, opened.participant_id, work.actor.user_id)


def open_both(work: Work, transcript: Transcript) -> tuple[Kept, Vocabulary]:
    """The marks with the vocabulary; what was found to be one has one entity."""
    vocabulary = read_vocabulary(work)
    kept = open_marks(work, transcript)
    return replace(kept, marks=in_one_name(kept.marks, vocabulary)), vocabulary


def in_one_name(marks: Iterable[Mark], vocabulary: Vocabulary) -> tuple[Mark, ...]:
    """The same marks, each of the entity that its own became."""
    return tuple(replace(mark, entity=str(vocabulary.now(UUID(mark.entity)))) for mark in marks)


def _own_entity(work: Work, participant_id: UUID) -> str:
    """The entity of the participant's own names: their label stands for it."""
    found = own_entity(work.session, participant_id)
    return str(found) if found else ""


def keep_marks(work: Work, kept: Kept) -> None:
    """Seal the marks in place of those before."""
    seal_column(
        *(work, kept.opened.key, kept.copy, "spans_sealed", kept.opened.participant_id),
        engine=ENGINE_VERSION,
        version=str(kept.version_id),
        marks=[asdict(mark) for mark in kept.marks],
        deciders=sorted(kept.deciders),
        entries=dict(kept.entries),
        overruled=[dict(each) for each in kept.overruled],
        seen=kept.seen,
    )
    work.session.flush()


def settle(work: Work, kept: Kept) -> tuple[Kept, int]:
    """Follow what was typed since. Returns the marks, and how many are to be decided again.

    The text as it is now becomes a version of its own, which the marks then count.
    """
    working = texts_kept.read_working(work, kept.opened, kept.copy)
    body = turns.read(working)
    if turns.write(body) == turns.write(kept.body):
        return kept, 0
    how = Keeping("cleaned", texts_kept.author(work), work.now, parent_id=kept.version_id)
    version_id = texts_kept.keep_version(work, kept.opened, working, how)
    anchors = [
        Decision(mark.start, mark.end, mark.category, mark.id, mark.surface)
        for mark in kept.marks
    ]
    moved = reanchor(anchors, kept.text, paper.text_of(body))
    of_id = {mark.id: mark for mark in kept.marks}
    places = paper.places_of(body)
    marks = tuple(
        replace(of_id[one.act], start=one.start, end=one.end)
        for one in moved.kept
        if paper.place_at(places, one.start, one.end)
    )
    settled = replace(kept, version_id=version_id, body=body, marks=marks, seen="")
    return settled, _decided(kept) - _decided(settled)


def _decided(kept: Kept) -> int:
    return len(kept.marks) - kept.open


# -- what comes out ------------------------------------------------------------------------


def words_for(kept: Kept, vocabulary: Vocabulary) -> dict[str, str]:
    """What stands for each entity of these marks; the own label is filled in later."""
    words = {mark.entity: vocabulary.of(mark.entity) for mark in kept.marks}
    own = str(vocabulary.now(UUID(kept.own_entity))) if kept.own_entity else ""
    return {
        entity: OWN_LABEL if own and str(vocabulary.now(UUID(entity))) == own else found
        for entity, found in words.items()
    }


def decisions_of(kept: Kept, vocabulary: Vocabulary) -> tuple[Decision, ...]:
    """Every mark as a decision. Raises Invalid while one is open or has no replacement."""
    words = words_for(kept, vocabulary)
    return tuple(decision_of(mark, words) for mark in kept.marks)


def output_of(work: Work, transcript: Transcript, label: str = "") -> ReleasedText:
    """The text as it would be released now: apply(version, decisions, label), byte for byte."""
    kept, vocabulary = open_both(work, transcript)
    return written_out(kept, decisions_of(kept, vocabulary), label)


def written_out(kept: Kept, decisions: tuple[Decision, ...], label: str = "") -> ReleasedText:
    """The same where marks and vocabulary are open already."""
    body = paper.output_of(kept.body, decisions, label)
    seen = applied(kept.text, decisions).text
    digest = sha256(seen.encode()).hexdigest()
    return ReleasedText(body, turns.plain_text(body), decisions, kept.version_id, digest)


def applied_to(kept: Kept, decisions: tuple[Decision, ...]) -> Applied:
    """Where each replacement stands in the text that comes out, before a label is filled in."""
    return applied(kept.text, decisions)


def deciders_of(work: Work, kept: Kept) -> frozenset[UUID]:
    """The people who decided anything in this text, in whatever role."""
    members = [UUID(each) for each in kept.deciders]
    if kept.opened.row.deidentified_by is not None:
        members.append(kept.opened.row.deidentified_by)
    return frozenset(
        work.session.scalars(select(Membership.user_id).where(Membership.id.in_(members)))
    )


def handed_in(work: Work, transcript: Transcript) -> UUID:
    """The version that was handed to a second reader last."""
    return work.session.scalars(
        select(TranscriptVersion.id)
        .where(
            TranscriptVersion.transcript_id == transcript.id,
            TranscriptVersion.kind == "deidentified",
        )
        .order_by(TranscriptVersion.made_at.desc(), TranscriptVersion.id.desc())
        .limit(1)
    ).one()


def passed_reading(work: Work, transcript: Transcript, released: ReleasedText) -> UUID | None:
    """The reading of somebody who found nothing in exactly this text, by its id.

    None while nobody read it since it was handed in, or when an entity was renamed since: then
    it is read again. What was sent back, or released before, is read again as well.
    """
    opened = texts_kept.open_text(work, transcript)
    rows = work.session.scalars(
        select(SecondReading)
        .where(
            SecondReading.transcript_id == transcript.id,
            SecondReading.version_id == handed_in(work, transcript),
            SecondReading.outcome == "passed",
        )
        .order_by(SecondReading.ended_at.desc())
    )
    for row in rows:
        kept = open_with(work, opened.key, row, "body_sealed", opened.participant_id)
        if kept["digest"] == released.digest:
            return row.id
    return None
