"""The live schema has the tables and columns of the data model, as columns.txt has them."""

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect

from studyhub.store.db import Base

LIST = Path(__file__).with_name("columns.txt")

# What each word of the list is on each engine.
KINDS = {
    "uuid": ("CHAR(32)", "UUID"),
    "text": ("TEXT", "TEXT"),
    "int": ("BIGINT", "BIGINT"),
    "bool": ("BOOLEAN", "BOOLEAN"),
    "blob": ("BLOB", "BYTEA"),
    "time": ("DATETIME", "TIMESTAMP"),
    "date": ("DATE", "DATE"),
    "json": ("JSON", "JSON"),
}


def listed():
    """Zone and columns of each table: name -> (kind, nullable, table referred to)."""
    tables, zone = {}, ""
    for paragraph in re.sub(r"\n +", " ", LIST.read_text("utf-8")).splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", paragraph):
            zone = heading[1]
        elif paragraph:
            table, _, columns = paragraph.partition(": ")
            assert table not in tables
            tables[table] = (zone, dict(map(_column, columns.split(", "))))
    return tables


def _column(words):
    name, kind = words.split()
    kind, _, table = kind.partition(">")
    return name.rstrip("?"), (kind, name.endswith("?"), table or None)


def _live(inspector, table, nth):
    names = {kinds[nth]: word for word, kinds in KINDS.items()}
    refers = {
        key["constrained_columns"][0]: key["referred_table"]
        for key in inspector.get_foreign_keys(table)
    }
    return {
        column["name"]: (
            names[str(column["type"])],
            column["nullable"],
            refers.get(column["name"]),
        )
        for column in inspector.get_columns(table)
    }


def test_the_database_has_exactly_the_tables_of_the_list(sessions):
    tables = set(inspect(sessions.engine).get_table_names())

    assert tables - {"alembic_version"} == set(listed())


def test_every_table_has_exactly_the_columns_of_the_list(sessions):
    inspector = inspect(sessions.engine)
    nth = ("sqlite", "postgresql").index(sessions.engine.dialect.name)

    for table, (_, columns) in listed().items():
        live = _live(inspector, table, nth)
        assert live == columns, table
        assert list(live) == list(columns), table


@pytest.mark.parametrize("table", listed())
def test_every_table_is_in_the_zone_of_the_list(table):
    assert Base.metadata.tables[table].info["zone"] == listed()[table][0]


def test_no_time_keeps_a_default_of_the_database(sessions):
    inspector = inspect(sessions.engine)

    defaults = [
        (table, column["name"])
        for table in listed()
        for column in inspector.get_columns(table)
        if column["default"] is not None
    ]

    assert defaults == []
