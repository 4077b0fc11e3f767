"""Fill an instance with many people: copies, row by row, of those who are in it already.

Each person's rows hang together. A copy has ids, codes and times of its own, and names sealed
under keys of its own where lists open them: so pages show what acts made, many times over.
SQLite only: what the tables hold is copied as it lies there.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from sqlite3 import Connection, connect
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Table

from bench.crowd_keys import Keys
from bench.crowd_record import fill_record
from bench.crowd_rows import insert
from bench.crowd_worlds import Row, World, worlds_of
from studyhub.hub import open_hub
from studyhub.store.triggers import create_all_triggers, drop_all_triggers
from studyhub.workflows.people import CODE_LETTERS
from tests.makers import Clock, Study
from tests.staged import Staged, in_files

SPAN = timedelta(days=80)  # in which the copies came, however many there are
AT_ONCE = 20_000
OFF_GUARD = ("synchronous = OFF", "foreign_keys = OFF")  # what fails is thrown away
UNIQUE = {"token_hash", "bounce_hash", "email_index", "store_name", "calendar_uid"}
CODES = len(CODE_LETTERS) ** 4

Change = Callable[["Copy"], Any]


@dataclass(frozen=True)
class Copy:
    """The how manieth copy of a world; what tells its ids from those of the others."""

    world: World
    number: int
    mask: int
    shift: timedelta
    codes: dict[str, str]

    def id(self, hexadecimal: str) -> str:
        return f"{int(hexadecimal, 16) ^ self.mask:032x}"

    def spelled(self, text: str) -> str:
        """A text in which ids stand with dashes."""
        for each in self.world.spelled_in(text):
            text = text.replace(each, str(UUID(self.id(each.replace("-", "")))))
        return text


def fill(stage: Staged[Any], study: Study, folder: Path, people: int, events: int) -> Study:
    """What was staged, with so many people and lines more, as an instance. Its later study."""
    with in_files(stage, folder):
        pass
    clock = Clock(study.clock.at)
    made = replace(study, hub=open_hub(folder, clock), clock=clock, origin=None, desks={})
    worlds = worlds_of(made)
    copies = partial(_copies, worlds, people, study.clock.at)
    keys = Keys(made, worlds)
    keys.keep(copies())
    opened = connect(folder / "studyhub.sqlite3", isolation_level=None)
    with closing(opened) as database, _quickly(made, database):
        _fill_tables(database, copies(), keys)
        clock.at = fill_record(made, database, copies(), events)
    return made


def _copies(worlds: list[World], people: int, begun: datetime) -> Iterator[Copy]:
    """Every copy, the earliest first."""
    each_time = sum(len(world.codes) for world in worlds)
    times = -(-people // each_time)
    age = begun - min(world.begun for world in worlds)
    taken = {code for world in worlds for code in world.codes}
    codes = (code for n in range(CODES) if (code := _code(n)) not in taken)
    for number in range(times):
        shift = age + SPAN * (number + 1) / times
        mask = (number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128
        for world in worlds:
            own = {code: next(codes) for code in world.codes}
            yield Copy(world, number, mask, shift, own)


def _code(number: int) -> str:
    """Codes in an order that looks like none, each once."""
    left, letters = (number * 699_053 + 12_345) % CODES, ""
    for _ in range(4):
        left, at = divmod(left, len(CODE_LETTERS))
        letters += CODE_LETTERS[at]
    return letters


# -- rows --------------------------------------------------------------------------------


def _fill_tables(database: Connection, copies: Iterator[Copy], keys: Keys) -> None:
    waiting: dict[str, list[tuple[Any, ...]]] = {}
    makers: dict[int, list[tuple[str, Callable[[Copy], tuple[Any, ...]]]]] = {}
    for copy in copies:
        world = copy.world
        if id(world) not in makers:
            makers[id(world)] = [
                (table.name, _maker(world, table, row, keys)) for table, row in world.rows
            ]
        for name, make in makers[id(world)]:
            rows = waiting.setdefault(name, [])
            rows.append(make(copy))
            if len(rows) >= AT_ONCE:
                insert(database, name, rows)
    for name, rows in waiting.items():
        insert(database, name, rows)


def _maker(
    world: World, table: Table, row: Row, keys: Keys
) -> Callable[[Copy], tuple[Any, ...]]:
    """Something that makes the row of each copy; most of its values stay as they are."""
    values = list(row.values())
    changes = [
        (at, change)
        for at, (name, value) in enumerate(row.items())
        if value is not None
        and (change := keys.change(table, row, name) or _change(world, table, name, value))
    ]

    def make(copy: Copy) -> tuple[Any, ...]:
        for at, change in changes:
            values[at] = change(copy)
        return tuple(values)

    return make


def _change(world: World, table: Table, name: str, value: Any) -> Change | None:
    if value in world.ids:
        return lambda copy: copy.id(value)
    kind = table.c[name].type
    if isinstance(kind, DateTime) or getattr(kind, "impl_instance", None).__class__ is DateTime:
        at = datetime.fromisoformat(value)
        return lambda copy: (at + copy.shift).isoformat(" ", "microseconds")
    if isinstance(kind, Date):
        day = datetime.fromisoformat(value)
        return lambda copy: (day + copy.shift).date().isoformat()
    return _named(table, name, value)


def _named(table: Table, name: str, value: Any) -> Change | None:
    """What is unique, or names something else of the copy, in a form of its own."""
    if name in UNIQUE and isinstance(value, bytes):
        number = int.from_bytes(value[:16], "big")
        return lambda copy: (number ^ copy.mask).to_bytes(16, "big") + value[16:]
    if name in UNIQUE:
        return lambda copy: f"{copy.mask:032x}{value}"
    changes: dict[str, Change] = {
        "participants.code": lambda copy: copy.codes[value],
        "releases.label": lambda copy: f"P{100 + 10 * copy.number + int(value[1:])}",
        "withdrawals.reference": lambda copy: f"{value}{copy.number}",
        "proposals.subject": lambda copy: copy.spelled(value),
    }
    changes["cases.label"] = changes["releases.label"]
    return changes.get(f"{table.name}.{name}")


# -- the database ------------------------------------------------------------------------


@contextmanager
def _quickly(study: Study, database: Connection) -> Iterator[None]:
    """Without what is kept for each row: it is made anew, for all of them, at the end."""
    with study.hub.sessions.engine.begin() as connection:
        drop_all_triggers(connection)
    study.hub.sessions.engine.dispose()
    for setting in ("journal_mode = OFF", *OFF_GUARD, "cache_size = -500000"):
        database.execute(f"PRAGMA {setting}")
    found = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    database.execute("BEGIN IMMEDIATE")
    for name, _ in found:
        database.execute(f"DROP INDEX {name}")
    yield
    for _, sql in found:
        database.execute(sql)
    database.execute("COMMIT")
    with study.hub.sessions.engine.begin() as connection:
        create_all_triggers(connection)
