"""A member of the fictional team at work: seals, grants and adds rows, as an act would.

Data key under the person's shred key, sealed to its compartment, granted by one who has it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from studyhub.domain.errors import HouseRuleBroken
from studyhub.domain.vocabulary import Compartment, Role, Side
from studyhub.store.db import Base
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.store.transcripts import CaseNote
from studyhub.store.users import Membership
from studyhub.vault.blobs import Blobs, new_store_name
from studyhub.vault.seal import pack
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.vault.threads import shred_for
from studyhub.workflows.kernel import Desk, Hub
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.sealed_places import place_of


@dataclass(frozen=True)
class Team:
    """The study and the desk of each role in it."""

    hub: Hub
    study: UUID
    desks: dict[Role, Desk]

    def member(self, role: Role) -> UUID:
        """The membership that holds a role."""
        found = self.desks[role].actor.membership_id
        if found is None:
            raise HouseRuleBroken(f"nobody works as {role}")
        return found

    @contextmanager
    def hand(self, role: Role) -> Iterator["Hand"]:
        """One member at work, in one transaction."""
        with self.hub.sessions.writing.begin() as session:
            yield Hand(self, session, role)


@dataclass(frozen=True)
class Person:
    """A fictional participant. ``assigned`` means that the team works on their interview."""

    code: str
    name: str
    email: str
    employer: str
    assigned: bool
    id: UUID = field(default_factory=uuid4)
    interview: UUID = field(default_factory=uuid4)
    consent: UUID = field(default_factory=uuid4)
    recording: UUID = field(default_factory=uuid4)
    entity: UUID = field(default_factory=uuid4)


class Hand:
    """What one member does in one transaction, with the keys of their membership."""

    def __init__(self, team: Team, session: Session, role: Role) -> None:
        self.team = team
        self.session = session
        self.by = team.member(role)
        self.now = team.hub.now()
        self.vault = team.desks[role].locker(session, frozenset(Compartment))

    def add(self, *rows: Base) -> None:
        """Add rows, one after the other: each may refer to the one before."""
        for row in rows:
            self.session.add(row)
            self.session.flush()

    def key(self, compartment: Compartment, side: str, person: UUID) -> OpenKey:
        """A new data key of one side of a participant."""
        shred = shred_for(self.team.hub.keystore, person, side, self.now.date())
        return self.vault.new_data_key(compartment, shred)

    def grant(self, key: OpenKey, *roles: Role, until: datetime | None = None) -> None:
        """Give a data key to the members of these roles, perhaps until an instant."""
        for role in roles:
            member = self.session.get_one(Membership, self.team.member(role))
            certificate = certificate_of(member)
            if certificate is None:
                raise HouseRuleBroken(f"nobody certified the {role}")
            self.vault.grant_data_key(key, certificate)
            self.session.flush()
            self.session.execute(
                update(DataKeyGrant)
                .where(DataKeyGrant.data_key_id == key.id, DataKeyGrant.grantee_id == member.id)
                .values(ends_at=until)
            )

    def seal(
        self, key: OpenKey, row: Base, column: str, owner: UUID | str, **values: Any
    ) -> None:
        """Fill a sealed column of a row that has its id already."""
        place = place_of(row, column, self.team.study, owner)
        setattr(row, column, self.vault.seal(key, place, pack(values).decode()))

    def begin_object(self, key: OpenKey, kind: str) -> UUID:
        """Write the row of a sealed object whose bytes are still to come."""
        row = SealedObject(
            id=uuid4(),
            study_id=self.team.study,
            data_key_id=key.id,
            kind=kind,
            version=1,
            store_name=new_store_name(),
            size=0,
            made_on=self.now.date(),
        )
        self.add(row)
        return row.id


def finish_object(
    team: Team, object_id: UUID, key: OpenKey, place: Context, content: bytes
) -> bytes:
    """Seal the bytes of an object into its file, outside the transaction. Returns the root."""
    with team.hub.sessions.reading.begin() as session:
        store_name = session.get_one(SealedObject, object_id).store_name
    settings = team.hub.settings
    blobs = Blobs(settings.objects, settings.tmp, settings.free_space_floor)
    sealed = blobs.store(
        store_name, ObjectKey(key.key, key.id, object_id, place), [content], len(content)
    )
    with team.hub.sessions.writing.begin() as session:
        row = session.get_one(SealedObject, object_id)
        row.size, row.root = sealed.size, sealed.root
    return sealed.root


def plant_note(
    hand: Hand, person: Person, compartment: Compartment, kind: str, text: str
) -> None:
    """A sealed note about a participant, readable by who wrote it."""
    side = Side.CONSENT if compartment is Compartment.CONSENT else Side.TRANSCRIPT
    key = hand.key(compartment, side, person.id)
    note = CaseNote(
        id=uuid4(),
        participant_id=person.id,
        interview_id=person.interview,
        data_key_id=key.id,
        kind=kind,
        by_id=hand.by,
        made_at=hand.now,
    )
    hand.seal(key, note, "body_sealed", person.id, text=text)
    hand.add(note)
    hand.grant(key, Role.INTERVIEWER)
