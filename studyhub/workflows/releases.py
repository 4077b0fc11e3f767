"""Releasing a text to analysis, and taking it back.

A release is a row of its own under a label, sealed to analysis; the text on which people work
is never touched. Nothing written here joins a person, a code or a transcript to a label: the
event of releasing names the transcript, that of recalling the release.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import func, select

from studyhub.domain import turns
from studyhub.domain.errors import NotFound, Refused, WrongState
from studyhub.domain.labels import draw_label
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import CODING, EXPORT, RELEASE, TRANSCRIPT
from studyhub.domain.reasons import need_reason
from studyhub.domain.settings import DEFAULTS
from studyhub.domain.turns import Body
from studyhub.domain.vocabulary import Act, Compartment, Side
from studyhub.store.analysis import Cell, Coding, Export, ExportItem
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.releases import Case, Release
from studyhub.store.transcripts import Transcript
from studyhub.store.users import Proposal, Study
from studyhub.workflows import texts_kept
from studyhub.workflows.consent_history_rows import answer_gate
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Hub, Work, action, worker_desk
from studyhub.workflows.leak_search import document_parts, search_kept
from studyhub.workflows.marks_kept import (
    ReleasedText,
    deciders_of,
    decisions_of,
    open_both,
    passed_reading,
    written_out,
)
from studyhub.workflows.people import side_of
from studyhub.workflows.projections import (
    USE,
    close_report_holds,
    person_of,
    refresh,
    refresh_all,
    releases_of,
)
from studyhub.workflows.sealing import seal_column


@dataclass(frozen=True)
class _Under:
    """Where a new release goes: the label of its person, the next number, the one before."""

    label: str
    number: int
    current: Release | None


@action(Act.RELEASE_MAKE)
def make(work: Work, transcript_id: UUID) -> str:
    """Release a text that a second reader passed. Returns the label it is known by.

    Whoever decided anything in it is refused, in whatever role (H-3). So is a text that is
    held, that no consent allows to be used, or in which the leak gate finds something.
    """
    row = work.load(Transcript, transcript_id)
    advance(row.state, Act.RELEASE_MAKE, TRANSCRIPT)
    person = texts_kept.participant_of(work.session, row)
    refuse_held(work.session, person, "release")
    _, told = answer_gate(work, person, USE, work.now)
    if not told.opens:
        raise Refused("no consent in force allows this text to be used", told.reason_code)
    under = _under(work, row, person)
    released = _checked(work, row, under.label)
    _keep(work, person, under, released.body)
    row.state = advance(row.state, Act.RELEASE_MAKE, TRANSCRIPT)
    refresh(work, person)
    work.note(answer=told.answer)
    return under.label


def _checked(work: Work, row: Transcript, label: str) -> ReleasedText:
    """The text as it leaves, once two people and the leak gate found nothing in it."""
    kept, vocabulary = open_both(work, row)
    if work.actor.user_id in deciders_of(work, kept):
        raise Refused("nobody releases a text in which they decided something", "H-3")
    released = written_out(kept, decisions_of(kept, vocabulary), label)
    if passed_reading(work, row, released) is None:
        raise Refused("nobody has read this text a second time as it is now", "not_read")
    found = search_kept(work, kept, vocabulary, document_parts(released))
    if found.register_due:
        raise Refused("a changed card waits to be read first", "register_due")
    if not found.passes:
        raise Refused("the leak gate finds something in this text", "leak")
    return released


def _under(work: Work, row: Transcript, person: UUID) -> _Under:
    """The person's label, found through the keystore; drawn where they have none."""
    # Two releases at once draw one after the other.
    study = work.session.get_one(Study, work.study, with_for_update=True)
    before = releases_of(work, person)
    if before:
        current = next((each for each in before if each.state == "current"), None)
        if current is not None:
            _refuse_second_interview(work, row, person)
        return _Under(before[0].label, before[0].number + 1, current)
    planned = study.settings.get("planned_sample", DEFAULTS["planned_sample"])
    label = draw_label(_given(work), planned=planned, completed=_completed(work))
    return _Under(label, 1, None)


def _refuse_second_interview(work: Work, row: Transcript, person: UUID) -> None:
    """A label stands for a person: another interview of theirs would replace this one."""
    other = select(Transcript.id).where(
        Transcript.interview_id.in_(
            select(Interview.id).where(Interview.participant_id == person)
        ),
        Transcript.id != row.id,
        Transcript.state == "released",
    )
    if work.session.scalar(other.limit(1)) is not None:
        raise WrongState("another interview of this person is released already")


def _given(work: Work) -> set[str]:
    """Every label that was ever given in this study, also to who was erased."""
    return {
        label
        for table in (Release, Case)
        for label in work.session.scalars(
            select(table.label).where(table.study_id == work.study)
        )
    }


def _completed(work: Work) -> int:
    """How many interviews took place."""
    counted = select(func.count()).where(
        Interview.participant_id == Participant.id,
        Participant.study_id == work.study,
        Interview.state.in_(("completed", "ended_early")),
    )
    return work.session.scalar(counted) or 0


def _keep(work: Work, person: UUID, under: _Under, body: Body) -> None:
    """Seal the text to analysis, under the person's own shred key of that side."""
    if under.current is not None:
        under.current.state = advance(under.current.state, Act.RELEASE_MAKE, RELEASE)
        work.session.flush()
    key = work.vault.new_data_key(Compartment.RELEASE, side_of(work, person, Side.RELEASE))
    row = Release(
        id=uuid4(),
        study_id=work.study,
        label=under.label,
        number=under.number,
        data_key_id=key.id,
        released_on=work.now.date(),
        held=False,
        quotes_ok=False,
        sharing_ok=False,
    )
    seal_column(work, key, row, "body_sealed", under.label, text=turns.write(body))
    work.session.add(row)
    if under.number == 1:
        work.session.add(Case(id=uuid4(), study_id=work.study, label=under.label))
    work.session.flush()


@action(Act.RELEASE_RECALL)
def recall(work: Work, label: str, reason: str) -> int:
    """Take the release in use under a label back for good. Returns how many copies are out.

    What was coded in it, matrix cells that rest on it and copies of it are marked at once.
    """
    row = work.load(Release, _current(work, label))
    need_reason(reason)
    row.state = advance(row.state, Act.RELEASE_RECALL, RELEASE)
    _mark_codings(work, row)
    copies = _ask_back(work, row.id)
    _end_report(work, row)
    work.note(version=str(row.number), reason=reason, count=copies)
    return copies


def _current(work: Work, label: str) -> UUID:
    found = work.session.scalar(
        select(Release.id).where(
            Release.study_id == work.study, Release.label == label, Release.state == "current"
        )
    )
    if found is None:
        raise NotFound("release")
    return found


def _mark_codings(work: Work, row: Release) -> None:
    codings = work.session.scalars(
        select(Coding).where(Coding.release_id == row.id, Coding.state == "active")
    )
    for coding in codings:
        coding.state = advance(coding.state, Act.RELEASE_RECALL, CODING)
    cells = work.session.scalars(
        select(Cell)
        .join(Case, Case.id == Cell.case_id)
        .where(Case.study_id == work.study, Case.label == row.label, Cell.status == "agreed")
    )
    for cell in cells:
        cell.status = "draft"  # somebody looks at it again


def _ask_back(work: Work, release_id: UUID) -> int:
    """Ask everybody who took a copy to delete it; they find it on their first page."""
    out = work.session.scalars(
        select(Export)
        .join(ExportItem, ExportItem.export_id == Export.id)
        .where(ExportItem.release_id == release_id, Export.recall_state == "none")
    ).all()
    for export in out:
        export.recall_state = advance(export.recall_state, Act.RELEASE_RECALL, EXPORT)
    return len(out)


def _end_report(work: Work, row: Release) -> None:
    """A report that led to the recall is taken up by it, and the text can be worked on."""
    open_ones = work.session.scalars(
        select(Proposal).where(
            Proposal.act == Act.RELEASE_REPORT,
            Proposal.subject == f"release:{row.id}",
            Proposal.outcome.is_(None),
        )
    )
    for proposal in open_ones:
        proposal.outcome = "approved"
        proposal.decided_by, proposal.decided_at = work.actor.membership_id, work.now
    work.session.flush()
    person = person_of(work, row)
    if person is not None:
        close_report_holds(work, person)
        refresh(work, person)


# -- what ends by its date -----------------------------------------------------------------


def refresh_due(hub: Hub) -> int:
    """Write onto releases what ended by its date since the last round. How many people."""
    due = (
        select(Release.study_id)
        .where(Release.use_until <= hub.now(), Release.quotes_ok | Release.sharing_ok)
        .distinct()
    )
    with hub.sessions.reading.begin() as session:
        studies = session.scalars(due).all()
    return sum(_refresh(worker_desk(hub, study)) for study in studies)


@action(Act.RELEASE_REFRESH)
def _refresh(work: Work) -> int:
    """Bring every release of a study up to what consents allow now."""
    work.claim_all("releases")
    return refresh_all(work)
