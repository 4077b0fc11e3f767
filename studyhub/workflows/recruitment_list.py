"""Every letter of a study and what became of it, newest first.

Looking at a page of names is one line of the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Participant
from studyhub.store.outbox import Letter
from studyhub.workflows.contact_story import number_of, why_back, why_cancelled
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.letters import GONE, WAITING, came_back, in_doubt, is_held
from studyhub.workflows.pages import cut_by_time
from studyhub.workflows.people import listed_name

LETTERS_A_PAGE = 25


@dataclass(frozen=True)
class LetterLine:
    """One letter and what became of it. Nobody can know whether it was read."""

    id: UUID
    participant_id: UUID | None
    expression_id: UUID | None
    code: str
    name: str = field(repr=False)
    purpose: str
    version: str
    state: str
    at: datetime
    reason: str
    is_held: bool
    in_doubt: bool
    code_of_report: str = ""
    is_outstanding: bool = False  # it came back, and nothing was sent since


@dataclass(frozen=True)
class LetterPage:
    """A page of letters, newest first, and the mark to go on after."""

    lines: list[LetterLine]
    next_after: str


@action(Act.LETTER_READ)
def letters(
    work: Work, state: str, *, after: str = "", only: Sequence[UUID] = ()
) -> LetterPage:
    """A page of the study's letters, newest first; ``state`` empty for all of them."""
    work.claim_all("letter")
    # All but those to the team: also to who wrote and was not sorted yet.
    wanted = select(Letter).where(Letter.study_id == work.study, Letter.user_id.is_(None))
    if state:
        states = GONE if state == "bounced" else (state,)
        wanted = wanted.where(Letter.state.in_(states))
    if only:
        wanted = wanted.where(Letter.id.in_(only))
    place = (Letter.not_before, Letter.id)
    found = cut_by_time(
        work.session, wanted, place, size=LETTERS_A_PAGE, after=after, newest_first=True
    )
    work.note(count=len(found.page.rows))
    shown = Letter.id.in_([row.id for row in found.page.rows])
    back = set(work.session.scalars(select(Letter.id).where(came_back(), shown)))
    lines = [_letter(work, row, is_outstanding=row.id in back) for row in found.page.rows]
    return LetterPage(lines, found.page.next_after)


def _letter(work: Work, row: Letter, *, is_outstanding: bool) -> LetterLine:
    participant = (
        work.session.get(Participant, row.participant_id) if row.participant_id else None
    )
    return LetterLine(
        row.id,
        row.participant_id,
        row.expression_id,
        participant.code if participant else "",
        listed_name(work, participant.id) if participant else "",
        row.purpose,
        number_of(work.session, row.version_id),
        row.state,
        row.sent_at or row.not_before,
        why_cancelled(work.session, row.id) if row.state == "cancelled" else "",
        row.state in WAITING and is_held(work.session, row, work.now),
        in_doubt(work.session, row, work.now),
        why_back(work.session, row.id) if row.state in GONE else "",
        is_outstanding,
    )
