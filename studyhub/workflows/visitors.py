"""Who is behind a cookie, and at which desk that puts them. Shared by every stage."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import NotFound
from studyhub.domain.vocabulary import INSTANCE, Actor, Role
from studyhub.store.users import Membership, Study, User
from studyhub.vault.sittings import IDLE, LONGEST, SEEN_EVERY, Sitting
from studyhub.workflows.entrance import person_desk
from studyhub.workflows.kernel import Desk, Hub
from studyhub.workflows.keyring import Keyring
from studyhub.workflows.standing import is_allowed_beside_others, is_current

# How long a password counts as just given.
STEP_UP = timedelta(minutes=10)


@dataclass(frozen=True)
class Place:
    """The membership a session is in, and its study, as pages show them."""

    membership_id: UUID
    study: UUID
    slug: str
    title: str
    time_zone: str
    role: Role
    duties: frozenset[str]


@dataclass(frozen=True)
class Visitor:
    """Who is behind a cookie: the person, the one active membership, and the session."""

    actor: Actor
    login: str
    name: str
    place: Place | None
    sitting: Sitting = field(repr=False)


def visitor(hub: Hub, cookie: str) -> Visitor | None:
    """The person behind a cookie; nobody if it is unknown, lapsed, or their standing ended."""
    sitting = hub.sittings.find(cookie, hub.now())
    if sitting is None:
        return None
    with hub.sessions.reading.begin() as session:
        person = session.get(User, sitting.user_id)
        if person is None or person.state != "active":
            return None
        place = None
        if sitting.membership_id is not None:
            place = _place(session, sitting.membership_id, hub.now())
            if place is None:
                hub.sittings.end(cookie)
                return None
        actor = Actor(
            person.id,
            place.membership_id if place else None,
            place.role if place else Role.PUBLIC,
            place.duties if place else frozenset(),
        )
        return Visitor(actor, person.login, person.name, place, sitting)


@dataclass(frozen=True)
class Left:
    """Whose session lapsed, and the role they were in if it can still be taken up."""

    user_id: UUID
    place: Place | None


def lapsed(hub: Hub, cookie: str) -> Left | None:
    """Say who was behind a cookie whose time is over; nobody for any other cookie."""
    found = hub.sittings.expired(cookie, hub.now())
    if found is None:
        return None
    user_id, membership_id = found
    if membership_id is None:
        return Left(user_id, None)
    with hub.sessions.reading.begin() as session:
        return Left(user_id, _place(session, membership_id, hub.now()))


def seconds_left(hub: Hub, visitor: Visitor) -> int:
    """How long this session lasts if nothing more is asked of it.

    The instant of a request is written once a minute, so that minute is not promised.
    """
    whole = visitor.sitting.signed_in_at + LONGEST - hub.now()
    return max(1, int(min(IDLE - SEEN_EVERY, whole).total_seconds()))


def own_desk(hub: Hub, visitor: Visitor) -> Desk:
    """The desk for acts on one's own account, which stand in the instance's chain."""
    return Desk(hub, visitor.actor, INSTANCE)


def study_desk(hub: Hub, visitor: Visitor, slug: str) -> Desk:
    """The desk in a study: with keys in one's own, as a stranger in any other."""
    until = visitor.sitting.stepped_up_until
    if visitor.place is not None and visitor.place.slug == slug:
        keyring = Keyring(visitor.place.membership_id, visitor.sitting.keys)
        return Desk(hub, visitor.actor, visitor.place.study, keyring, until)
    return person_desk(hub, visitor.sitting.user_id, study_id(hub, slug))


def study_id(hub: Hub, slug: str) -> UUID:
    """The id of the study with this short name. NotFound if there is none."""
    with hub.sessions.reading.begin() as session:
        found = session.scalar(select(Study.id).where(Study.slug == slug))
    if found is None:
        raise NotFound(f"there is no study {slug}")
    return found


def places_of(hub: Hub, user_id: UUID) -> list[Place]:
    """Every membership a person can take up now, by study and role."""
    with hub.sessions.reading.begin() as session:
        rows = session.scalars(
            select(Membership.id).where(
                Membership.user_id == user_id, Membership.state == "active"
            )
        )
        found = [_place(session, membership_id, hub.now()) for membership_id in rows]
    return sorted(
        (place for place in found if place), key=lambda place: (place.slug, place.role)
    )


def _place(session: Session, membership_id: UUID, now: datetime) -> Place | None:
    member = session.get(Membership, membership_id)
    if member is None or not is_current(member, now):
        return None
    if not is_allowed_beside_others(session, member, now):
        return None
    study = session.get_one(Study, member.study_id)
    return Place(
        member.id,
        study.id,
        study.slug,
        study.title,
        study.time_zone,
        Role(member.role),
        frozenset(member.duties),
    )
