"""Prove who somebody is, by password or by a link sent to them: shared by every stage.

Unknown and known names take the same work and get the same answer. What comes back is the user
key, which opens that person's memberships and nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Busy, Invalid, NotFound, Stale
from studyhub.domain.vocabulary import INSTANCE, Actor, Role
from studyhub.store.users import User, UserToken
from studyhub.vault.guessing import is_weak
from studyhub.vault.keys import open_user_key, seal_user_key
from studyhub.vault.passwords import Cost, Stored
from studyhub.vault.words import token_hash
from studyhub.workflows.kernel import Desk, Hub, Work

NOT_RECOGNISED = "The name or the password is not right. Check both and try again"
NOT_YOURS = "This is not your password. Try again"


@dataclass(frozen=True)
class Entered:
    """A person whose password was right just now."""

    user_id: UUID
    login: str
    name: str
    user_key: bytes = field(repr=False)
    renewed: "Password | None" = field(default=None, repr=False)
    verifier: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Password:
    """A password as it will be kept, and what it stretches to."""

    prk: bytes = field(repr=False)
    stored: Stored


@dataclass(frozen=True)
class _Account:
    user_id: UUID
    login: str
    name: str
    stored: Stored
    key_wrapped: bytes


def prove(hub: Hub, login: str, password: str, source: str) -> Entered:
    """Check a password; ``source`` is where the try comes from, an address or ``shell``.

    Raises Throttled after too many wrong tries, Busy when too many come at once, and Invalid
    with one message for everything else.
    """
    name = login.strip().lower()
    hub.throttles.attempt(name, source, hub.now())
    account = _account(hub, name)
    stored = account.stored if account else None
    try:
        prk = hub.kitchen.check(password, hub.key_files.pepper, stored)
    except Busy:
        hub.throttles.not_looked_at(name, source, hub.now())
        raise
    if prk is None or account is None:
        hub.counters.count("sign_in", hub.now())
        raise Invalid({"password": NOT_RECOGNISED})
    hub.throttles.succeeded(name, source, hub.now())
    user_key = open_user_key(prk, account.key_wrapped, account.user_id)
    # Kept at an older cost: stretched anew, for the sign-in to write down.
    outdated = account.stored.cost != hub.kitchen.cost
    renewed = stretch_new(hub, password) if outdated else None
    verifier = account.stored.verifier
    return Entered(account.user_id, account.login, account.name, user_key, renewed, verifier)


def prove_again(hub: Hub, login: str, password: str, source: str) -> Entered:
    """Check the password of somebody signed in, who is asked for nothing else. As ``prove``."""
    try:
        return prove(hub, login, password, source)
    except Invalid:
        raise Invalid({"password": NOT_YOURS}) from None


def stretch_new(hub: Hub, password: str) -> Password:
    """Stretch a password that is about to be kept. Outside any transaction: it takes long."""
    return Password(*hub.kitchen.keep(password, hub.key_files.pepper))


def check_new(password: str, repeat: str, *context: str) -> None:
    """Refuse a new password that is too short, too common, or typed differently twice."""
    weakness = is_weak(password, context)
    if weakness:
        raise Invalid({"password": weakness})
    if password != repeat:
        raise Invalid({"repeat": "The two passwords differ. Type the same one twice"})


def still_entered(person: User, entered: Entered) -> None:
    """Refuse what rests on a password that was replaced since it was checked.

    Checking takes long and stands outside the transaction: whoever knows an old password must
    not undo a reset that came meanwhile.
    """
    if person.verifier != entered.verifier:
        raise Stale("the password of this account was changed a moment ago")


def keep_password(person: User, password: Password, user_key: bytes) -> None:
    """Keep a password: how to recognise it, and the user key under it."""
    person.kdf = password.stored.cost.as_json()
    person.salt = password.stored.salt
    person.verifier = password.stored.verifier
    person.key_wrapped = seal_user_key(password.prk, user_key, person.id)


def person_desk(hub: Hub, user_id: UUID, study: UUID = INSTANCE) -> Desk:
    """The desk of somebody known by password or link, before any role is taken up."""
    return Desk(hub, Actor(user_id, None, Role.PUBLIC), study)


def find_link(session: Session, token: str, purpose: str, now: datetime) -> UserToken:
    """The join or reset link of a token. NotFound for unknown, used and expired ones."""
    found = session.scalar(
        select(UserToken)
        .where(UserToken.token_hash == token_hash(token), UserToken.purpose == purpose)
        .with_for_update()
    )
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise NotFound("no such link")
    return found


def use_up_links(work: Work, user_id: UUID) -> None:
    """No link that waits in a mailbox sets a password after the person just set one."""
    waiting = select(UserToken).where(UserToken.user_id == user_id, UserToken.used_at.is_(None))
    for token in work.session.scalars(waiting.with_for_update()):
        token.used_at = work.now


def _account(hub: Hub, name: str) -> _Account | None:
    """What is kept of an active person; nothing for everybody else."""
    with hub.sessions.reading.begin() as session:
        person = session.scalar(select(User).where(User.login == name, User.state == "active"))
        stored = stored_of(person) if person else None
        if person is None or stored is None:
            return None
        wrapped = person.key_wrapped or b""
        return _Account(person.id, person.login, person.name, stored, wrapped)


def stored_of(person: User) -> Stored | None:
    """What is kept of a person's password; nothing before they set one."""
    if not (person.kdf and person.salt and person.verifier):
        return None
    return Stored(Cost.from_json(person.kdf), person.salt, person.verifier)
