"""Many rows at once, as tuples in the order of a table's columns."""

from sqlite3 import Connection
from typing import Any


def insert(database: Connection, table: str, rows: list[Any]) -> None:
    """Write the rows, and leave the list empty for the next."""
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        # Tables are named by the models, and a name cannot be given as a value.
        database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - as said above
        rows.clear()
