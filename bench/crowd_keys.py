"""Keys of their own for copies of people, where lists open something of them."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import Session

from bench.crowd_worlds import Row, World
from studyhub.domain.errors import Erased
from studyhub.domain.vocabulary import Compartment
from studyhub.store.db import Base
from studyhub.store.keys import CompartmentKey, DataKey
from studyhub.vault.places import Place, dek_info
from studyhub.vault.primitives import wrap
from studyhub.vault.seal import open_field, seal_field
from studyhub.vault.threads import person_behind
from studyhub.workflows.sealed_places import OWNERS
from tests.makers import Study

if TYPE_CHECKING:
    from bench.crowd import Change, Copy

OPENED = ("contacts", "expressions", "questions")
_KEYS = "INSERT INTO shred_keys (id, side, participant_id, key, made_on) VALUES (?, ?, ?, ?, ?)"


class Keys:
    """The data keys of what lists open, opened once, to be wrapped anew for each copy."""

    def __init__(self, study: Study, worlds: list[World]) -> None:
        self._study, self._keystore = study, study.hub.keystore
        self._opened: dict[str, bytes] = {}
        self._shreds: dict[int, list[tuple[str, str, str | None]]] = {}
        with study.hub.sessions.reading.begin() as session:
            lies_in = session.query(CompartmentKey).filter_by(
                study_id=study.id, compartment=Compartment.CONTACT
            )
            one = lies_in.one()
            self._under = (one.id.hex, one.public_key, one.compartment, one.epoch)
            for world in worlds:
                self._take(session, world)

    def _take(self, session: Session, world: World) -> None:
        """The data keys and shred keys of one world become its own."""
        locker = self._study.rita.locker(session, frozenset(Compartment))
        named = {row["data_key_id"] for name in OPENED for row in world.rows_of(name)}
        for key_id in sorted(named):
            try:
                opened = locker.data_key(UUID(key_id))
            except Erased:
                continue
            row = session.get_one(DataKey, UUID(key_id))
            self._opened[key_id] = opened.key
            told = {"id": key_id, "shred_id": row.shred_id.hex}
            told |= {"compartment_key_id": row.compartment_key_id.hex, "wrapped": row.wrapped}
            world.rows.insert(0, (Base.metadata.tables["data_keys"], told))
            world.ids |= {key_id, row.shred_id.hex}
        shreds = [UUID(row["shred_id"]) for row in world.rows_of("data_keys")]
        self._shreds[id(world)] = [
            (
                each.hex,
                side,
                whose.hex if (whose := person_behind(self._keystore, each)) else None,
            )
            for each, side in self._keystore.sides(set(shreds)).items()
        ]

    def keep(self, copies: "Iterable[Copy]") -> None:
        """Write the shred keys of all copies."""
        with self._keystore.writing() as connection:
            connection.executemany(
                _KEYS,
                (
                    (
                        bytes.fromhex(copy.id(each)),
                        side,
                        bytes.fromhex(copy.id(whose)) if whose else None,
                        _shred(copy.id(each)),
                        "2026-03-02",
                    )
                    for copy in copies
                    for each, side, whose in self._shreds[id(copy.world)]
                ),
            )

    def change(self, table: Table, row: Row, name: str) -> "Change | None":
        """How a copy of this column is sealed anew; nothing if it is not."""
        if table.name == "data_keys" and name == "wrapped":
            return self._wrapped(row)
        if table.name not in OPENED or row["data_key_id"] not in self._opened:
            return None
        if name.endswith("_sealed"):
            return self._sealed(table, row, name)
        return None

    def _wrapped(self, row: Row) -> "Change":
        _, public, compartment, epoch = self._under
        study, key = self._study.id, self._opened[row["id"]]

        def change(copy: "Copy") -> bytes:
            key_id, shred_id = copy.id(row["id"]), copy.id(row["shred_id"])
            info = dek_info(study, compartment, epoch, UUID(key_id), UUID(shred_id))
            return wrap(_shred(shred_id), public, key, info)

        return change

    def _sealed(self, table: Table, row: Row, name: str) -> "Change":
        study, key = self._study.id, self._opened[row["data_key_id"]]
        own, owner = next(iter(table.primary_key)).name, OWNERS[table.name]

        def place(of: Callable[[str], str]) -> Place:
            return Place(table.name, UUID(of(row[own])), name, study, UUID(of(row[owner])))

        held = open_field(key, place(str), row[name])
        return lambda copy: seal_field(key, place(copy.id), held)


def _shred(shred_id: str) -> bytes:
    return sha256(b"bench" + shred_id.encode()).digest()
