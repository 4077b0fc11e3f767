"""Rows for tests of the tables alone: what a row must have is filled in, parents included.

Only here a row is made without its act: these tests ask what the database keeps by itself.
"""

import secrets
from datetime import UTC, date, datetime
from uuid import uuid4

from sqlalchemy import JSON, BigInteger, Boolean, Date, LargeBinary, Text, Uuid

from studyhub.domain.words import WORDS
from studyhub.store.db import Base, UtcDateTime

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)

# What the filler cannot know.
NEEDED = {
    "proposals": {"act": "member.end"},
    "events": {"act": "member.end"},
    "key_grants": {"to_recovery": True},
}
ONE_OF_SEVERAL = {"links": "participant_id", "assignments": "recording_id"}


def model_of(table):
    """The class of a table."""
    return next(m.class_ for m in Base.registry.mappers if m.local_table.name == table)


def add(session, table, **given):
    """Add one row, and the rows it refers to. Values not given are made up."""
    model = model_of(table)
    values = {**NEEDED.get(table, {}), **given}
    for column in model.__table__.columns:
        name = column.name
        wanted = not column.nullable or name == ONE_OF_SEVERAL.get(table)
        if name not in values and wanted and name != "id":
            values[name] = _value(session, column)
    attributes = {
        model.__mapper__.get_property_by_column(c).key: c.name for c in model.__table__.c
    }
    row = model(**{key: values[name] for key, name in attributes.items() if name in values})
    session.add(row)
    session.flush()
    return row


def _value(session, column):
    for key in column.foreign_keys:
        parent = add(session, key.column.table.name)
        return getattr(parent, key.column.name)
    words = WORDS.get(f"{column.table.name}.{column.name}")
    if words and isinstance(column.type, Text):
        return words[0]
    return _MADE_UP[type(column.type)]()


_MADE_UP = {
    Uuid: uuid4,
    Text: lambda: secrets.token_hex(6),
    LargeBinary: lambda: secrets.token_bytes(16),
    BigInteger: lambda: secrets.randbelow(2**40),
    Boolean: lambda: False,
    UtcDateTime: lambda: NOON,
    Date: lambda: date(2026, 11, 23),
    JSON: list,
}
