"""What the operator does with accounts at the shell: add, disable, start a reset."""

import re
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound, WrongState
from studyhub.domain.lifecycle import USER, advance
from studyhub.domain.vocabulary import Act
from studyhub.store.users import User
from studyhub.workflows import post
from studyhub.workflows.invitations import check_person
from studyhub.workflows.kernel import Hub, Work, action

_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?")


def find_person(hub: Hub, login: str) -> UUID:
    """The id of the account with this login. NotFound if there is none."""
    with hub.sessions.reading.begin() as session:
        found = session.scalar(select(User.id).where(User.login == login.strip().lower()))
    if found is None:
        raise NotFound(f"nobody has the login {login}")
    return found


@action(Act.USER_ADD)
def add(work: Work, *, login: str, name: str, email: str) -> str:
    """Make an account in state ``invited``. Returns the address to join by, good for 7 days."""
    wanted = login.strip().lower()
    if not _LOGIN.fullmatch(wanted):
        raise Invalid({"login": "Use letters, digits and . _ @ + - for the login, at most 64"})
    check_person(name, email.strip())
    if work.session.scalar(select(User.id).where(User.login == wanted)):
        raise Invalid({"login": f"Somebody has the login {wanted} already"})
    person = User(
        id=uuid4(),
        login=wanted,
        name=name.strip(),
        email=email.strip(),
        state="invited",
        created_at=work.now,
    )
    work.session.add(person)
    work.claim(person)
    return post.ask_to_join(work, person, "a research team")


@action(Act.USER_RESET)
def start_reset(work: Work, user_id: UUID) -> str:
    """Make a link to set a new password, or to join if they never did. Returns its address."""
    person = work.load(User, user_id)
    if person.state == "disabled":
        raise WrongState("this account is disabled")
    if person.state == "invited":
        return post.ask_to_join(work, person, "a research team")
    return post.ask_to_reset(work, person)


@action(Act.USER_DISABLE)
def close_account(work: Work, user_id: UUID) -> None:
    """Disable an account; what it did stays attributed to it. Sessions end at once."""
    person = work.load(User, user_id)
    person.state = advance(person.state, Act.USER_DISABLE, USER)
    work.hub.sittings.end_all(user_id)
