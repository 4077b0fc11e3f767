"""The cast and the study they work in: the desk of each, the clock, what was recorded."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from studyhub.domain.vocabulary import Role
from studyhub.store.audit import Event
from studyhub.store.users import Membership, User
from studyhub.workflows import accounts, accounts_admin, standing, visitors
from studyhub.workflows.demonstration import CAST
from studyhub.workflows.demonstration_stage import SLUG
from studyhub.workflows.kernel import Desk, Hub, operator_desk, worker_desk
from tests.first_steps import Origin

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

LATER = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)

Standing = tuple[Any, ...]


def password_of(login: str) -> str:
    """Fictional, and long enough for everybody."""
    return f"{login} keeps seven grey herons"


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: int) -> None:
        self.at += timedelta(**by)


@dataclass
class Study:
    """A study with its whole team, and the desk of each."""

    hub: Hub
    clock: Clock
    id: UUID
    kit: list[str]
    codes: dict[str, str] = field(default_factory=dict)
    approval_id: UUID | None = None
    # Desks by what stands about their person; shared by all copies of a staged study.
    desks: dict[Standing, Desk] = field(default_factory=dict, repr=False)
    origin: Origin | None = None  # of a copy of a staged study

    def __getattr__(self, login: str) -> Desk:
        if login not in CAST:
            raise AttributeError(login)
        return self.desk(login)

    def cookie(self, login: str, role: Role | None = None) -> str:
        """Sign in through the front door, into this role, or the one role a person has."""
        where = {"study": SLUG, "role": role} if role else {}
        return accounts.sign_in(self.hub, login, password_of(login), "test", **where).cookie

    def visitor(self, login: str, role: Role | None = None) -> visitors.Visitor:
        """Who is behind a fresh cookie."""
        found = visitors.visitor(self.hub, self.cookie(login, role))
        assert found is not None
        return found

    def desk(self, login: str, role: Role | None = None) -> Desk:
        """The desk of a member with their keys, as if they had just signed in.

        Of Nina, and without ``role`` of somebody with several roles, the desk of a stranger.
        Signing in takes ten times as long as looking whether everything is as it was then.
        """
        stands = self._standing(login, role)
        if stands not in self.desks:
            desk = visitors.study_desk(self.hub, self.visitor(login, role), SLUG)
            if desk.actor.role is Role.PUBLIC:
                return desk
            self.desks[stands] = desk
        until = self.clock() + visitors.STEP_UP
        return replace(self.desks[stands], hub=self.hub, stepped_up_until=until)

    def _standing(self, login: str, role: Role | None) -> Standing:
        """All that decides who somebody is after signing in, and with which keys."""
        with self.hub.sessions.reading.begin() as session:
            person = session.scalars(select(User).where(User.login == login)).one()
            held = session.scalars(
                select(Membership)
                .where(Membership.user_id == person.id)
                .order_by(Membership.id)
            )
            roles = tuple(
                (
                    *(row.id, row.role, row.state, tuple(row.duties), row.private_sealed),
                    standing.is_current(row, self.clock()),
                    visitors.is_allowed_beside_others(session, row, self.clock()),
                )
                for row in held
            )
            return (login, role, person.state, person.key_wrapped, roles)

    @property
    def operator(self) -> Desk:
        return operator_desk(self.hub)

    @property
    def worker(self) -> Desk:
        return worker_desk(self.hub, self.id)

    def events(self, chain: UUID | None = None) -> int:
        """How many lines a chain has."""
        with self.hub.sessions.reading.begin() as session:
            wanted = select(func.count()).select_from(Event)
            return session.scalar(wanted.where(Event.chain == (chain or self.id))) or 0

    def last_event(self, chain: UUID | None = None) -> Event:
        """The newest line of a chain."""
        with self.hub.sessions.reading.begin() as session:
            wanted = select(Event).where(Event.chain == (chain or self.id))
            found = session.scalars(wanted.order_by(Event.seq.desc()).limit(1)).one()
            session.expunge(found)
            return found

    def user_id(self, login: str) -> UUID:
        return accounts_admin.find_person(self.hub, login)

    def membership_id(self, login: str, role: Role | None = None) -> UUID:
        """The membership of one of the cast in their own, or another, role."""
        wanted = role or CAST[login][1]
        with self.hub.sessions.reading.begin() as session:
            return session.scalars(
                select(Membership.id).where(
                    Membership.user_id == self.user_id(login),
                    Membership.role == wanted,
                    Membership.state != "ended",
                )
            ).one()
