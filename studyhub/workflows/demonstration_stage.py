"""The stage of the demonstration: its clock, its desks, its letters, and whose turn comes next.

A story is a generator: it yields the instant at which it goes on. ``play`` lets the stories of
many people go on in the order of time, and does what the worker does in between.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.utils import parseaddr
from heapq import heapify, heappop, heapreplace
from itertools import count
from pathlib import Path
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from studyhub.domain.errors import HouseRuleBroken, NotFound
from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.consent import Document, DocumentVersion, Participant
from studyhub.workflows import accounts, links, mailroom, visitors, worker
from studyhub.workflows.kernel import Desk, Hub

SLUG = "voices"
ZONE = "Europe/London"
WEEKS = 7  # in which all of it happened, before the week of the day on which it is made
ROUND_EVERY = timedelta(hours=12)  # the rounds of the worker; letters leave before each step
_SATURDAY = 5
_LINK = re.compile(r"/[lo]/([A-Za-z0-9_-]+)")

Story: TypeAlias = Iterator[datetime]


class PastWeeks:
    """The clock of the demonstration: it begins on a Monday weeks ago and is moved on."""

    def __init__(self, now: datetime) -> None:
        self.end = now
        today = now.astimezone(ZoneInfo(ZONE)).date()
        self._first = today - timedelta(weeks=WEEKS, days=today.weekday())
        begin = datetime.combine(self._first, time(9), ZoneInfo(ZONE))
        self._at = begin.astimezone(now.tzinfo)

    def __call__(self) -> datetime:
        return self._at

    def advance(self, **by: int) -> None:
        """Let time pass, as ``timedelta`` counts it."""
        self._at += timedelta(**by)

    def move_to(self, at: datetime) -> None:
        """Let time pass until then. It never runs back, and never past the present."""
        if not self._at <= at < self.end:
            raise HouseRuleBroken(f"the demonstration moves from {self._at} to {at}")
        self._at = at

    def on(self, day: int, at: str) -> datetime:
        """A time of the working day of that number, counted from 0; ``at`` like ``10:30``."""
        return self._working_day(self._first, day, at)

    def later(self, days: int, at: str) -> datetime:
        """A time of day so many working days from today."""
        return self._working_day(self._at.astimezone(ZoneInfo(ZONE)).date(), days, at)

    def _working_day(self, day: date, further: int, at: str) -> datetime:
        for _ in range(further):
            day += timedelta(days=1)
            while day.weekday() >= _SATURDAY:
                day += timedelta(days=1)
        local = datetime.combine(day, time.fromisoformat(at), ZoneInfo(ZONE))
        return max(local.astimezone(self._at.tzinfo), self._at)

    def to_come(self, days: int, at: str) -> datetime:
        """A time so many working days after the present."""
        return self._working_day(self.end.astimezone(ZoneInfo(ZONE)).date(), days, at)

    def before_end(self, **by: int) -> datetime:
        """So long before the present, for what has only just happened."""
        return max(self.end - timedelta(**by), self._at)


@dataclass
class Stage:
    """The demonstration in the making: who has which password, in which study."""

    hub: Hub
    clock: PastWeeks
    passwords: dict[str, str]
    study: UUID = INSTANCE  # until there is one
    _desks: dict[str, Desk] = field(default_factory=dict)
    _tokens: dict[str, list[str]] = field(default_factory=dict)
    _read: set[Path] = field(default_factory=set)

    def visitor(self, login: str) -> visitors.Visitor:
        """Sign in through the front door."""
        arrival = accounts.sign_in(self.hub, login, self.passwords[login], "shell")
        found = visitors.visitor(self.hub, arrival.cookie)
        if found is None:
            raise HouseRuleBroken(f"{login} of the demonstration cannot sign in")
        return found

    def desk(self, login: str) -> Desk:
        """The desk of a member with their keys, as if they had just given their password.

        Each signs in once: drawing a key from a password takes longer than all they do.
        """
        if login not in self._desks:
            self._desks[login] = visitors.study_desk(self.hub, self.visitor(login), SLUG)
        until = self.clock() + visitors.STEP_UP
        return replace(self._desks[login], stepped_up_until=until)

    def member(self, login: str) -> UUID:
        """The membership of one of the team."""
        found = self.desk(login).actor.membership_id
        if found is None:
            raise HouseRuleBroken(f"{login} is a member of nothing")
        return found

    def code(self, participant_id: UUID) -> str:
        """The code of a participant, as everybody on the team knows it."""
        with self.hub.sessions.reading.begin() as session:
            return session.get_one(Participant, participant_id).code

    def version_in_use(self, kind: str) -> UUID:
        """The version of a document that is in use."""
        wanted = (
            select(DocumentVersion.id)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(
                Document.study_id == self.study,
                Document.kind == kind,
                DocumentVersion.state == "effective",
            )
        )
        with self.hub.sessions.reading.begin() as session:
            return session.scalars(wanted).one()

    # -- letters ---------------------------------------------------------------------------

    def guest(self, email: str, purpose: str = "") -> Desk:
        """The desk of somebody who follows the newest link in their letters for that."""
        self._fetch_letters()
        for token in reversed(self._tokens.get(email, [])):
            with suppress(NotFound):
                return links.guest(self.hub, token, purpose).desk
        raise HouseRuleBroken(f"no letter to {email} has a link for that")

    def _fetch_letters(self) -> None:
        """Read what came into the outbox since, as the people do to whom it was written."""
        came = set(self.hub.settings.outbox.glob("*.eml")) - self._read
        for path in sorted(came, key=lambda one: one.stat().st_mtime_ns):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            text = str(body.get_content()) if body is not None else ""
            email = parseaddr(str(letter["to"]))[1]
            self._tokens.setdefault(email, []).extend(_LINK.findall(text))
        self._read |= came

    # -- time ------------------------------------------------------------------------------

    def play(self, stories: Iterable[Story]) -> None:
        """Let every story go on when its time comes, the earliest first."""
        turns = count()
        waiting = [(next(story), next(turns), story) for story in stories]
        heapify(waiting)
        swept = self.clock()
        while waiting:
            at, _, story = waiting[0]
            self.clock.move_to(at)
            mailroom.run_once(self.hub)
            if at - swept >= ROUND_EVERY:
                worker.work_once(self.hub)
                swept = at
            following = next(story, None)
            if following is None:
                heappop(waiting)
            else:
                heapreplace(waiting, (following, next(turns), story))
