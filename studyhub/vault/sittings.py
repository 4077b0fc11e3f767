"""Keep who is signed in: one row a browser, its keys sealed under that browser's cookie.

The cookie is ``sid(32) ‖ k(32)``. The row is found by SHA-256(sid) and its secret part opens
with ``k``, which is stored nowhere: the file, a disk image or swap opens nothing without the
browser. A sitting lapses after 15 minutes without a request and 8 hours after signing in.
When a request came is written at most once a minute, so the 15 minutes may end up to one
minute early, never late. A lapsed row gives no keys any more; it stays for ``expired`` until
``sweep``.
"""

import base64
import binascii
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from studyhub.domain.errors import Corrupt, HouseRuleBroken, NotFound
from studyhub.vault.keys import MembershipKeys
from studyhub.vault.places import session_aad
from studyhub.vault.primitives import KEY_SIZE, box, hkdf, random_key, unbox
from studyhub.vault.sessions_file import SessionsFile, instant, micros

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=1)
REMEMBERED = timedelta(hours=8)  # after the last request a lapsed row can still be named
AT_MOST = 3

_VERSION = b"\1"
_SELECT = (
    "SELECT id, user_id, membership_id, signed_in_at, seen_at, stepped_up_until, blob_sealed"
    " FROM sessions "
)


@dataclass(frozen=True, slots=True)
class SittingRow:
    """What can be said of a sitting without its cookie, for the list on the account page."""

    id: bytes
    user_id: UUID
    membership_id: UUID | None
    signed_in_at: datetime
    seen_at: datetime
    stepped_up_until: datetime | None

    def lapsed(self, now: datetime) -> bool:
        """Say whether nothing may be done with it any more."""
        return now - self.seen_at > IDLE or now - self.signed_in_at > LONGEST


@dataclass(frozen=True, slots=True)
class Sitting(SittingRow):
    """A person at a browser, with the keys of the one membership that is active."""

    csrf: bytes = field(repr=False)
    keys: MembershipKeys | None = field(repr=False)


class Sittings:
    """Everybody who is signed in. The time is always an argument."""

    def __init__(self, path: Path) -> None:
        self._file = SessionsFile(path)

    def begin(
        self,
        user_id: UUID,
        now: datetime,
        *,
        membership_id: UUID | None = None,
        keys: MembershipKeys | None = None,
        stepped_up_until: datetime | None = None,
    ) -> str:
        """Sign somebody in and return the cookie; beyond three the longest unseen goes."""
        cookie = random_key() + random_key()
        told = (user_id, membership_id, now, now, stepped_up_until)
        row = SittingRow(_id_of(cookie), *told)
        blob = _seal(cookie, row, keys)
        with self._file.writing() as connection:
            _make_room(connection, user_id, now)
            _insert(connection, row, blob)
        return _written(cookie)

    def find(self, cookie: str, now: datetime) -> Sitting | None:
        """Say who is asking: None for a cookie that opens nothing, or that has lapsed."""
        sitting = self._open(cookie)
        if sitting is None or sitting.lapsed(now):
            return None
        if now - sitting.seen_at < SEEN_EVERY:
            return sitting
        with self._file.writing() as connection:
            seen = "UPDATE sessions SET seen_at = ? WHERE id = ?"
            connection.execute(seen, (micros(now), sitting.id))
        return replace(sitting, seen_at=now)

    def expired(self, cookie: str, now: datetime) -> tuple[UUID, UUID | None] | None:
        """Name the person and the membership of a lapsed cookie, to sign in again in place."""
        sitting = self._open(cookie)
        if sitting is None or not sitting.lapsed(now):
            return None
        return sitting.user_id, sitting.membership_id

    def renew(
        self,
        cookie: str,
        now: datetime,
        *,
        membership_id: UUID | None,
        keys: MembershipKeys | None,
        stepped_up_until: datetime | None,
    ) -> str:
        """Give the same person a new cookie, at a switch of role and a step-up.

        The old one is dead at once, so a cookie planted or copied before gains nothing; the
        eight hours run on. NotFound when the old one is not alive.
        """
        old = self.find(cookie, now)
        if old is None:
            raise NotFound("sitting")
        new = random_key() + random_key()
        told = (old.user_id, membership_id, old.signed_in_at, now, stepped_up_until)
        row = SittingRow(_id_of(new), *told)
        blob = _seal(new, row, keys)
        with self._file.writing() as connection:
            # Of two renewals at the same moment one finds the row gone.
            gone = connection.execute("DELETE FROM sessions WHERE id = ?", (old.id,))
            if gone.rowcount != 1:
                raise NotFound("sitting")
            _insert(connection, row, blob)
        return _written(new)

    def end(self, cookie: str) -> None:
        """Sign out: the cookie is dead, wherever copies of it are."""
        raw = _read_cookie(cookie)
        if raw is not None:
            self._delete("DELETE FROM sessions WHERE id = ?", _id_of(raw))

    def end_one(self, user_id: UUID, row_id: bytes) -> None:
        """End one sitting of this person, named by its row in their list."""
        query = "DELETE FROM sessions WHERE user_id = ? AND id = ?"
        self._delete(query, user_id.bytes, row_id)

    def end_all(self, user_id: UUID) -> None:
        """End all of a person's sittings."""
        self._delete("DELETE FROM sessions WHERE user_id = ?", user_id.bytes)

    def end_membership(self, membership_id: UUID) -> None:
        """End every sitting in which this membership is active."""
        self._delete("DELETE FROM sessions WHERE membership_id = ?", membership_id.bytes)

    def list_of(self, user_id: UUID, now: datetime) -> list[SittingRow]:
        """List a person's living sittings, the one seen last first."""
        with self._file.reading() as connection:
            rows = _rows_of(connection, user_id)
        return [row for row in rows if not row.lapsed(now)]

    def sweep(self, now: datetime) -> int:
        """Delete the rows that lapsed long ago, and say how many."""
        return self._delete("DELETE FROM sessions WHERE seen_at < ?", micros(now - REMEMBERED))

    def _open(self, cookie: str) -> Sitting | None:
        """Open the row of a cookie, lapsed or not."""
        raw = _read_cookie(cookie)
        if raw is None:
            return None
        with self._file.reading() as connection:
            found = connection.execute(_SELECT + "WHERE id = ?", (_id_of(raw),)).fetchone()
        if found is None:
            return None
        try:
            return _unseal(raw, _row(found), found[-1])
        except Corrupt:
            return None

    def _delete(self, query: str, *values: bytes | int) -> int:
        with self._file.writing() as connection:
            return connection.execute(query, values).rowcount


def _rows_of(connection: sqlite3.Connection, user_id: UUID) -> list[SittingRow]:
    query = _SELECT + "WHERE user_id = ? ORDER BY seen_at DESC, signed_in_at DESC"
    return [_row(found) for found in connection.execute(query, (user_id.bytes,))]


def _make_room(connection: sqlite3.Connection, user_id: UUID, now: datetime) -> None:
    """Leave at most two living rows of a person, so that a third can be added."""
    rows = _rows_of(connection, user_id)
    living = [row for row in rows if not row.lapsed(now)]
    gone = {row.id for row in rows} - {row.id for row in living[: AT_MOST - 1]}
    connection.executemany("DELETE FROM sessions WHERE id = ?", [(row_id,) for row_id in gone])


def _insert(connection: sqlite3.Connection, row: SittingRow, blob: bytes) -> None:
    values = (
        row.id,
        row.user_id.bytes,
        row.membership_id.bytes if row.membership_id else None,
        micros(row.signed_in_at),
        micros(row.seen_at),
        micros(row.stepped_up_until) if row.stepped_up_until else None,
        blob,
    )
    connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def _row(found: Sequence[Any]) -> SittingRow:
    row_id, user_id, membership_id, signed_in_at, seen_at, stepped_up_until = found[:6]
    return SittingRow(
        row_id,
        UUID(bytes=user_id),
        UUID(bytes=membership_id) if membership_id else None,
        instant(signed_in_at),
        instant(seen_at),
        None if stepped_up_until is None else instant(stepped_up_until),
    )


def _seal(cookie: bytes, row: SittingRow, keys: MembershipKeys | None) -> bytes:
    """Seal a new forgery secret and the keys: 62 bytes without a membership, 126 with one."""
    if keys and row.membership_id is None:
        raise HouseRuleBroken("keys in a sitting belong to a membership")
    plain = _VERSION + random_key()
    if keys:
        plain += keys.opening + keys.signing
    return box(_blob_key(cookie), plain, session_aad(row.id, row.user_id, row.membership_id))


def _unseal(cookie: bytes, row: SittingRow, blob: bytes) -> Sitting:
    aad = session_aad(row.id, row.user_id, row.membership_id)
    plain = unbox(_blob_key(cookie), blob, aad)
    if plain[:1] != _VERSION:
        raise Corrupt("a sitting of another version")
    csrf, *halves = (plain[at : at + KEY_SIZE] for at in range(1, len(plain), KEY_SIZE))
    keys = MembershipKeys(*halves) if halves else None
    told = (row.membership_id, row.signed_in_at, row.seen_at, row.stepped_up_until)
    return Sitting(row.id, row.user_id, *told, csrf, keys)


def _blob_key(cookie: bytes) -> bytes:
    return hkdf(cookie[KEY_SIZE:], "studyhub/session/v1", salt=cookie[:KEY_SIZE])


def _id_of(cookie: bytes) -> bytes:
    return sha256(cookie[:KEY_SIZE]).digest()


def _written(cookie: bytes) -> str:
    return base64.urlsafe_b64encode(cookie).decode().rstrip("=")


def _read_cookie(cookie: str) -> bytes | None:
    """Read ``sid ‖ k``; None unless it is written exactly as we write it."""
    try:
        raw = base64.b64decode(cookie + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == 2 * KEY_SIZE and _written(raw) == cookie else None
