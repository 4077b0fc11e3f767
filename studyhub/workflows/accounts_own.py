"""One's own account: join by link, new password, recovery code, reset, sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Corrupt, Invalid
from studyhub.domain.lifecycle import MEMBERSHIP, USER, advance
from studyhub.domain.vocabulary import Act, Role
from studyhub.store.users import Membership, Study, User
from studyhub.vault.keys import open_user_key_with_recovery, seal_user_key_for_recovery
from studyhub.vault.primitives import random_key
from studyhub.vault.sittings import SittingRow
from studyhub.vault.words import new_recovery_code, parse_recovery_code
from studyhub.workflows.entrance import (
    Entered,
    Password,
    check_new,
    find_link,
    keep_password,
    person_desk,
    prove,
    prove_again,
    still_entered,
    stretch_new,
    use_up_links,
)
from studyhub.workflows.kernel import Hub, Work, action
from studyhub.workflows.role_keys import (
    fingerprint_of,
    make_role_keys,
    new_pairs,
    take_keys_away,
)
from studyhub.workflows.standing import has_ended
from studyhub.workflows.visitors import STEP_UP, Visitor, own_desk


@dataclass(frozen=True)
class Holder:
    """Whom a join or reset link is for, as its page shows it."""

    user_id: UUID
    name: str
    login: str
    has_code: bool


@dataclass(frozen=True)
class OwnMembership:
    """One of one's own memberships, with the six words a PI compares."""

    title: str
    role: Role
    state: str
    until: datetime | None
    words: list[str]


@dataclass(frozen=True)
class Account:
    """One's own account, as its page shows it."""

    name: str
    login: str
    email: str
    has_code: bool
    memberships: list[OwnMembership]
    sessions: list[SittingRow]


# -- join and reset by link ----------------------------------------------------


def holder(hub: Hub, token: str, purpose: str) -> Holder:
    """Whom a link is for. NotFound, always the same, for unknown, used and expired ones."""
    with hub.sessions.reading.begin() as session:
        found = find_link(session, token, purpose, hub.now())
        person = session.get_one(User, found.user_id)
        has_code = person.recovery_wrapped is not None
        return Holder(person.id, person.name, person.login, has_code)


def join(hub: Hub, token: str, password: str, repeat: str) -> str:
    """Set the first password and make the keys. Returns the recovery code, shown once."""
    who = holder(hub, token, "join")
    check_new(password, repeat, who.name, who.login)
    kept, user_key = stretch_new(hub, password), random_key()
    text, code = new_recovery_code()
    desk = person_desk(hub, who.user_id)
    _join(desk, who.user_id, token, kept=kept, user_key=user_key, code=code)
    make_role_keys(hub, Entered(who.user_id, who.login, who.name, user_key))
    return text


@action(Act.USER_JOIN)
def _join(
    work: Work, user_id: UUID, token: str, *, kept: Password, user_key: bytes, code: bytes
) -> None:
    """Make an account usable: password, user key and recovery code."""
    person = work.load(User, user_id)
    _use(work, token, "join")
    person.state = advance(person.state, Act.USER_JOIN, USER)
    keep_password(person, kept, user_key)
    person.recovery_wrapped = seal_user_key_for_recovery(code, user_key, person.id)


def recover(hub: Hub, token: str, password: str, repeat: str, typed_code: str) -> str | None:
    """Set a new password by a reset link.

    With the recovery code nothing is lost and it stays valid: nothing is returned. Without it
    new keys are made, every membership waits for a fresh grant, and a new code is returned.
    """
    who = holder(hub, token, "reset")
    user_id = who.user_id
    check_new(password, repeat, who.name, who.login)
    old_key = _old_user_key(hub, user_id, typed_code) if typed_code.strip() else None
    user_key = old_key or random_key()
    text, code = new_recovery_code()
    _recover(
        person_desk(hub, user_id),
        user_id,
        token,
        kept=stretch_new(hub, password),
        user_key=user_key,
        new_code=None if old_key else code,
    )
    hub.sittings.end_all(user_id)
    return None if old_key else text


def _old_user_key(hub: Hub, user_id: UUID, typed: str) -> bytes:
    with hub.sessions.reading.begin() as session:
        wrapped = session.get_one(User, user_id).recovery_wrapped
    try:
        return open_user_key_with_recovery(parse_recovery_code(typed), wrapped or b"", user_id)
    except Corrupt:
        wrong = "This recovery code does not fit. Compare it, or leave the field empty"
        raise Invalid({"recovery_code": wrong}) from None


@action(Act.USER_RECOVER)
def _recover(
    work: Work,
    user_id: UUID,
    token: str,
    *,
    kept: Password,
    user_key: bytes,
    new_code: bytes | None,
) -> None:
    """Keep a new password; without the old user key, every membership starts over."""
    person = work.load(User, user_id)
    _use(work, token, "reset")
    person.state = advance(person.state, Act.USER_RECOVER, USER)
    keep_password(person, kept, user_key)
    if new_code is None:
        return
    person.recovery_wrapped = seal_user_key_for_recovery(new_code, user_key, person.id)
    lost = [
        member
        for member in work.session.scalars(
            select(Membership).where(
                Membership.user_id == user_id,
                Membership.state.in_(["active", "awaiting_grant"]),
            )
        )
        if not has_ended(member, work.now)
    ]
    for member in lost:
        _start_over(work, member, user_key)
    work.note(count=len(lost))


def _start_over(work: Work, member: Membership, user_key: bytes) -> None:
    """New keys for a membership whose old ones nobody can open; it waits for a grant.

    A PI's old keys signed what others hold, so their membership is kept as ended and a new one
    begins: otherwise every certificate under it would stop to hold.
    """
    take_keys_away(work.session, member)
    until = member.valid_to
    if member.role == Role.PI:
        member.state = advance(member.state, Act.MEMBER_END, MEMBERSHIP)
        member.valid_to = work.now
        work.session.flush()
        member = Membership(
            id=uuid4(),
            study_id=member.study_id,
            user_id=member.user_id,
            role=member.role,
            duties=member.duties,
            state="awaiting_grant",
            valid_from=member.valid_from,
            valid_to=until,
        )
        work.session.add(member)
    else:
        member.state = advance(member.state, Act.USER_RECOVER, MEMBERSHIP)
    new_pairs(member, user_key)


def _use(work: Work, token: str, purpose: str) -> None:
    """A link works once, and with it goes every other one of the same person."""
    use_up_links(work, find_link(work.session, token, purpose, work.now).user_id)


# -- signed in -------------------------------------------------------------------


@action(Act.USER_READ)
def read_account(work: Work, user_id: UUID) -> Account:
    """One's own account: memberships with their six words, and open sessions."""
    person = work.load(User, user_id)
    rows = work.session.execute(
        select(Membership, Study.title)
        .join(Study, Study.id == Membership.study_id)
        .where(Membership.user_id == user_id)
        .order_by(Study.title, Membership.role)
    )
    memberships = [
        OwnMembership(title, Role(row.role), row.state, row.valid_to, fingerprint_of(row))
        for row, title in rows
        if not has_ended(row, work.now)
    ]
    return Account(
        person.name,
        person.login,
        person.email,
        person.recovery_wrapped is not None,
        memberships,
        work.hub.sittings.list_of(user_id, work.now),
    )


def change_password(
    hub: Hub, visitor: Visitor, *, old: str, new: str, repeat: str, source: str
) -> str:
    """Change one's own password; every session ends but this one, under a new cookie."""
    try:
        entered = prove(hub, visitor.login, old, source)
    except Invalid:
        raise Invalid({"old_password": "This is not your password now. Try again"}) from None
    check_new(new, repeat, visitor.name, visitor.login)
    _change_password(own_desk(hub, visitor), entered, stretch_new(hub, new))
    hub.sittings.end_all(entered.user_id)
    return hub.sittings.begin(
        entered.user_id,
        hub.now(),
        membership_id=visitor.sitting.membership_id,
        keys=visitor.sitting.keys,
        stepped_up_until=hub.now() + STEP_UP,
    )


@action(Act.USER_PASSWORD)
def _change_password(work: Work, entered: Entered, kept: Password) -> None:
    """Keep a new password; the user key stays, so the recovery code stays valid."""
    person = work.load(User, entered.user_id)
    still_entered(person, entered)
    keep_password(person, kept, entered.user_key)
    use_up_links(work, person.id)


def new_code(hub: Hub, visitor: Visitor, password: str, source: str) -> str:
    """Make a new recovery code, shown once; the old one stops to work."""
    entered = prove_again(hub, visitor.login, password, source)
    text, code = new_recovery_code()
    _new_code(own_desk(hub, visitor), entered, code)
    return text


@action(Act.USER_RECOVERY_CODE)
def _new_code(work: Work, entered: Entered, code: bytes) -> None:
    """Keep the user key under a new recovery code."""
    person = work.load(User, entered.user_id)
    still_entered(person, entered)
    person.recovery_wrapped = seal_user_key_for_recovery(code, entered.user_key, person.id)


@action(Act.SESSION_END)
def end_session(work: Work, user_id: UUID, session_id: bytes) -> None:
    """End one of one's own sessions: its cookie opens nothing any more."""
    work.load(User, user_id)
    work.hub.sittings.end_one(user_id, session_id)
