"""Copy a whole database as it was at one instant, and make one again from such a copy.

SQLite: the file as its online backup gives it. PostgreSQL: the rows of every table as COPY
writes them, read in one repeatable transaction; a restore builds the tables by the migrations.
What is sealed stays sealed; the rest of a copy is in clear, so only its sealed form is kept.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, inspect, make_url
from sqlalchemy.orm import Session

from studyhub.domain.errors import Corrupt, NoSpace, WrongState
from studyhub.store import schema
from studyhub.store.db import Base, expected_faults, make_sessions
from studyhub.store.triggers import create_all_triggers, drop_all_triggers

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_PIECE = 1 << 20
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True)
class Snapshot:
    """A database at one instant: its bytes, and a session that reads the same instant."""

    engine: str
    schema: str
    length: int
    chunks: Callable[[], Iterator[bytes]]
    session: Session


@contextmanager
def snapshot(engine: Engine, aside: Path) -> Iterator[Snapshot]:
    """A database as it is now. SQLite is copied into the file ``aside``, removed at the end."""
    taken = _of_file if engine.dialect.name == SQLITE else _of_server
    with expected_faults(), taken(engine, aside) as found:
        yield found


def require_empty(url: str) -> None:
    """Refuse to restore over anything. Raises WrongState."""
    path = _file_of(url)
    if path is not None:
        if path.exists() and path.stat().st_size:
            raise WrongState(f"there is a database already: {path}")
        return
    engine = make_sessions(url).engine
    try:
        with expected_faults(), engine.connect() as connection:
            _require_no_tables(connection)
    finally:
        engine.dispose()


def put_back(url: str, revision: str, chunks: Iterator[bytes]) -> None:
    """Fill an empty database from a copy, whole or not at all. Raises WrongState, Corrupt."""
    schema.require_known(revision)
    path = _file_of(url)
    if path is not None:
        try:
            _write_file(path, chunks)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return
    engine = make_sessions(url).engine
    try:
        with expected_faults(), engine.connect() as connection, connection.begin():
            _fill_server(connection, revision, chunks)
    finally:
        engine.dispose()


def engine_of(url: str) -> str:
    """Which of the two engines an address means."""
    return SQLITE if make_url(url).get_backend_name() == SQLITE else POSTGRESQL


def _file_of(url: str) -> Path | None:
    place = make_url(url)
    if engine_of(url) != SQLITE:
        return None
    if not place.database:
        raise WrongState("a database in memory cannot be restored")
    return Path(place.database)


# -- SQLite -------------------------------------------------------------------------


@contextmanager
def _of_file(engine: Engine, aside: Path) -> Iterator[Snapshot]:
    try:
        _copy_file(engine, aside)
        address = f"{aside.resolve().as_uri()}?immutable=1"
        copy = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(address, uri=True),
            hide_parameters=True,
        )
        revision = schema.current(copy) or ""
        with Session(copy) as session:
            yield Snapshot(
                SQLITE, revision, aside.stat().st_size, lambda: _pieces(aside), session
            )
        copy.dispose()
    finally:
        aside.unlink(missing_ok=True)


def _copy_file(engine: Engine, aside: Path) -> None:
    """In one step: with more than one, every change by a writer would begin it anew."""
    os.close(os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    raw = engine.raw_connection()
    try:
        with _full_is_no_space(), closing(sqlite3.connect(aside)) as target:
            # It is thrown away: a journal, or waiting for the disk, would serve nobody.
            target.execute("PRAGMA journal_mode=OFF")
            target.execute("PRAGMA synchronous=OFF")
            source: Any = raw.driver_connection
            source.backup(target)
    finally:
        raw.close()


@contextmanager
def _full_is_no_space() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as failed:
        if failed.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise NoSpace("the disk is full") from None
        raise


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _write_file(path: Path, chunks: Iterator[bytes]) -> None:
    with suppress(FileNotFoundError):
        path.unlink()  # found empty before
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    try:
        with closing(sqlite3.connect(path)) as copy:
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as damaged:
        raise Corrupt(f"the copy of the database is damaged: {damaged}") from None
    if found != "ok":
        raise Corrupt(f"the copy of the database is damaged: {found}")


# -- PostgreSQL ---------------------------------------------------------------------


@contextmanager
def _of_server(engine: Engine, _aside: Path) -> Iterator[Snapshot]:
    """Read twice, since a sealed file must know its length before its first byte."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        _speak_plainly(connection)
        tables = list(Base.metadata.sorted_tables)
        heads = [_head(table, sum(map(len, _rows(connection, table)))) for table in tables]
        length = sum(len(head) + _bytes_in(head) for head in heads)

        def chunks() -> Iterator[bytes]:
            for table, head in zip(tables, heads, strict=True):
                yield head
                yield from _rows(connection, table)

        revision = schema.current_of(connection) or ""
        yield Snapshot(POSTGRESQL, revision, length, chunks, Session(connection))


def _speak_plainly(connection: Connection) -> None:
    """Dates as every server reads them, whatever this one is set to."""
    connection.exec_driver_sql("SET LOCAL datestyle = 'ISO, YMD'")


def _head(table: Table, size: int) -> bytes:
    told = {
        "table": table.name,
        "columns": [each.name for each in table.columns],
        "bytes": size,
    }
    return json.dumps(told).encode() + b"\n"


def _bytes_in(head: bytes) -> int:
    return int(json.loads(head)["bytes"])


def _rows(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows as COPY writes them, some at a time."""
    driver: Any = connection.connection.driver_connection
    names = [each.name for each in table.columns]
    with driver.cursor() as cursor:
        statement = f"COPY {_place(connection, table.name, names)} TO STDOUT"
        with cursor.copy(statement) as rows:
            gathered = bytearray()
            for row in rows:
                gathered += row
                if len(gathered) >= _PIECE:
                    yield bytes(gathered)
                    gathered.clear()
            yield bytes(gathered)


def _place(connection: Connection, table: str, columns: list[str]) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return f"{quote(table)} ({', '.join(quote(each) for each in columns)})"


def _require_no_tables(connection: Connection) -> None:
    if inspect(connection).get_table_names():
        raise WrongState("the database has tables already: give an empty one")


def _fill_server(connection: Connection, revision: str, chunks: Iterator[bytes]) -> None:
    _require_no_tables(connection)
    _speak_plainly(connection)
    schema.build(connection, revision)
    drop_all_triggers(connection)  # they would refuse the statements of approved versions
    driver: Any = connection.connection.driver_connection
    copy = _Copy(chunks)
    while head := copy.line():
        told = _told(head)
        with driver.cursor() as cursor:
            place = _place(connection, told["table"], told["columns"])
            with cursor.copy(f"COPY {place} FROM STDIN") as rows:
                for piece in copy.next(told["bytes"]):
                    rows.write(piece)
    create_all_triggers(connection)


def _told(head: bytes) -> dict[str, Any]:
    try:
        told = json.loads(head)
        return {"table": told["table"], "columns": told["columns"], "bytes": int(told["bytes"])}
    except (ValueError, KeyError, TypeError):
        raise Corrupt("the copy of the database cannot be read") from None


class _Copy:
    """What was copied, read a line or a number of bytes at a time."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""

    def line(self) -> bytes:
        """The next line, empty at the end."""
        while b"\n" not in self._held:
            more = next(self._chunks, b"")
            if (not more and self._held) or len(self._held) > _LONGEST_LINE:
                raise Corrupt("the copy of the database ends too early")
            if not more:
                return b""
            self._held += more
        line, _, self._held = self._held.partition(b"\n")
        return line

    def next(self, size: int) -> Iterator[bytes]:
        """That many bytes, in pieces."""
        while size:
            piece = self._held or next(self._chunks, b"")
            if not piece:
                raise Corrupt("the copy of the database ends too early")
            self._held = piece[size:]
            yield piece[:size]
            size -= len(piece[:size])
