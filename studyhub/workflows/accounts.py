"""Sign in, take up a role, give the password again, sign out."""

from dataclasses import dataclass, field
from uuid import UUID

from studyhub.domain.errors import Busy, NotFound, Stale, WrongState
from studyhub.domain.vocabulary import Act
from studyhub.store.users import Membership, User
from studyhub.vault.keys import MembershipKeys, open_membership_keys
from studyhub.workflows.entrance import (
    Entered,
    keep_password,
    person_desk,
    prove,
    prove_again,
    still_entered,
)
from studyhub.workflows.kernel import Hub, Work, action
from studyhub.workflows.role_keys import make_role_keys
from studyhub.workflows.standing import is_allowed_beside_others, is_current
from studyhub.workflows.visitors import STEP_UP, Place, Visitor, lapsed, own_desk, places_of


@dataclass(frozen=True)
class Arrival:
    """A new cookie, and whether a role is active under it."""

    cookie: str = field(repr=False)
    has_role: bool


def sign_in(
    hub: Hub,
    login: str,
    password: str,
    source: str,
    *,
    study: str = "",
    role: str = "",
    replaces: str = "",
) -> Arrival:
    """Sign in, make the keys of new memberships, and take up a role where only one is meant.

    ``replaces`` is a cookie that the browser had: what it opened is closed. If it had lapsed
    and was of the same person, the role it was in is taken up again.
    """
    entered = prove(hub, login, password, source)
    try:
        _record_sign_in(person_desk(hub, entered.user_id), entered)
    except Stale as changed:
        raise Busy("another sign-in was faster: try again") from changed
    make_role_keys(hub, entered)
    left = lapsed(hub, replaces)
    if not (study or role) and left and left.place and left.user_id == entered.user_id:
        study, role = left.place.slug, left.place.role
    chosen = _meant(hub, entered.user_id, study, role)
    keys = None
    if chosen is not None:
        desk = person_desk(hub, entered.user_id, chosen.study)
        keys = _take_role(desk, chosen.membership_id, entered)
    hub.sittings.end(replaces)
    cookie = hub.sittings.begin(
        entered.user_id,
        hub.now(),
        membership_id=chosen.membership_id if chosen else None,
        keys=keys,
        stepped_up_until=hub.now() + STEP_UP,
    )
    return Arrival(cookie, chosen is not None)


@action(Act.USER_SIGN_IN)
def _record_sign_in(work: Work, entered: Entered) -> None:
    """Record a sign-in; a password kept at an older cost is kept at today's from now on."""
    person = work.load(User, entered.user_id)
    if person.state != "active":
        raise NotFound("account")
    still_entered(person, entered)
    if entered.renewed is not None:
        keep_password(person, entered.renewed, entered.user_key)


@action(Act.MEMBER_SWITCH)
def _take_role(work: Work, membership_id: UUID, entered: Entered) -> MembershipKeys:
    """Take up a role: its private halves, opened with the person's own key."""
    member = work.load(Membership, membership_id)
    work.note(role=member.role)
    if not is_current(member, work.now) or member.private_sealed is None:
        raise WrongState("this membership is not active")
    if not is_allowed_beside_others(work.session, member, work.now):
        raise WrongState("the exception that allowed this role beside another has ended")
    return open_membership_keys(
        entered.user_key, member.private_sealed, member.id, member.user_id
    )


def switch(
    hub: Hub,
    cookie: str,
    visitor: Visitor,
    *,
    study: str,
    role: str,
    password: str,
    source: str,
) -> str:
    """Take up another role, with the password. Returns the new cookie."""
    entered = prove_again(hub, visitor.login, password, source)
    make_role_keys(hub, entered)
    chosen = _meant(hub, entered.user_id, study, role)
    if chosen is None:
        raise NotFound("membership")
    desk = person_desk(hub, entered.user_id, chosen.study)
    keys = _take_role(desk, chosen.membership_id, entered)
    return hub.sittings.renew(
        cookie,
        hub.now(),
        membership_id=chosen.membership_id,
        keys=keys,
        stepped_up_until=hub.now() + STEP_UP,
    )


def step_up(hub: Hub, cookie: str, visitor: Visitor, password: str, source: str) -> str:
    """Give the password again before an act that asks for it. Returns the new cookie."""
    prove_again(hub, visitor.login, password, source)
    record_step_up(own_desk(hub, visitor), visitor.sitting.user_id)
    return hub.sittings.renew(
        cookie,
        hub.now(),
        membership_id=visitor.sitting.membership_id,
        keys=visitor.sitting.keys,
        stepped_up_until=hub.now() + STEP_UP,
    )


@action(Act.USER_STEP_UP)
def record_step_up(work: Work, user_id: UUID) -> None:
    """Record that the password was given again."""
    work.load(User, user_id)


def sign_out(hub: Hub, cookie: str, visitor: Visitor) -> None:
    """End this session: its cookie opens nothing any more."""
    hub.sittings.end(cookie)
    record_sign_out(own_desk(hub, visitor), visitor.sitting.user_id)


@action(Act.USER_SIGN_OUT)
def record_sign_out(work: Work, user_id: UUID) -> None:
    """Record a sign-out."""
    work.load(User, user_id)


def _meant(hub: Hub, user_id: UUID, study: str, role: str) -> Place | None:
    """The membership named, or the only one there is when none is named."""
    held = places_of(hub, user_id)
    if study or role:
        held = [place for place in held if (place.slug, place.role) == (study, role)]
    return held[0] if len(held) == 1 else None
