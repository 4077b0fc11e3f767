"""Seal and open the columns of rows within an act: one pair of verbs for every stage."""

from typing import Any
from uuid import UUID

from studyhub.store.db import Base
from studyhub.vault.seal import pack, unpack
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.sealed_places import place_of


def seal_column(
    work: Work, key: OpenKey, row: Base, column: str, owner: UUID | str, **values: Any
) -> None:
    """Fill a sealed column of a row that has its id already, with JSON of these values."""
    place = place_of(row, column, work.study, owner)
    setattr(row, column, work.vault.seal(key, place, pack(values).decode()))


def open_column(
    work: Work, data_key_id: UUID, row: Base, column: str, owner: UUID | str
) -> dict[str, Any]:
    """Open a sealed column. NotPermitted without a key; Erased when its shred key is gone."""
    return open_with(work, work.vault.data_key(data_key_id), row, column, owner)


def open_with(
    work: Work, key: OpenKey, row: Base, column: str, owner: UUID | str
) -> dict[str, Any]:
    """Open a sealed column with a data key that this act has opened already."""
    place = place_of(row, column, work.study, owner)
    return unpack(work.vault.open(key, place, getattr(row, column)).encode())
