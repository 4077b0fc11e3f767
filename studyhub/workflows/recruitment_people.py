"""The participants list: everybody by stage, by what waits, and found by name or address.

Looking at a page of names is one line of the record. Names are opened for the page only,
except where somebody searches or sorts by them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from studyhub.domain.paging import Mark, Page, cut, mark_in
from studyhub.domain.stages import Next, Stage
from studyhub.domain.vocabulary import Act, Role
from studyhub.workflows.kernel import Work, action
from studyhub.workflows.people import Card, card_if_kept, listed_name
from studyhub.workflows.whereabouts import Whereabouts, whereabouts

PAGE = 16
# Tabs of the list, each with the stages it holds. The last three are told otherwise.
TABS: dict[str, tuple[str, ...]] = {
    "all": (),
    "listed": ("listed",),
    "approached": ("approached",),
    "interested": ("interested",),
    "informed": ("informed",),
    "consented": ("consented", "scheduled"),
    "interviewed": ("interviewed", "transcribed", "released", "closed"),
    "again": (),
    "hold": (),
    "left": (),
}
ORDERS = ("waiting", "newest", "name")
# What waits for the team, longest first; then what others owe; then who is through.
_RANKS = {"team": 0, "person": 1, "nobody": 2}


@dataclass(frozen=True)
class Wish:
    """Which people to show, in which order, and after which mark to go on.

    ``code`` is part of a participant code. ``search`` is part of a name or an address, which
    never stands in the address of a page.
    """

    tab: str = "all"
    code: str = ""
    search: str = field(default="", repr=False)
    waits_for: str = ""
    order: str = "waiting"
    after: str = ""


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
    on_hold: bool


@dataclass(frozen=True)
class People:
    """A page of people, how many fit the wish, and how many there are in each tab."""

    page: Page[PersonLine]
    shown_of: int
    counts: dict[str, int]


@action(Act.CONTACT_LIST)
def people(work: Work, wish: Wish) -> People:
    """A page of everybody approached; names for recruiters only."""
    work.claim_all("contact")
    everybody = whereabouts(work.session, work.study, work.now)
    found = [each for each in everybody if _fits(each, wish)]
    if wish.search:
        found = [each for each in found if _holds(work, each, wish.search)]
    by_name = wish.order == "name"
    page = _by_name(work, everybody, found, wish) if by_name else _by_mark(found, wish)
    work.note(count=len(page.rows))
    lines = [_line(work, each) for each in page.rows]
    counts = Counter(tab for each in everybody for tab in TABS if _is_in(each, tab))
    return People(Page(lines, page.next_after), len(found), {tab: counts[tab] for tab in TABS})


def _fits(each: Whereabouts, wish: Wish) -> bool:
    return (
        _is_in(each, wish.tab)
        and wish.waits_for in ("", each.next.waits_for)
        and wish.code.strip().casefold() in each.code.casefold()
    )


def _is_in(each: Whereabouts, tab: str) -> bool:
    if tab in ("all", "left"):
        return tab == "all" or each.stage.is_exit
    if tab in ("again", "hold"):
        return each.must_sign_again if tab == "again" else each.on_hold
    return not each.stage.is_exit and each.stage.name in TABS[tab]


# -- pages -------------------------------------------------------------------------


def _by_mark(found: Sequence[Whereabouts], wish: Wish) -> Page[Whereabouts]:
    """A page in an order of time: the mark is a place there, whoever comes or goes."""
    newest = wish.order == "newest"

    def place(each: Whereabouts) -> Mark:
        rank = 0 if newest else _RANKS[each.next.waits_for]
        return Mark(rank, each.stage.since, each.code)

    rows, after = sorted(found, key=place, reverse=newest), mark_in(wish.after)
    if after is not None and newest:
        rows = [each for each in rows if place(each) < after]
    elif after is not None:
        rows = [each for each in rows if place(each) > after]
    return cut(rows, PAGE, place)


def _by_name(
    work: Work, everybody: Sequence[Whereabouts], found: Sequence[Whereabouts], wish: Wish
) -> Page[Whereabouts]:
    """A page by name. The mark is the code of the last person, who need not fit any more."""

    def place(each: Whereabouts) -> tuple[str, str]:
        return listed_name(work, each.participant_id).casefold(), each.code

    placed = sorted(((place(each), each) for each in found), key=lambda pair: pair[0])
    last = [place(each) for each in everybody if each.code == wish.after]
    rows = [each for spot, each in placed if not last or spot > last[0]]
    return cut(rows, PAGE, lambda each: each.code)


# -- one person --------------------------------------------------------------------


def _line(work: Work, each: Whereabouts) -> PersonLine:
    early = each.stage.name in ("listed", "approached")
    return PersonLine(
        each.participant_id,
        each.code,
        listed_name(work, each.participant_id),
        each.stage,
        each.next,
        each.reminders_left,
        may_pick=early and not each.stage.is_exit and not each.opted_out,
        on_hold=each.on_hold,
    )


def _holds(work: Work, each: Whereabouts, search: str) -> bool:
    """Whether somebody is meant: by code for everybody, by name for who may see names."""
    card = Card("")
    if work.actor.role is Role.RECRUITER:
        card = card_if_kept(work, each.participant_id) or card
    wanted = search.strip().casefold()
    texts = (each.code, card.name, card.email, card.phone)
    return any(wanted in text.casefold() for text in texts)
