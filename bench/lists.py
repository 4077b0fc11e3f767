"""P6: every list page with ten times the people and lines, and the last page against the first.

The pages of two instances are asked in turn, by those who use them. A page that takes longer
than `PATIENCE` is stopped and says so: waiting for it would tell no more.
"""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bench.crowd import SPAN, fill
from bench.measure import Line, workplace
from studyhub.app import create_app
from studyhub.domain.paging import Mark, mark_in
from tests.makers import SLUG
from tests.web.busy import staged_busy
from tests.web.visits import Visit

PATIENCE = 10.0  # seconds for one page
BUDGET = 6.0  # seconds for all turns of one page
TURNS = 20
LISTS = (
    ("rita", "recruitment"),
    ("rita", "recruitment/interest"),
    ("rita", "recruitment/letters"),
    ("rita", "recruitment/questions"),
    ("ravi", "consent"),
    ("ivan", "interviews"),
    ("petra", "recordings"),
    ("tess", "transcription"),
    ("ravi", "deidentification"),
    ("ravi", "releases"),
    ("ravi", "releases/waiting"),
    ("ann", "analysis"),
    ("petra", "withdrawals"),
    ("petra", "certificates"),
    ("petra", "incidents"),
    ("petra", "team"),
    ("ada", "trail"),
    ("ada", "trail/lines"),
    ("ada", "trail/codes"),
    ("ada", "flow"),
    ("petra", "home"),
)
_NEXT = re.compile(r'href="([^"]*[?;](after|before|older)=([^"&]+))"')


class Impatience(BaseException):
    """A page took too long. No answer of the application may swallow it."""


@dataclass
class Times:
    """Seconds of one page, and whether it was stopped."""

    taken: list[float] = field(default_factory=list)
    stopped: bool = False

    @property
    def p95(self) -> float | None:
        if self.stopped or not self.taken:
            return None
        return sorted(self.taken)[int(0.95 * (len(self.taken) - 1) + 0.5)]

    def __str__(self) -> str:
        return f"{self.p95 * 1000:.0f} ms" if self.p95 is not None else f"> {PATIENCE:.0f} s"


class House:
    """One instance with its application, and a browser for everybody."""

    def __init__(self, folder: Path, people: int, events: int) -> None:
        stage = staged_busy()
        self.study = fill(stage, stage.made.study, folder, people, events)
        self.began = stage.made.study.clock.at
        self._app = create_app(self.study.hub)
        self._visits: dict[str, Visit] = {}

    def visit(self, login: str) -> Visit:
        if login not in self._visits:
            self._visits[login] = Visit(self._app)
            self._visits[login].cookie = self.study.cookie(login)
        return self._visits[login]

    def ask(self, login: str, path: str, times: Times) -> str:
        """Ask for a page once. Returns what it says."""
        visit = self.visit(login)
        begun = time.perf_counter()
        try:
            with patience():
                answer = visit.get(path)
        except Impatience:
            times.stopped = True
            return ""
        times.taken.append(time.perf_counter() - begun)
        assert answer.status_code == 200, (login, path, answer.status_code)
        return answer.text


@contextmanager
def patience() -> Iterator[None]:
    """Stop what takes longer."""

    def stop(*_: object) -> None:
        raise Impatience

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def lines(people: int, parent: Path) -> Iterator[Line]:
    """Ten lines of the record for each person, in both instances."""
    few = people // 10
    with workplace(parent) as folder:
        begun = time.perf_counter()
        small = House(folder / "small", few, few * 10)
        large = House(folder / "large", people, people * 10)
        took = time.perf_counter() - begun
        yield Line("P6", f"{people:,} people, {people * 10:,} lines: filled", None, took, "s")
        for login, path in LISTS:
            yield from _compared(small, large, login, path)
        for house in (small, large):
            house.study.hub.sessions.engine.dispose()


def _compared(small: House, large: House, login: str, path: str) -> Iterator[Line]:
    address = "/home" if path == "home" else f"/s/{SLUG}/{path}"
    little, much, last = Times(), Times(), Times()
    first = large.ask(login, address, much)
    far = _far(large, first) if first else ""
    turns = [(small, address, little), (large, address, much)]
    turns += [(large, far, last)] if far else []
    _take_turns(login, turns)
    note = f"({little} to {much})"
    reached = None if little.p95 is None else (much.p95 or PATIENCE) / little.p95
    if much.stopped and reached is not None and reached <= 2:
        reached = None  # it is the least that a stopped page takes, so it says nothing
    yield Line("P6", f"{login}: {path}", 2, reached, note=note)
    if far and last.p95 is not None and much.p95 is not None:
        what = f"{login}: {path}, last page / first"
        yield Line("P6", what, 1.5, last.p95 / much.p95, note=f"({last})")


def _take_turns(login: str, turns: list[tuple[House, str, Times]]) -> None:
    end = time.perf_counter() + BUDGET
    for number in range(TURNS):
        for house, address, times in turns if number % 2 == 0 else reversed(turns):
            if not times.stopped and (not times.taken or time.perf_counter() < end):
                house.ask(login, address, times)


def _far(house: House, page: str) -> str:
    """The address of a page near the end of a list, by the mark of its next page."""
    found = _NEXT.search(page)
    if found is None:
        return ""
    address, mark = found[1].replace("&amp;", "&"), mark_in(found[3])
    if mark is None:  # a number of the record, or a code
        end = "60" if found[2] == "before" else "ZZ"
        return address.replace(found[3], end)
    middle = house.study.clock.at - SPAN / 2
    at = house.study.clock.at - timedelta(days=1)
    if mark.at > middle:
        at = house.study.clock.at - SPAN + timedelta(days=1)
    return address.replace(found[3], str(Mark(mark.rank, at, mark.last)))
