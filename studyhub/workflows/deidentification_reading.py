"""Read a de-identified text a second time, as somebody would who wants to know who it is.

The reader decided nothing in it and sees the output only. Any place that gives somebody away,
and any question answered with yes, sends the text back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Invalid, Refused, WrongState
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import TRANSCRIPT
from studyhub.domain.reasons import need_reason
from studyhub.domain.vocabulary import Act
from studyhub.store.transcripts import SecondReading, Transcript
from studyhub.workflows import texts_kept
from studyhub.workflows.entities import read_vocabulary
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.leak_search import search_kept
from studyhub.workflows.marks_kept import (
    Kept,
    ReleasedText,
    deciders_of,
    decisions_of,
    handed_in,
    open_both,
    written_out,
)
from studyhub.workflows.sealing import open_with, seal_column

# Who might tell whom a text is about (deidentification.md 7).
INTRUDERS = ("colleague", "local", "partner", "search", "table", "participant")
ANSWERS = ("no", "unsure", "yes")
SURE = ("certain", "likely", "with_more")
MOST_DOUBTS = 500
LONGEST_NOTE = 2000


@dataclass(frozen=True)
class Doubt:
    """A place that gives somebody away: a turn, and characters of its words."""

    turn: int
    start: int
    end: int
    words: str
    who: tuple[str, ...]
    sure: str
    note: str


@dataclass(frozen=True)
class Spoken:
    """One turn as it would be released."""

    who: str
    text: str


@dataclass(frozen=True)
class Reading:
    """What the second reader has before them."""

    code: str
    turns: tuple[Spoken, ...] = field(repr=False)
    digest: str
    doubts: tuple[Doubt, ...] = field(repr=False)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Noted:
    """What a reader marked and answered."""

    doubts: Sequence[Doubt] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


_NOTHING = _Noted()


@action(Act.TRANSCRIPT_REVIEW)
def review(work: Work, transcript_id: UUID) -> Reading:
    """Open what would be released. Refused for anybody who decided something in it (H-3)."""
    row = work.load(Transcript, transcript_id)
    kept, released = _output(work, row)
    reading = _open_reading(work, row)
    said = _said(work, kept, reading) if reading else {}
    if said.get("digest") != released.digest:
        # Nothing said yet, or an entity got other words since: what was marked may have gone.
        said = {"doubts": [], "answers": {}}
    labels = released.body.labels
    spoken = (Spoken(labels[turn.speaker], turn.text) for turn in released.body.turns)
    code = texts_kept.code_of(work.session, row)
    answers = said["answers"]
    return Reading(code, tuple(spoken), released.digest, _doubts(said), answers)


@action(Act.TRANSCRIPT_DOUBT)
def doubt(
    work: Work, transcript_id: UUID, doubts: Sequence[Doubt], answers: Mapping[str, str]
) -> None:
    """Keep what the reader marked and answered so far."""
    row = work.load(Transcript, transcript_id)
    kept, released = _output(work, row)
    noted = _Noted(_checked(doubts, released), _known(answers))
    _keep(work, kept, _mine(work, kept, released), released.digest, noted)


@action(Act.TRANSCRIPT_RETURN)
def send_back(
    work: Work,
    transcript_id: UUID,
    *,
    reason: str = "quality",
    answers: Mapping[str, str] | None = None,
) -> None:
    """Send the text back with every place that was marked; nobody can release it now.

    Places that the leak gate found go along, also after the reading was passed.
    """
    row = work.load(Transcript, transcript_id)
    need_reason(reason)
    kept, released = _output(work, row)
    reading = _open_reading(work, row) or _begin(work, kept, released)
    said = _answered(work, kept, reading, released, answers)
    doubts = [*_doubts(said), *_leaks(work, kept)]
    if not doubts and "yes" not in said["answers"].values():
        raise Invalid({"doubts": "Mark a place, or answer a question with yes."})
    _keep(work, kept, reading, released.digest, _Noted(doubts, said["answers"]))
    row.state = advance(row.state, Act.TRANSCRIPT_RETURN, TRANSCRIPT)
    reading.outcome, reading.ended_at, reading.reason_code = "returned", work.now, reason
    work.note(state=row.state, reason=reason, count=len(doubts))


def _leaks(work: Work, kept: Kept) -> list[Doubt]:
    """What blocks at the leak gate, as places of turns."""
    found = search_kept(work, kept, read_vocabulary(work), {})
    return [
        Doubt(each.turn, each.start, each.end, each.words, (), "certain", each.leak.reason)
        for each in found.leaks
        if each.blocks and each.turn
    ]


@action(Act.TRANSCRIPT_CLEAR)
def clear(
    work: Work,
    transcript_id: UUID,
    *,
    answers: Mapping[str, str] | None = None,
    seen: str = "",
) -> None:
    """Say that nobody can be told from this text; the leak gate and the release follow.

    ``seen`` is the digest of the text that was read; WrongState if it is another one now.
    """
    row = work.load(Transcript, transcript_id)
    kept, released = _output(work, row)
    reading = _mine(work, kept, released)
    if (seen or _said(work, kept, reading)["digest"]) != released.digest:
        raise WrongState("the text was changed since it was read: read it again")
    said = _answered(work, kept, reading, released, answers)
    if said["doubts"] or "yes" in said["answers"].values():
        raise Invalid({"doubts": "A marked place, or a yes, sends the text back."})
    if set(said["answers"]) != set(INTRUDERS):
        raise Invalid({"answers": "Answer every question."})
    reading.outcome, reading.ended_at = "passed", work.now
    work.note(state=row.state)


def _output(work: Work, row: Transcript) -> tuple[Kept, ReleasedText]:
    """The text as proposed, for somebody who had no part in it."""
    kept, vocabulary = open_both(work, row)
    if work.actor.user_id in deciders_of(work, kept):
        raise Refused("who took identifiers out of a text does not read it again", "H-3")
    if row.state != "submitted":
        raise WrongState("this text was not handed in for a second reading")
    return kept, written_out(kept, decisions_of(kept, vocabulary))


def _answered(
    work: Work,
    kept: Kept,
    reading: SecondReading,
    released: ReleasedText,
    answers: Mapping[str, str] | None,
) -> dict[str, Any]:
    """What the reader said, with the answers that come with the last word."""
    said = _said(work, kept, reading)
    if answers is None:
        return said
    doubts = _doubts(said) if said["digest"] == released.digest else ()
    _keep(work, kept, reading, released.digest, _Noted(doubts, _known(answers)))
    return _said(work, kept, reading)


def _open_reading(work: Work, row: Transcript) -> SecondReading | None:
    """The actor's reading of the version that was proposed last, not ended or passed."""
    return work.session.scalars(
        select(SecondReading)
        .where(
            SecondReading.transcript_id == row.id,
            SecondReading.version_id == handed_in(work, row),
            SecondReading.by_id == work.actor.membership_id,
            SecondReading.outcome != "returned",
        )
        .order_by(SecondReading.begun_at.desc())
        .limit(1)
    ).first()


def _mine(work: Work, kept: Kept, released: ReleasedText) -> SecondReading:
    """The actor's reading, begun with the first thing they say; WrongState once it ended."""
    found = _open_reading(work, kept.opened.row) or _begin(work, kept, released)
    if found.outcome != "open":
        raise WrongState("this reading has ended")
    return found


def _begin(work: Work, kept: Kept, released: ReleasedText) -> SecondReading:
    reading = SecondReading(
        id=uuid4(),
        transcript_id=kept.opened.row.id,
        version_id=handed_in(work, kept.opened.row),
        by_id=texts_kept.author(work),
        begun_at=work.now,
        outcome="open",
    )
    _keep(work, kept, reading, released.digest)
    return reading


def _keep(
    work: Work, kept: Kept, reading: SecondReading, digest: str, noted: _Noted = _NOTHING
) -> None:
    seal_column(
        *(work, kept.opened.key, reading, "body_sealed", kept.opened.participant_id),
        digest=digest,
        doubts=[asdict(each) for each in noted.doubts],
        answers=dict(noted.answers),
    )
    work.session.add(reading)
    work.session.flush()


def _said(work: Work, kept: Kept, reading: SecondReading) -> dict[str, Any]:
    owner = kept.opened.participant_id
    return open_with(work, kept.opened.key, reading, "body_sealed", owner)


def _doubts(said: Mapping[str, Any]) -> tuple[Doubt, ...]:
    return tuple(Doubt(**{**each, "who": tuple(each["who"])}) for each in said["doubts"])


def _checked(doubts: Sequence[Doubt], released: ReleasedText) -> list[Doubt]:
    """Each doubt with the words that stand at its place. Invalid where nothing stands."""
    if len(doubts) > MOST_DOUBTS:
        raise Invalid({"doubts": f"Mark at most {MOST_DOUBTS} places."})
    return [_checked_one(each, released) for each in doubts]


def _checked_one(each: Doubt, released: ReleasedText) -> Doubt:
    turns = released.body.turns
    fits = 0 < each.turn <= len(turns) and each.sure in SURE and set(each.who) <= set(INTRUDERS)
    if not fits or len(each.note) > LONGEST_NOTE:
        raise Invalid({"doubts": "Say who could tell, and how sure you are."})
    text = turns[each.turn - 1].text
    if not 0 <= each.start < each.end <= len(text):
        raise Invalid({"doubts": "A marked place lies within the words of one turn."})
    words = text[each.start : each.end]
    return Doubt(each.turn, each.start, each.end, words, each.who, each.sure, each.note)


def _known(answers: Mapping[str, str]) -> dict[str, str]:
    if not set(answers) <= set(INTRUDERS) or not set(answers.values()) <= set(ANSWERS):
        raise Invalid({"answers": "Answer with no, unsure or yes."})
    return dict(answers)
