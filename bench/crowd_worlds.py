"""Find what hangs together: each person with every row, line and key that is theirs."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, Uuid, select, text

from studyhub.domain.vocabulary import Zone
from studyhub.store.db import Base
from tests.makers import Study

PERSONAL = {Zone.COURSE, Zone.IDENTITY, Zone.MATERIAL, Zone.RESEARCH}
# On no list: they would only make the filling longer.
LEFT_OUT = {
    *("entities", "register_entries", "register_prints", "sources", "suppressions"),
    *("codebooks", "codes", "cells", "codings", "cell_quotes", "memos", "requests"),
}
SOMEBODY = {"participants", "expressions", "releases"}  # a world has one of them
_SPELLED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Row = dict[str, Any]


@dataclass
class World:
    """One person, one expression of nobody or one label, and every row that hangs on it."""

    rows: list[tuple[Table, Row]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    lines: list[Row] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [row["code"] for table, row in self.rows if table.name == "participants"]

    @property
    def begun(self) -> datetime:
        return min(datetime.fromisoformat(row["at"] + "+00:00") for row in self.lines)

    def rows_of(self, name: str) -> list[Row]:
        return [row for table, row in self.rows if table.name == name]

    def spelled_in(self, told: str) -> list[str]:
        """Ids of this world that stand in a text."""
        return [each for each in set(_SPELLED.findall(told)) if _plain(each) in self.ids]


def worlds_of(study: Study) -> list[World]:
    """Every world of a study, with the lines of the record about it."""
    with study.hub.sessions.engine.connect() as connection:
        worlds = _joined(_personal(connection))
        by_id = {each: world for world in worlds for each in world.ids}
        for table, name in (("proposals", "subject"), ("events", "line")):
            for row in _rows(connection, Base.metadata.tables[table]):
                _give(
                    by_id, table, row, str(row[name], "utf-8") if name == "line" else row[name]
                )
    return [each for each in worlds if each.lines]


def _give(by_id: dict[str, World], table: str, row: Row, told: str) -> None:
    """Give a row that names ids in a text to the first world that has one of them."""
    for each in _SPELLED.findall(told):
        world = by_id.get(_plain(each))
        if world is None:
            continue
        if table == "events":
            world.lines.append(row)
        else:
            world.rows.append((Base.metadata.tables[table], row))
            world.ids.add(row["id"])
        return


def _personal(connection: Connection) -> list[tuple[Table, Row]]:
    return [
        (table, row)
        for table in Base.metadata.sorted_tables
        if table.name not in LEFT_OUT
        and (table.info["zone"] in PERSONAL or table.name == "sealed_objects")
        for row in _rows(connection, table)
    ]


def _rows(connection: Connection, table: Table) -> list[Row]:
    """Rows exactly as they lie there."""
    found = connection.execute(select(text("*")).select_from(table))
    return [dict(row) for row in found.mappings()]


def _joined(rows: list[tuple[Table, Row]]) -> list[World]:
    """Rows that name each other belong together; so do those of one label."""
    owned = {row["id"] for _, row in rows if "id" in row}
    leads: dict[str, str] = {}

    def end(key: str) -> str:
        while leads.setdefault(key, key) != key:
            key = leads[key]
        return key

    named = []
    for table, row in rows:
        names = [row["label"]] if "label" in row else []
        names += [
            row[column.name]
            for column in table.columns
            if isinstance(column.type, Uuid) and row[column.name] in owned
        ]
        if names:
            named.append((names[0], table, row))
        for each in names[1:]:
            leads[end(each)] = end(names[0])
    return _gathered([(end(name), table, row) for name, table, row in named])


def _gathered(named: list[tuple[str, Table, Row]]) -> list[World]:
    worlds: defaultdict[str, World] = defaultdict(World)
    for key, table, row in named:
        world = worlds[key]
        world.rows.append((table, row))
        if "id" in row:
            world.ids.add(row["id"])
    return [
        world
        for world in worlds.values()
        if any(table.name in SOMEBODY for table, _ in world.rows)
    ]


def _plain(spelled: str) -> str:
    return spelled.replace("-", "")
