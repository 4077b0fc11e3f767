"""Bring a database to the newest schema, forward only, and say which one it has.

The steps are in the top folder ``migrations``; Alembic is configured here, without a file.
Take a backup first: a step cannot be taken back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from studyhub.domain.errors import WrongState
from studyhub.store import (
    analysis,
    audit,
    consent,
    interviews,
    jobs,
    keys,
    outbox,
    people,
    releases,
    transcripts,
    users,
    withdrawals,
)

# Every table must be known before a row is written: references are looked up by name.
TABLES = (
    *(analysis, audit, consent, interviews, jobs, keys),
    *(outbox, people, releases, transcripts, users, withdrawals),
)

MIGRATIONS = Path(__file__).parents[2] / "migrations"

# Any number will do, as long as it is always the same one.
_UPGRADE_LOCK = 20261123


def head() -> str:
    """The newest schema that this program knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise FileNotFoundError(f"no migrations in {MIGRATIONS}")
    return newest


def current(engine: Engine) -> str | None:
    """The schema that a database has; none when it is empty."""
    with engine.connect() as connection:
        return current_of(connection)


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Take all steps that are missing, in one transaction. Returns schema before and after."""
    newest = head()
    with engine.connect() as connection, _rebuilding(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
        before = current_of(connection)
        if before != newest:
            command.upgrade(_config(connection), "head")
            _check_references(connection)
    return before, newest


def require_known(revision: str) -> None:
    """Refuse what a newer program wrote. Raises WrongState."""
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    if revision not in {step.revision for step in steps}:
        raise WrongState(
            f"the schema {revision} is newer than this program: install a newer one"
        )


def build(connection: Connection, revision: str) -> None:
    """Make the tables as they were at that schema, in the transaction of the caller."""
    command.upgrade(_config(connection), revision)


def current_of(connection: Connection) -> str | None:
    """The schema that a database has, in the transaction of the caller."""
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _rebuilding(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by building it anew: references are checked once, at the end."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise RuntimeError(f"the migration left {len(broken)} broken references")
