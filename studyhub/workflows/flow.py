"""The way of everybody in a study, read from plain rows and from the record: no key is needed.

An expression of interest that belongs to nobody yet counts as a person of its own.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from studyhub.domain.flow import LEFT_FROM, WITHDRAWN_FROM, Box, Leaving, Way, flow
from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import (
    Consent,
    Document,
    DocumentGiven,
    DocumentVersion,
    GateAnswer,
    Participant,
)
from studyhub.store.interviews import Interview, Recording
from studyhub.store.outbox import Letter, MailEvent
from studyhub.store.people import Approach, Contact, Expression
from studyhub.store.transcripts import Transcript
from studyhub.store.withdrawals import Withdrawal, WithdrawalStep
from studyhub.workflows.kernel import Work, action

_HELD = ("completed", "ended_early")
_NEVER_ACCEPTED = ("quarantined", "rejected")
_STATES = {"ineligible", "declined", "lapsed"}
_AS_EXIT = {"unreachable": "no_reply", **{state: state for state in _STATES}}
_READ = (
    *(Act.EXPRESSION_RECEIVE, Act.EXPRESSION_DECIDE, Act.CONTACT_OPT_OUT, Act.CONTACT_REOPEN),
    *(Act.INTERVIEW_PLAN, Act.INTERVIEW_NO_SHOW, Act.RECORDING_REJECT),
    *(Act.TRANSCRIPT_VERIFY, Act.RELEASE_MAKE),
)


@action(Act.FLOW_READ)
def read(work: Work, at: datetime | None = None) -> list[Box]:
    """How many people came how far by an instant: numbers, nobody's code."""
    work.claim_all("participant")
    return flow(ways(work.session, work.study), min(at or work.now, work.now))


def ways(session: Session, study: UUID) -> list[Way]:
    """Everybody's way until now, in no order."""
    return _Reader(session, study).read()


@dataclass
class _Course:
    """What was found about one person so far."""

    reached: dict[str, datetime] = field(default_factory=dict)
    left: list[Leaving] = field(default_factory=list)
    heard: list[datetime] = field(default_factory=list)
    signed: list[datetime] = field(default_factory=list)

    def reach(self, box: str, at: datetime | None) -> None:
        """The first time counts."""
        if at is not None:
            self.reached[box] = min(at, self.reached.get(box, at))

    def leave(self, how: str, at: datetime, until: datetime | None = None) -> None:
        self.left.append(Leaving(how, at, LEFT_FROM[how], until))

    def way(self) -> Way:
        return Way(self.reached, tuple(self.left), tuple(self.heard))


class _Reader:
    """One query for each kind of row, whatever the number of people."""

    def __init__(self, session: Session, study: UUID) -> None:
        self._session, self._study = session, study
        self._courses: defaultdict[UUID, _Course] = defaultdict(_Course)
        self._events: dict[tuple[str, str], list[tuple[datetime, bytes]]] = defaultdict(list)

    def read(self) -> list[Way]:
        self._record()
        for part in (
            self._approaches,
            self._expressions,
            self._stops,
            self._sheets,
            self._consents,
            self._interviews,
            self._recordings,
            self._texts,
            self._withdrawals,
        ):
            part()
        return [course.way() for course in self._courses.values()]

    def _record(self) -> None:
        rows = self._session.execute(
            select(Event.act, Event.subject, Event.at, Event.line)
            .where(Event.chain == self._study, Event.act.in_(_READ), Event.outcome == "done")
            .order_by(Event.seq)
        )
        for act, subject, at, line in rows:
            self._events[act, subject].append((at, line))

    def _happened(self, act: Act, kind: str, row_id: UUID) -> list[datetime]:
        return [at for at, _ in self._events.get((act, f"{kind}:{row_id}"), ())]

    def _of_study(self, table: Any) -> Iterable[Any]:
        wanted: Select[Any] = (
            select(table)
            .join(Participant, Participant.id == table.participant_id)
            .where(Participant.study_id == self._study)
        )
        return self._session.scalars(wanted).all()

    def _approaches(self) -> None:
        """A letter that came back, or a call that nobody took, counts until the next try."""
        back, tries = self._came_back(), defaultdict(list)
        rows = list(self._of_study(Approach))
        for row in rows:
            tries[row.participant_id].append(row.at)
        for row in rows:
            course = self._courses[row.participant_id]
            course.reach("approached", row.at)
            later = min((at for at in tries[row.participant_id] if at > row.at), default=None)
            if row.outcome == "declined":
                course.leave("declined", row.at)
            if row.outcome == "no_reply":
                course.leave("no_reply", row.at, later)
            if row.outcome == "bounced":
                course.leave("bounced", back.get(row.participant_id, row.at), later)
            if row.outcome == "replied":
                course.heard.append(row.at)

    def _came_back(self) -> dict[UUID, datetime]:
        """When a report about a letter to somebody came last."""
        rows = self._session.execute(
            select(Letter.participant_id, MailEvent.at)
            .join(MailEvent, MailEvent.letter_id == Letter.id)
            .where(Letter.study_id == self._study, MailEvent.kind == "failed")
            .order_by(MailEvent.at)
        )
        return {person: at for person, at in rows if person is not None}

    def _expressions(self) -> None:
        rows = self._session.scalars(
            select(Expression).where(Expression.study_id == self._study)
        )
        for row in rows:
            course = self._courses[row.participant_id or row.id]
            wrote = self._happened(Act.EXPRESSION_RECEIVE, "expression", row.id)
            # Who says no to an invitation by their link leaves an expression as well.
            came = row.state != "declined" or bool(wrote)
            course.reach("interested" if came else "approached", row.received_at)
            if came:
                course.heard.append(row.received_at)
            self._decisions(course, row)

    def _decisions(self, course: _Course, row: Expression) -> None:
        told = self._events.get((Act.EXPRESSION_DECIDE, f"expression:{row.id}"), [])
        states = [(at, str(json.loads(line)["facts"].get("state"))) for at, line in told]
        if not states and row.state in _AS_EXIT:
            states = [(row.received_at, row.state)]
        for at, state in states:
            if state in _AS_EXIT:
                course.leave(_AS_EXIT[state], at)
            else:
                course.heard.append(at)

    def _stops(self) -> None:
        """From each stop of letters to the next wish to have them again."""
        for person, course in list(self._courses.items()):
            again = self._happened(Act.CONTACT_REOPEN, "participant", person)
            for kind in ("participant", "expression"):
                for at in self._happened(Act.CONTACT_OPT_OUT, kind, person):
                    until = min((each for each in again if each > at), default=None)
                    course.leave("opted_out", at, until)
        for row in self._of_study(Contact):
            course = self._courses[row.participant_id]
            known = any(each.how == "opted_out" for each in course.left)
            if row.opted_out_at is not None and not known:
                course.leave("opted_out", row.opted_out_at)

    def _sheets(self) -> None:
        rows = self._session.execute(
            select(DocumentGiven.participant_id, DocumentGiven.given_at)
            .join(DocumentVersion, DocumentVersion.id == DocumentGiven.version_id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(Document.study_id == self._study, Document.kind == "pis")
        )
        for person, at in rows:
            self._courses[person].reach("informed", at)

    def _consents(self) -> None:
        for row in self._of_study(Consent):
            course = self._courses[row.participant_id]
            if row.kind == "refused":
                course.leave("refused", row.signed_at)
            else:
                course.reach("consented", row.signed_at)
                course.signed.append(row.signed_at)

    def _interviews(self) -> None:
        for row in self._of_study(Interview):
            course = self._courses[row.participant_id]
            course.heard += self._happened(
                Act.INTERVIEW_PLAN, "participant", row.participant_id
            )
            if row.state == "no_show":
                for at in self._happened(Act.INTERVIEW_NO_SHOW, "interview", row.id):
                    course.leave("no_show", at)
            ended = row.ended_at or row.started_at
            if row.state not in _HELD or ended is None:
                continue
            course.reach("interviewed", ended)
            if row.state == "ended_early":
                course.leave("ended_early", ended)
            if row.may_record == "no":
                course.leave("not_recorded", ended)

    def _recordings(self) -> None:
        rows = self._session.execute(
            select(Recording.id, Recording.state, Interview.participant_id, GateAnswer)
            .join(Interview, Interview.id == Recording.interview_id)
            .join(Participant, Participant.id == Interview.participant_id)
            .outerjoin(GateAnswer, GateAnswer.id == Recording.gate_id)
            .where(Participant.study_id == self._study)
        )
        for recording_id, state, person, gate in rows:
            course = self._courses[person]
            for at in self._happened(Act.RECORDING_REJECT, "recording", recording_id):
                course.leave("not_recorded", at)
            if gate is not None and gate.answer == "yes" and state not in _NEVER_ACCEPTED:
                course.reach("recorded", gate.known_at)

    def _texts(self) -> None:
        rows = self._session.execute(
            select(Transcript.id, Interview.participant_id)
            .join(Interview, Interview.id == Transcript.interview_id)
            .join(Participant, Participant.id == Interview.participant_id)
            .where(Participant.study_id == self._study)
        )
        for transcript_id, person in rows:
            course = self._courses[person]
            for at in self._happened(Act.TRANSCRIPT_VERIFY, "transcript", transcript_id):
                course.reach("transcribed", at)
            for at in self._happened(Act.RELEASE_MAKE, "transcript", transcript_id):
                course.reach("released", at)

    def _withdrawals(self) -> None:
        """Until it was taken back, or the person signed again."""
        steps = select(WithdrawalStep).where(WithdrawalStep.step == "retracted")
        back = {step.withdrawal_id: step.at for step in self._session.scalars(steps)}
        for row in self._of_study(Withdrawal):
            course = self._courses[row.participant_id]
            where = frozenset[str]().union(
                *(WITHDRAWN_FROM.get(scope, frozenset()) for scope in row.scopes)
            )
            after = [at for at in course.signed if at > row.received_at]
            after += [back[row.id]] if row.id in back else []
            until = min(after, default=None)
            course.left.append(Leaving("withdrawn", row.received_at, where, until))
