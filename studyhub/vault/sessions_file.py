"""Open ``sessions.db``: a local file that several processes share and no backup copies.

A connection is made for each use, and each write waits its turn. The journal is emptied after
every write and freed pages are overwritten, so what was ended is not left in the file.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from studyhub.domain.errors import Busy

_PATIENCE = 5.0  # seconds that a write waits for another
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TABLES = """
CREATE TABLE IF NOT EXISTS sessions (
    id BLOB PRIMARY KEY, user_id BLOB NOT NULL, membership_id BLOB,
    signed_in_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, stepped_up_until INTEGER,
    blob_sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_of_user ON sessions (user_id);
CREATE TABLE IF NOT EXISTS throttles (
    key_hash BLOB PRIMARY KEY, count INTEGER NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (
    hour INTEGER NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (hour, kind)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS playbacks (
    id BLOB PRIMARY KEY, session_id BLOB NOT NULL, object_id BLOB NOT NULL,
    until INTEGER NOT NULL
) WITHOUT ROWID;
"""


class SessionsFile:
    """The file and its tables; instants in it are microseconds since 1970, ids their bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch(mode=0o600)
        path.chmod(0o600)
        with self.writing() as connection:
            for statement in _TABLES.strip().split(";\n"):
                connection.execute(statement)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for looking up."""
        opened = sqlite3.connect(self._path, _PATIENCE, isolation_level=None)
        with closing(opened) as connection, _patience():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for one change: all of it or nothing. Raises ``Busy``."""
        with self.reading() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA journal_mode = TRUNCATE")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")


@contextmanager
def _patience() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise Busy("the sessions are being written by others") from None
        raise


def micros(at: datetime) -> int:
    """Turn an instant into microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant(value: int) -> datetime:
    """Turn microseconds since 1970 into an instant."""
    return _EPOCH + timedelta(microseconds=value)
