"""Lists for those who recruit: everybody by name, every letter, and how much waits.

Looking at a page of names is one line of the record. Names are opened for the page only,
except where somebody searches.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import Erased
from studyhub.domain.stages import Next, Stage
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.consent import Participant
from studyhub.store.outbox import Letter
from studyhub.workflows.contact_story import GONE, number_of, why_cancelled
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.letters import WAITING, in_doubt, is_held
from studyhub.workflows.people import read_card
from studyhub.workflows.whereabouts import Whereabouts, whereabouts

PAGE = 16
LETTERS_A_PAGE = 25
ERASED = "Erased"
# Tabs of the list, each with the stages it holds.
TABS: dict[str, tuple[str, ...]] = {
    "all": (),
    "listed": ("listed",),
    "approached": ("approached",),
    "interested": ("interested",),
    "informed": ("informed",),
    "consented": ("consented", "scheduled"),
    "interviewed": ("interviewed", "transcribed", "released", "closed"),
    "left": (),
}
ORDERS = ("waiting", "newest", "name")


@dataclass(frozen=True)
class Wish:
    """Which people to show, and in which order."""

    tab: str = "all"
    search: str = field(default="", repr=False)
    waits_for: str = ""
    order: str = "waiting"
    after: str = ""  # the code of the last person seen


@dataclass(frozen=True)
class PersonLine:
    """One person of the list. The name is empty for who may not see it."""

    participant_id: UUID
    code: str
    name: str = field(repr=False)
    stage: Stage
    next: Next
    reminders_left: int
    may_pick: bool


@dataclass(frozen=True)
class People:
    """A page of people, how many there are in each tab, and the code to go on after."""

    lines: list[PersonLine]
    shown_of: int
    counts: dict[str, int]
    next_after: str


@dataclass(frozen=True)
class LetterLine:
    """One letter and what became of it. Nobody can know whether it was read."""

    id: UUID
    participant_id: UUID | None
    code: str
    name: str = field(repr=False)
    purpose: str
    version: str
    state: str
    at: datetime
    reason: str
    is_held: bool
    in_doubt: bool


@dataclass(frozen=True)
class LetterPage:
    """A page of letters, newest first, and the id to go on after."""

    lines: list[LetterLine]
    next_after: str


# -- people ------------------------------------------------------------------------


@action(Act.CONTACT_LIST)
def people(work: Work, wish: Wish) -> People:
    """A page of everybody approached; names for recruiters only."""
    work.claim_all("contact")
    everybody = whereabouts(work.session, work.study, work.now)
    counts = Counter(tab for each in everybody for tab in TABS if _is_in(each, tab))
    found = [each for each in everybody if _is_in(each, wish.tab)]
    if wish.waits_for:
        found = [each for each in found if each.next.waits_for == wish.waits_for]
    names: dict[UUID, str] = {}
    if wish.search or wish.order == "name":
        names = _names(work, found)
        found = [each for each in found if _matches(work, each, names, wish.search)]
    found = _sorted(found, names, wish.order)
    page, following = _page(found, wish.after)
    names |= _names(work, [each for each in page if each.participant_id not in names])
    work.note(count=len(page))
    lines = [_line(each, names.get(each.participant_id, "")) for each in page]
    return People(lines, len(found), {tab: counts[tab] for tab in TABS}, following)


def _is_in(each: Whereabouts, tab: str) -> bool:
    if tab == "all":
        return True
    if tab == "left":
        return each.stage.is_exit
    return not each.stage.is_exit and each.stage.name in TABS[tab]


def _names(work: Work, those: Sequence[Whereabouts]) -> dict[UUID, str]:
    """Names are shown to recruiters only; who may not see them gets none."""
    if work.actor.role is not Role.RECRUITER:
        return {}
    return {each.participant_id: _name(work, each.participant_id) for each in those}


def _name(work: Work, participant_id: UUID) -> str:
    try:
        return read_card(work, participant_id).card.name
    except Erased:
        return ERASED


def _matches(work: Work, each: Whereabouts, names: dict[UUID, str], search: str) -> bool:
    wanted = search.strip().casefold()
    if not wanted or wanted in each.code.casefold():
        return True
    if each.participant_id not in names or names[each.participant_id] == ERASED:
        return False
    card = read_card(work, each.participant_id).card
    return any(wanted in text.casefold() for text in (card.name, card.email, card.phone))


def _sorted(found: list[Whereabouts], names: dict[UUID, str], order: str) -> list[Whereabouts]:
    found = sorted(found, key=lambda each: each.code)
    if order == "name":
        return sorted(found, key=lambda each: names.get(each.participant_id, "").casefold())
    if order == "newest":
        return sorted(found, key=lambda each: each.stage.since, reverse=True)
    # What waits for the team, longest first; then what others owe; then who is through.
    rank = {"team": 0, "person": 1, "nobody": 2}
    return sorted(found, key=lambda each: (rank[each.next.waits_for], each.stage.since))


def _page(found: list[Whereabouts], after: str) -> tuple[list[Whereabouts], str]:
    codes = [each.code for each in found]
    start = codes.index(after) + 1 if after in codes else 0
    page = found[start : start + PAGE]
    more = start + PAGE < len(found)
    return page, page[-1].code if more and page else ""


def _line(each: Whereabouts, name: str) -> PersonLine:
    early = each.stage.name in ("listed", "approached")
    return PersonLine(
        each.participant_id,
        each.code,
        name,
        each.stage,
        each.next,
        each.reminders_left,
        may_pick=early and not each.stage.is_exit and not each.opted_out,
    )


# -- letters -----------------------------------------------------------------------


@action(Act.LETTER_READ)
def letters(
    work: Work, state: str, *, after: str = "", only: Sequence[UUID] = ()
) -> LetterPage:
    """A page of the study's letters, newest first; ``state`` empty for all of them."""
    work.claim_all("letter")
    wanted = select(Letter).where(
        Letter.study_id == work.study, Letter.participant_id.is_not(None)
    )
    if state:
        states = GONE if state == "bounced" else (state,)
        wanted = wanted.where(Letter.state.in_(states))
    if only:
        wanted = wanted.where(Letter.id.in_(only))
    rows = list(work.session.scalars(wanted.order_by(Letter.not_before.desc(), Letter.id)))
    ids = [str(row.id) for row in rows]
    start = ids.index(after) + 1 if after in ids else 0
    page = rows[start : start + LETTERS_A_PAGE]
    work.note(count=len(page))
    lines = [_letter(work, row) for row in page]
    more = start + LETTERS_A_PAGE < len(rows)
    return LetterPage(lines, str(page[-1].id) if more else "")


def _letter(work: Work, row: Letter) -> LetterLine:
    participant = work.session.get(Participant, row.participant_id)
    shown = participant is not None and work.actor.role is Role.RECRUITER
    return LetterLine(
        row.id,
        row.participant_id,
        participant.code if participant else "",
        _name(work, participant.id) if participant and shown else "",
        row.purpose,
        number_of(work.session, row.version_id),
        row.state,
        row.sent_at or row.not_before,
        why_cancelled(work.session, row.id) if row.state == "cancelled" else "",
        row.state in WAITING and is_held(work.session, row, work.now),
        in_doubt(work.session, row, work.now),
    )
