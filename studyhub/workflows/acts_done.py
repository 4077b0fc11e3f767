"""Every act about participants, by code, with its cover: from the record and from plain rows.

A row that no line of the record explains is told as an act that nobody recorded.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from studyhub.domain.consent_history import History
from studyhub.domain.cover import (
    COVERED,
    KEPT_SHUT,
    NEEDS,
    NEEDS_VERSION,
    NONE,
    NOT_COVERED,
    Cover,
    by_consent,
)
from studyhub.domain.recruitment import needs_approval
from studyhub.store.audit import Event
from studyhub.store.consent import (
    Consent,
    DocumentGiven,
    GateAnswer,
    Participant,
)
from studyhub.store.interviews import Interview, Recording
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression, Link, Question
from studyhub.store.transcripts import Transcript
from studyhub.store.withdrawals import Withdrawal
from studyhub.workflows.consent_history_rows import histories_of, history_of
from studyhub.workflows.versions_used import VersionsUsed

UNRECORDED = "not_on_record"
_TIMED = frozenset({"invitation", "reminder", "information"})  # letters that are a version
_SHUT = frozenset({"quarantined", "rejected"})
_LET_IN = frozenset({"accepted", "transcribed", "checked"})


@dataclass(frozen=True)
class Done:
    """One act about one person. Without ``seq`` no line of the record tells of it."""

    participant_id: UUID
    code: str
    at: datetime
    act: str
    outcome: str
    role: str
    facts: dict[str, Any]
    cover: Cover
    seq: int | None = None


class Acts:
    """What was done about the people of a study, or about one of them."""

    def __init__(self, session: Session, study: UUID, one: UUID | None = None) -> None:
        self._session, self._study, self._one = session, study, one
        self._histories: dict[UUID, History] = {}
        self._versions = VersionsUsed(session, study)

    @cached_property
    def codes(self) -> dict[UUID, str]:
        wanted = select(Participant.id, Participant.code)
        wanted = wanted.where(Participant.study_id == self._study)
        if self._one is not None:
            wanted = wanted.where(Participant.id == self._one)
        return {row.id: row.code for row in self._session.execute(wanted)}

    def everything(self) -> list[Done]:
        """Each act of the record about them, and what no line explains; first to last."""
        return self._told(select(Event))

    def needing_cover(self) -> list[Done]:
        """Only acts that need an approval or a consent, and were not refused."""
        acts = sorted({*NEEDS, *NEEDS_VERSION})
        return self._told(select(Event).where(Event.act.in_(acts), Event.outcome == "done"))

    def _told(self, wanted: Select[Any]) -> list[Done]:
        mine = wanted.where(Event.chain == self._study)
        if self._one is not None:
            mine = mine.where(Event.subject.in_(sorted(self._subjects)))
        events = self._session.scalars(mine.order_by(Event.seq)).all()
        told = [
            self._done(event, self._subjects[event.subject])
            for event in events
            if event.subject in self._subjects
        ]
        return sorted([*told, *self._unexplained()], key=lambda each: (each.at, each.seq or 0))

    def _done(self, event: Event, person: UUID) -> Done:
        line = json.loads(event.line)
        refused = event.outcome != "done"
        return Done(
            person,
            self.codes[person],
            event.at,
            event.act,
            event.outcome,
            line["role"],
            line["facts"],
            NONE if refused else self._cover(event, person, line["facts"]),
            event.seq,
        )

    def _cover(self, event: Event, person: UUID, facts: dict[str, Any]) -> Cover:
        kind, _, key = event.subject.partition(":")
        if event.act == "upload.finish" and facts.get("state") in _SHUT:
            return Cover(KEPT_SHUT, str(facts.get("reason", "")))
        if event.act in NEEDS:
            started = self._started.get((kind, UUID(key)))
            return by_consent(self.history(person), NEEDS[event.act], event.at, started)
        if event.act in NEEDS_VERSION:
            return self._by_paper(event, UUID(key), facts)
        return NONE

    def _by_paper(self, event: Event, key: UUID, facts: dict[str, Any]) -> Cover:
        """A signing, or a letter: the version in use, and an approval."""
        if event.act in ("consent.sign", "consent.enter"):
            return self._of_consent(self._consents[key])
        named = (
            key if event.act == "letter.send" else UUID(str(facts.get("letter") or UUID(int=0)))
        )
        letter = self._letters.get(named)
        if letter is None or not needs_approval(letter.purpose):
            return NONE if letter is not None else self._versions.approved(event.at)
        if letter.purpose in _TIMED and letter.version_id:
            return self._versions.of_version(letter.version_id, event.at)
        return self._versions.approved(event.at)

    def _of_consent(self, row: Consent) -> Cover:
        found = self._versions.of_version(row.form_version_id, row.signed_at)
        if found.state == NOT_COVERED:
            return Cover(NOT_COVERED, found.reason, row.id, row.form_version_id)
        sheet = self._versions.of_version(row.sheet_version_id, row.signed_at)
        return Cover(sheet.state, sheet.reason, row.id, row.form_version_id)

    def history(self, person: UUID) -> History:
        """What this person agreed to and took back; of all people it is read at once."""
        if not self._histories and self._one is None:
            self._histories = histories_of(self._session, self._study)
        if person not in self._histories:
            self._histories[person] = history_of(self._session, person)
        return self._histories[person]

    # -- whose each subject is ----------------------------------------------------

    def _of_people(self, table: Any) -> Iterator[Any]:
        rows = self._session.scalars(
            select(table).where(
                table.participant_id.in_(select(Participant.id).where(self._who))
            )
        )
        yield from rows

    @property
    def _who(self) -> Any:
        if self._one is not None:
            return Participant.id == self._one
        return Participant.study_id == self._study

    @cached_property
    def _interviews(self) -> dict[UUID, Interview]:
        return {row.id: row for row in self._of_people(Interview)}

    @cached_property
    def _recordings(self) -> list[Recording]:
        return self._of_interviews(Recording)

    @cached_property
    def _transcripts(self) -> list[Transcript]:
        return self._of_interviews(Transcript)

    def _of_interviews(self, table: Any) -> list[Any]:
        mine = select(Interview.id).join(Participant).where(self._who)
        return list(self._session.scalars(select(table).where(table.interview_id.in_(mine))))

    @cached_property
    def _consents(self) -> dict[UUID, Consent]:
        return {row.id: row for row in self._of_people(Consent)}

    @cached_property
    def _letters(self) -> dict[UUID, Letter]:
        return {row.id: row for row in self._of_people(Letter)}

    @cached_property
    def _subjects(self) -> dict[str, UUID]:
        """Whom each subject of the record is about."""
        told = {f"participant:{person}": person for person in self.codes}
        told |= {f"consent:{row.id}": row.participant_id for row in self._consents.values()}
        letters = self._letters.values()
        told |= {f"letter:{row.id}": who for row in letters if (who := row.participant_id)}
        told |= {f"interview:{row.id}": row.participant_id for row in self._interviews.values()}
        for table in (Question, Link, Withdrawal, Expression):
            rows: Iterator[Any] = self._of_people(table)
            kind = table.__name__.lower()
            told |= {f"{kind}:{row.id}": row.participant_id for row in rows}
        for kind, row in self._material():
            told[f"{kind}:{row.id}"] = self._interviews[row.interview_id].participant_id
        return told

    def _material(self) -> Iterable[tuple[str, Any]]:
        yield from (("recording", row) for row in self._recordings)
        yield from (("upload", row) for row in self._recordings)  # of the same id
        yield from (("transcript", row) for row in self._transcripts)

    @cached_property
    def _started(self) -> dict[tuple[str, UUID], datetime | None]:
        told = {("interview", row.id): row.started_at for row in self._interviews.values()}
        for kind, row in self._material():
            told[kind, row.id] = self._interviews[row.interview_id].started_at
        return told

    # -- rows that no line explains ---------------------------------------------------

    def _unexplained(self) -> Iterator[Done]:
        """What stands in the tables without a line, or against what was agreed."""
        for row in self._of_people(DocumentGiven):
            cover = self._versions.of_version(row.version_id, row.given_at)
            if cover.state == NOT_COVERED:
                yield self._planted(row.participant_id, row.given_at, "document.given", cover)
        for row in self._consents.values():
            if not self._is_told(f"consent:{row.id}"):
                act = "consent.sign" if row.kind == "signed" else "consent.refuse"
                yield self._planted(row.participant_id, row.entered_at, act, _no_line())
        for row in self._interviews.values():
            if row.started_at and not self._is_told(f"interview:{row.id}", "interview.start"):
                person = row.participant_id
                yield self._planted(person, row.started_at, "interview.start", _no_line())
        yield from self._sounds()

    def _sounds(self) -> Iterator[Done]:
        """A recording is asked again by when it was let in, whoever let it in."""
        for row in self._recordings:
            if row.state not in _LET_IN:
                continue
            interview = self._interviews[row.interview_id]
            gate = self._session.get(GateAnswer, row.gate_id) if row.gate_id else None
            at = gate.known_at if gate else row.deposited_at
            history = self.history(interview.participant_id)
            need = NEEDS["recording.accept"]
            cover = by_consent(history, need, at, interview.started_at)
            if cover.state == COVERED and not self._is_told(
                f"recording:{row.id}", kind="upload"
            ):
                cover = _no_line()
            if cover.state == NOT_COVERED:
                yield self._planted(interview.participant_id, at, "recording.accept", cover)

    def _is_told(self, subject: str, act: str = "", *, kind: str = "") -> bool:
        """Whether the record has a line about this row."""
        names = [subject, *([f"{kind}:{subject.partition(':')[2]}"] if kind else [])]
        return any(self._has_line(name, act) for name in names)

    def _has_line(self, subject: str, act: str) -> bool:
        # One subject at a time: for a list of them, SQLite would read the whole chain.
        wanted = select(Event.seq).where(
            Event.chain == self._study, Event.subject == subject, Event.outcome == "done"
        )
        if act:
            wanted = wanted.where(Event.act == act)
        return self._session.scalar(wanted.limit(1)) is not None

    def _planted(self, person: UUID, at: datetime, act: str, cover: Cover) -> Done:
        return Done(person, self.codes[person], at, act, "done", "", {}, cover)


def _no_line() -> Cover:
    return Cover(NOT_COVERED, UNRECORDED)
