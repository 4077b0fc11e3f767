"""What a reviewer or the PI does about a report: read it, keep the hold, or lift it.

A report holds its release at once. Whoever takes it up reaches the person's holds through the
keystore; the event names the release and nobody.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from studyhub.domain import turns
from studyhub.domain.errors import NotFound, WrongState
from studyhub.domain.vocabulary import Act
from studyhub.store.analysis import Memo
from studyhub.store.releases import Release
from studyhub.store.users import Proposal
from studyhub.store.withdrawals import Hold
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.projections import (
    REPORTED,
    close_report_holds,
    person_of,
    refresh,
)
from studyhub.workflows.sealing import open_column


@dataclass(frozen=True)
class Report:
    """What an analyst reported: the turn with the words in it, and why."""

    label: str
    number: int
    turn: int
    before: str
    words: str
    after: str
    note: str


@action(Act.RELEASE_LOOK)
def look(work: Work, proposal_id: UUID) -> Report:
    """Open a report and the place it is about. Held where the person withdrew meanwhile."""
    proposal, row = _reported(work, proposal_id)
    person = person_of(work, row)
    if person is not None:
        refuse_held(work.session, person, "release", but=REPORTED)
    memo = work.session.get(Memo, UUID(str(proposal.payload["item"])))
    if memo is None or memo.release_id != row.id or row.data_key_id is None:
        raise NotFound("report")
    told = open_column(work, memo.data_key_id, memo, "body_sealed", row.label)
    text = open_column(work, row.data_key_id, row, "body_sealed", row.label)["text"]
    said = turns.read(str(text)).turns[told["turn"] - 1].text
    start, end = told["start"], told["end"]
    parts = said[:start], said[start:end], said[end:]
    return Report(row.label, row.number, told["turn"], *parts, told["note"])


@action(Act.RELEASE_HOLD)
def hold(work: Work, proposal_id: UUID) -> None:
    """Take a report up: the text of this person stays on hold until it is decided."""
    proposal, row = _open(work, proposal_id)
    person = person_of(work, row)
    if person is not None:
        work.session.add(
            Hold(
                id=uuid4(),
                participant_id=person,
                scope="transcript",
                cause=REPORTED,
                opened_at=work.now,
            )
        )
    _decide(work, proposal, "approved")
    if person is not None:
        refresh(work, person)


@action(Act.RELEASE_LIFT)
def lift(work: Work, proposal_id: UUID) -> None:
    """Say that what was reported identifies nobody: whatever held it for that ends."""
    proposal, row = _reported(work, proposal_id)
    if row.state != "current":
        raise WrongState("this release was taken back")
    if proposal.outcome == "refused":
        raise WrongState("this report was decided")
    _decide(work, proposal, "refused")
    person = person_of(work, row)
    if person is None:
        row.held = False  # nothing else can hold what leads to nobody
    else:
        close_report_holds(work, person)
        refresh(work, person)


def _reported(work: Work, proposal_id: UUID) -> tuple[Proposal, Release]:
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.act != Act.RELEASE_REPORT:
        raise NotFound("report")
    return proposal, work.load(Release, UUID(proposal.subject.partition(":")[2]))


def _open(work: Work, proposal_id: UUID) -> tuple[Proposal, Release]:
    proposal, row = _reported(work, proposal_id)
    if proposal.outcome is not None or row.state != "current":
        raise WrongState("this report was decided")
    return proposal, row


def _decide(work: Work, proposal: Proposal, outcome: str) -> None:
    proposal.outcome = outcome
    proposal.decided_by, proposal.decided_at = work.actor.membership_id, work.now
    work.session.flush()
