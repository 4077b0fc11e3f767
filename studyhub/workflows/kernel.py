"""How an act is performed: checked, done, recorded once, committed together.

A workflow function is written as a body that receives a Work. ``@action`` turns
it into a function that receives a Desk. Only the kernel writes audit events.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from studyhub.config import Settings
from studyhub.domain.errors import (
    Hidden,
    HouseRuleBroken,
    NotFound,
    NotPermitted,
    PasswordNeeded,
    Refused,
    StudyHubError,
)
from studyhub.domain.facts import FACTS
from studyhub.domain.policy import POLICY, check_role, check_subject
from studyhub.domain.rules import Rule
from studyhub.domain.vocabulary import INSTANCE, STAFF, Act, Actor, Lock, Role
from studyhub.store.db import Sessions, expected_faults, study_of
from studyhub.store.users import Membership
from studyhub.vault.keys import KeyFiles
from studyhub.vault.passwords import Kitchen
from studyhub.vault.playbacks import Playbacks
from studyhub.vault.shred import Keystore
from studyhub.vault.sittings import Sittings
from studyhub.vault.throttles import Counters, Throttles
from studyhub.workflows.keyring import NOTHING, Keyring, Room
from studyhub.workflows.locker import Locker
from studyhub.workflows.record import Entry, append
from studyhub.workflows.standing import prove_certified, still_stands

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

PERFORMERS: dict[Act, Callable[..., Any]] = {}
_under_way: ContextVar[Act | None] = ContextVar("act under way", default=None)


@dataclass(frozen=True)
class Hub:
    """What the whole application shares: made once, in app.py."""

    settings: Settings
    sessions: Sessions
    keystore: Keystore
    sittings: Sittings
    playbacks: Playbacks
    throttles: Throttles
    counters: Counters
    key_files: KeyFiles
    kitchen: Kitchen
    now: Callable[[], datetime]

    @property
    def room(self) -> Room:
        """What lockers share."""
        mailer_public = self.key_files.mailer_public
        return Room(self.keystore, self.settings.root_of, mailer_public, self.now)


@dataclass(frozen=True)
class Desk:
    """An actor at work in one study, or on the instance, with the keys of their session."""

    hub: Hub
    actor: Actor
    study: UUID
    keys: Keyring = NOTHING
    stepped_up_until: datetime | None = None

    def locker(self, session: Session, lent: frozenset[Lock]) -> Locker:
        """What these keys reach, of what is lent."""
        return Locker(session, self.hub.room, self.study, self.keys, lent=lent)


@dataclass
class Trace:
    """What the event of an act will say beside who and when."""

    subject: str | None = None
    facts: dict[str, str | int] = field(default_factory=dict)


class Work:
    """One act under way: its actor, its session, its instant and the vault its rule lends."""

    def __init__(self, desk: Desk, act: Act, session: Session, trace: Trace) -> None:
        self.actor = desk.actor
        self.hub = desk.hub
        self.study = desk.study
        self.link_id = desk.keys.link_id
        self.session = session
        self.now = desk.hub.now()
        self.vault = desk.locker(session, POLICY[act].opens)
        self.member: Membership | None = None
        self._act = act
        self._trace = trace

    def load(self, table: type[T], key: object) -> T:
        """Fetch and lock the act's subject and check the policy against it.

        A subject of another study does not exist here.
        """
        found = self.session.get(table, key, with_for_update=True, populate_existing=True)
        if found is None:
            raise NotFound(table.__name__)
        self.claim(found)
        return found

    def claim(self, subject: Any) -> None:
        """Name the subject of this act. Exactly once, before anything else is changed.

        NotFound for a subject of another study.
        """
        if self._trace.subject is not None:
            raise HouseRuleBroken(f"{self._act} claimed two subjects")
        if subject in self.session.new:
            self.session.flush()
        if not self._is_of_this_desk(subject):
            raise NotFound(type(subject).__name__)
        self._trace.subject = f"{type(subject).__name__.lower()}:{subject.id}"
        check_subject(self.actor, self._act, subject)

    def _is_of_this_desk(self, subject: Any) -> bool:
        """Whether a subject belongs where this act is recorded."""
        if self.study == INSTANCE and self.actor.role is Role.OPERATOR:
            return True  # the operator makes and opens studies from the instance
        return (study_of(self.session, subject) or INSTANCE) == self.study

    def claim_all(self, kind: str) -> None:
        """For acts about a whole collection, which no rule tests one by one."""
        if POLICY[self._act].only_if:
            raise HouseRuleBroken(f"{self._act} must load its subject")
        self._trace.subject = kind

    def note(self, **facts: str | int) -> None:
        """Add facts to the audit event: ids, codes, versions, counts, by their closed names."""
        if not facts.keys() <= FACTS:
            raise HouseRuleBroken(f"{self._act} notes {sorted(facts.keys() - FACTS)}")
        self._trace.facts.update(facts)


def action(
    act: Act,
) -> Callable[[Callable[Concatenate[Work, P], R]], Callable[Concatenate[Desk, P], R]]:
    """Make a body the one performer of an act."""

    def wrap(body: Callable[Concatenate[Work, P], R]) -> Callable[Concatenate[Desk, P], R]:
        if act in PERFORMERS:
            raise HouseRuleBroken(f"{act} already performed by {PERFORMERS[act]}")

        @wraps(body)
        def perform(desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> R:
            trace = Trace()
            with (
                _alone(act),
                expected_faults(),
                _refusals_recorded(desk, act, trace),
                _one_event(desk, act, trace) as work,
            ):
                return body(work, *args, **kwargs)

        PERFORMERS[act] = perform
        return perform

    return wrap


@contextmanager
def _alone(act: Act) -> Iterator[None]:
    """An act never runs inside another."""
    if _under_way.get() is not None:
        raise HouseRuleBroken(f"{act} inside {_under_way.get()}")
    token = _under_way.set(act)
    try:
        yield
    finally:
        _under_way.reset(token)


@contextmanager
def _refusals_recorded(desk: Desk, act: Act, trace: Trace) -> Iterator[None]:
    """A refused act leaves one event of its own, after its transaction was rolled back."""
    try:
        yield
    except (NotPermitted, NotFound, Refused) as no:
        with desk.hub.sessions.writing.begin() as session:
            _append(session, desk, act, "refused", Trace(trace.subject or act.kind, _why(no)))
        raise


def need_role(desk: Desk, act: Act) -> None:
    """Refuse a page that leads to an act, like the act itself: with a line in the record."""
    with _refusals_recorded(desk, act, Trace()):
        check_role(desk.actor, act)


def _why(no: StudyHubError) -> dict[str, str | int]:
    """What the record keeps of a refusal: the codes of a guard, and never its words."""
    return {"reason": no.reason} if isinstance(no, Refused) else {}


@contextmanager
def _one_event(desk: Desk, act: Act, trace: Trace) -> Iterator[Work]:
    """Check the role, open one transaction, append one event, commit."""
    rule = check_role(desk.actor, act)
    writes = rule.traced or rule.keeps
    sessions = desk.hub.sessions.writing if writes else desk.hub.sessions.reading
    with sessions.begin() as session:
        work = Work(desk, act, session, trace)
        # Held until the end: the session would read again what nobody holds.
        work.member = still_stands(session, desk.actor, desk.study, work.now)
        _role_proved(work, rule)
        _password_fresh(desk, rule)
        yield work
        if trace.subject is None:
            raise HouseRuleBroken(f"{act} claimed no subject")
        if rule.traced:
            _append(session, desk, act, "done", trace)


def _role_proved(work: Work, rule: Rule) -> None:
    """Refuse a role that no PI certified, whatever the table says, and a role out of its study.

    At the desk of the instance everybody is just a person with an account.
    """
    if work.actor.role not in STAFF or Role.PUBLIC in rule.roles:
        return
    if work.study == INSTANCE or work.actor.membership_id is None:
        raise Hidden("a role counts in its study only")
    prove_certified(work.session, work.actor.membership_id, work.vault.trust())


def _password_fresh(desk: Desk, rule: Rule) -> None:
    """Refuse until the password is given again, where the rule asks for it."""
    until = desk.stepped_up_until
    asked = desk.actor.role in rule.asks_password
    if asked and (until is None or until < desk.hub.now()):
        raise PasswordNeeded(rule.says)


def _append(session: Session, desk: Desk, act: Act, outcome: str, trace: Trace) -> None:
    """Add one line to the chain, last of all."""
    append(
        session,
        Entry(
            chain=desk.study,
            at=desk.hub.now(),
            act=act,
            outcome=outcome,
            actor_id=desk.actor.user_id,
            role=desk.actor.role,
            subject=trace.subject or act.kind,
            facts=trace.facts,
        ),
    )


def operator_desk(hub: Hub, study: UUID = INSTANCE) -> Desk:
    """The desk of whoever has the shell."""
    return Desk(hub, Actor(None, None, Role.OPERATOR), study)


def worker_desk(hub: Hub, study: UUID = INSTANCE) -> Desk:
    """The desk of the worker: it carries the mailer's key and nothing else."""
    return Desk(hub, Actor(None, None, Role.SYSTEM), study, Keyring(mailer=hub.key_files))
