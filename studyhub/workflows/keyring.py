"""What an actor carries into an act, and what every act of an instance shares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

from studyhub.domain.errors import NotPermitted
from studyhub.vault.keys import KeyFiles, LinkKeys, MembershipKeys
from studyhub.vault.primitives import random_key
from studyhub.vault.shred import Keystore

RootOf = Callable[[UUID], bytes | None]


@dataclass(frozen=True)
class Keyring:
    """The private halves an actor carries: a member's, a link's, the mailer's, or none."""

    membership_id: UUID | None = None
    member: MembershipKeys | None = None
    mailer: KeyFiles | None = field(default=None, repr=False)
    link_id: UUID | None = None
    link: LinkKeys | None = field(default=None, repr=False)

    @property
    def grantee(self) -> tuple[str, UUID | None]:
        """To whom single data keys are granted: this membership, or this link."""
        return ("link", self.link_id) if self.link_id else ("membership", self.membership_id)

    @property
    def opening(self) -> bytes:
        """The private half that opens grants. NotPermitted where nothing is carried."""
        if self.link is not None:
            return self.link.pair.private
        if self.member is None:
            raise NotPermitted("this session carries no keys")
        return self.member.opening


@dataclass(frozen=True)
class OpenKey:
    """A data key in the memory of one act."""

    id: UUID
    shred_id: UUID
    key: bytes = field(repr=False)


def draw(shred_id: UUID) -> OpenKey:
    """Draw a data key, to be sealed and kept."""
    return OpenKey(uuid4(), shred_id, random_key())


NOTHING = Keyring()


class Posted(Protocol):
    """A letter as far as sealing goes: analysis must not even know the table."""

    @property
    def id(self) -> UUID: ...
    @property
    def study_id(self) -> UUID | None: ...
    @property
    def shred_id(self) -> UUID: ...
    @property
    def body_sealed(self) -> bytes | None: ...


@dataclass(frozen=True)
class Room:
    """What every locker of an instance shares."""

    keystore: Keystore
    root_of: RootOf
    mailer_public: bytes
    now: Callable[[], datetime]
