"""The keystore: shred id to shred key. Destroying a key is what makes data unreadable for good.

A local SQLite file in every installation. A journal that is truncated, deleted bytes that are
overwritten, and a connection for each use: with a write-ahead log and one open reader a
destroyed key stayed readable on the disk. The row of a destroyed key stays, without it.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from studyhub.domain.errors import Busy, Corrupt, Erased, HouseRuleBroken, NoSpace, WrongState
from studyhub.domain.vocabulary import Side
from studyhub.vault.ledger import Destruction, add_to_ledger, read_ledger, time_text
from studyhub.vault.primitives import random_key

_SIDES = ", ".join(f"'{side}'" for side in Side)
_TABLE = f"""
CREATE TABLE IF NOT EXISTS shred_keys (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  side TEXT NOT NULL CHECK (side IN ({_SIDES})),
  participant_id BLOB CHECK (length(participant_id) = 16),
  key BLOB CHECK (length(key) = 32),
  made_on TEXT NOT NULL,
  destroyed_at TEXT,
  UNIQUE (participant_id, side),
  CHECK ((key IS NULL) = (destroyed_at IS NOT NULL)),
  CHECK (participant_id IS NULL OR side NOT IN ('expression', 'study')),
  CHECK (participant_id IS NOT NULL OR side IN ('expression', 'study', 'release'))
) STRICT
"""
_TOMBSTONES_STAY = """
CREATE TRIGGER IF NOT EXISTS tombstones_stay BEFORE DELETE ON shred_keys
BEGIN SELECT RAISE(ABORT, 'rows of the keystore stay'); END
"""
_KEYS_DO_NOT_CHANGE = """
CREATE TRIGGER IF NOT EXISTS keys_do_not_change BEFORE UPDATE OF id, side, key ON shred_keys
WHEN NEW.id IS NOT OLD.id OR NEW.side IS NOT OLD.side
  OR (NEW.key IS NOT NULL AND NEW.key IS NOT OLD.key)
BEGIN SELECT RAISE(ABORT, 'a shred key can only be destroyed'); END
"""
_SETTINGS = (
    "PRAGMA journal_mode = TRUNCATE",
    "PRAGMA secure_delete = ON",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
)
_AT_ONCE = 500
_Row: TypeAlias = tuple[Any, ...]
SPARE = 16  # keys drawn with one flush


class Keystore:
    """The shred keys of an installation. Several processes may use one file."""

    def __init__(self, path: Path, *, wait: float = 10.0) -> None:
        self.path = path
        self._wait = wait
        self._drawing = Lock()
        self._spare: dict[tuple[int, str, date], list[UUID]] = {}

    def create(self) -> None:
        """Make the file where there is none; a keystore that is there stays as it is."""
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        with self.writing() as connection:
            _make_table(connection)

    def make(self, side: str, made_on: date) -> UUID:
        """Draw a shred key of nobody: of an expression, of the study or of a letter.

        Several are kept with one flush, so that not every letter waits for the disk twice.
        Those that a process leaves unused cover nothing.
        """
        wanted = (os.getpid(), str(side), made_on)  # a forked process draws its own
        with self._drawing:
            if not self._spare.get(wanted):
                drawn = [uuid4() for _ in range(SPARE)]
                with self.writing() as connection:
                    for shred_id in drawn:
                        insert_key(connection, shred_id, side, None, made_on)
                self._spare = {wanted: drawn}
            return self._spare[wanted].pop()

    def key(self, shred_id: UUID) -> bytes:
        """Look a shred key up. Raises ``Erased`` when it was destroyed, or never was."""
        found = self.keys([shred_id])
        if shred_id not in found:
            raise Erased("the key of this was destroyed")
        return found[shred_id]

    def keys(self, shred_ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Look many shred keys up; the destroyed ones are left out."""
        found = self._look_up("key", shred_ids)
        return {shred_id: key for shred_id, key in found.items() if key}

    def sides(self, shred_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Say which side each key is of, also of those destroyed; unknown ones are left out."""
        return self._look_up("side", shred_ids)

    def _look_up(self, column: str, shred_ids: Iterable[UUID]) -> dict[UUID, Any]:
        wanted = [shred_id.bytes for shred_id in shred_ids]
        found: dict[UUID, Any] = {}
        with self.reading() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                query = f"SELECT id, {column} FROM shred_keys WHERE id IN ({marks})"  # noqa: S608 - our own column, and question marks
                found.update(
                    (UUID(bytes=row[0]), row[1]) for row in connection.execute(query, some)
                )
        return found

    def destroy(self, shred_ids: Iterable[UUID], at: datetime, ledger: Path) -> None:
        """Destroy keys for good. May be repeated after a failure: nothing is done twice.

        The ledger comes first: a key that is listed there and still here is destroyed by the
        next try, but one that is gone and not listed would come back with an old keystore.
        """
        wanted = list(shred_ids)
        with self.writing() as connection:
            add_to_ledger(ledger, wanted, at)
            _forget(connection, wanted, at)

    def replay(self, ledger: Path, at: datetime) -> int:
        """Destroy again, after a restore, everything the ledger lists; how many came back."""
        listed = [destruction.shred_id for destruction in read_ledger(ledger)]
        with self.writing() as connection:
            return _forget(connection, listed, at)

    def image(self) -> bytes:
        """The whole keystore as bytes, for a sealed backup; it is never copied in plain."""
        with self.reading() as connection:
            return connection.serialize()

    def restore(self, image: bytes, listed: Iterable[Destruction] = ()) -> list[UUID]:
        """Write the keystore of a backup, where there is none yet.

        Keys that the ledger lists are never written: what was destroyed since the backup stays
        so. Their ids are returned.
        """
        if self.path.exists() and self.path.stat().st_size:
            raise WrongState("there is a keystore already")
        rows, kept_out = _without(_rows_of(image), listed)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        with self.writing() as connection:
            _make_table(connection)
            connection.executemany(
                "INSERT INTO shred_keys (id, side, participant_id, key, made_on, destroyed_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
        return kept_out

    def destroyed(self) -> list[UUID]:
        """Every key that is known and gone."""
        with self.reading() as connection:
            rows = connection.execute("SELECT id FROM shred_keys WHERE key IS NULL")
            return [UUID(bytes=row[0]) for row in rows]

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for one look."""
        # Mode rw: a keystore that is gone must not come back empty.
        address = f"{self.path.resolve().as_uri()}?mode=rw"
        with (
            _clear_errors(),
            closing(sqlite3.connect(address, uri=True, timeout=self._wait)) as connection,
        ):
            connection.isolation_level = None
            for setting in _SETTINGS:
                connection.execute(setting)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection for one change: all of it is kept, or nothing."""
        with self.reading() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection


def _make_table(connection: sqlite3.Connection) -> None:
    for statement in (_TABLE, _TOMBSTONES_STAY, _KEYS_DO_NOT_CHANGE):
        connection.execute(statement)


def _rows_of(image: bytes) -> list[_Row]:
    if not image:
        raise Corrupt("this is no copy of a keystore")
    with closing(sqlite3.connect(":memory:")) as source:
        try:
            source.deserialize(image)
            return source.execute(
                "SELECT id, side, participant_id, key, made_on, destroyed_at"
                " FROM shred_keys ORDER BY number"
            ).fetchall()
        except sqlite3.DatabaseError:
            raise Corrupt("this is no copy of a keystore") from None


def _without(rows: list[_Row], listed: Iterable[Destruction]) -> tuple[list[_Row], list[UUID]]:
    """The rows, those that the ledger lists without their keys; and the ids of these."""
    gone = {each.shred_id.bytes: time_text(each.at) for each in listed}
    back = {row[0] for row in rows if row[0] in gone and row[3]}
    kept = [(*row[:3], None, row[4], gone[row[0]]) if row[0] in back else row for row in rows]
    return kept, [UUID(bytes=each) for each in sorted(back)]


def insert_key(
    connection: sqlite3.Connection,
    shred_id: UUID,
    side: str,
    about: UUID | None,
    made_on: date,
) -> None:
    """Draw a shred key and insert its row, unless that person has one on that side."""
    row = (shred_id.bytes, str(side), about and about.bytes, random_key(), str(made_on))
    connection.execute(
        "INSERT INTO shred_keys (id, side, participant_id, key, made_on)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT (participant_id, side) DO NOTHING",
        row,
    )


def _forget(connection: sqlite3.Connection, shred_ids: list[UUID], at: datetime) -> int:
    done = connection.executemany(
        "UPDATE shred_keys SET key = NULL, destroyed_at = ? WHERE id = ? AND key IS NOT NULL",
        [(time_text(at), shred_id.bytes) for shred_id in shred_ids],
    )
    return max(done.rowcount, 0)


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as broken:
        raise HouseRuleBroken(f"the keystore refused: {broken}") from None
    except sqlite3.OperationalError as failed:
        if failed.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise Busy("the keystore is in use") from None
        if failed.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise NoSpace("no space for the keystore") from None
        raise Corrupt(f"the keystore cannot be used: {failed}") from None
    except sqlite3.DatabaseError as failed:
        raise Corrupt(f"the keystore is damaged: {failed}") from None
