"""What stands under a person's label: releases, case, matrix cells and memos are emptied.

Found through the keystore, from the person's release-side shred key to the rows; nothing
that is written here, and no event, names the person and the label together. Codings stay as
empty marks, and whoever took a copy of a release is asked to delete it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import choosing
from studyhub.domain.lifecycle_material import CODING, EXPORT, RELEASE
from studyhub.domain.vocabulary import Act
from studyhub.domain.withdrawals import ERASE, asked_for
from studyhub.store.analysis import Cell, CellQuote, Coding, Memo
from studyhub.store.releases import Case, Release
from studyhub.store.users import Proposal
from studyhub.workflows.erasing_keys import Emptied
from studyhub.workflows.erasing_reach import Reach
from studyhub.workflows.kernel import Work
from studyhub.workflows.projections import releases_under
from studyhub.workflows.withdrawal_things import exports_of

_EMPTY = Act.ERASURE_EMPTY


def empty_research(work: Work, reach: Reach, done: Emptied) -> None:
    """Empty, or take back, what the scopes name under the label of this person."""
    if reach.release_shred is None:
        return
    rows = releases_under(work.session, reach.release_shred)
    ids = [row.id for row in rows]
    done.counts["release"] = len(rows)
    if asked_for(reach.scopes).keys() & {"export", "release"}:
        done.counts["export"] = _ask_back(work, ids)
    if reach.stops("release") and asked_for(reach.scopes).get("release") == ERASE:
        _recall(rows)
        _unanchor(work, ids)
    if reach.erases("quote"):
        _delete_quotes(work, ids, done)
    if reach.erases("coding"):
        _empty_codings(work, rows, ids, done)
    if reach.erases("release"):
        _empty_releases(work, rows, done)


def _recall(rows: Sequence[Release]) -> None:
    for row in rows:
        if row.state == "current":
            row.state = advance(row.state, choosing(_EMPTY, "recalled"), RELEASE)


def _empty_releases(work: Work, rows: Sequence[Release], done: Emptied) -> None:
    """The texts, and what is known of the case. The labels stay taken for good."""
    _end_reports(work, rows)
    cases = _cases(work, rows)
    done.took("release", [row.data_key_id for row in rows], 0)
    done.keys |= {case.data_key_id for case in cases if case.data_key_id is not None}
    for case in cases:
        case.attributes_sealed, case.data_key_id = None, None
    for row in rows:
        row.state = advance(row.state, _EMPTY, RELEASE)
        row.body_sealed, row.data_key_id = None, None
        row.held, row.quotes_ok, row.sharing_ok = True, False, False
        row.use_until = work.now
    work.session.flush()


def _empty_codings(
    work: Work, rows: Sequence[Release], ids: Sequence[UUID], done: Emptied
) -> None:
    """Marks without text: that something was coded stays, and not what was written about it."""
    marked = _unanchor(work, ids)
    cells = work.session.scalars(
        select(Cell).where(Cell.case_id.in_([case.id for case in _cases(work, rows)]))
    ).all()
    memos = work.session.scalars(select(Memo).where(Memo.release_id.in_(ids))).all()
    keys = [cell.data_key_id for cell in cells] + [memo.data_key_id for memo in memos]
    done.took("coding", keys, marked + len(cells))
    for cell in cells:
        cell.summary_sealed, cell.data_key_id, cell.status = None, None, "empty"
        cell.rev, cell.changed_at = cell.rev + 1, work.now
    for memo in memos:
        memo.body_sealed = b""


def _unanchor(work: Work, ids: Sequence[UUID]) -> int:
    rows = work.session.scalars(select(Coding).where(Coding.release_id.in_(ids))).all()
    for row in rows:
        if row.state == "active":
            row.state = advance(row.state, _EMPTY, CODING)
    return len(rows)


def _delete_quotes(work: Work, ids: Sequence[UUID], done: Emptied) -> None:
    theirs = CellQuote.coding_id.in_(select(Coding.id).where(Coding.release_id.in_(ids)))
    found = work.session.scalars(select(CellQuote.coding_id).where(theirs)).all()
    work.session.execute(delete(CellQuote).where(theirs))
    done.took("quote", (), len(found))


def _cases(work: Work, rows: Sequence[Release]) -> Sequence[Case]:
    labels = {row.label for row in rows}
    return work.session.scalars(
        select(Case).where(Case.study_id == work.study, Case.label.in_(labels))
    ).all()


def _ask_back(work: Work, ids: Sequence[UUID]) -> int:
    """Ask everybody who took a copy to delete it. Returns how many copies are out."""
    out = exports_of(work.session, list(ids))
    for export in out:
        if export.recall_state == "none":
            export.recall_state = advance(export.recall_state, _EMPTY, EXPORT)
    return len(out)


def _end_reports(work: Work, rows: Sequence[Release]) -> None:
    """Nobody has to decide any more about what was reported in it."""
    open_ones = work.session.scalars(
        select(Proposal).where(
            Proposal.act == Act.RELEASE_REPORT,
            Proposal.subject.in_([f"release:{row.id}" for row in rows]),
            Proposal.outcome.is_(None),
        )
    )
    for proposal in open_ones:
        proposal.outcome, proposal.decided_at = "lapsed", work.now
