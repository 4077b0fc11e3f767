"""What went wrong: reported at once by anybody of the team, decided by the PI.

The record and the lists hold kind and state; the story is sealed to ``consent``. The row itself
is the task of the PI: it waits on their first screen from the instant it is committed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.lifecycle_material import INCIDENT
from studyhub.domain.vocabulary import Act, Role
from studyhub.domain.words import WORDS
from studyhub.store.consent import Participant
from studyhub.store.interviews import Incident, Interview
from studyhub.store.transcripts import CaseNote
from studyhub.store.users import Membership, User
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.notes import About, keep_note
from studyhub.workflows.post import to_staff
from studyhub.workflows.sealing import open_column

# Somebody may be in danger, or the law runs a clock: the PI gets a letter too.
URGENT = ("distress", "disclosure_of_harm", "lone_worker", "data_breach")
BREACH_HOURS = 72
TRIAGE_HOURS = 24


@dataclass(frozen=True)
class IncidentLine:
    """An incident as lists show it: by code and kind."""

    id: UUID
    kind: str
    state: str
    code: str
    reported_at: datetime
    due: datetime | None


@dataclass(frozen=True)
class IncidentView:
    """One incident with its story and what was decided, oldest first."""

    line: IncidentLine
    reporter: str
    interview_id: UUID | None
    notes: tuple[tuple[datetime, str, str], ...]


@action(Act.INCIDENT_REPORT)
def report(work: Work, kind: str, words: str, *, interview_id: UUID | None = None) -> UUID:
    """Report that something went wrong. The PI's task opens with it (invariant 55)."""
    interview = work.session.get(Interview, interview_id) if interview_id else None
    who = _participant(work, interview, interview_id)
    problems = {}
    if kind not in WORDS["incidents.kind"]:
        problems["kind"] = "Choose what happened"
    if not words.strip():
        problems["words"] = "Write what happened, in a sentence or two"
    if problems:
        raise Invalid(problems)
    row = Incident(
        id=uuid4(),
        study_id=work.study,
        participant_id=who,
        kind=kind,
        state="reported",
        reported_by=work.actor.membership_id,
        reported_at=work.now,
    )
    work.session.add(row)
    work.claim(row)
    keep_note(work, About(who, interview_id, row.id), "incident", {"text": words.strip()})
    if kind in URGENT:
        _tell(work, row)
    work.note(kind=kind, state=row.state)
    return row.id


def _participant(
    work: Work, interview: Interview | None, interview_id: UUID | None
) -> UUID | None:
    """Whom an interview is with. An interviewer reports from their own interviews only."""
    if interview is None:
        if interview_id is not None:
            raise NotFound("interview")
        return None
    who = work.session.get_one(Participant, interview.participant_id)
    own = interview.interviewer_id == work.actor.membership_id
    if who.study_id != work.study or (work.actor.role is Role.INTERVIEWER and not own):
        raise NotFound("interview")
    return who.id


def _tell(work: Work, row: Incident) -> None:
    people = select(User).where(
        User.id.in_(
            select(Membership.user_id).where(
                Membership.study_id == work.study,
                Membership.role == Role.PI,
                Membership.state == "active",
            )
        )
    )
    words = (
        "Something was reported that cannot wait. Sign in: it stands first on your page.\n\n"
        f"Reported {row.reported_at:%d %B %Y, %H:%M} UTC.\n"
    )
    for person in work.session.scalars(people):
        to_staff(work, person, "staff_notice", "An incident was reported", words)


@action(Act.INCIDENT_LIST)
def incidents(work: Work, *, closed: bool = False) -> list[IncidentLine]:
    """Incidents by code and kind: those that wait, or those that are closed."""
    work.claim_all("incidents")
    wanted = Incident.state == "closed" if closed else Incident.state != "closed"
    rows = work.session.scalars(
        select(Incident)
        .where(Incident.study_id == work.study, wanted)
        .order_by(Incident.reported_at.desc(), Incident.id)
    )
    return [_line(work, row) for row in rows]


def _line(work: Work, row: Incident) -> IncidentLine:
    who = work.session.get(Participant, row.participant_id) if row.participant_id else None
    hours = BREACH_HOURS if row.kind == "data_breach" else TRIAGE_HOURS
    waits = row.state == "reported" or (row.kind == "data_breach" and row.state != "closed")
    due = row.reported_at + timedelta(hours=hours) if waits else None
    return IncidentLine(
        row.id, row.kind, row.state, who.code if who else "", row.reported_at, due
    )


@action(Act.INCIDENT_READ)
def read(work: Work, incident_id: UUID) -> IncidentView:
    """Open what was written about an incident."""
    row = work.load(Incident, incident_id)
    found = work.session.scalars(
        select(CaseNote)
        .where(CaseNote.incident_id == row.id)
        .order_by(CaseNote.made_at, CaseNote.id)
    ).all()
    if work.actor.role is not Role.PI:
        # Who reported it holds a key to their own words, and to nobody else's.
        found = [each for each in found if each.by_id == work.actor.membership_id]
    interview = next((each.interview_id for each in found if each.interview_id), None)
    work.note(kind=row.kind, count=len(found))
    return IncidentView(
        _line(work, row),
        _name(work, row.reported_by),
        interview,
        tuple((each.made_at, _name(work, each.by_id), _text(work, each)) for each in found),
    )


def _name(work: Work, membership_id: UUID) -> str:
    member = work.session.get_one(Membership, membership_id)
    return work.session.get_one(User, member.user_id).name


def _text(work: Work, row: CaseNote) -> str:
    owner = row.participant_id or work.study
    return str(open_column(work, row.data_key_id, row, "body_sealed", owner)["text"])


@action(Act.INCIDENT_DECIDE)
def decide(work: Work, incident_id: UUID, outcome: str, words: str) -> None:
    """Say what is done about an incident, with the reason, or close it."""
    row = work.load(Incident, incident_id)
    if not words.strip():
        raise Invalid({"words": "Write what is done about it"})
    row.state = advance(row.state, choosing(Act.INCIDENT_DECIDE, outcome), INCIDENT)
    about = About(row.participant_id, None, row.id)
    keep_note(work, about, "incident", {"text": words.strip()})
    work.note(kind=row.kind, state=row.state)
