"""What waits to be released, by code, and what was released, by label: never on one list.

The two lists are two acts with two pages, so that nobody reads a code beside a label.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from studyhub.domain.releasing import may_be_used
from studyhub.domain.vocabulary import Act
from studyhub.store.analysis import Export, ExportItem
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.people import Contact
from studyhub.store.releases import Release
from studyhub.store.transcripts import Assignment, SecondReading, Transcript
from studyhub.store.users import Membership, Proposal, User
from studyhub.workflows.consent_history_rows import in_force
from studyhub.workflows.holding import is_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.projections import USE, releases_of


@dataclass(frozen=True)
class TextView:
    """One text by code, and what stands between it and its release.

    ``standing`` is ``waits``, ``held``, ``own`` (the actor decided it, so somebody else
    releases it), ``consent`` (none allows it now), ``register`` (a changed card waits to be
    read) or ``taken_back`` (released once, and needs work before the next number).
    """

    id: UUID
    code: str
    standing: str
    is_mine: bool
    since: datetime | None


@dataclass(frozen=True)
class Download:
    """One copy that was taken out."""

    by: str
    at: datetime
    kind: str
    purpose: str
    sha256: str
    recall_state: str


@dataclass(frozen=True)
class Report:
    """One report about a release; ``outcome`` is empty while nobody has taken it up."""

    id: UUID
    by: str
    at: datetime
    outcome: str | None


@dataclass(frozen=True)
class ReleaseRow:
    """One number under a label, as those see it who look after releases."""

    label: str
    number: int
    state: str
    held: bool
    quotes_ok: bool
    sharing_ok: bool
    downloads: list[Download]
    reports: list[Report]

    @property
    def open_report(self) -> Report | None:
        """The report that nobody has decided."""
        return next((each for each in self.reports if each.outcome is None), None)


@action(Act.RELEASE_QUEUE)
def queue(work: Work) -> list[TextView]:
    """Texts that passed their second reading, and those whose release was taken back."""
    work.claim_all("releases")
    rows = work.session.execute(
        select(Transcript, Participant.id, Participant.code)
        .join(Interview, Interview.id == Transcript.interview_id)
        .join(Participant, Participant.id == Interview.participant_id)
        .where(
            Participant.study_id == work.study,
            Transcript.state.in_(("submitted", "released")),
            Transcript.data_key_id.is_not(None),  # an erased one waits for nobody
        )
    ).all()
    views = [_text(work, *row) for row in rows]
    found = [view for view in views if view is not None]
    return sorted(found, key=lambda each: (each.since is None, each.since or work.now))


def _text(work: Work, row: Transcript, participant_id: UUID, code: str) -> TextView | None:
    mine = _is_mine(work, row.id)
    if row.state == "released":
        if any(each.state == "current" for each in releases_of(work, participant_id)):
            return None
        return TextView(row.id, code, "taken_back", mine, None)
    passed = _passed(work, row.id)
    if passed is None:
        return None
    standing = _standing(work, row, participant_id)
    return TextView(row.id, code, standing, mine, passed)


def _standing(work: Work, row: Transcript, participant_id: UUID) -> str:
    """What can be seen without anybody's key; the leak gate looks when it is released."""
    if is_held(work.session, participant_id, "release"):
        return "held"
    if row.deidentified_by == work.actor.membership_id:
        return "own"
    if not in_force(work.session, participant_id, USE, work.now, work.now).opens:
        return "consent"
    contact = work.session.get(Contact, participant_id)
    return "register" if contact is not None and contact.register_due else "waits"


def _passed(work: Work, transcript_id: UUID) -> datetime | None:
    """When the newest second reading of a text ended, if it was passed."""
    newest = work.session.scalar(
        select(SecondReading)
        .where(SecondReading.transcript_id == transcript_id)
        .order_by(SecondReading.begun_at.desc())
        .limit(1)
    )
    return newest.ended_at if newest is not None and newest.outcome == "passed" else None


def _is_mine(work: Work, transcript_id: UUID) -> bool:
    """Whether the text was given to the actor, so that they can open it."""
    wanted = select(Assignment.id).where(
        Assignment.transcript_id == transcript_id,
        Assignment.membership_id == work.actor.membership_id,
        Assignment.ended_at.is_(None),
    )
    return work.session.scalar(wanted.limit(1)) is not None


@action(Act.RELEASE_OVERSEE)
def oversee(work: Work) -> list[ReleaseRow]:
    """Every release by label, with its downloads and reports: what is in use first."""
    work.claim_all("releases")
    rows = work.session.scalars(
        select(Release)
        .where(Release.study_id == work.study)
        .order_by(func.length(Release.label), Release.label, Release.number.desc())
    ).all()
    downloads, reports = _downloads(work), _reports(work)
    return [
        ReleaseRow(
            row.label,
            row.number,
            row.state,
            not may_be_used(row, work.now),
            row.quotes_ok,
            row.sharing_ok,
            downloads.get(row.id, []),
            reports.get(f"release:{row.id}", []),
        )
        for row in rows
    ]


def _downloads(work: Work) -> dict[UUID, list[Download]]:
    rows = work.session.execute(
        select(ExportItem.release_id, Export, User.name)
        .join(Export, Export.id == ExportItem.export_id)
        .join(Membership, Membership.id == Export.by_id)
        .join(User, User.id == Membership.user_id)
        .where(Export.study_id == work.study)
        .order_by(Export.made_at.desc(), Export.id)
    )
    found: dict[UUID, list[Download]] = {}
    for release_id, row, by in rows:
        told = Download(
            by, row.made_at, row.kind, row.recipients, row.sha256.hex(), row.recall_state
        )
        found.setdefault(release_id, []).append(told)
    return found


def _reports(work: Work) -> dict[str, list[Report]]:
    rows = work.session.execute(
        select(Proposal, User.name)
        .join(Membership, Membership.id == Proposal.proposed_by)
        .join(User, User.id == Membership.user_id)
        .where(Proposal.study_id == work.study, Proposal.act == Act.RELEASE_REPORT)
        .order_by(Proposal.proposed_at.desc())
    )
    found: dict[str, list[Report]] = {}
    for row, by in rows:
        told = Report(row.id, by, row.proposed_at, row.outcome)
        found.setdefault(row.subject, []).append(told)
    return found
