"""Try what a password really opens: every sealed thing, with the keys it leads to and no more.

No act, and no event: nothing is shown but counts, and it must work on any copy of an instance
without changing it, as whoever holds a stolen copy would do. The second lock is tried alone;
what the policy allows plays no part.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Corrupt, Erased, Invalid, NotFound, NotPermitted
from studyhub.domain.vocabulary import Compartment
from studyhub.store import schema
from studyhub.store.keys import SealedObject
from studyhub.store.users import Membership, User
from studyhub.vault.blobs import Blobs
from studyhub.vault.keys import open_membership_keys, open_user_key
from studyhub.vault.seal import open_field
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.workflows import stored_files
from studyhub.workflows.entrance import NOT_RECOGNISED, stored_of
from studyhub.workflows.kernel import Hub
from studyhub.workflows.keyring import Keyring
from studyhub.workflows.locker import Locker
from studyhub.workflows.sealed_places import (
    SealedFile,
    SealedValue,
    sealed_files,
    sealed_values,
)

# The list of sealed columns is read from the tables that are loaded: so all of them are.
TABLES = schema.TABLES

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SHUT = (Corrupt, Erased, NotFound, NotPermitted)


@dataclass
class Tally:
    """How many sealed things a compartment holds, and how many of them opened."""

    objects: int = 0
    opened: int = 0


@dataclass(frozen=True)
class FileCheck:
    """A sealed file compared with what was recorded when it was sealed."""

    id: UUID
    size: int
    root: str
    recorded_root: str

    @property
    def same(self) -> bool:
        return self.root == self.recorded_root


def keys_open(hub: Hub, login: str, password: str, role: str | None = None) -> dict[str, Tally]:
    """Try every sealed value and file with one password, in one role or in all its roles.

    Raises NotFound for an unknown person or role, Invalid for a wrong password. Keys themselves
    are not counted, nor what is sealed to a link, the mailer or the server.
    """
    tallies = {str(name): Tally() for name in Compartment}
    with hub.sessions.reading.begin() as session:
        rings = [
            _Ring(session, hub, *found)
            for found in _keyrings(hub, session, login, password, role)
        ]
        blobs = stored_files.blobs(hub)
        for value in sealed_values(session):
            _count(tallies[value.compartment], any(ring.opens(value) for ring in rings))
        for file in sealed_files(session):
            _count(tallies[file.compartment], any(ring.reads(blobs, file) for ring in rings))
    return tallies


def check_file(hub: Hub, object_id: UUID) -> FileCheck:
    """Compare a sealed file with its recorded root. Needs no key. NotFound, or Corrupt."""
    with hub.sessions.reading.begin() as session:
        row = session.get(SealedObject, object_id)
        if row is None or row.root is None:
            raise NotFound(f"there is no sealed object {object_id}")
        store_name, size, recorded = row.store_name, row.size, row.root.hex()
    root = stored_files.blobs(hub).root_of(store_name)
    return FileCheck(object_id, size, root.hex(), recorded)


def _count(tally: Tally, opened: object) -> None:
    tally.objects += 1
    tally.opened += bool(opened)


def _keyrings(
    hub: Hub, session: Session, login: str, password: str, role: str | None
) -> Iterator[tuple[UUID, Keyring]]:
    """The keys of every membership that this password opens, with its study."""
    person = session.scalar(select(User).where(User.login == login.strip().lower()))
    if person is None:
        raise NotFound(f"nobody has the login {login}")
    user_key = _user_key(hub, person, password)
    held = [
        member
        for member in session.scalars(select(Membership).where(Membership.user_id == person.id))
        if role in (None, member.role)
    ]
    if role is not None and not held:
        raise NotFound(f"{login} is no {role} of any study")
    for member in held:
        if member.private_sealed is not None:
            keys = open_membership_keys(user_key, member.private_sealed, member.id, person.id)
            yield member.study_id, Keyring(member.id, keys)


def _user_key(hub: Hub, person: User, password: str) -> bytes:
    """The person's own key by their password; neither throttled nor recorded, as offline."""
    prk = hub.kitchen.check(password, hub.key_files.pepper, stored_of(person))
    if prk is None or person.key_wrapped is None:
        raise Invalid({"password": NOT_RECOGNISED})
    return open_user_key(prk, person.key_wrapped, person.id)


@dataclass
class _Ring:
    """What one membership's keys reach. Each data key is tried once."""

    session: Session
    hub: Hub
    study: UUID
    keyring: Keyring
    found: dict[UUID, bytes | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A grant that has ended still opens for a thief, until the worker has deleted its row.
        room = replace(self.hub.room, now=lambda: _LONG_AGO)
        self._locker = Locker(
            self.session, room, self.study, self.keyring, lent=frozenset(Compartment)
        )

    def opens(self, value: SealedValue) -> bool:
        """Whether a sealed value opens at its place."""
        key = self._key(value.data_key_id)
        if key is None:
            return False
        try:
            open_field(key, value.place, value.sealed)
        except Corrupt:
            return False
        return True

    def reads(self, blobs: Blobs, file: SealedFile) -> bool:
        """Whether a sealed file opens, from its first to its last segment."""
        key = self._key(file.data_key_id)
        if key is None:
            return False
        place = Context(file.study, file.owner, file.compartment, file.kind, file.version)
        try:
            with blobs.open(
                file.store_name, ObjectKey(key, file.data_key_id, file.id, place)
            ) as reader:
                for _ in reader.range(0, reader.length):
                    pass
        except Corrupt:
            return False
        return True

    def _key(self, data_key_id: UUID) -> bytes | None:
        if data_key_id not in self.found:
            try:
                self.found[data_key_id] = self._locker.data_key(data_key_id).key
            except _SHUT:
                self.found[data_key_id] = None
        return self.found[data_key_id]
