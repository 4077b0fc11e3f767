"""Where every sealed value stands and whom it is about: one line for each table that has any.

The place is part of what is authenticated, so whoever seals and whoever opens must agree on it:
take it from here. A path like ``interview_id.participant_id`` is followed from
row to row. Names only, no tables: analysis, which may not know people, uses the same list.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Table, func, select
from sqlalchemy.orm import Session

from studyhub.domain.errors import HouseRuleBroken
from studyhub.store.db import Base
from studyhub.vault.places import Place

# Whom the sealed values of a table are about; of nobody, then of the study.
OWNERS: dict[str, str] = {
    "expressions": "id",
    "contacts": "participant_id",
    "questions": "participant_id",
    "call_sheets": "interview_id.participant_id",
    "sources": "",
    "transcript_versions": "transcript_id.interview_id.participant_id",
    "working_copies": "transcript_id.interview_id.participant_id",
    "second_readings": "transcript_id.interview_id.participant_id",
    "entities": "",
    "register_entries": "participant_id",
    "case_notes": "participant_id",
    "releases": "label",
    "cases": "label",
    "codes": "",
    "codebooks": "",
    "cells": "case_id.label",
    "memos": "release_id.label",
}

# Where the data key of a row is named, if not in the row.
DATA_KEYS: dict[str, str] = {
    "transcript_versions": "transcript_id.data_key_id",
    "working_copies": "transcript_id.data_key_id",
    "second_readings": "transcript_id.data_key_id",
}

# Sealed to a person, a link, the mailer or the server, in formats of their own.
OWN_FORMATS = frozenset(
    {
        *("users.totp_sealed", "memberships.private_sealed"),
        *("links.capsule_sealed", "letters.body_sealed"),
    }
)

# Which table says whom a sealed object is about, and in which column.
OBJECT_OWNERS: dict[str, str] = {
    "recordings": "id",
    "renditions": "recording_id",
    "evidence": "consent_id",
}


@dataclass(frozen=True)
class SealedValue:
    """A sealed value as it lies in its row, with everything needed to try it."""

    place: Place
    data_key_id: UUID
    compartment: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True)
class SealedFile:
    """A sealed object as its row describes it."""

    id: UUID
    study: UUID
    owner: UUID
    data_key_id: UUID
    compartment: str
    kind: str
    version: int
    store_name: str


def place_of(row: Base, column: str, study: UUID, owner: UUID | str) -> Place:
    """The place of one sealed column of a row; ``owner`` as ``OWNERS`` says."""
    table = Base.metadata.tables[row.__tablename__]
    if table.name not in OWNERS or column not in table.columns:
        raise HouseRuleBroken(f"{table.name}.{column} is no sealed column we know")
    key = next(iter(table.primary_key.columns)).name
    return Place(table.name, getattr(row, key), column, study, owner)


def sealed_columns() -> Iterator[tuple[Table, str]]:
    """Every sealed column of every table that is loaded, except those of own formats."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if column.name.endswith("_sealed") and name not in OWN_FORMATS:
                yield table, column.name


def sealed_values(session: Session) -> Iterator[SealedValue]:
    """Every sealed value of the instance, table by table."""
    for table, column in sealed_columns():
        path = _Path(table)
        sealed = table.c[column]
        data_key_id = path.to(DATA_KEYS.get(table.name, "data_key_id"))
        owner = path.to(OWNERS[table.name]) if OWNERS[table.name] else None
        keys, compartments = _keys_of(path, data_key_id)
        wanted = [next(iter(table.primary_key)), sealed, keys.c.id, *compartments]
        if owner is not None:
            wanted.append(owner)
        # What was erased is emptied where a row must keep its column.
        there = sealed.is_not(None) & (func.length(sealed) > 0)
        query = select(*wanted).select_from(path.joined).where(there)
        for row_id, value, key_id, study, compartment, *owners in session.execute(query):
            about = owners[0] if owners and owners[0] is not None else study
            place = Place(table.name, row_id, column, study, about)
            yield SealedValue(place, key_id, compartment, value)


def sealed_files(session: Session) -> Iterator[SealedFile]:
    """Every finished sealed object of the instance whose file should be there."""
    objects = Base.metadata.tables["sealed_objects"]
    for name, owner in OBJECT_OWNERS.items():
        table = Base.metadata.tables[name]
        path = _Path(table)
        path.to("object_id.id")
        keys, compartments = _keys_of(path, objects.c.data_key_id)
        columns = (objects.c.kind, objects.c.version, objects.c.store_name)
        query = (
            select(objects.c.id, table.c[owner], keys.c.id, *compartments, *columns)
            .select_from(path.joined)
            .where(objects.c.root.is_not(None), objects.c.gone_at.is_(None))
        )
        for object_id, about, key_id, study, compartment, *rest in session.execute(query):
            yield SealedFile(object_id, study, about, key_id, compartment, *rest)


class _Path:
    """Joins along the references of a table, each followed at most once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.joined: FromClause = table

    def to(self, path: str) -> ColumnElement[UUID]:
        """The column at the end of a path."""
        table = self._table
        *hops, last = path.split(".")
        for hop in hops:
            table = self.follow(table.c[hop])
        return table.c[last]

    def follow(self, column: ColumnElement[UUID]) -> Table:
        """Join the table that a column refers to."""
        (reference,) = column.foreign_keys
        target: Table = reference.column.table
        if not self.joined.is_derived_from(target):
            self.joined = self.joined.outerjoin(target, column == reference.column)
        return target


def _keys_of(
    path: _Path, data_key_id: ColumnElement[UUID]
) -> tuple[Table, tuple[ColumnElement[UUID], ColumnElement[str]]]:
    """The table of data keys, and the study and compartment a data key lies in."""
    keys = path.follow(data_key_id)
    lies_in = path.follow(keys.c.compartment_key_id)
    return keys, (lies_in.c.study_id, lies_in.c.compartment)
