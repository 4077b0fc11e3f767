"""The cast and the study they work in, made through the front door: by the acts themselves.

Nobody is put into a table by hand, so no test runs from a state that cannot be reached.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from studyhub import config
from studyhub.app import make_hub
from studyhub.config import Settings
from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.audit import Event
from studyhub.store.db import Sessions
from studyhub.store.users import Membership, User
from studyhub.vault.keys import make_key_files
from studyhub.workflows import (
    accounts,
    accounts_admin,
    accounts_own,
    accounts_study,
    accounts_team,
    entrance,
    visitors,
)
from studyhub.workflows.chains import open_chain
from studyhub.workflows.demonstration import CAST, SLUG, TITLE
from studyhub.workflows.kernel import Desk, Hub, operator_desk, worker_desk
from studyhub.workflows.role_keys import fingerprint_of
from studyhub.workflows.trail import sign_head

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


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

    def __getattr__(self, login: str) -> Desk:
        if login not in CAST:
            raise AttributeError(login)
        return self.desk(login)

    def cookie(self, login: str) -> str:
        """Sign in through the front door, into the one role a person has."""
        return accounts.sign_in(self.hub, login, password_of(login), "test").cookie

    def visitor(self, login: str) -> visitors.Visitor:
        """Who is behind a fresh cookie."""
        found = visitors.visitor(self.hub, self.cookie(login))
        assert found is not None
        return found

    def desk(self, login: str) -> Desk:
        """The desk of a member with their keys; of Nina, the desk of a stranger."""
        return visitors.study_desk(self.hub, self.visitor(login), SLUG)

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


def hub_over(settings: Settings, sessions: Sessions, clock: Callable[[], datetime]) -> Hub:
    """The hub of an instance, over a database that the test chose."""
    return replace(make_hub(settings, clock), sessions=sessions)


def new_instance(
    sessions: Sessions,
    folder: Path,
    clock: Callable[[], datetime],
    *,
    demonstration: bool = False,
) -> Hub:
    """An empty instance, its chain open, over a database that is migrated."""
    settings = config.create(folder, demonstration=demonstration, argon2_memory_kib=8)
    make_key_files(settings.keys)
    hub = hub_over(settings, sessions, clock)
    hub.keystore.create()
    open_chain(operator_desk(hub), demonstration=demonstration)
    return hub


def enrolled(hub: Hub, clock: Clock) -> Study:
    """A study whose kit was proved and whose whole team was invited, joined and granted."""
    codes = {login: add_person(hub, login) for login in CAST}
    petra = entrance.prove(hub, "petra", password_of("petra"), "test")
    made = accounts_study.create(hub, slug=SLUG, title=TITLE, pi=petra)
    kit = " ".join(made.recovery_kit)
    accounts_study.prove_kit(operator_desk(hub), made.id, kit=kit)
    study = Study(hub, clock, made.id, made.recovery_kit, codes)
    for login, (_name, role, duties) in CAST.items():
        if role not in (None, Role.PI):
            invite_and_grant(study, login, role, duties)
    sign_head(worker_desk(hub, made.id))
    return study


def add_person(hub: Hub, login: str) -> str:
    """Add an account and join by its link. Returns the recovery code."""
    name = CAST[login][0]
    address = accounts_admin.add(
        operator_desk(hub), login=login, name=name, email=f"{login}@team.test"
    )
    token = address.rpartition("/")[2]
    return accounts_own.join(hub, token, password_of(login), password_of(login))


def invite_and_grant(
    study: Study, login: str, role: Role, duties: tuple[Duty, ...] = ()
) -> UUID:
    """Invite somebody who has an account, let them make their keys, and grant."""
    wanted = accounts_team.Invitation("", "", role, duties, login=login)
    membership_id = accounts_team.invite(study.petra, study.id, wanted)
    study.cookie(login)
    grant(study, membership_id)
    return membership_id


def grant(study: Study, membership_id: UUID) -> None:
    """Compare the six words with the member and grant, as Petra."""
    with study.hub.sessions.reading.begin() as session:
        words = fingerprint_of(session.get_one(Membership, membership_id))
    accounts_team.grant(study.petra, membership_id, words=words)


def email_of(hub: Hub, user_id: UUID) -> str:
    with hub.sessions.reading.begin() as session:
        return session.get_one(User, user_id).email
