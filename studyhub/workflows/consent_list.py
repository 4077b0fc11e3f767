"""Consents as the team sees them: by code, what waits to be checked, and one in full."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select

from studyhub.domain.consent import state_of
from studyhub.domain.consent_history import NEEDS_CHECK, History
from studyhub.domain.consent_ways import SPOKEN
from studyhub.domain.documents import Number, StatementText
from studyhub.domain.errors import NotFound
from studyhub.domain.paging import Page
from studyhub.domain.policy import allows
from studyhub.domain.vocabulary import Act, Role
from studyhub.domain.words import WORDS
from studyhub.store.consent import (
    Consent,
    ConsentEvent,
    Decision,
    DocumentVersion,
    Evidence,
    Participant,
    Statement,
)
from studyhub.store.users import Membership, Proposal, Study, User
from studyhub.workflows.consent_ground import ground_of
from studyhub.workflows.consent_history_rows import StatementStanding, history_of, standings
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.pages import Cut, cut_by_time
from studyhub.workflows.protocol_periods import in_use_at

ROWS_A_PAGE = 25
_SETTLED = ("verified", "invalidated")
NONE: Cut[Any] = Cut(Page([]), 0)


@dataclass(frozen=True)
class ConsentRow:
    """One signing or refusal: whose by code, how, when, and whether it waits for a check."""

    id: UUID
    code: str
    kind: str
    mode: str
    state: str
    signed_at: datetime
    entered_at: datetime
    waits: bool
    due: datetime


@dataclass(frozen=True)
class Answered:
    """One statement and what was answered."""

    wording: str
    mandatory: bool
    answer: str


@dataclass(frozen=True)
class Step:
    """What was done about a consent later, by whom."""

    kind: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class ConsentView:
    """One consent with its answers, its evidence by kind, and what was done about it."""

    row: ConsentRow
    form: str
    sheet: str
    time_source: str
    capacity: str
    interpreter: bool
    waived: bool
    answers: tuple[Answered, ...]
    evidence: tuple[str, ...]
    steps: tuple[Step, ...]
    lights: tuple[StatementStanding, ...]
    script: str
    taken_by_me: bool
    may_open: bool
    may_void: bool
    proposed: str


@dataclass(frozen=True)
class PaperForm:
    """What stands on the form that a participant would sign, or would have signed then.

    ``script`` is the version of the script for verbal consent, empty where none is in use.
    """

    code: str
    version: str
    script: str
    statements: tuple[StatementText, ...]
    obstacles: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """A page of what waits for a second look, longest first, and one of the newest consents.

    Or what was asked about one, or the form to enter a paper on.
    """

    waiting: Cut[ConsentRow] = NONE
    newest: Cut[ConsentRow] = NONE
    shown: ConsentView | None = None
    form: PaperForm | None = None


@action(Act.CONSENT_LIST)
def look(
    work: Work,
    consent_id: UUID | None = None,
    code: str = "",
    at: datetime | None = None,
    *,
    after: tuple[str, str] = ("", ""),
) -> Listing:
    """See consents by code; with an id one of them, with a code the form of that person.

    ``at`` asks for the form that was in use then, ``after`` for the pages behind these marks.
    """
    work.claim_all("consent")
    if consent_id is not None:
        return Listing(shown=_view(work, consent_id))
    if code:
        then = min(at or work.now, work.now)
        return Listing(form=_paper_form(work, code, then))
    people = select(Participant.id).where(Participant.study_id == work.study)
    mine = select(Consent).where(Consent.participant_id.in_(people))
    return Listing(
        waiting=_page(work, _unsettled(mine), after[0]),
        newest=_page(work, mine, after[1], newest_first=True),
    )


def _unsettled(mine: Select[Consent]) -> Select[Consent]:
    """Consents that need a second look and had none."""
    settled = exists().where(
        ConsentEvent.consent_id == Consent.id, ConsentEvent.kind.in_(_SETTLED)
    )
    return mine.where(Consent.mode.in_(NEEDS_CHECK), ~settled)


def _page(
    work: Work, which: Select[Consent], after: str, *, newest_first: bool = False
) -> Cut[ConsentRow]:
    found = cut_by_time(
        work.session,
        which,
        (Consent.entered_at, Consent.id),
        size=ROWS_A_PAGE,
        after=after,
        newest_first=newest_first,
    )
    return found.drawn(lambda row: _listed(work, row))


def _listed(work: Work, row: Consent) -> ConsentRow:
    who = work.session.get_one(Participant, row.participant_id)
    return _row(work, row, who, history_of(work.session, who.id))


def _row(work: Work, row: Consent, who: Participant, history: History) -> ConsentRow:
    record = next(each for each in history.records if each.id == row.id)
    state = state_of(history, record, work.now)
    settled = any(row.id in history.marked(kind, work.now) for kind in _SETTLED)
    # A recording waits that long for its consent; then it is before the PI.
    days = int(work.session.get_one(Study, work.study).settings["quarantine_days"])
    return ConsentRow(
        id=row.id,
        code=who.code,
        kind=row.kind,
        mode=row.mode,
        state=state,
        signed_at=row.signed_at,
        entered_at=row.entered_at,
        waits=row.mode in NEEDS_CHECK and not settled,
        due=row.entered_at + timedelta(days=days),
    )


def _view(work: Work, consent_id: UUID) -> ConsentView:
    row = work.session.get(Consent, consent_id)
    who = work.session.get(Participant, row.participant_id) if row else None
    if row is None or who is None or who.study_id != work.study:
        raise NotFound("consent")
    history, proposed = history_of(work.session, who.id), _proposed(work, row.id)
    return ConsentView(
        row=_row(work, row, who, history),
        form=_number(work, row.form_version_id),
        sheet=_number(work, row.sheet_version_id),
        time_source=row.time_source,
        capacity=row.capacity,
        interpreter=row.interpreter,
        waived=row.wait_waived,
        answers=_answers(work, row.id),
        evidence=_evidence(work, row.id),
        steps=_steps(work, row.id),
        lights=tuple(standings(work.session, who.id, work.now)),
        script=_script(work, who, row.signed_at) if row.mode == SPOKEN.mode else "",
        taken_by_me=row.taken_by is not None and row.taken_by == work.actor.membership_id,
        may_open=allows(work.actor, Act.CONSENT_READ, row),
        may_void=_may_void(work, row, proposed),
        proposed=proposed,
    )


def _may_void(work: Work, row: Consent, proposed: str) -> bool:
    """The PI begins; the others of the rule are asked once it was proposed."""
    begins = work.actor.role is Role.PI or bool(proposed)
    return begins and allows(work.actor, Act.CONSENT_INVALIDATE, row)


def _number(work: Work, version_id: UUID) -> str:
    version = work.session.get_one(DocumentVersion, version_id)
    return str(Number(version.major, version.minor))


def _script(work: Work, who: Participant, at: datetime) -> str:
    """The script for verbal consent that was in use at an instant, in the person's language."""
    found = in_use_at(work.session, work.study, "script_verbal_consent", who.language, at)
    return str(Number(found.major, found.minor)) if found else ""


def _answers(work: Work, consent_id: UUID) -> tuple[Answered, ...]:
    rows = work.session.execute(
        select(Statement.wording, Statement.mandatory, Decision.answer)
        .join(Decision, Decision.statement_id == Statement.id)
        .where(Decision.consent_id == consent_id)
        .order_by(Statement.position)
    )
    return tuple(Answered(*row) for row in rows)


def _evidence(work: Work, consent_id: UUID) -> tuple[str, ...]:
    kinds = set(
        work.session.scalars(select(Evidence.kind).where(Evidence.consent_id == consent_id))
    )
    return tuple(kind for kind in WORDS["evidence.kind"] if kind in kinds)


def _steps(work: Work, consent_id: UUID) -> tuple[Step, ...]:
    rows = work.session.execute(
        select(ConsentEvent, User.name)
        .join(Membership, Membership.id == ConsentEvent.by_id)
        .join(User, User.id == Membership.user_id)
        .where(ConsentEvent.consent_id == consent_id)
        .order_by(ConsentEvent.entered_at, ConsentEvent.id)
    )
    return tuple(Step(row.kind, row.at, name, row.reason_code or "") for row, name in rows)


def _proposed(work: Work, consent_id: UUID) -> str:
    """The reason for which the PI says that it is void, while a second person is asked."""
    found = work.session.scalar(
        select(Proposal).where(
            Proposal.study_id == work.study,
            Proposal.act == Act.CONSENT_INVALIDATE,
            Proposal.subject == f"consent:{consent_id}",
            Proposal.outcome.is_(None),
        )
    )
    return str(found.payload["reason"]) if found else ""


def _paper_form(work: Work, code: str, at: datetime) -> PaperForm | None:
    who = work.session.scalar(
        select(Participant).where(Participant.study_id == work.study, Participant.code == code)
    )
    if who is None:
        return None
    ground = ground_of(work.session, who, at)
    return PaperForm(
        code=code,
        version=str(ground.form.number) if ground.form else "",
        script=_script(work, who, at),
        statements=ground.form.statements if ground.form else (),
        obstacles=tuple(each.says for each in ground.obstacles()),
    )
