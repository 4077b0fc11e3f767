"""Slow down guessing without locking anybody out, and count what strangers try.

Wrong tries are counted in three places, each under a keyed hash:

* **an account from a source**, and **a source on all accounts**: after five there is a wait
  of 30 seconds, doubling to 15 minutes. A guesser soon has one try in 15 minutes, and the
  rightful person at another source notices nothing;
* **an account from everywhere**, against many sources together: of each source only the first
  five count, and only from the fiftieth on there is a wait. One source alone never gets
  there.

**A source that signed in to the account within 30 days is known there**: only its own count
for that account holds it up, neither strangers who guess at the account from elsewhere nor
neighbours behind the same address who guess at other accounts. What is left: while ten or
more sources guess at one account, its owner may have to wait at a source never used before.
Signing in takes back the wrong tries of that account from that source wherever they were
counted, and nothing else: an own account does not wash away guesses at others. A count is
forgotten a day after its last wait. There is no count over everything.

A try is counted when it begins, so that many at once are not all let through.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from studyhub.domain.errors import HouseRuleBroken, Throttled
from studyhub.vault.primitives import hkdf, lp, mac
from studyhub.vault.sessions_file import SessionsFile, instant, micros

FREE_TRIES = 5
FREE_TRIES_FROM_EVERYWHERE = 50
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)
KNOWN = timedelta(days=30)

_LONGEST_NAME = 320  # characters; no account has more
_SITE = 64  # bits of an IPv6 address: one household or server has all the others to itself
_KIND = re.compile(r"[a-z_.]{1,40}")


@dataclass(frozen=True, slots=True)
class _Tally:
    """Wrong tries in one place, and the instant before which no further one is let in."""

    count: int
    until: datetime


@dataclass(frozen=True, slots=True)
class _Places:
    """The keyed hashes under which one account from one source is counted."""

    pair: bytes
    source: bytes
    account: bytes
    known: bytes


class Throttles:
    """Waiting times by account and source: ``key`` hides both from who reads the file.

    ``account`` is what was typed, whether such an account exists or not. ``source`` is the
    address, of IPv6 only the first 64 bits.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._file = SessionsFile(path)
        self._key = hkdf(key, "studyhub/throttle/v1")

    def wait(self, account: str, source: str, now: datetime) -> int:
        """Say how many seconds must pass before the next try; 0 is none."""
        with self._file.reading() as connection:
            return _wait(connection, self._places(account, source), now)

    def attempt(self, account: str, source: str, now: datetime) -> None:
        """Let a try begin and count it as wrong until it succeeds. Raises ``Throttled``."""
        places = self._places(account, source)
        with self._file.writing() as connection:
            seconds = _wait(connection, places, now)
            if seconds:
                raise Throttled(seconds)
            _fail(connection, places, now)

    def knock(self, kind: str, source: str, now: datetime, *, free: int) -> None:
        """Count one of a kind of request from a source. Raises ``Throttled`` after ``free``.

        It is counted apart from tries to sign in and never holds those up.
        """
        place = mac(self._key, lp("knock", kind, _site(source)))
        with self._file.writing() as connection:
            left = _tally(connection, place, now).until - now
            if left > timedelta(0):
                raise Throttled(-(-left // timedelta(seconds=1)))
            _add(connection, place, free, now)

    def not_looked_at(self, account: str, source: str, now: datetime) -> None:
        """Take back one try that began and was never decided, as when too many came at once."""
        places = self._places(account, source)
        with self._file.writing() as connection:
            if _tally(connection, places.pair, now).count <= FREE_TRIES:
                _take_back(connection, places.account, 1, FREE_TRIES_FROM_EVERYWHERE, now)
            for place in (places.pair, places.source):
                _take_back(connection, place, 1, FREE_TRIES, now)

    def failed(self, account: str, source: str, now: datetime) -> None:
        """Count a wrong try that did not begin with ``attempt``."""
        with self._file.writing() as connection:
            _fail(connection, self._places(account, source), now)

    def succeeded(self, account: str, source: str, now: datetime) -> None:
        """Take back this account's wrong tries from this source, and know the source."""
        places = self._places(account, source)
        with self._file.writing() as connection:
            count = _tally(connection, places.pair, now).count
            _keep(connection, places.pair, _Tally(0, now))
            _take_back(connection, places.source, count, FREE_TRIES, now)
            everywhere = FREE_TRIES_FROM_EVERYWHERE
            _take_back(connection, places.account, min(count, FREE_TRIES), everywhere, now)
            _keep(connection, places.known, _Tally(1, now + KNOWN))

    def sweep(self, now: datetime) -> int:
        """Delete what is forgotten, and say how many rows."""
        with self._file.writing() as connection:
            old = (micros(now - FORGOTTEN),)
            return connection.execute("DELETE FROM throttles WHERE until < ?", old).rowcount

    def _places(self, account: str, source: str) -> _Places:
        # Cut first: folding some long texts takes hours, and anybody can send one.
        name = unicodedata.normalize("NFKC", account[:_LONGEST_NAME]).strip().casefold()
        source = _site(source)
        return _Places(
            mac(self._key, lp("pair", name, source)),
            mac(self._key, lp("source", source)),
            mac(self._key, lp("account", name)),
            mac(self._key, lp("known", name, source)),
        )


def _site(source: str) -> str:
    """The part of an address that nobody can choose anew for each try."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    if isinstance(address, IPv4Address):
        return source
    inner = address.ipv4_mapped
    return str(inner or ip_network((int(address), _SITE), strict=False))


def _wait(connection: Connection, places: _Places, now: datetime) -> int:
    """Find the longest wait that applies, in whole seconds."""
    asked = [places.pair]
    if _tally(connection, places.known, now).until <= now:
        asked += [places.source, places.account]
    waits = [_tally(connection, place, now).until - now for place in asked]
    return max(0, -(-max(waits) // timedelta(seconds=1)))


def _fail(connection: Connection, places: _Places, now: datetime) -> None:
    pair = _add(connection, places.pair, FREE_TRIES, now)
    _add(connection, places.source, FREE_TRIES, now)
    if pair <= FREE_TRIES:
        _add(connection, places.account, FREE_TRIES_FROM_EVERYWHERE, now)


def _add(connection: Connection, place: bytes, free: int, now: datetime) -> int:
    """Count one more in a place and set the wait that follows from it."""
    count = _tally(connection, place, now).count + 1
    _keep(connection, place, _Tally(count, now + _wait_after(count, free)))
    return count


def _wait_after(count: int, free: int) -> timedelta:
    if count < free:
        return timedelta(0)
    doublings = min(count - free, 10)  # more would only overflow
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _take_back(
    connection: Connection, place: bytes, count: int, free: int, now: datetime
) -> None:
    tally = _tally(connection, place, now)
    left = max(0, tally.count - count)
    _keep(
        connection, place, _Tally(left, min(tally.until, now) if left < free else tally.until)
    )


def _tally(connection: Connection, place: bytes, now: datetime) -> _Tally:
    query = "SELECT count, until FROM throttles WHERE key_hash = ?"
    found = connection.execute(query, (place,)).fetchone()
    if found is None or now - instant(found[1]) > FORGOTTEN:
        return _Tally(0, now)
    return _Tally(found[0], instant(found[1]))


def _keep(connection: Connection, place: bytes, tally: _Tally) -> None:
    if tally.count == 0:
        connection.execute("DELETE FROM throttles WHERE key_hash = ?", (place,))
        return
    values = (place, tally.count, micros(tally.until))
    connection.execute("INSERT OR REPLACE INTO throttles VALUES (?, ?, ?)", values)


class Count(NamedTuple):
    """How often strangers tried one kind of thing in the hour that began at ``hour``."""

    hour: datetime
    kind: str
    tries: int


class Counters:
    """Attempts without a session: no account, no address, only hour, kind and number."""

    def __init__(self, path: Path) -> None:
        self._file = SessionsFile(path)

    def count(self, kind: str, now: datetime) -> None:
        """Count one attempt. ``kind`` is our word, never what somebody typed."""
        if not _KIND.fullmatch(kind):
            raise HouseRuleBroken("a kind of attempt is a word of ours")
        query = (
            "INSERT INTO counters VALUES (?, ?, 1)"
            " ON CONFLICT (hour, kind) DO UPDATE SET count = count + 1"
        )
        with self._file.writing() as connection:
            connection.execute(query, (micros(_hour(now)), kind))

    def take_counts(self, before: datetime) -> list[Count]:
        """Read the counts of the hours that were over; they stay until ``forget``.

        First commit their events, then forget: a crash between the two repeats, never loses.
        """
        query = "SELECT hour, kind, count FROM counters WHERE hour < ? ORDER BY hour, kind"
        with self._file.reading() as connection:
            rows = connection.execute(query, (micros(_hour(before)),)).fetchall()
        return [Count(instant(hour), kind, tries) for hour, kind, tries in rows]

    def forget(self, rows: Iterable[Count]) -> None:
        """Take off what became events; an attempt counted meanwhile stays."""
        values = [(row.tries, micros(row.hour), row.kind) for row in rows]
        take = "UPDATE counters SET count = count - ? WHERE hour = ? AND kind = ?"
        with self._file.writing() as connection:
            connection.executemany(take, values)
            connection.execute("DELETE FROM counters WHERE count <= 0")


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
